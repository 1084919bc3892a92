import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, ManagedVMSpec, type ManagedVMStatus } from '../../api/managedvm.ts';
import type { BaselineVersion } from '../../api/patchbaseline.ts';
import type { PatchingFacts } from './facts.ts';
import { patchingFactsOf, patchPolicyOf } from './patching.fixtures.ts';
import { OPENSSL, patchRunOf } from './patchrun.fixtures.ts';
import { patchState } from './patchstate.ts';
import { termsOf } from './policyfor.ts';
import { recordedAfter, scan, update } from './update.fixtures.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const LAST = {
  ...{ window: 'nightly', date: '2026-11-24', start: '2026-11-24T01:00:00Z' },
  ...{ cutoff: '2026-11-24T02:30:00Z', end: '2026-11-24T03:00:00Z' },
};
const OPENS = new Date('2026-11-25T02:00:00Z');
const patching = { policy: { kind: 'ClusterPatchPolicy', name: 'standard' }, provenBy: 'standard' } as const;
const updates = recordedAfter(scan('2026-11-23T03:00:00Z', [update({ severity: 'Critical' })]));

type Given = {
  readonly facts?: Partial<PatchingFacts>;
  readonly before?: Partial<NonNullable<ManagedVMStatus['patching']>>;
  readonly spec?: object;
  readonly namespace?: string;
  readonly next?: Date | 'None';
  readonly now?: Date;
};

