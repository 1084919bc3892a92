import { describe, expect, it } from 'vitest';
import type { ChangeRequestSpec, Claim } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Fields } from '../contract/json.ts';
import { readVirtualMachineInstance } from '../machine/observedvm.ts';
import { instance, managedVM, UID, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { changeOf } from './change.fixtures.ts';
import type { OperationTarget } from './operation.ts';
import { requestName, requestStep } from './requeststep.ts';

const now = new Date('2026-12-01T12:00:00Z');
const claim: Claim = { instance: 'one', at: '2026-12-01T11:55:00Z' };
const target = { kind: 'ManagedVM', name: 'shop-db', uid: UID };
const running = readVirtualMachineInstance(instance({}, undefined, { uid: 'one' }));
const order = managedVM({ disks: [{ name: 'root' }] });
const NAME = requestName(changeOf());

type Play = {
  readonly operation?: ChangeRequestSpec['operation'];
  readonly seen?: Partial<OperationTarget>;
  readonly claim?: Claim | undefined;
  readonly mayBegin?: boolean;
  readonly at?: Date;
};

function step({ operation = 'Snapshot', seen = {}, claim: claimed, mayBegin = true, at = now }: Play) {
  const change = changeOf({ operation, target });
  return requestStep({
    ...{ change, spec: change.spec, claim: claimed, mayBegin, now: at },
    target: { managedVM: order, instance: running, ...seen },
    virtualMachine: virtualMachine() as Fields,
  });
}

const made = (status: object = {}, uid = 'made'): Fields => ({ metadata: { name: NAME, uid }, status });
const snapshot = {
  ...{ phase: 'Succeeded', readyToUse: true, sourceUID: 'vm-uid', creationTime: '2026-12-01T11:56:00Z' },
  ...{ indications: ['Online', 'GuestAgent'], snapshotVolumes: { includedVolumes: ['root'] } },
};

describe('MO-2: what KubeVirt is asked for by a change', () => {
  it('is asked for after it was written down that it is, and by one name', () => {
    expect(step({ mayBegin: false })?.claim).toBeUndefined();
    const first = step({});
    expect([first?.claim, first?.ask]).toEqual([{ instance: 'one', at: '2026-12-01T12:00:00Z' }, undefined]);
    expect(step({ claim })?.ask).toMatchObject({
      ...{ kind: 'VirtualMachineSnapshot', metadata: { name: NAME, namespace: 'acme' } },
      spec: { source: { kind: 'VirtualMachine', name: 'shop-db' } },
    });
    expect(step({ claim, operation: 'LiveMigration' })?.ask).toMatchObject({
      ...{ kind: 'VirtualMachineInstanceMigration', metadata: { name: NAME }, spec: { vmiName: 'shop-db' } },
    });
  });

  it('is never asked for a second time: what was deleted meanwhile, or is another by now, has failed', () => {
    const asked = { ...claim, asked: { name: NAME, uid: 'made' } };
    expect(step({ claim, seen: { asked: made() } })?.claim).toEqual(asked);
    const deleted = step({ claim: asked });
    expect([deleted?.result?.outcome, deleted?.ask]).toEqual(['Failed', undefined]);
    expect(step({ claim: asked, seen: { asked: made({}, 'other') } })?.result?.outcome).toBe('Failed');
  });

  it.each<[string, Play, string | undefined]>([
    ['it could not be asked for in time', { claim, at: new Date('2026-12-01T12:20:00Z') }, 'Cancelled'],
    ['KubeVirt is at it', { claim, seen: { asked: made({ phase: 'InProgress' }) } }, undefined],
    [
      'KubeVirt is not done after two hours',
      { claim, seen: { asked: made() }, at: new Date('2026-12-01T13:55:00Z') },
      'Failed',
    ],
    ['the VM is gone', { seen: { managedVM: undefined } }, 'Cancelled'],
    ['the snapshot is whole', { claim, seen: { asked: made(snapshot) } }, 'Succeeded'],
    ['a disk is not in it', { claim, seen: { asked: made({ ...snapshot, snapshotVolumes: {} }) } }, 'Failed'],
    [
      'KubeVirt gave up on it',
      { claim, seen: { asked: made({ phase: 'Failed', error: { message: 'x' } }) } },
      'Failed',
    ],
    [
      'the guest was moved',
      {
        claim,
        operation: 'LiveMigration',
        seen: { asked: made({ phase: 'Succeeded', migrationState: { sourceNode: 'a', targetNode: 'b' } }) },
      },
      'Succeeded',
    ],
    [
      'the guest could not be moved',
      {
        claim,
        operation: 'LiveMigration',
        seen: { asked: made({ phase: 'Failed', migrationState: { failureReason: 'no room' } }) },
      },
      'Failed',
    ],
    [
      'there is no guest to move',
      { operation: 'LiveMigration', seen: { managedVM: managedVM({ powerState: 'Stopped' }) } },
      'Cancelled',
    ],
  ])('where %s has the result that KubeVirt tells', (_, play, outcome) => {
    expect(step(play)?.result?.outcome).toBe(outcome);
  });

  it('tells from where to where a guest was moved, and what a snapshot holds and how well', () => {
    const moved = { phase: 'Succeeded', migrationState: { sourceNode: 'a', targetNode: 'b' } };
    expect(step({ claim, operation: 'LiveMigration', seen: { asked: made(moved) } })?.result?.notes).toMatch(
      /node b and not on a/,
    );
    expect(step({ claim, seen: { asked: made(snapshot) } })?.result?.notes).toMatch(
      /of 2026-12-01T11:56:00Z, FilesystemConsistent, with the disks root/,
    );
  });

  it.each<[string, ManagedVM | undefined, OperationTarget['instance'], ChangeRequestSpec['operation']]>([
    ['is paused', managedVM({ paused: { reason: 'x' } }), running, 'Snapshot'],
    ['has no guest that runs', order, undefined, 'LiveMigration'],
  ])('waits while the VM %s', (_, managed, instance, operation) => {
    const found = step({ operation, seen: { managedVM: managed, instance } });
    expect([found?.claim, found?.result]).toEqual([undefined, undefined]);
  });
});
