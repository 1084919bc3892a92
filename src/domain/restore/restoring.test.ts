import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { isRestored } from '../../api/restore.ts';
import { endedRestores } from '../backup/endedrestores.ts';
import { fields, textAt } from '../contract/json.ts';
import { exchangeOf } from '../machine/exchanging.ts';
import { SEAL } from './begin.ts';
import type { RestoreFacts } from './facts.ts';
import { perform, REQUEST } from './performed.fixtures.ts';
import { factsOf, NOW, stagedClaim, UID, type World, world } from './restore.fixtures.ts';
import { nextEdge, restoreAct } from './restoring.ts';
import { velero, veleroRestoreName } from './velero.ts';

/** What the pass of the ManagedVM and KubeVirt do meanwhile. */
function machine(world: World): void {
  const { order, vm } = world;
  const exchange = exchangeOf([order], ({ claim, uid }) => textAt(world.claims.get(claim), 'metadata', 'uid') === uid);
  if (exchange !== undefined) world.running = undefined;
  const disks = vm?.status?.disks?.map(disk => {
    const given = exchange?.disks.get(disk.name);
    return given === undefined ? disk : { ...disk, claim: given.claim, claimUID: given.uid };
  });
  if (vm !== undefined) world.vm = { ...vm, status: { ...vm.status, disks } } as ManagedVM;
  if (exchange === undefined && world.running === undefined && vm?.spec.powerState === 'Running')
    world.running = 'instance-2';
}

/** To the verdict, or as far as it goes by itself. `before`: what happens before each step. */
function run(world: World, before: (step: number) => void = () => {}, facts: Partial<RestoreFacts> = {}): void {
  for (let step = 0; step < 60 && !isRestored(world.order.status?.phase); step++) {
    before(step);
    const act = restoreAct(world.order, factsOf(world, facts), velero, NOW);
    perform(world, act);
    machine(world);
  }
}

const isBeside = (claim: string) => /-r[0-9a-f]{8}$/.test(claim);
const oldOnes = (world: World) =>
  ['root', 'data'].map(disk => textAt(world.claims.get(`shop-db-${disk}`), 'metadata', 'uid'));
const held = (world: World) => world.vm?.status?.disks?.map(({ claimUID }) => claimUID);

