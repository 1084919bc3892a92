import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManagedVMStatus } from '../../api/managedvm.ts';
import type { LiveObject } from '../contract/child.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { consentCommand, consentWanted, takenDisks } from './diskconsent.ts';
import {
  claimNames,
  claimsOfMachine,
  type DiskHold,
  diskHolds,
  hasLostDisk,
  mayStart,
  type StorageFacts,
} from './diskhold.ts';
import { observe } from './observed.ts';

const FILLED = '2026-11-01T00:00:00Z';
const NAME = 'shop-db-data';

type Adopt = { claim: string; uid?: string };
type Told = NonNullable<ManagedVMStatus['disks']>[number];

function order(adopt?: Adopt, told?: Partial<Told>) {
  const disks = [{ name: 'root' }, { name: 'data', size: '5Gi', ...(adopt && { adopt }) }];
  const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', disks });
  return told === undefined ? managedVM : { ...managedVM, status: { disks: [{ name: 'data', claim: NAME, ...told }] } };
}

const remembered = { claimUID: 'a', filledAt: FILLED };
const memory = { name: 'data', claim: NAME, ...remembered };

function claim(uid: string, name = NAME, metadata: Partial<LiveObject['metadata']> = {}): LiveObject {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, uid, ...metadata } };
}

/** As CDI makes it: it refers to its DataVolume. */
const made = claim('a', NAME, { ownerReferences: [{ kind: 'DataVolume', name: NAME, uid: 'dv' }] });
const ownDataVolume: LiveObject = { apiVersion: 'v1beta1', kind: 'DataVolume', metadata: { name: NAME, uid: 'dv' } };
const labels = { 'managed.systems/owner-name': 'shop-db', 'managed.systems/owner-uid': order().metadata.uid ?? '' };

function facts(claims: readonly LiveObject[], rest: Partial<StorageFacts> = {}): StorageFacts {
  return {
    claim: name => claims.find(({ metadata }) => metadata.name === name),
    ownDataVolume: () => undefined,
    virtualMachine: undefined,
    holderOf: () => undefined,
    ...rest,
  };
}

const holdOf = (managedVM: ReturnType<typeof order>, storage: StorageFacts) =>
  diskHolds(managedVM, storage).get('data');

