import { describe, expect, it } from 'vitest';
import type { ClusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import type { PatchPolicy } from '../../api/patchpolicy.ts';
import { condition, managedVM } from '../managedvm/assessment.fixtures.ts';
import { clusterPolicyOf, maintenanceWindowSpec, patchPolicyOf } from '../patching/patching.fixtures.ts';
import { type RingEvidence, ringVerdict } from '../patching/rings.ts';
import { assessClusterPatchPolicy, assessPatchPolicy, type PatchPolicyFacts } from './patchpolicystatus.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const apiVersion = 'managed.systems/v1alpha1';
const metadata = { name: 'tuesday-night', namespace: 'acme', generation: 2 };

function own(spec: object = {}, facts: Partial<PatchPolicyFacts> = {}) {
  const policy = { apiVersion, kind: 'PatchPolicy', metadata, spec: patchPolicyOf({ ...spec }).says.spec };
  return assessPatchPolicy({
    policy: policy as PatchPolicy,
    members: [],
    window: name => (name === 'tuesday-night' ? { spec: maintenanceWindowSpec() } : undefined),
    ...{ verdicts: [], runs: [], approvers: undefined, unreadable: undefined, now: NOW },
    ...facts,
  });
}

function standard(spec: object = {}, facts: Partial<PatchPolicyFacts> = {}) {
  const policy = { apiVersion, kind: 'ClusterPatchPolicy', metadata, spec: clusterPolicyOf({ ...spec }).says.spec };
  const { members = [], verdicts = [], runs = [], unreadable, now = NOW } = facts;
  return assessClusterPatchPolicy({ policy: policy as ClusterPatchPolicy, members, verdicts, runs, unreadable, now });
}

const said = (assessment: ReturnType<typeof own>, type = 'Ready') =>
  assessment.conditions.find(each => each.type === type);

describe('MO-4: what a PatchPolicy says', () => {
  it('when guests are patched next, and that the pass is made again then', () => {
    const { status, nextEdge } = own();
    expect(status).toMatchObject({
      ...{ observedGeneration: 2, managedVMs: 0, compliant: 0 },
      next: { window: 'tuesday-night', date: '2026-11-24', start: '2026-11-24T01:00:00Z' },
    });
    expect(nextEdge?.toISOString()).toBe('2026-11-24T01:00:00.000Z');
    expect(said(own())).toMatchObject({
      ...{ status: 'True', reason: 'InForce' },
      message: 'Guests are patched next from 2026-11-24T01:00:00Z on (window tuesday-night).',
    });
  });

  it('how many ManagedVMs it applies to, and how many are proven to be in time', () => {
    const compliant = managedVM({}, { status: { conditions: [condition('PatchCompliant', 'True') as never] } });
    const late = managedVM({}, { status: { conditions: [condition('PatchCompliant', 'False') as never] } });
    expect(own({}, { members: [compliant, late, managedVM()] }).status).toMatchObject({ managedVMs: 3, compliant: 1 });
  });

  it('which window is open', () => {
    const { status, nextEdge } = own({}, { now: new Date('2026-11-24T02:00:00Z') });
    expect(status.open).toMatchObject({ date: '2026-11-24', end: '2026-11-24T05:00:00Z' });
    expect(nextEdge?.toISOString()).toBe('2026-11-24T05:00:00.000Z');
  });

  it.each<[string, object, Partial<PatchPolicyFacts>, string, RegExp]>([
    [
      'a window is missing, and another is patched in',
      { windowRefs: ['tuesday-night', 'lost'] },
      {},
      'WindowNotFound',
      /^There is no MaintenanceWindow lost .* patched next from 2026-11-24T01:00:00Z/,
    ],
    ['a window cannot be read', {}, { window: () => ({ problem: 'spec: no' }) }, 'WindowNotUsable', /cannot be read/],
    [
      'a window would open before it has closed',
      {},
      { window: () => ({ spec: maintenanceWindowSpec({ schedule: '0 2 * * *', duration: '30h' }) }) },
      'WindowNotUsable',
      /^Window tuesday-night: What opens on/,
    ],
    [
      'no window is left before its last day',
      {},
      { window: () => ({ spec: maintenanceWindowSpec({ validUntil: '2026-11-01' }) }) },
      'NoWindowLeft',
      /validUntil/,
    ],
  ])('that somebody must act: %s', (_, spec, facts, reason, message) => {
    const assessment = own(spec, facts);
    expect(said(assessment)).toMatchObject({ status: 'False', reason, message: expect.stringMatching(message) });
    expect(said(assessment, 'Stalled')).toMatchObject({ status: 'True', reason });
  });

  it('that it rests', () => {
    expect(said(own({ suspend: true }))).toMatchObject({ status: 'True', reason: 'Suspended' });
  });

  it('that a package is withheld no longer, from the end of its last day on', () => {
    const approve = { exclude: [{ package: 'docker-ce', reason: 'CHG-4711', until: '2026-11-23' }] };
    const before = own({ approve });
    expect(said(before, 'ExclusionsInForce')).toMatchObject({ status: 'True', reason: 'InForce' });
    expect(before.nextEdge?.toISOString()).toBe('2026-11-24T00:00:00.000Z');
    const after = own({ approve }, { now: new Date('2026-11-24T00:00:00Z') });
    expect(said(after, 'ExclusionsInForce')).toMatchObject({
      ...{ status: 'False', reason: 'ExclusionExpired' },
      message: 'Ended, and installed again: docker-ce (CHG-4711) on 2026-11-23.',
    });
    expect(said(own(), 'ExclusionsInForce')).toMatchObject({ status: 'True', reason: 'NoneWithheld' });
  });

  it('that it was stored under another schema', () => {
    const policy = { apiVersion, kind: 'PatchPolicy', metadata, spec: {} } as unknown as PatchPolicy;
    const assessment = assessPatchPolicy({
      policy,
      members: [],
      window: () => undefined,
      ...{ verdicts: [], runs: [], approvers: undefined },
      unreadable: undefined,
      now: NOW,
    });
    expect(said(assessment)).toMatchObject({ reason: 'InvalidPolicy', message: expect.stringContaining('windowRefs') });
  });

  it('nothing of what cannot be read', () => {
    const unreadable = { kind: 'MaintenanceWindow', namespace: 'acme', why: 'forbidden' };
    expect(said(own({}, { unreadable }))).toMatchObject({ status: 'Unknown', reason: 'KindNotReadable' });
  });
});

describe('MO-3: what a ClusterPatchPolicy says', () => {
  it('when the next of its own windows opens', () => {
    const windows = [
      { name: 'nightly', schedule: '0 3 * * *', duration: '2h' },
      { name: 'noon', schedule: '0 14 * * *', duration: '1h' },
    ];
    expect(standard({ windows }).status.next).toMatchObject({ window: 'noon', start: '2026-11-23T13:00:00Z' });
    expect(said(standard({ windows }))).toMatchObject({ status: 'True', reason: 'InForce' });
  });

  it('that one of its windows cannot be worked by', () => {
    const windows = [
      { name: 'endless', schedule: '0 3 * * *', duration: '30h' },
      { name: 'nightly', schedule: '0 3 * * *', duration: '2h' },
    ];
    expect(said(standard({ windows }))).toMatchObject({ status: 'False', reason: 'WindowNotUsable' });
    expect(standard({ windows }).status.next?.window).toBe('nightly');
  });

  it('that it rests, and that it cannot be read', () => {
    expect(said(standard({ suspend: true }))).toMatchObject({ reason: 'Suspended' });
    const policy = { apiVersion, kind: 'ClusterPatchPolicy', metadata, spec: {} } as unknown as ClusterPatchPolicy;
    const { conditions } = assessClusterPatchPolicy({
      ...{ policy, members: [], verdicts: [], runs: [], unreadable: undefined, now: NOW },
    });
    expect(conditions[0]).toMatchObject({ status: 'False', reason: 'InvalidPolicy' });
  });
});

describe('MO-11: what a policy says of its rings', () => {
  const canary = { party: 'Provider', name: 'canary', maxFailures: 0, soakMs: 0, checks: [] } as const;
  const judged = (evidence: Partial<RingEvidence>) => {
    const given = {
      ring: canary,
      members: new Set<string>(),
      unhealthy: new Set<string>(),
      runs: [],
      halted: undefined,
      alerts: new Map(),
    };
    const verdict = ringVerdict({ ...given, resumedAfter: undefined, ...evidence }, NOW);
    return standard(
      {},
      {
        verdicts: [
          [canary, verdict],
          [{ ...canary, name: 'production' }, verdict],
        ],
      },
    );
  };

  it('halted: it is not in force, by which run and since when', () => {
    const assessment = judged({ halted: { by: 'proving/a', at: NOW } });
    expect(said(assessment)).toMatchObject({ status: 'False', reason: 'RingHalted' });
    expect(said(assessment, 'Proving')).toMatchObject({ status: 'False', reason: 'RingHalted' });
    expect(assessment.status.rings?.[0]).toMatchObject({ haltedBy: 'proving/a', haltedAt: '2026-11-23T12:00:00Z' });
  });

  it('empty: it is in force, and nothing more gets through', () => {
    const assessment = judged({});
    expect(said(assessment)).toMatchObject({ status: 'True', reason: 'InForce' });
    expect(said(assessment, 'Proving')).toMatchObject({ status: 'False', reason: 'RingEmpty' });
  });

  it('in order', () => {
    expect(said(judged({ members: new Set(['a']) }), 'Proving')).toMatchObject({
      status: 'True',
      reason: 'RingsInOrder',
    });
  });

  it('a halt is not lost where nothing can be read', () => {
    const rings = judged({ halted: { by: 'proving/a', at: NOW } }).status.rings;
    const policy = {
      apiVersion,
      kind: 'ClusterPatchPolicy',
      metadata,
      spec: clusterPolicyOf().says.spec,
      status: { rings },
    };
    const unreadable = { kind: 'PatchRun', namespace: '', why: 'forbidden' };
    const after = assessClusterPatchPolicy({
      ...{ policy: policy as ClusterPatchPolicy, members: [], verdicts: [], runs: [], now: NOW },
      unreadable,
    });
    expect(after.status.rings).toEqual(rings);
  });
});
