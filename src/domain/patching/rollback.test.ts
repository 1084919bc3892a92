import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchRun, PatchRunStatus } from '../../api/patchrun.ts';
import { isTurningBack, type RollbackFacts, restoreFor, rollbackAct } from './rollback.ts';
import { at, runWith, step } from './run.fixtures.ts';

const BROKEN = [step('install', 'Passed'), step('verify', 'Failed')];
const ASKED = [...BROKEN, step('rollback', undefined, { began: '2026-12-02T02:20:00Z' })];
const NOW = at('02:30');
const snapshot = { name: 'run', uid: 'snapshot-uid', takenAt: '2026-12-02T02:06:00Z', disks: ['root', 'plugged'] };
type Rollback = NonNullable<PatchRunStatus['rollback']>;

function run(rollback: Rollback = {}, status: Partial<PatchRunStatus> = {}): PatchRun {
  const metadata = { name: 'run', namespace: 'acme', uid: 'run-uid' };
  const { spec, status: told } = runWith(ASKED, { snapshot, rollback, ...status }, { rollback: 'Automatic' });
  return { apiVersion: 'managed.systems/v1alpha1', kind: 'PatchRun', metadata, spec, ...(told && { status: told }) };
}

const order = (spec: object = {}, disks: object[] = [{ name: 'root', claim: 'shop-root', claimUID: 'old' }]) =>
  ({
    metadata: { name: 'shop' },
    spec: { powerState: 'Running', disks: [{ name: 'root' }], ...spec },
    status: { disks },
  }) as unknown as ManagedVM;
const instance = (uid: string, phase = 'Running') => ({ metadata: { uid }, status: { phase } });
const restore = (status: object = {}) => ({ metadata: { uid: 'restore-uid' }, status });
const RESTORES = [{ volumeName: 'root', persistentVolumeClaim: 'restore-1-root' }];

const facts = (more: Partial<RollbackFacts> = {}): RollbackFacts => ({
  order: order(),
  virtualMachine: { spec: { runStrategy: 'Always' } },
  instance: instance('first'),
  snapshot: { metadata: { uid: 'snapshot-uid' }, status: { readyToUse: true } },
  restore: undefined,
  claim: name => (name === 'restore-1-root' ? { metadata: { uid: 'new' } } : undefined),
  runs: [],
  ...more,
});
const halted = { virtualMachine: { spec: { runStrategy: 'Halted' } }, instance: undefined };
const DISKS = [{ disk: 'root', claim: 'restore-1-root', uid: 'new', before: 'shop-root' }];

const next = (rollback: Rollback, more: Partial<RollbackFacts> = {}, status: Partial<PatchRunStatus> = {}, now = NOW) =>
  rollbackAct(run(rollback, status), facts(more), now);
const says = (rollback: Rollback) => ({ act: 'write', status: expect.objectContaining({ rollback }) });
const fails = (detail: string) => ({
  act: 'write',
  status: expect.objectContaining({
    steps: expect.arrayContaining([
      expect.objectContaining({ name: 'rollback', verdict: 'Failed', detail: expect.stringContaining(detail) }),
    ]),
  }),
});

