import { describe, expect, it } from 'vitest';
import { type ChangeRequest, ChangeRequestSpec, type ChangeRequestStatus } from '../../api/changerequest.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { openedBy, openingsAsAgreed, opensAt } from './opened.ts';
import { patchingFactsOf } from './patching.fixtures.ts';
import { termsOf } from './policyfor.ts';
import type { PatchTerms } from './terms.ts';
import { nextOccurrence } from './window.ts';
import { madeFrom, windowChange } from './windowchange.ts';

/** The standard's window opens at 03:00 in Berlin for two hours, its cutoff is half an hour before. */
const at = (clock: string, day = '2026-12-02') => new Date(`${day}T${clock}:00Z`);
const vm = { name: 'shop-db', uid: 'a1' };
const found = termsOf(managedVM({ serviceLevel: 'MonitoringAndPatching' }), patchingFactsOf(), at('00:00'));
const standard = found.terms ?? expect.fail(found.problem?.message);
const terms: PatchTerms = { ...standard, policy: { ...standard.policy, uid: '5a' } };
const opening = nextOccurrence(terms.windows, at('00:00')) ?? expect.fail();
const policy = { ...terms.policy, uid: '5a', postponableMs: undefined as number | undefined };
const HOUR = 3_600_000;

/** As it stands once it was judged. */
function judged(
  object: { readonly metadata: { readonly name: string }; readonly spec: ChangeRequestSpec },
  status: ChangeRequestStatus = {},
  agreed: { status: 'True' | 'False'; reason: string } = { status: 'True', reason: 'PreApproved' },
): ChangeRequest {
  const condition = { type: 'Agreed', ...agreed, message: '', lastTransitionTime: '2026-12-01T00:00:00Z' };
  const { window } = object.spec;
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ChangeRequest', spec: object.spec },
    metadata: { ...object.metadata, namespace: 'acme', uid: 'chg-1', generation: 3 },
    status: { observedGeneration: 3, ...(window && { window }), conditions: [condition], ...status },
  };
}

const { status: _unjudged, ...unjudged } = judged(windowChange(policy, 'acme', opening));
const ofPolicy = (status?: ChangeRequestStatus) => judged(windowChange(policy, 'acme', opening), status);

function orderOf(spec: Partial<ChangeRequestSpec> = {}): ChangeRequestSpec {
  return {
    ...windowChange(policy, 'acme', opening).spec,
    target: { kind: 'ManagedVM', name: 'shop-db', uid: 'a1' },
    window: { notBefore: '2026-12-02T10:00:00Z', notAfter: '2026-12-05T10:00:00Z' },
    ...spec,
  };
}

describe('GE-6: the change of a window', () => {
  it('is pre-approved by the policy, says what is done when, and has one name for policy, window and day', () => {
    const { metadata, spec } = windowChange(policy, 'acme', opening);
    expect(ChangeRequestSpec.safeParse(spec).error).toBeUndefined();
    expect(metadata).toEqual({
      name: expect.stringMatching(/^patch-nightly-2026-12-02-[0-9a-f]{8}$/),
      namespace: 'acme',
    });
    expect(spec).toMatchObject({
      ...{ class: 'Standard', operation: 'PatchRun', requestedBy: 'steward' },
      target: { kind: 'ClusterPatchPolicy', name: 'standard', uid: '5a' },
      preApprovedBy: { kind: 'ClusterPatchPolicy', name: 'standard' },
      window: { notBefore: '2026-12-02T02:00:00Z', notAfter: '2026-12-02T05:00:00Z' },
    });
    expect(spec.postponableUntil).toBeUndefined();
    const other = windowChange({ ...policy, uid: '5b' }, 'acme', opening);
    expect(other.metadata.name).not.toBe(metadata.name);
  });

  it('fits its bounds, however long names are', () => {
    const long = { ...policy, name: 'n'.repeat(63) };
    const { metadata, spec } = windowChange(long, 'n'.repeat(63), { ...opening, window: 'w'.repeat(63) });
    expect(ChangeRequestSpec.safeParse(spec).error).toBeUndefined();
    expect(metadata.name.length).toBeLessThanOrEqual(63);
  });

  it('is made when the window opens, and 72 h before where a customer may postpone it (GE-4)', () => {
    expect(madeFrom(policy, opening)).toEqual(opening.start);
    expect(madeFrom({ ...policy, postponableMs: HOUR }, opening)).toEqual(at('02:00', '2026-11-29'));
  });

  it('can be postponed as far as the policy says (GE-4)', () => {
    const { spec } = windowChange({ ...policy, postponableMs: 6 * HOUR }, 'acme', opening);
    expect(ChangeRequestSpec.parse(spec).postponableUntil).toBe('2026-12-02T08:00:00Z');
  });
});