describe('by what right a claim is a disk (AP-13, design 4)', () => {
  const withDataVolume = { ownDataVolume: () => ownDataVolume };
  const machineWith = (source: object) => ({
    virtualMachine: { spec: { template: { spec: { volumes: [{ name: 'data', ...source }] } } } },
  });
  const restored = claim('r', 'restore-7b1c-data', { annotations: { 'restore.kubevirt.io/name': 'back' } });
  const restoredInPlace = claim('r', NAME, { annotations: { 'restore.kubevirt.io/name': 'back' } });

  const byKubeVirt = machineWith({ persistentVolumeClaim: { claimName: 'restore-7b1c-data' } });
  const turnedBack = (uid: string) => ({ ...byKubeVirt, turnedBack: () => uid });

  test.each<[string, ReturnType<typeof order>, StorageFacts, DiskHold]>([
    [
      'a rollback of a PatchRun has put it there: taken, by its uid alone (GE-8)',
      order(undefined, remembered),
      facts([claim('a'), restored], turnedBack('r')),
      { standing: 'ours', claim: 'restore-7b1c-data', taken: true },
    ],
    [
      'a restore of somebody else has put it there since: a person is asked',
      order(undefined, remembered),
      facts([claim('a'), restored], turnedBack('other')),
      { standing: 'foreign', claim: 'restore-7b1c-data', uid: 'r', memory },
    ],
    [
      'the rollback has made it, and KubeVirt not put it there yet: it is what it was',
      order(undefined, remembered),
      facts([claim('a'), restored], { turnedBack: () => 'r' }),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    [
      'what a rollback has put there is a disk of another: it stays that one’s',
      order(undefined, remembered),
      facts([claim('a'), restored], { ...turnedBack('r'), holderOf: () => 'other' }),
      { standing: 'held', claim: 'restore-7b1c-data', by: 'other' },
    ],
    [
      'a Restore has put a claim beside it: taken, by its uid alone (AP-13)',
      order(undefined, remembered),
      facts([claim('a'), claim('n', `${NAME}-r1`)], { exchanged: () => ({ claim: `${NAME}-r1`, uid: 'n' }) }),
      { standing: 'ours', claim: `${NAME}-r1`, taken: true },
    ],
    [
      'a Restore has put a claim in the place of a lost one',
      order(undefined, remembered),
      facts([claim('n', `${NAME}-r1`)], { exchanged: () => ({ claim: `${NAME}-r1`, uid: 'n' }) }),
      { standing: 'ours', claim: `${NAME}-r1`, taken: true },
    ],
    [
      'somebody else has made a claim of the name that a Restore says: it is what it was',
      order(undefined, remembered),
      facts([claim('a'), claim('x', `${NAME}-r1`)], { exchanged: () => ({ claim: `${NAME}-r1`, uid: 'n' }) }),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    [
      'what a Restore says is a disk of another by now: it is what it was',
      order(undefined, remembered),
      facts([claim('a'), claim('n', `${NAME}-r1`)], {
        exchanged: () => ({ claim: `${NAME}-r1`, uid: 'n' }),
        holderOf: ({ metadata }) => (metadata.uid === 'n' ? 'other' : undefined),
      }),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    ['nothing is there: it is made', order(), facts([]), { standing: 'new', claim: NAME }],
    [
      'CDI makes it for our DataVolume',
      order(),
      facts([made], withDataVolume),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    [
      'it is the one that was filled',
      order(undefined, remembered),
      facts([claim('a')]),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    [
      'what was filled is gone: lost',
      order(undefined, remembered),
      facts([]),
      { standing: 'lost', claim: NAME, memory },
    ],
    [
      'the volume behind what was filled is gone, though the claim is there: lost',
      order(undefined, remembered),
      facts([{ ...claim('a'), status: { phase: 'Lost' } }]),
      { standing: 'lost', claim: NAME, memory },
    ],
    [
      'lost also where its DataVolume is still there',
      order(undefined, remembered),
      facts([], withDataVolume),
      { standing: 'lost', claim: NAME, memory },
    ],
    [
      'another claim of that name: asked for',
      order(undefined, remembered),
      facts([claim('b')]),
      { standing: 'foreign', claim: NAME, uid: 'b', memory },
    ],
    [
      'another claim of that name, also from our own DataVolume (it was restored, or made anew)',
      order(undefined, remembered),
      facts([{ ...made, metadata: { ...made.metadata, uid: 'b' } }], withDataVolume),
      { standing: 'foreign', claim: NAME, uid: 'b', memory },
    ],
    [
      'a claim without labels was there first: asked for',
      order(),
      facts([claim('b')]),
      { standing: 'foreign', claim: NAME, uid: 'b', memory: undefined },
    ],
    [
      'labels like ours are no proof',
      order(),
      facts([claim('b', NAME, { labels })]),
      { standing: 'foreign', claim: NAME, uid: 'b', memory: undefined },
    ],
    [
      'left by an earlier order, consented to',
      order({ claim: NAME }),
      facts([claim('b')]),
      { standing: 'ours', claim: NAME, taken: true },
    ],
    [
      'a claim of another name, consented to',
      order({ claim: 'erp-data' }),
      facts([claim('b', 'erp-data')]),
      { standing: 'ours', claim: 'erp-data', taken: true },
    ],
    [
      'consented to by UID',
      order({ claim: NAME, uid: 'b' }, remembered),
      facts([claim('b')]),
      { standing: 'ours', claim: NAME, taken: true },
    ],
    [
      'consented to, but another one',
      order({ claim: NAME, uid: 'c' }),
      facts([claim('b')]),
      { standing: 'foreign', claim: NAME, uid: 'b', memory: undefined },
    ],
    [
      'a consent that was used takes no second claim',
      order({ claim: NAME }, remembered),
      facts([claim('b')]),
      { standing: 'foreign', claim: NAME, uid: 'b', memory },
    ],
    [
      'a consent that was used stays',
      order({ claim: NAME }, remembered),
      facts([claim('a')]),
      { standing: 'ours', claim: NAME, taken: true },
    ],
    [
      'a consent taken out of the order changes nothing',
      order(undefined, { ...remembered, claim: 'erp-data' }),
      facts([claim('a', 'erp-data'), claim('z')]),
      { standing: 'ours', claim: 'erp-data', taken: false },
    ],
    [
      'a claim that is being deleted is not taken',
      order({ claim: NAME }),
      facts([claim('b', NAME, { deletionTimestamp: FILLED })]),
      { standing: 'going', claim: NAME },
    ],
    [
      'another claim of that name that is being deleted does not bring back what was lost',
      order(undefined, remembered),
      facts([claim('b', NAME, { deletionTimestamp: FILLED })]),
      { standing: 'lost', claim: NAME, memory },
    ],
    [
      'consented to, not there yet: nothing is made',
      order({ claim: 'erp-data' }),
      facts([]),
      { standing: 'awaited', claim: 'erp-data' },
    ],
    [
      'to become another one that is not there yet',
      order({ claim: 'erp-data' }, remembered),
      facts([claim('a')]),
      { standing: 'awaited', claim: 'erp-data' },
    ],
    [
      "another ManagedVM's",
      order({ claim: NAME }),
      facts([claim('b')], { holderOf: () => 'erp' }),
      { standing: 'held', claim: NAME, by: 'erp' },
    ],
    [
      "restored by KubeVirt under a name of its own: the machine's claim is asked about",
      order(undefined, remembered),
      facts([claim('a'), restored], machineWith({ persistentVolumeClaim: { claimName: 'restore-7b1c-data' } })),
      { standing: 'foreign', claim: 'restore-7b1c-data', uid: 'r', memory },
    ],
    [
      'restored by KubeVirt in place',
      order(undefined, remembered),
      facts([restoredInPlace], machineWith({ persistentVolumeClaim: { claimName: NAME } })),
      { standing: 'foreign', claim: NAME, uid: 'r', memory },
    ],
    [
      'restored by KubeVirt, and consented to',
      order({ claim: 'restore-7b1c-data', uid: 'r' }, remembered),
      facts([claim('a'), restored], machineWith({ persistentVolumeClaim: { claimName: 'restore-7b1c-data' } })),
      { standing: 'ours', claim: 'restore-7b1c-data', taken: true },
    ],
    [
      'a volume that somebody else wrote into the machine is no restore',
      order(undefined, remembered),
      facts([claim('a'), claim('x', 'evil')], machineWith({ persistentVolumeClaim: { claimName: 'evil' } })),
      { standing: 'ours', claim: NAME, taken: false },
    ],
    [
      'an operator that remembered no UIDs had it filled, and its DataVolume was collected since',
      order(undefined, { phase: 'Filled' }),
      facts([claim('a')]),
      { standing: 'ours', claim: NAME, taken: false },
    ],
  ])('%s', (_, managedVM, storage, expected) => {
    expect(holdOf(managedVM, storage)).toEqual(expected);
  });

  test('whatever the status says, a claim that is neither remembered, consented to nor made by us is never ours', () => {
    const uid = fc.constantFrom('a', 'b', 'c');
    const told = fc.record({ claimUID: uid, filledAt: fc.constant(FILLED), claim: fc.constantFrom(NAME, 'x') });
    fc.assert(
      fc.property(
        fc.option(told, { nil: undefined }),
        uid,
        fc.constantFrom(undefined, labels),
        (status, live, marks) => {
          const claims = [claim(live, NAME, marks ? { labels: marks } : {})];
          const hold = holdOf(order(undefined, status), facts(claims));
          expect(hold?.standing === 'ours').toBe(status?.claimUID === live && status.claim === NAME);
        },
      ),
    );
  });

  test('what was filled is never new, so it is never made anew', () => {
    const adopt = fc.option(fc.record({ claim: fc.constantFrom(NAME, 'x') }), { nil: undefined });
    fc.assert(
      fc.property(adopt, fc.subarray([claim('a'), claim('b', 'x')]), (consent, claims) => {
        expect(holdOf(order(consent, remembered), facts(claims, withDataVolume))?.standing).not.toBe('new');
      }),
    );
  });

  test('every name under which a claim may matter is looked up', () => {
    expect(claimNames(order({ claim: 'x' }, { ...remembered, claim: 'y' }))).toEqual(['shop-db-root', NAME, 'x', 'y']);
  });
});

describe('what follows from it', () => {
  const holds = (hold: DiskHold) => new Map([['data', hold]]);
  test.each<[DiskHold, boolean, boolean]>([
    [{ standing: 'new', claim: NAME }, true, false],
    [{ standing: 'ours', claim: NAME, taken: true }, true, false],
    [{ standing: 'lost', claim: NAME, memory }, false, true],
    [{ standing: 'foreign', claim: NAME, uid: 'b', memory }, false, true],
    [{ standing: 'foreign', claim: NAME, uid: 'b', memory: undefined }, false, false],
    [{ standing: 'held', claim: NAME, by: 'erp' }, false, false],
    [{ standing: 'awaited', claim: NAME }, false, false],
    [{ standing: 'going', claim: NAME }, false, false],
  ])(
    '$standing: no guest starts on what is not its own, and backups of a lost disk pause (AP-13)',
    (hold, starts, lost) => {
      expect([mayStart(holds(hold)), hasLostDisk(holds(hold))]).toEqual([starts, lost]);
    },
  );

  test('who must consent reads the exact command, which names the UID and tests the entry', () => {
    const foreign = new Map([['data', { standing: 'foreign', claim: NAME, uid: 'b', memory: undefined } as const]]);
    const command =
      `kubectl -n acme patch managedvm shop-db --type json -p '[{"op":"test","path":"/spec/disks/1/name","value":"data"},` +
      `{"op":"add","path":"/spec/disks/1/adopt","value":{"claim":"${NAME}","uid":"b"}}]'`;
    expect(consentCommand(order(), foreign)).toBe(command);
    const finding = consentWanted(order(), foreign);
    expect(finding).toMatchObject({ standing: 'failed', reason: 'DiskNeedsConsent' });
    expect(finding?.message).toContain(command);
  });

  test('the command is whole however many disks wait: the message has room for two', () => {
    const names = Array.from({ length: 16 }, (_, index) => `disk-of-twenty-char${index % 10}`);
    const long = 'x'.repeat(72);
    const foreign = new Map(
      names.map((name, index) => [
        `${name}${index}`.slice(0, 20),
        { standing: 'foreign' as const, claim: long, uid: '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11', memory: undefined },
      ]),
    );
    const message = consentWanted(order(), foreign)?.message ?? '';
    expect(message.length).toBeLessThan(1024);
    expect(message).toContain(`${foreign.size - 2} more disks are asked for after that.`);
  });

  test('what was taken is told once, with what it replaced', () => {
    const managedVM = order({ claim: NAME, uid: 'b' }, remembered);
    const observed = observe({
      managedVM,
      installed: { kubevirt: true, cdi: true },
      keysPresent: true,
      holds: new Map([['data', { standing: 'ours', claim: NAME, taken: true }]]),
    });
    const after = { disks: [{ name: 'data', claim: NAME, claimUID: 'b', filledAt: FILLED }] };
    expect(takenDisks(managedVM, after, observed)).toEqual([
      `Disk data is PersistentVolumeClaim ${NAME} (uid b) from now on, as spec.disks[data].adopt consents, in place of the claim with uid a.`,
    ]);
    expect(takenDisks({ ...managedVM, status: after }, after, observed)).toEqual([]);
    const turningBack = { run: 'tonight', isOff: false, claims: new Map([['data', 'b']]) };
    expect(takenDisks(managedVM, after, { ...observed, turningBack })).toEqual([
      expect.stringContaining('as PatchRun tonight has turned it back to its snapshot, in place of'),
    ]);
  });
});

describe('AP-13: what KubeVirt restored belongs to the machine by a reference, and would go with it', () => {
  const ofMachine = { ownerReferences: [{ kind: 'VirtualMachine', name: 'shop-db', uid: 'vm' }] };
  const restored = claim('r', 'restore-7b1c-data', ofMachine);
  const hold = (standing: DiskHold['standing']) => new Map([['data', { standing, claim: 'c' } as DiskHold]]);

  test.each<[string, DiskHold['standing'], LiveObject, readonly LiveObject[]]>([
    ['a disk that was taken over is kept from that', 'ours', restored, [restored]],
    ['of one that nobody has consented to nothing is changed', 'foreign', restored, []],
    [
      'a reference to another machine is not ours to take',
      'ours',
      claim('r', NAME, { ownerReferences: [{ kind: 'VirtualMachine', name: 'shop-db', uid: 'older' }] }),
      [],
    ],
    ['a disk of its DataVolume is as it should be', 'ours', made, []],
  ])('%s', (_, standing, live, expected) => {
    expect(claimsOfMachine(hold(standing), new Map([['data', live]]), 'vm')).toEqual(expected);
  });
});