describe('turning a VM back to the snapshot before its patch (GE-8)', () => {
  it('goes a step at a time: the instance that ends, the restore, its claims by uid, the new instance', () => {
    expect(next({})).toEqual(says({ instance: 'first' }));
    const stopping = { instance: 'first' };
    expect(next(stopping)).toEqual({ act: 'nothing' });
    expect(next(stopping, { ...halted, instance: instance('first', 'Succeeded') })).toEqual({ act: 'nothing' });
    expect(next(stopping, { instance: undefined })).toEqual({ act: 'nothing' });
    expect(next(stopping, halted)).toEqual({ act: 'restore' });
    const restoring = { ...stopping, restore: 'restore-uid' };
    expect(next(restoring, { ...halted, restore: restore() })).toEqual({ act: 'nothing' });
    const making = { ...halted, restore: restore({ restores: RESTORES }) };
    expect(next(restoring, { ...making, claim: () => undefined })).toEqual({ act: 'nothing' });
    expect(next(restoring, making)).toEqual(says({ ...restoring, disks: DISKS }));
    const made = { ...restoring, disks: DISKS };
    expect(next(made, making)).toEqual({ act: 'nothing' });
    const complete = { ...halted, restore: restore({ restores: RESTORES, complete: true }) };
    expect(next(made, complete)).toEqual(says({ ...made, restoredAt: '2026-12-02T02:30:00Z' }));
    const restored = { ...made, restoredAt: '2026-12-02T02:30:00Z' };
    const taken = order({}, [{ name: 'root', claim: 'restore-1-root', claimUID: 'new' }]);
    expect(next(restored, { order: taken, instance: instance('first') })).toEqual({ act: 'nothing' });
    expect(next(restored, { order: taken, instance: instance('second', 'Scheduling') })).toEqual({ act: 'nothing' });
    expect(next(restored, { instance: instance('second') })).toEqual({ act: 'nothing' });
    expect(next(restored, { order: taken, instance: instance('second') })).toMatchObject({
      ...{ act: 'write', status: { steps: [...BROKEN, { name: 'rollback', verdict: 'Passed' }] } },
    });
  });

  it('has KubeVirt wait for the machine to stop, and leaves the disks as they were where they are', () => {
    expect(restoreFor(run(), 'shop')).toMatchObject({
      metadata: { name: 'run', namespace: 'acme' },
      spec: {
        ...{ target: { kind: 'VirtualMachine', name: 'shop' }, virtualMachineSnapshotName: 'run' },
        ...{ targetReadinessPolicy: 'WaitGracePeriod', volumeRestorePolicy: 'RandomizeNames' },
      },
    });
  });

  const later = run({}, { steps: [step('preflight', undefined, { began: '2026-12-02T02:10:00Z' })] });
  it.each<[string, Partial<RollbackFacts>, string]>([
    ['the order is gone', { order: undefined }, 'gone'],
    ['it is switched off by its order', { order: order({ powerState: 'Stopped' }) }, 'switched off'],
    ['a disk is another claim by its order', { order: order({ disks: [{ name: 'root', adopt: {} }] }) }, 'adopt'],
    ['the snapshot is another', { snapshot: { metadata: { uid: 'b' } } }, 'not there any more'],
    ['the snapshot has become unusable', { snapshot: { metadata: { uid: 'snapshot-uid' } } }, 'cannot be used'],
    [
      'another run has begun since',
      { runs: [{ ...later, metadata: { name: 'later', uid: 'b' } }] },
      'PatchRun later has begun',
    ],
  ])('does nothing where %s', (_, more, why) => {
    expect(next({}, more)).toEqual(fails(why));
  });

  it('is not kept from it by its own steps, nor by a run of before', () => {
    const before = run({}, { steps: [step('install', 'Passed', { began: '2026-12-01T02:10:00Z' })] });
    expect(next({}, { runs: [run(), { ...before, metadata: { name: 'before', uid: 'b' } }] })).toEqual(
      says({ instance: 'first' }),
    );
  });

  const restoring = { instance: 'first', restore: 'restore-uid' };
  it.each<[string, Partial<RollbackFacts>, string]>([
    ['somebody deletes the restore', { restore: undefined }, 'not there any more'],
    ['another comes in its place', { restore: { metadata: { uid: 'b' } } }, 'not there any more'],
    [
      'KubeVirt gives up',
      { restore: restore({ conditions: [{ type: 'Failure', status: 'True', reason: 'not stopped' }] }) },
      'not stopped',
    ],
  ])('fails where %s, and the machine may start again', (_, more, why) => {
    expect(next(restoring, { ...halted, ...more })).toEqual(fails(why));
  });

  it('fails after 25 minutes, wherever it stands', () => {
    expect(next(restoring, halted, {}, at('02:45'))).toEqual(fails('within 25 minutes'));
  });

  it('takes the restore away once it is over, for KubeVirt takes no other of the machine meanwhile', () => {
    const over = { steps: [...BROKEN, step('rollback', 'Failed')] };
    expect(next(restoring, { restore: restore() }, over)).toEqual({ act: 'remove' });
    expect(next(restoring, { restore: restore() }, { phase: 'Unknown' })).toEqual({ act: 'remove' });
    expect(next(restoring, {}, over)).toEqual({ act: 'nothing' });
  });

  it('is asked for by its step alone', () => {
    expect(isTurningBack(run())).toBe(true);
    expect(isTurningBack(run({}, { phase: 'Unknown' }))).toBe(false);
    expect(next({}, {}, { steps: BROKEN })).toEqual({ act: 'nothing' });
  });
});
