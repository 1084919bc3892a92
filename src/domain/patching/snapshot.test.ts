import { describe, expect, it } from 'vitest';
import type { PatchRun, PatchRunStatus } from '../../api/patchrun.ts';
import { at, openssl, runWith, step } from './run.fixtures.ts';
import { keptUntil, snapshotAct, snapshotFor, withSnapshot } from './snapshot.ts';

const ASKED = [step('preflight', 'Passed'), step('plan', 'Passed'), step('snapshot')];
const NOW = at('02:12');

function run(status: Partial<PatchRunStatus> = {}, soak?: string): PatchRun {
  const metadata = { name: 'shop-db-nightly', namespace: 'acme', uid: 'run-uid' };
  const terms = { snapshot: true, ...(soak && { soak }) };
  const { spec, status: told } = runWith(ASKED, { packages: [openssl()], ...status }, terms);
  return { apiVersion: 'managed.systems/v1alpha1', kind: 'PatchRun', metadata, spec, ...(told && { status: told }) };
}

const facts = {
  disks: ['root'],
  virtualMachine: {
    metadata: { uid: 'vm-uid' },
    spec: {
      template: {
        spec: {
          volumes: [
            { name: 'root', dataVolume: { name: 'shop-db-root' } },
            { name: 'plugged', persistentVolumeClaim: { claimName: 'plugged' } },
            { name: 'first-boot', cloudInitNoCloud: {} },
          ],
        },
      },
    },
  },
};

/** As KubeVirt 1.8 reports one: what is no disk stands among the volumes that are not in it. */
const made = (status: object = {}) => ({
  metadata: { name: 'shop-db-nightly', uid: 'snapshot-uid' },
  status: {
    ...{ phase: 'Succeeded', readyToUse: true, sourceUID: 'vm-uid', creationTime: '2026-12-02T02:11:07Z' },
    indications: ['GuestAgent', 'Online'],
    snapshotVolumes: { includedVolumes: ['root', 'plugged'], excludedVolumes: ['first-boot'] },
    ...status,
  },
});
const came = (status?: object, of = run()) => withSnapshot(of, made(status), facts, NOW);
const verdictOf = (status: PatchRunStatus | undefined) => status?.steps?.at(-1);

describe('the snapshot before a patch', () => {
  it('is asked of KubeVirt by one name, with its own deadline, and goes with the run', () => {
    expect(snapshotFor(run(), 'shop-db')).toMatchObject({
      metadata: { name: 'shop-db-nightly', namespace: 'acme' },
      spec: { source: { kind: 'VirtualMachine', name: 'shop-db' }, failureDeadline: '5m0s', deletionPolicy: 'Delete' },
    });
  });

  it('has passed with every disk, plugged in ones too, and tells its instant and its consistency', () => {
    const status = came();
    expect(verdictOf(status)).toMatchObject({ name: 'snapshot', verdict: 'Passed' });
    expect(status?.snapshot).toEqual({
      ...{ name: 'shop-db-nightly', uid: 'snapshot-uid', takenAt: '2026-12-02T02:11:07Z' },
      ...{ consistency: 'FilesystemConsistent', disks: ['root', 'plugged'] },
    });
  });

  it.each([[['NoGuestAgent', 'Online']], [['Online', 'Paused']], [['GuestAgent', 'Online', 'QuiesceTimeout']], [[]]])(
    'is no better than a loss of power with the indications %j',
    indications => {
      expect(came({ indications })?.snapshot?.consistency).toBe('CrashConsistent');
    },
  );

  it.each([
    ['a disk of the order is not in it', { snapshotVolumes: { includedVolumes: ['plugged'] } }, 'root'],
    ['a disk that was plugged in is not in it', { snapshotVolumes: { includedVolumes: ['root'] } }, 'plugged'],
    ['it has no disk at all, which KubeVirt calls Succeeded', { snapshotVolumes: {} }, 'root, plugged'],
    ['it is of another machine', { sourceUID: 'another' }, 'another machine'],
    ['KubeVirt gave up', { phase: 'Failed', error: { message: 'freeze\u001b[31m failed' } }, 'freeze [31m failed'],
  ])('has failed where %s', (_, status, why) => {
    expect(verdictOf(came(status))).toMatchObject({ verdict: 'Failed', detail: expect.stringContaining(why) });
  });

  it.each([
    ['in progress', { phase: 'InProgress', readyToUse: false }],
    ['made and not ready', { readyToUse: false }],
    ['not seen by KubeVirt yet', { phase: undefined }],
  ])('is noted by its uid, and nothing is concluded while it is %s', (_, status) => {
    const noted = came(status);
    expect(noted?.snapshot).toEqual({ name: 'shop-db-nightly', uid: 'snapshot-uid' });
    expect(verdictOf(noted)).not.toHaveProperty('verdict');
    expect(came(status, run({ snapshot: { name: 'shop-db-nightly', uid: 'snapshot-uid' } }))).toBeUndefined();
  });

  it('has failed where another of its name has come instead of it', () => {
    const noted = run({ snapshot: { name: 'shop-db-nightly', uid: 'former' } });
    expect(verdictOf(came({}, noted))).toMatchObject({ verdict: 'Failed' });
  });

  it('is made once, and only while the run asks', () => {
    expect(snapshotAct(run(), false, [], NOW)).toEqual({ act: 'observe' });
    expect(snapshotAct(run({ steps: ASKED.slice(0, 2) }), false, [], NOW)).toEqual({ act: 'nothing' });
    expect(snapshotAct(run({ phase: 'Failed', ended: '2026-12-02T02:12:00Z' }), false, [], NOW)).toEqual({
      act: 'nothing',
    });
  });
});

