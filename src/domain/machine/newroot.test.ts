import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { NewRoot, type NewRootPhase } from '../../api/newroot.ts';
import { systemNameOf } from '../contract/system.ts';
import { managedVM, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import type { MachineFacts } from './facts.ts';
import { nextNewRoot, nextStepOf } from './newroot.ts';
import { givenRoot, isOffFor, isUnbooted, newRootName, rescuedRoot } from './rootplace.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const VM_UID = '3c9f0e0e-7d0e-4c7e-9a58-0c5c3f0a1b2c';
const [OLD, NEW] = ['01d', '4e3'];
const AFTER = newRootName(managedVM(), 'c0ffee');

type More = {
  readonly spec?: Record<string, unknown>;
  readonly root?: string | undefined;
  readonly status?: object;
  readonly metadata?: object;
};

function vm(newRoot?: NewRoot, { spec = {}, root = OLD, status = {}, metadata = {} }: More = {}): ManagedVM {
  const base = managedVM(spec);
  const claim = root === NEW ? AFTER : 'shop-db-root';
  const disks = root === '' ? [] : [{ name: 'root', claim, claimUID: root, filledAt: '2026-11-01T00:00:00Z' }];
  return {
    ...base,
    metadata: { ...base.metadata, ...metadata },
    status: { disks, ...(newRoot && { newRoot }), ...status },
  };
}

function change(spec: object = {}, conditions: readonly object[] = [], status: object = {}): ChangeRequest {
  const agreed = { type: 'Agreed', status: 'True', reason: 'Agreed', message: '', lastTransitionTime: '' };
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ChangeRequest',
    metadata: {
      name: 'newer-0a1b2c3d',
      namespace: 'acme',
      uid: 'c0ffee',
      generation: 1,
      creationTimestamp: '2026-12-01T11:00:00Z',
    },
    spec: {
      ...{ class: 'Normal', operation: 'Migration', system: { from: 'debian-12', to: 'debian-13' } },
      target: { kind: 'ManagedVM', name: 'shop-db', uid: VM_UID },
      ...spec,
    },
    status: {
      observedGeneration: 1,
      claim: { instance: 'i1', at: '2026-12-01T11:59:00Z' },
      conditions: [agreed, ...conditions],
      ...status,
    },
  } as unknown as ChangeRequest;
}

const RESULT = { outcome: 'Succeeded', finishedAt: '2026-12-01T11:30:00Z', by: 'steward' };
const said = (reason: string, status = 'False') => ({ type: 'Accepted', status, reason, message: '' });

function at(phase: NewRootPhase, more: Partial<NewRoot> = {}): NewRoot {
  return NewRoot.parse({
    change: { name: 'newer-0a1b2c3d', uid: 'c0ffee' },
    ...{ operation: 'Migration', operatingSystem: 'debian-13', phase, since: '2026-12-01T11:55:00Z', message: '' },
    before: { claim: 'shop-db-root', uid: OLD },
    after: { claim: AFTER, ...(phase !== 'Making' && { uid: NEW }) },
    instance: 'a1',
    ...more,
  });
}

type Play = {
  readonly changes?: readonly ChangeRequest[];
  readonly seen?: object;
  readonly runStrategy?: string;
  readonly rootClaim?: string;
  readonly vmi?: object | undefined;
  readonly more?: object;
};

const guest = (uid: string, agent = 'True') => ({
  ...{ uid, phase: 'Running', conditions: [{ type: 'AgentConnected', status: agent, reason: '', message: '' }] },
});

function facts({
  changes = [change()],
  seen = {},
  runStrategy = 'Always',
  rootClaim = 'shop-db-root',
  vmi,
  more = {},
}: Play = {}): MachineFacts {
  const spec = {
    runStrategy,
    template: { spec: { volumes: [{ name: 'root', dataVolume: { name: rootClaim } }] } },
  };
  return {
    ...{ unreadable: [], changeRequests: changes, holds: new Map(), claims: new Map() },
    virtualMachine: { name: 'shop-db', conditions: [], printableStatus: 'Running' },
    virtualMachineInstance: vmi,
    newRoot: {
      operatingSystem: operatingSystem(),
      dataVolume: { metadata: {} },
      after: NEW,
      before: OLD,
      stage: 'filled',
      ...seen,
    },
    live: { virtualMachine: { spec } },
    ...more,
  } as unknown as MachineFacts;
}

const next = (managed: ManagedVM, play: Play = {}, now = NOW) => nextNewRoot(managed, facts(play), now);
const OFF = { runStrategy: 'Halted', vmi: undefined };