describe('a restore in place (AP-13)', () => {
  it('gives the VM restored disks, leaves the old ones, and counts from the order to the proof', () => {
    const here = world();
    run(here);
    expect(here.order.status).toMatchObject({ phase: 'Succeeded', recoveryTime: { target: '4h', seconds: 120 } });
    expect(held(here)).toEqual(['new-root', 'new-data']);
    expect(oldOnes(here)).toEqual(['old-root', 'old-data']);
    expect([...here.volumes.values()].map(volume => textAt(volume, 'spec', 'persistentVolumeReclaimPolicy'))).toEqual([
      'Delete',
      'Delete',
    ]);
    expect(here.staged.size).toBe(0);
  });

  it('exchanges only the disks that are named', () => {
    const here = world({ disks: ['data'] });
    run(here);
    expect(held(here)).toEqual(['old-root', 'new-data']);
  });

  it('under a new name leaves disks for another VM to take, and this one alone', () => {
    const here = world({ target: { newName: 'shop-copy' } });
    run(here);
    const { status } = here.order;
    expect(status?.phase).toBe('Succeeded');
    expect(held(here)).toEqual(['old-root', 'old-data']);
    expect(here.running).toBe('instance-1');
    const claims = status?.disks?.map(({ after }) => after?.claim) ?? [];
    expect(claims.every(claim => /^shop-copy-(root|data)-r[0-9a-f]{8}$/.test(claim ?? ''))).toBe(true);
    expect(status?.message).toContain(`adopt (root: {claim: ${claims[0]}, uid: new-root}`);
    expect(status?.recoveryTime?.seconds).toBeUndefined();
    expect(endedRestores([here.order])).toMatchObject({ verified: [], failed: [] });
  });

  it('restores a disk whose claim is lost', () => {
    const here = world();
    here.claims.clear();
    run(here);
    expect(here.order.status?.phase).toBe('Succeeded');
  });

  it.each(Array.from({ length: 30 }, (_, step) => step))(
    'ends the same where Steward is killed after its act %i, before it has noted it',
    killed => {
      const here = world();
      run(here, step => {
        if (step !== killed) return;
        const { metadata, spec, status } = here.order;
        perform(here, restoreAct(here.order, factsOf(here), velero, NOW));
        // What was done stays; what was written of it is lost.
        here.order = { ...here.order, metadata, spec, ...(status && { status }) };
        if (status === undefined) Reflect.deleteProperty(here.order, 'status');
      });
      expect(here.order.status?.phase).toBe('Succeeded');
      expect(held(here)).toEqual(['new-root', 'new-data']);
      expect(oldOnes(here)).toEqual(['old-root', 'old-data']);
    },
  );

  const losses: readonly (readonly [string, (world: World) => void])[] = [
    ['the ManagedVM goes', here => Object.assign(here, { vm: undefined })],
    ['another ManagedVM has its name', here => Object.assign(here.vm?.metadata ?? {}, { uid: 'x' })],
    ["Velero's Restore goes", here => Object.assign(here, { request: undefined })],
    ['the Backup goes', here => Object.assign(here, { backup: undefined })],
    ['the staged claims go', here => here.staged.clear()],
    ['the volumes go', here => here.volumes.clear()],
    ['a claim beside goes', here => here.claims.delete([...here.claims.keys()].find(isBeside) ?? '')],
    ['a disk becomes another claim', here => Object.assign(here.vm?.status?.disks?.[0] ?? {}, { claimUID: 'x' })],
  ];
  describe.each(losses)('where %s', (_, lose) => {
    it.each(Array.from({ length: 30 }, (_each, step) => step))(
      'at step %i, the old disks stay, all or none are exchanged, and it ends',
      at => {
        const here = world();
        run(here, step => step === at && lose(here));
        const uids = held(here)?.filter(uid => uid !== 'x') ?? [];
        expect(new Set(uids.map(uid => uid?.split('-')[0])).size).toBeLessThanOrEqual(1);
        for (const disk of ['root', 'data'])
          expect(textAt(here.claims.get(`shop-db-${disk}`), 'metadata', 'uid')).toBe(`old-${disk}`);
      },
    );
  });

  it('says of disks that were lost before that there is no way back to them', () => {
    const here = world();
    here.claims.delete('shop-db-root');
    run(here, () => {});
    expect(here.order.status).toMatchObject({ phase: 'Succeeded' });
    expect(here.order.status?.message).toMatch(
      /stay until somebody deletes them \(data: .*shop-db-data\); .* Gone before are the old disks \(root: PersistentVolumeClaim shop-db-root\)\.$/,
    );
  });

  it('does not wait for ever for a claim beside that was deleted before it was bound, and says which others it leaves', () => {
    const here = world();
    run(here, () => {
      const gone = [...here.claims.keys()].find(name => name.startsWith('shop-db-data-r'));
      if (gone !== undefined) here.claims.delete(gone);
    });
    expect(here.order.status?.phase).toBe('Moving');
    const edge = nextEdge(here.order);
    expect(edge).toEqual(new Date(NOW.getTime() + 2 * 3_600_000));
    const act = restoreAct(here.order, factsOf(here), velero, edge ?? NOW);
    expect(act).toMatchObject({
      status: {
        phase: 'Failed',
        message: expect.stringMatching(
          /pv-of-shop-db-data of disk data was not beside the old one within 2 hours.*used by nobody: root: PersistentVolumeClaim shop-db-root-r/,
        ),
      },
    });
  });

  it('waits for its change, its turn, and a PatchRun that works in the guest', () => {
    const here = world();
    run(here, () => here.consent && Object.assign(here, { consent: { stand: 'Awaited', says: 'Nobody has agreed.' } }));
    expect(here.order.status).toMatchObject({ phase: 'Pending', message: 'Nobody has agreed.' });
    here.consent = { stand: 'Agreed' };
    const act = restoreAct(
      here.order,
      factsOf(here, { ahead: 'Restore first of the same VM comes first.' }),
      velero,
      NOW,
    );
    expect(act).toMatchObject({ status: { phase: 'Pending', message: 'Restore first of the same VM comes first.' } });
  });

  it.each([
    [
      'spec.disks[].adopt stands',
      (here: World) => Object.assign(here.vm?.spec.disks[0] ?? {}, { adopt: { claim: 'x' } }),
      {},
      /adopt of ManagedVM/,
    ],
    ['it has no such disk', () => {}, { disks: ['logs'] }, /has no disk logs/],
    [
      'the point is none of its own',
      () => {},
      { point: { name: 'other' } },
      /no backup that a Schedule of this VM has made/,
    ],
    ['nothing is as old', () => {}, { point: { before: '2020-01-01T00:00:00Z' } }, /None of 1 backups/],
    ['none was proven', () => {}, { point: { latest: 'Verified' } }, /proven by a restore/],
    [
      'it is a copy',
      (here: World) => Object.assign(here.order.metadata, { annotations: { [SEAL]: 'x' } }),
      {},
      /copy of a Restore/,
    ],
    [
      'Velero brought it back',
      (here: World) => Object.assign(here.order.metadata, { labels: { 'velero.io/restore-name': 'x' } }),
      {},
      /copy/,
    ],
  ])('does nothing where %s', (_, prepare, spec, why) => {
    const here = world(spec);
    prepare(here);
    run(here);
    expect(here.order.status?.phase).toBe('Failed');
    expect(here.order.status?.message).toMatch(why);
    expect(here.request).toBeUndefined();
  });

  it('that was stored under another schema is refused for good', () => {
    const here = world();
    run(here, () => {}, { problem: 'spec.point: Required' });
    expect(here.order.status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('cannot be read: spec.point'),
    });
  });

  it('is Unproven where the VM is off as ordered, and where no agent answers in time', () => {
    const here = world();
    if (here.vm) here.vm = { ...here.vm, spec: { ...here.vm.spec, powerState: 'Stopped' } };
    here.running = undefined;
    run(here);
    expect(here.order.status).toMatchObject({ phase: 'Unproven', message: expect.stringContaining('off as ordered') });
    const late = world();
    run(late, () => late.order.status?.phase === 'Starting' && Object.assign(late, { running: undefined }));
    const act = restoreAct(
      late.order,
      factsOf(late, { instance: undefined }),
      velero,
      new Date(NOW.getTime() + 1_800_000),
    );
    expect(act).toMatchObject({ status: { phase: 'Unproven' } });
  });
});