describe('MO-3, GE-6: a guest is begun by a change', () => {
  it('of its policy, from the beginning of the window to its cutoff', () => {
    expect(openedBy(ofPolicy(), vm, terms, at('01:59'))).toBeUndefined();
    expect(opensAt(ofPolicy(), vm, terms, at('01:59'))).toEqual(at('02:00'));
    expect(openedBy(ofPolicy(), vm, terms, at('02:00'))).toEqual({
      change: { name: ofPolicy().metadata.name, uid: 'chg-1' },
      ...{ occurrence: opening, askedBy: 'ClusterPatchPolicy standard' },
    });
    expect(openedBy(ofPolicy(), vm, terms, opening.cutoff)).toBeUndefined();
  });

  it('that the customer has postponed, later by as much, in the same occurrence (GE-4)', () => {
    const postponed = ofPolicy({ window: { notBefore: '2026-12-02T20:00:00Z', notAfter: '2026-12-02T23:00:00Z' } });
    expect(openedBy(postponed, vm, terms, at('03:00'))).toBeUndefined();
    expect(opensAt(postponed, vm, terms, at('03:00'))).toEqual(at('20:00'));
    expect(openedBy(postponed, vm, terms, at('20:10'))?.occurrence).toEqual({
      ...{ window: 'nightly', date: '2026-12-02', start: at('20:00'), cutoff: at('21:30'), end: at('22:00') },
    });
  });

  it.each<[string, ChangeRequest]>([
    ['of another policy', judged(windowChange({ ...policy, uid: '5c' }, 'acme', opening))],
    [
      'whose window the policy has moved since',
      judged(windowChange(policy, 'acme', { ...opening, start: at('01:30') })),
    ],
    ['that was not judged as it is', { ...ofPolicy(), metadata: { ...ofPolicy().metadata, generation: 4 } }],
    ['that nobody has judged', unjudged],
    [
      'that is not agreed to',
      judged(windowChange(policy, 'acme', opening), {}, { status: 'False', reason: 'AwaitingAgreement' }),
    ],
    [
      'of another VM',
      judged({
        metadata: { name: 'extra' },
        spec: orderOf({ target: { kind: 'ManagedVM', name: 'shop-db', uid: 'b2' } }),
      }),
    ],
    ['that people carry out', judged({ metadata: { name: 'custom' }, spec: orderOf({ operation: undefined }) })],
    [
      'that is over',
      judged({
        metadata: { name: 'over' },
        spec: orderOf({ result: { outcome: 'Cancelled', finishedAt: '2026-12-02T01:00:00Z', by: 'steward' } }),
      }),
    ],
  ])('never by one %s', (_, change) => {
    for (const clock of ['02:30', '11:00']) expect(openedBy(change, vm, terms, at(clock))).toBeUndefined();
  });

  it('that was ordered, outside the windows of its policy, once and for 4 h at the most (MO-2)', () => {
    const change = judged({ metadata: { name: 'extra-0a1b2c3d' }, spec: orderOf() });
    expect(openedBy(change, vm, terms, at('09:59'))).toBeUndefined();
    const opened = openedBy(change, vm, terms, at('11:00'));
    expect(opened).toMatchObject({
      occurrence: { window: 'extra-0a1b2c3d', start: at('11:00'), cutoff: at('14:30'), end: at('15:00') },
      askedBy: 'ChangeRequest extra-0a1b2c3d',
      runName: expect.stringMatching(/^shop-db-ordered-[0-9a-f]{10}$/),
    });
    expect(openedBy(change, vm, terms, at('23:59', '2026-12-03'))?.runName).toBe(opened?.runName);
  });

  it('whose own window is nearly over, with its cutoff before its end', () => {
    const change = judged({ metadata: { name: 'extra' }, spec: orderOf() });
    expect(openedBy(change, vm, terms, at('09:00', '2026-12-05'))?.occurrence).toMatchObject({
      ...{ cutoff: at('09:30', '2026-12-05'), end: at('10:00', '2026-12-05') },
    });
    expect(openedBy(change, vm, terms, at('09:30', '2026-12-05'))).toBeUndefined();
  });

  it('in an emergency before anybody has agreed, and not once somebody has rejected it (GE-6)', () => {
    const urgent = { packages: ['openssl'] };
    const spec = orderOf({ class: 'Emergency', urgent, preApprovedBy: undefined });
    const change = (reason: string) => judged({ metadata: { name: 'now' }, spec }, {}, { status: 'False', reason });
    expect(openedBy(change('AwaitingAgreement'), vm, terms, at('11:00'))?.urgent).toEqual(urgent);
    expect(openedBy(change('Rejected'), vm, terms, at('11:00'))).toBeUndefined();
  });
});

describe('GE-4: the openings of a policy, as their changes say', () => {
  const starts = (changes: readonly ChangeRequest[], now: Date) => {
    const { open, next } = openingsAsAgreed(changes, terms, now);
    return [open, next].map(each => each?.start.toISOString().slice(5, 16));
  };
  const postponed = (to: string) => ofPolicy({ window: { notBefore: to, notAfter: '2026-12-06T05:00:00Z' } });

  it.each<[string, readonly ChangeRequest[], Date, (string | undefined)[]]>([
    ['before there is a change', [], at('01:00'), [undefined, '12-02T02:00']],
    ['before it was judged', [unjudged], at('01:00'), [undefined, '12-02T02:00']],
    ['as planned', [ofPolicy()], at('03:00'), ['12-02T02:00', '12-03T02:00']],
    ['postponed', [postponed('2026-12-02T12:00:00Z')], at('03:00'), [undefined, '12-02T12:00']],
    ['postponed, and under way', [postponed('2026-12-02T12:00:00Z')], at('13:00'), ['12-02T12:00', '12-03T02:00']],
    ['postponed beyond the next', [postponed('2026-12-03T12:00:00Z')], at('01:00'), [undefined, '12-03T02:00']],
    [
      'refused',
      [judged(windowChange(policy, 'acme', opening), {}, { status: 'False', reason: 'Rejected' })],
      at('03:00'),
      [undefined, '12-03T02:00'],
    ],
  ])('%s', (_, changes, now, expected) => {
    expect(starts(changes, now)).toEqual(expected);
  });
});