describe('MO-2, GE-11: a root disk that is made anew', () => {
  it('is begun by a change that was set out to do, and names the disk that there is', () => {
    const begun = next(vm());
    expect(NewRoot.parse(begun)).toMatchObject({
      ...{ phase: 'Making', operation: 'Migration', operatingSystem: 'debian-13', since: '2026-12-01T12:00:00Z' },
      change: { name: 'newer-0a1b2c3d', uid: 'c0ffee' },
      before: { claim: 'shop-db-root', uid: OLD },
      after: { claim: AFTER },
    });
  });

  it.each<[string, ManagedVM, Play]>([
    ['that is not agreed to as it is', vm(), { changes: [change({}, [], { observedGeneration: 0 })] }],
    ['that nobody has set out to do', vm(), { changes: [change({}, [], { claim: undefined })] }],
    [
      'that was claimed too long ago',
      vm(),
      { changes: [change({}, [], { claim: { instance: 'i', at: '2026-12-01T11:35:00Z' } })] },
    ],
    ['that has a result', vm(), { changes: [change({ result: RESULT })] }],
    [
      'of another VM of the name',
      vm(),
      { changes: [change({ target: { kind: 'ManagedVM', name: 'shop-db', uid: '0' } })] },
    ],
    [
      'of a disk that a person has adopted',
      vm(undefined, { spec: { disks: [{ name: 'root', adopt: { claim: 'x' } }] } }),
      {},
    ],
    ['of a VM with a managed application', vm(undefined, { status: { applications: [{ name: 'a' }] } }), {}],
    ['of a disk that never held data', vm(undefined, { root: '' }), {}],
    ['while a Restore exchanges disks', vm(), { more: { exchange: { restore: 'again' } } }],
    ['of a VM that is paused', vm(undefined, { spec: { paused: { reason: 'x' } } }), {}],
    ['of a VM that is deleted', vm(undefined, { metadata: { deletionTimestamp: '2026-12-01T11:59:59Z' } }), {}],
  ])('is not begun by a change %s', (_, managed, play) => {
    expect(next(managed, play)).toBeUndefined();
  });

  it.each<[NewRootPhase, NewRootPhase | undefined, string, ManagedVM, Play]>([
    [
      'Making',
      'Making',
      'is filled while the guest runs',
      vm(at('Making')),
      { seen: { stage: 'filling' }, vmi: guest('a1') },
    ],
    ['Making', 'Making', 'waits for its claim', vm(at('Making')), { seen: { after: undefined } }],
    ['Making', 'Stopping', 'is there', vm(at('Making')), { vmi: guest('a1') }],
    [
      'Making',
      'Stopping',
      'is there as far as storage makes one before a guest starts on it',
      vm(at('Making')),
      { seen: { stage: 'firstConsumer' } },
    ],
    ['Making', 'Making', 'waits for a PatchRun in the guest', vm(at('Making')), { more: { patchRun: 'run' } }],
    ['Making', 'Failed', 'cannot be filled', vm(at('Making')), { seen: { stage: 'failed' } }],
    ['Making', 'Failed', 'is ordered no more', vm(at('Making')), { changes: [change({ result: RESULT })] }],
    ['Making', 'Failed', 'is of a change that is gone', vm(at('Making')), { changes: [] }],
    ['Making', 'Failed', 'would replace another disk by now', vm(at('Making'), { root: 'ff' }), {}],
    [
      'Stopping',
      'Stopping',
      'waits for the guest to be gone',
      vm(at('Stopping')),
      { runStrategy: 'Halted', vmi: guest('a1') },
    ],
    ['Stopping', 'Stopping', 'waits for the machine to be told', vm(at('Stopping')), {}],
    ['Stopping', 'Exchanging', 'is exchanged with the machine off', vm(at('Stopping')), OFF],
    ['Stopping', 'Failed', 'was deleted by somebody', vm(at('Stopping')), { ...OFF, seen: { after: 'ff' } }],
    ['Exchanging', 'Exchanging', 'is not the machine’s yet', vm(at('Exchanging')), OFF],
    ['Exchanging', 'Starting', 'is the machine’s', vm(at('Exchanging')), { ...OFF, rootClaim: AFTER }],
    [
      'Exchanging',
      'StoppingBack',
      'was deleted at the exchange',
      vm(at('Exchanging')),
      { ...OFF, seen: { after: undefined } },
    ],
    [
      'Starting',
      'Starting',
      'runs, and its agent does not answer',
      vm(at('Starting'), { root: NEW }),
      { vmi: guest('b2', 'False') },
    ],
    [
      'Starting',
      'Starting',
      'is not that of the guest of before',
      vm(at('Starting'), { root: NEW }),
      { vmi: guest('a1') },
    ],
    ['Starting', 'Starting', 'is not remembered yet', vm(at('Starting')), { vmi: guest('b2') }],
    ['Starting', 'OnTrial', 'runs and answers', vm(at('Starting'), { root: NEW }), { vmi: guest('b2') }],
    [
      'OnTrial',
      'OnTrial',
      'is tried',
      vm(at('OnTrial'), { root: NEW }),
      { changes: [change({ result: RESULT }, [said('AwaitingAcceptance')])] },
    ],
    [
      'OnTrial',
      'OnTrial',
      'is taken by somebody who may not say so',
      vm(at('OnTrial'), { root: NEW }),
      { changes: [change({ result: RESULT }, [said('AcceptedByNoApprover')])] },
    ],
    [
      'OnTrial',
      'Accepted',
      'is taken by the customer',
      vm(at('OnTrial'), { root: NEW }),
      { changes: [change({ result: RESULT }, [said('Accepted', 'True')])] },
    ],
    [
      'OnTrial',
      'StoppingBack',
      'is rejected',
      vm(at('OnTrial'), { root: NEW }),
      { changes: [change({ result: RESULT }, [said('NotAccepted')])] },
    ],
    [
      'OnTrial',
      'OnTrial',
      'is rejected, and the old one is gone',
      vm(at('OnTrial'), { root: NEW }),
      { seen: { before: undefined }, changes: [change({ result: RESULT }, [said('NotAccepted')])] },
    ],
    [
      'OnTrial',
      undefined,
      'of a rebuild is taken',
      vm(at('OnTrial', { operation: 'Rebuild' }), { root: NEW }),
      { changes: [change({ result: RESULT }, [said('Accepted', 'True')])] },
    ],
    [
      'OnTrial',
      undefined,
      'of a rebuild was pre-approved by a price list',
      vm(at('OnTrial', { operation: 'Rebuild' }), { root: NEW }),
      { changes: [change({ class: 'Standard', result: RESULT })] },
    ],
    [
      'Accepted',
      'Accepted',
      'is not what the order names yet',
      vm(at('Accepted'), { root: NEW, spec: { operatingSystem: 'debian-12' } }),
      {},
    ],
    ['Accepted', undefined, 'is what the order names', vm(at('Accepted'), { root: NEW }), {}],
    [
      'StoppingBack',
      'ExchangingBack',
      'gives its place back with the machine off',
      vm(at('StoppingBack'), { root: NEW }),
      OFF,
    ],
    [
      'StoppingBack',
      'StoppingBack',
      'waits for the old one, which is gone',
      vm(at('StoppingBack'), { root: NEW }),
      { ...OFF, seen: { before: undefined } },
    ],
    ['ExchangingBack', 'TakenBack', 'is not the machine’s any more', vm(at('ExchangingBack'), { root: NEW }), OFF],
    ['TakenBack', 'TakenBack', 'is told until its change says so', vm(at('TakenBack')), {}],
    ['TakenBack', undefined, 'is over', vm(at('TakenBack')), { changes: [change({ result: RESULT })] }],
    [
      'Failed',
      'Failed',
      'is told until what no guest has seen is gone',
      vm(at('Failed')),
      { changes: [change({ result: RESULT })] },
    ],
    [
      'Failed',
      undefined,
      'came to nothing',
      vm(at('Failed')),
      { changes: [change({ result: RESULT })], seen: { dataVolume: undefined } },
    ],
  ])('%s → %s: it %s', (_, phase, __, managed, play) => {
    expect(next(managed, play)?.phase).toBe(phase);
  });

  it.each<[NewRootPhase, NewRootPhase, string]>([
    ['Making', 'Failed', '2026-12-01T15:55:00Z'],
    ['Stopping', 'Failed', '2026-12-01T13:55:00Z'],
    ['Starting', 'StoppingBack', '2026-12-01T12:55:00Z'],
  ])('%s becomes %s at %s and not a second before, and is looked at again then', (phase, late, instant) => {
    const managed = vm(at(phase), phase === 'Starting' ? { root: NEW } : {});
    const play: Play = { seen: phase === 'Making' ? { stage: 'filling' } : {}, vmi: guest('a1') };
    const then = new Date(instant);
    expect(next(managed, play, new Date(then.getTime() - 1000))?.phase).toBe(phase);
    expect(next(managed, play, then)?.phase).toBe(late);
    expect(nextStepOf(at(phase), at(phase), NOW)).toEqual(then);
  });

  it('is not taken back because the customer has powered the VM off before it was up', () => {
    const managed = vm(at('Starting'), { root: NEW, spec: { powerState: 'Stopped' } });
    expect(next(managed, {}, new Date('2026-12-02T12:00:00Z'))).toMatchObject({
      ...{ phase: 'Starting', since: '2026-12-02T12:00:00Z' },
    });
  });

  it('stands where it is while the VM is paused, and while something of it cannot be read', () => {
    const stopping = at('Stopping');
    expect(next(vm(stopping, { spec: { paused: { reason: 'x' } } }), OFF)).toEqual(stopping);
    const unreadable = [{ kind: 'VirtualMachine', namespace: 'acme', why: '403' }];
    expect(next(vm(stopping), { ...OFF, more: { unreadable } })).toEqual(stopping);
  });

  it.each<[NewRootPhase, boolean, string | undefined, boolean, string]>([
    ['Making', false, undefined, false, 'debian-12'],
    ['Stopping', true, undefined, false, 'debian-12'],
    ['Exchanging', true, AFTER, true, 'debian-13'],
    ['Starting', false, AFTER, true, 'debian-13'],
    ['OnTrial', false, undefined, false, 'debian-13'],
    ['Accepted', false, undefined, false, 'debian-13'],
    ['StoppingBack', true, undefined, false, 'debian-13'],
    ['ExchangingBack', true, 'shop-db-root', false, 'debian-12'],
    ['TakenBack', false, 'shop-db-root', false, 'debian-12'],
    ['Failed', false, undefined, false, 'debian-12'],
  ])(
    '%s: off %s, consents to %s, first boot to come %s, and the system of the guest is %s… (GE-11)',
    (phase, off, claim, boots, system) => {
      const newRoot = at(phase);
      expect([isOffFor(newRoot), givenRoot(newRoot)?.claim, isUnbooted(newRoot)]).toEqual([off, claim, boots]);
      expect(systemNameOf(vm(newRoot, { spec: { operatingSystem: 'debian-12' } }))).toBe(system);
    },
  );
});

