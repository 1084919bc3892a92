import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MissingUpdate } from '../../api/guestupdates.ts';
import { type ApprovalTerms, type Asked, gravestClass, matches, standing } from './approve.ts';
import { recordedUpdates } from './seen.ts';
import { classOf } from './severity.ts';
import { approvalTerms } from './terms.fixtures.ts';
import { missingSince, recordedAfter, scan, update } from './update.fixtures.ts';
import type { Severity, Update } from './update.ts';

/** 14 days after it an important update is overdue, 3 days after it approved. */
const SEEN = '2026-11-01T03:00:00Z';
const [DAY_1, DAY_4, DAY_20] = ['2026-11-02T03:00:00Z', '2026-11-05T03:00:00Z', '2026-11-21T03:00:00Z'] as const;

type Case = {
  readonly update?: Partial<Update>;
  readonly terms?: Partial<ApprovalTerms>;
  readonly on?: string;
  readonly proof?: Asked['proof'];
  readonly failure?: string;
};

function asked({ terms, on = DAY_4, proof = 'NotNeeded', failure }: Case): Asked {
  return { terms: approvalTerms(terms), proof, failure, now: new Date(on) };
}

function standsOf(each: Case) {
  const { bucket, why, install, late, waitsForCustomer } = standing(missingSince(SEEN, each.update), asked(each));
  return { bucket, why, install, late, waitsForCustomer };
}

const NEWEST = '3.5.1-1+deb13u1';
const exclusion = (until: string) => ({
  exclude: [{ package: 'open*', reason: 'CHG-4711', until: new Date(until), by: 'Customer' as const }],
});
const deny = { deny: [{ pattern: 'openssl', by: 'Customer' as const }] };
const unproven = { ring: 'canary', version: undefined };