describe('a snapshot that was made', () => {
  const LATER = new Date('2026-12-03T02:30:00Z');
  const ended = (phase: PatchRunStatus['phase'], installs = true, soak?: string) =>
    run(
      { phase, ended: '2026-12-02T02:30:00Z', steps: installs ? [...ASKED, step('install', 'Passed')] : ASKED },
      soak,
    );

  it.each([
    ['Succeeded', '36h', '2026-12-03T14:30:00Z'],
    ['Succeeded', undefined, '2026-12-03T02:30:00Z'],
    ['Failed', '36h', '2026-12-09T02:30:00Z'],
    ['Unknown', '400h', '2026-12-18T18:30:00Z'],
  ] as const)('is kept after a run that %s with a soak of %s until %s', (phase, soak, until) => {
    expect(keptUntil(ended(phase, true, soak))).toEqual(new Date(until));
  });

  it('is removed at once where nothing was installed, and not before its time where something was', () => {
    expect(snapshotAct(ended('Skipped', false), true, [], at('02:31'))).toEqual({ act: 'remove' });
    expect(snapshotAct(ended('Succeeded'), true, [], at('02:31'))).toMatchObject({ act: 'keep' });
    expect(snapshotAct(ended('Succeeded'), true, [], LATER)).toEqual({ act: 'remove' });
  });

  it('is kept while its run is under way, however long that is', () => {
    const asked = run({ steps: ASKED.slice(0, 2) });
    expect(snapshotAct(asked, true, [], new Date('2027-01-01T00:00:00Z'))).toEqual({ act: 'nothing' });
  });

  it('is kept while a restore of it is under way, whoever has ordered that', () => {
    const restore = (name: string, status = {}) => ({ spec: { virtualMachineSnapshotName: name }, status });
    const act = (one: ReturnType<typeof restore>) => snapshotAct(ended('Failed', false), true, [one], LATER).act;
    expect(act(restore('shop-db-nightly'))).toBe('nothing');
    expect(act(restore('another'))).toBe('remove');
    expect(act(restore('shop-db-nightly', { complete: true }))).toBe('remove');
    expect(act(restore('shop-db-nightly', { conditions: [{ type: 'Failure', status: 'True' }] }))).toBe('remove');
  });
});