describe('MO-2, AP-9: a rescue', () => {
  const until = '2026-12-01T14:00:00Z';
  const rescue = (status: object = {}, conditions: readonly object[] = []) =>
    change({ operation: 'Rescue' }, conditions, {
      window: { notBefore: '2026-12-01T10:00:00Z', notAfter: until },
      ...status,
    });
  const rescued = (phase: NewRootPhase) => at(phase, { operation: 'Rescue', until });

  it('notes until when it may last', () => {
    expect(next(vm(), { changes: [rescue()] })).toMatchObject({ operation: 'Rescue', phase: 'Making', until });
  });

  it.each<[NewRootPhase, string | undefined]>([
    ['Making', undefined],
    ['Stopping', undefined],
    ['Exchanging', 'shop-db-root'],
    ['OnTrial', 'shop-db-root'],
    ['StoppingBack', 'shop-db-root'],
    ['ExchangingBack', undefined],
  ])('that is %s has the broken disk %s beside its system', (phase, claim) => {
    expect(rescuedRoot(rescued(phase))).toBe(claim);
    expect(rescuedRoot(at(phase))).toBeUndefined();
  });

  it('is over to the second, and its end is looked for', () => {
    const managed = vm(rescued('OnTrial'), { root: NEW });
    const play = { changes: [rescue()], vmi: guest('b2') };
    expect(next(managed, play, new Date('2026-12-01T13:59:59Z'))?.phase).toBe('OnTrial');
    expect(next(managed, play, new Date(until))?.phase).toBe('StoppingBack');
    expect(nextStepOf(rescued('OnTrial'), rescued('OnTrial'), NOW)).toEqual(new Date(until));
  });

  it.each<[string, readonly ChangeRequest[]]>([
    ['an Approver rejects it', [rescue({ conditions: [{ type: 'Agreed', status: 'False', reason: 'Rejected' }] })]],
    ['its change is gone', []],
  ])('is over as soon as %s', (_, changes) => {
    expect(next(vm(rescued('OnTrial'), { root: NEW }), { changes, vmi: guest('b2') })?.phase).toBe('StoppingBack');
    expect(next(vm(rescued('Making')), { changes })?.phase).toBe('Failed');
    expect(next(vm(rescued('Starting'), { root: NEW }), { changes })?.phase).toBe('StoppingBack');
  });

  it('can be brought forward and never prolonged, by a window that was judged', () => {
    const managed = vm(rescued('OnTrial'), { root: NEW });
    const windowTo = (notAfter: string, judged = 1) =>
      next(managed, { changes: [rescue({ window: { notAfter }, observedGeneration: judged })], vmi: guest('b2') });
    expect(windowTo('2026-12-01T13:00:00Z')).toMatchObject({ phase: 'OnTrial', until: '2026-12-01T13:00:00Z' });
    expect(windowTo('2026-12-01T23:00:00Z')).toMatchObject({ phase: 'OnTrial', until });
    expect(windowTo('2026-12-01T11:00:00Z', 0)).toMatchObject({ phase: 'OnTrial', until });
    expect(windowTo('2026-12-01T11:00:00Z')?.phase).toBe('StoppingBack');
  });

  it('ends on the disk of before, with what it was', () => {
    const back = next(vm(rescued('StoppingBack'), { root: NEW }), { ...OFF, changes: [rescue()] });
    expect(back?.phase).toBe('ExchangingBack');
    expect(givenRoot(back)?.claim).toBe('shop-db-root');
  });
});