function stateOf({ facts, before, spec, namespace = 'acme', next = OPENS, now = NOW }: Given) {
  const managedVM: ManagedVM = {
    ...{
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ManagedVM',
      metadata: { name: 'shop-db', namespace, uid: 'a' },
    },
    spec: ManagedVMSpec.parse({ serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13', ...spec }),
    ...(before && { status: { patching: { ...patching, ...before } } }),
  };
  const read = patchingFactsOf(facts);
  const { terms } = termsOf(managedVM, read, now);
  if (terms === undefined) throw new Error('no terms');
  return patchState(managedVM, read, terms, next === 'None' ? undefined : next, now);
}

const proven = { ring: 'canary', at: '2026-11-23T12:00:00Z' };
const version: BaselineVersion = {
  package: 'openssl',
  version: '3.5.1-1+deb13u1',
  severity: 'Critical',
  firstSeen: '2026-11-22T03:00:00Z',
};

describe('MO-11: what the rings before have proven decides what is approved', () => {
  it('nothing for others before a canary has proven it; the canary itself waits for nobody', () => {
    const said = (given: Given) => stateOf({ ...given, facts: { updates, ...given.facts } }).told.updates?.standing;
    expect(said({})).toEqual([{ bucket: 'NotYetApproved', severity: 'Critical', count: 1 }]);
    expect(said({ facts: { content: () => [{ ...version, proven: [proven] }] } })).toEqual([
      { bucket: 'InSLA', severity: 'Critical', count: 1 },
    ]);
    expect(said({ namespace: 'provider' })).toEqual([{ bucket: 'InSLA', severity: 'Critical', count: 1 }]);
  });
});

describe('MO-3: what the status tells of runs', () => {
  it('the last one, when one last succeeded, and what it could not install', () => {
    const failed = patchRunOf({
      phase: 'Failed',
      packages: [{ ...OPENSSL, state: 'Failed', reason: 'its script failed' }],
    });
    const state = stateOf({
      facts: { updates, runs: [failed], content: () => [{ ...version, proven: [proven] }] },
      before: { lastSuccess: '2026-11-20T02:00:00Z' },
    });
    expect(state.told).toMatchObject({
      lastRun: { name: 'a-nightly-2026-11-24', phase: 'Failed', ended: '2026-11-24T02:00:00Z', underWay: false },
      lastSuccess: '2026-11-20T02:00:00Z',
    });
    expect(state.compliance).toMatchObject({ status: 'False', reason: 'UpdatesFailed' });
    const { told } = stateOf({ facts: { runs: [patchRunOf({})] } });
    expect(told.lastSuccess).toBe('2026-11-24T02:00:00Z');
  });
});

describe('MO-3: a run under way', () => {
  it.each([
    ['2026-11-24T03:59:59Z', true],
    ['2026-11-24T04:00:00Z', false],
  ])('without a verdict, at %s: %s', (time, underWay) => {
    const state = stateOf({ facts: { runs: [patchRunOf(undefined)] }, now: new Date(time) });
    expect(state.told.lastRun).toEqual({ name: 'a-nightly-2026-11-24', phase: 'Planned', underWay });
    expect(state.nextEdge).toEqual(underWay ? new Date('2026-11-24T04:00:00Z') : undefined);
  });
});

describe('MO-4: a window that was missed', () => {
  const given: Given = { before: { nextWindow: LAST } };
  const missed = (changes: Given) => stateOf({ ...given, ...changes }).told.missedWindow;

  it('is one that was announced, is closed for an hour, and in which no run came to its end', () => {
    const told = { window: 'nightly', end: '2026-11-24T03:00:00Z' };
    expect(missed({})).toEqual(told);
    expect(missed({ facts: { runs: [patchRunOf(undefined)] } })).toEqual(told);
    expect(missed({ facts: { runs: [patchRunOf({ phase: 'Skipped' })] } })).toEqual(told);
    expect(missed({ facts: { runs: [patchRunOf({ phase: 'NothingToDo' })] } })).toBeUndefined();
  });

  it('is looked for again when it has closed, and remembered until the next one opens', () => {
    const early = stateOf({ ...given, now: new Date('2026-11-24T03:59:59Z') });
    expect([early.told.missedWindow, early.told.lastWindow, early.nextEdge]).toEqual([
      ...[undefined, LAST, new Date('2026-11-24T04:00:00Z')],
    ]);
    expect(missed({ before: { lastWindow: LAST } })).toMatchObject({ window: 'nightly' });
  });

  it.each<[string, Given]>([
    ['of a VM that is off', { spec: { powerState: 'Stopped' } }],
    ['while Steward changes nothing of it', { spec: { paused: { reason: 'restore by hand, kim' } } }],
    ['while a ring is halted, which tells it itself', { facts: { rings: () => [halted('Halted')] } }],
    ['while the canary is empty', { facts: { rings: () => [halted('Empty')] } }],
    ['before one was announced', { before: {} }],
  ])('is none %s', (_, changes) => {
    expect(missed(changes)).toBeUndefined();
  });

  it('GE-4: overdue updates wait for the customer where none of his windows opens any more', () => {
    const critical = update({ severity: 'Critical' });
    const old = recordedAfter(scan('2026-11-18T03:00:00Z', [critical]), scan('2026-11-23T03:00:00Z', [critical]));
    const own = {
      facts: { patchPolicy: patchPolicyOf(), updates: old },
      spec: { patchPolicyRef: { name: 'tuesday-night' } },
    };
    expect(stateOf(own).compliance.reason).toBe('UpdatesOverdue');
    expect(stateOf({ ...own, next: 'None' }).compliance.reason).toBe('WaitingForCustomer');
  });
});

function halted(state: 'Halted' | 'Empty') {
  return { name: 'canary', state, reason: 'Ring canary.', members: 0, running: 0, failed: 0 };
}

describe('GE-4: what the customer holds up', () => {
  const late = recordedAfter(scan('2026-11-01T03:00:00Z', [update({ severity: 'Critical' })]));
  const scanned = { ...late, at: '2026-11-24T03:00:00Z' };
  const content = () => [{ ...version, proven: [proven] }];
  const agreed = { type: 'Agreed', status: 'True', reason: 'PreApproved', message: '' } as const;
  const change = (until: string): ChangeRequest => {
    const window = { notBefore: '2026-11-24T02:00:00Z', notAfter: '2026-11-24T05:00:00Z' };
    return {
      ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ChangeRequest' },
      metadata: { name: 'patch-nightly', namespace: 'acme', generation: 1 },
      spec: { operation: 'PatchRun', window } as ChangeRequest['spec'],
      status: {
        observedGeneration: 1,
        window: { notBefore: until },
        waitingFor: { what: 'Work', whom: ['Provider'], since: '2026-11-21T02:00:00Z' },
        conditions: [{ ...agreed, lastTransitionTime: '2026-11-21T02:00:00Z' }],
      },
    };
  };
  const reason = (until: string) =>
    stateOf({ facts: { updates: scanned, content, changes: () => [change(until)] } }).compliance;

  it('a window that he has postponed does not count against the provider until it begins', () => {
    expect(reason('2026-11-24T20:00:00Z')).toMatchObject({
      reason: 'WaitingForCustomer',
      message: expect.stringContaining('the customer has postponed it until 2026-11-24T20:00:00Z.'),
    });
    expect(reason('2026-11-24T11:00:00Z').reason).toBe('UpdatesOverdue');
    expect(reason('2026-11-24T02:00:00Z').reason).toBe('UpdatesOverdue');
  });

  it('and he is looked at again when it does', () => {
    const facts = { updates: scanned, content, changes: () => [change('2026-11-24T12:30:00Z')] };
    expect(stateOf({ facts }).nextEdge).toEqual(new Date('2026-11-24T12:30:00Z'));
  });
});