describe('Velero as the engine', () => {
  const request = {
    metadata: {
      name: veleroRestoreName({ metadata: { name: 'again', uid: UID } }),
      creationTimestamp: '2026-12-01T12:00:00Z',
    },
  };
  const good = stagedClaim('shop-db-root', REQUEST);
  const created = (creationTimestamp: string) => ({
    ...good,
    metadata: { ...fields(good.metadata), creationTimestamp },
  });

  it.each([
    ['from a snapshot', good, undefined],
    [
      'by a data mover',
      { ...good, spec: { selector: { matchLabels: { 'velero.io/dynamic-pv-restore': 'x' } } } },
      undefined,
    ],
    ['of another restore', stagedClaim('shop-db-root', 'other'), /was there before/],
    ['older than the order', created('2026-12-01T11:59:59Z'), /older than the order/],
    ['without a source, which storage fills with nothing', { ...good, spec: {} }, /came without data/],
  ])('takes a claim %s or says why not', (_, claim, why) => {
    const defect = velero.defect(claim, request);
    if (why === undefined) expect(defect).toBeUndefined();
    else expect(defect).toMatch(why);
  });

  it.each([
    [{ phase: 'Completed' }, 'Completed'],
    [{ phase: 'Completed', errors: 1 }, 'Failed'],
    [{ phase: 'PartiallyFailed', errors: 2 }, 'Failed'],
    [{ phase: 'FailedValidation', validationErrors: ['no such backup'] }, 'Failed'],
    [{ phase: 'WaitingForPluginOperations' }, 'UnderWay'],
    [{}, 'UnderWay'],
  ])('%o is %s', (status, state) => {
    expect(velero.result({ status }).state).toBe(state);
  });

  it('is asked, in its own namespace, for claims alone, into another one, under no other name', () => {
    const point = { name: 'daily-1', uid: 'b', time: '2026-12-01T01:00:00Z' };
    const { spec, metadata } = velero.request(world().order, point, 'steward-drills', 'velero');
    expect(metadata).toEqual({ name: REQUEST, namespace: 'velero' });
    expect(spec).toEqual({
      backupName: 'daily-1',
      includedNamespaces: ['acme'],
      includedResources: ['persistentvolumeclaims'],
      namespaceMapping: { acme: 'steward-drills' },
      restorePVs: true,
      uploaderConfig: { writeSparseFiles: true },
    });
  });
});