describe('MO-10: how a missing update stands', () => {
  it.each<[string, Case, string, string | undefined]>([
    ['InSLA: approved, before its deadline', {}, 'InSLA', NEWEST],
    ['Overdue: approved, after its deadline', { on: DAY_20 }, 'Overdue', NEWEST],
    ['NotYetApproved: younger than its severity must be', { on: DAY_1 }, 'NotYetApproved', undefined],
    ['InSLA: a critical one at once', { update: { severity: 'Critical' }, on: SEEN }, 'InSLA', NEWEST],
    [
      'InSLA: a hole that nobody has rated counts as critical',
      { update: { severity: 'Unknown' }, on: SEEN },
      'InSLA',
      NEWEST,
    ],
    ['Overdue: and so it is due as a critical one', { update: { severity: 'Unknown' } }, 'Overdue', NEWEST],
    [
      'NotYetApproved: no hole, not rated: like any other',
      { update: { severity: 'Unknown', security: false } },
      'NotYetApproved',
      undefined,
    ],
    ['NotYetApproved: ring before has not proven it (MO-11)', { proof: unproven }, 'NotYetApproved', undefined],
    ['Overdue: not proven and past its deadline', { proof: unproven, on: DAY_20 }, 'Overdue', undefined],
    [
      'InSLA: what the ring before has proven, although newer is there (MO-11)',
      { proof: { ring: 'canary', version: '3.5.1-1+deb13u0' } },
      'InSLA',
      '3.5.1-1+deb13u0',
    ],
    ['Failed: the last run did not install it', { failure: 'dpkg ended with 1' }, 'Failed', NEWEST],
    ['Overdue: it failed and is past its deadline', { failure: 'dpkg ended with 1', on: DAY_20 }, 'Overdue', NEWEST],
    [
      'Excluded: until the exclusion ends',
      { terms: exclusion('2026-12-01T00:00:00Z'), on: DAY_20 },
      'Excluded',
      undefined,
    ],
    ['Overdue: the exclusion has ended', { terms: exclusion(DAY_20), on: DAY_20 }, 'Overdue', NEWEST],
    ['Blocked: held', { update: { hindrance: 'Held' } }, 'Blocked', undefined],
    ['Blocked: phased by the vendor', { update: { hindrance: 'Phased' } }, 'Blocked', undefined],
    ['Blocked: needs a licence', { update: { hindrance: 'NeedsLicence' } }, 'Blocked', undefined],
    ['Blocked: would remove others', { update: { hindrance: 'Removes' } }, 'Blocked', undefined],
    ['Blocked: restart first', { update: { hindrance: 'RestartFirst' } }, 'Blocked', undefined],
    ['Blocked: asks a person', { update: { hindrance: 'Interactive' } }, 'Blocked', undefined],
    [
      'Unknown: security only, and nobody tells which are',
      { update: { security: undefined }, terms: { updates: 'Security' } },
      'Unknown',
      undefined,
    ],
    ['InSLA: security only, and it is', { terms: { updates: 'Security' } }, 'InSLA', NEWEST],
    [
      'NotYetApproved: security only, and it is not',
      { update: { security: false }, terms: { updates: 'Security' }, on: DAY_20 },
      'NotYetApproved',
      undefined,
    ],
    [
      'NotYetApproved: its severity is not among those approved',
      { terms: { severities: ['Critical'] } },
      'NotYetApproved',
      undefined,
    ],
    ['InSLA: its severity is', { terms: { severities: ['Important'] } }, 'InSLA', NEWEST],
    ['NotYetApproved: denied', { terms: deny }, 'NotYetApproved', undefined],
    ['Overdue: denied, and the hole is open past its deadline', { terms: deny, on: DAY_20 }, 'Overdue', undefined],
    [
      'NotYetApproved: denied and no hole, for ever',
      { update: { security: false }, terms: deny, on: DAY_20 },
      'NotYetApproved',
      undefined,
    ],
    [
      'NotYetApproved: not among those allowed by each list',
      { terms: { allow: [['*'], ['linux-*']] } },
      'NotYetApproved',
      undefined,
    ],
    ['InSLA: among those allowed', { terms: { allow: [['*'], ['linux-*', 'open*']] } }, 'InSLA', NEWEST],
  ])('%s', (_, each, bucket, install) => {
    expect(standsOf(each)).toMatchObject({ bucket, install });
  });

  it('what the vendor phases is never late; what is held, or needs a licence, is', () => {
    const late = (hindrance: Update['hindrance'] & string) => standsOf({ update: { hindrance }, on: DAY_20 }).late;
    expect([late('Phased'), late('Held'), late('NeedsLicence')]).toEqual([false, true, true]);
  });

  it('GE-4: a hole that the customer denies waits for him once it is late, one that the provider denies does not', () => {
    const by = (party: 'Provider' | 'Customer', on: string) =>
      standsOf({ terms: { deny: [{ pattern: '*', by: party }] }, on }).waitsForCustomer;
    expect([by('Customer', DAY_4), by('Customer', DAY_20), by('Provider', DAY_20)]).toEqual([false, true, false]);
  });

  it('says when it is approved, when it is due and why', () => {
    expect(standing(missingSince(SEEN), asked({ on: DAY_1 }))).toMatchObject({
      why: 'it is approved from 2026-11-04T03:00:00Z on',
      approvedFrom: new Date('2026-11-04T03:00:00Z'),
      due: new Date('2026-11-15T03:00:00Z'),
    });
    expect(standsOf({ terms: exclusion('2026-12-01T00:00:00Z') }).why).toBe(
      'it is excluded until 2026-12-01T00:00:00Z: CHG-4711',
    );
    expect(standsOf({ proof: unproven }).why).toBe('ring canary has not proven it yet (MO-11)');
  });

  it('is due by the earliest of the versions that were missed, each by its own severity', () => {
    const [low, critical] = [update({ severity: 'Low' }), update({ severity: 'Critical', to: '3.5.1-1+deb13u2' })];
    const [openssl] = recordedAfter(scan(SEEN, [low]), scan(DAY_20, [critical])).missing as [MissingUpdate];
    const now = asked({ on: DAY_20 });
    expect(standing(openssl, now)).toMatchObject({ bucket: 'InSLA', due: new Date('2026-11-24T03:00:00Z') });
    const [young] = recordedAfter(scan(DAY_20, [critical])).missing as [MissingUpdate];
    expect(standing(young, now).due).toEqual(standing(openssl, now).due);
  });

  it('never becomes due later, whatever newer versions and ratings come while it is missing', () => {
    const offered = fc.record({
      to: fc.integer({ min: 1, max: 20 }).map(each => `4.${each}`),
      severity: fc.constantFrom<Severity>('Critical', 'Important', 'Moderate', 'Low', 'Unknown'),
      security: fc.constantFrom(true, false, undefined),
    });
    const due = (missing: readonly MissingUpdate[]) =>
      missing[0] && standing(missing[0], asked({ on: DAY_20 })).due?.getTime();
    fc.assert(
      fc.property(fc.uniqueArray(offered, { selector: ({ to }) => to, minLength: 2, maxLength: 20 }), rounds => {
        let before = recordedUpdates(scan(SEEN, [update(rounds[0])]), undefined);
        for (const [day, changes] of rounds.entries()) {
          const at = new Date(Date.parse(SEEN) + day * 86_400_000).toISOString();
          const next = recordedUpdates(scan(at, [update(changes)]), before);
          expect(due(next.missing)).toBeLessThanOrEqual(due(before.missing) ?? Number.NaN);
          before = next;
        }
      }),
    );
  });
});

describe('the class by which a policy sets its numbers', () => {
  it.each<[Severity, boolean | undefined, string]>([
    ['Critical', false, 'Critical'],
    ['Important', true, 'Important'],
    ['Moderate', true, 'Other'],
    ['Low', undefined, 'Other'],
    ['Unknown', true, 'Critical'],
    ['Unknown', undefined, 'Critical'],
    ['Unknown', false, 'Other'],
  ])('%s, for security: %s, is %s', (severity, security, expected) => {
    expect(classOf({ severity, ...(security !== undefined && { security }) })).toBe(expected);
  });

  it('of an update is the gravest of its versions', () => {
    const [openssl] = recordedAfter(
      ...[scan(SEEN, [update()]), scan(DAY_4, [update({ to: '9', severity: 'Low' })])],
    ).missing;
    expect(openssl && gravestClass(openssl)).toBe('Important');
  });
});

describe('patterns of packages', () => {
  it.each([
    ['openssl', 'openssl', true],
    ['openssl', 'openssl-dev', false],
    ['linux-*', 'linux-image-amd64', true],
    ['*-dbg', 'libc6-dbg', true],
    ['lib*-*-dev', 'libssl-dev', false],
    ['lib*-*-dev', 'libx-y-dev', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*', 'anything', true],
    ['php8.?', 'php8x1', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });
});
