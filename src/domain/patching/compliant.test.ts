import { describe, expect, it } from 'vitest';
import type { Proof } from './approve.ts';
import { type ComplianceTerms, compliance, type PatchFacts } from './compliant.ts';
import { approvalTerms } from './terms.fixtures.ts';
import { recordedAfter, scan, update } from './update.fixtures.ts';
import type { Scan, Update } from './update.ts';

const DAY = 24 * 3_600_000;
const SEEN = '2026-11-21T03:00:00Z';
const LAST = '2026-11-24T03:00:00Z';
const NOW = new Date('2026-11-24T12:00:00Z');
/** Overdue by then: important within 7 days. */
const LATER = '2026-11-29T03:00:00Z';

const terms: ComplianceTerms = {
  ...approvalTerms({ deadlines: { Critical: 3 * DAY, Important: 7 * DAY, Other: 30 * DAY } }),
  ...{ policy: { kind: 'PatchPolicy', name: 'tuesday-night' }, reboot: 'IfRequired', suspendedBy: undefined },
};

/** Two holes that are missing since SEEN, and what the guest said last. */
const holes = [update(), update({ package: 'curl' })];
const updates = (last: readonly Update[] = holes, says: Partial<Scan> = {}, at = LAST) =>
  recordedAfter(scan(SEEN, last), scan(at, last, says));

function facts(changes: Partial<PatchFacts> = {}): PatchFacts {
  return {
    ...{ terms, updates: updates(), proofOf: (): Proof => 'NotNeeded', failures: new Map() },
    ...{ nextWindow: new Date('2026-11-25T01:00:00Z'), withheld: undefined },
    ...changes,
  };
}

const late = { updates: updates(holes, {}, LATER) };
const onLate = new Date('2026-11-29T12:00:00Z');

describe('MO-3: whether the patches of a guest are in time', () => {
  it.each<[string, Partial<PatchFacts>, Date, string, string]>([
    ['Compliant: nothing is missing', { updates: updates([]) }, NOW, 'True', 'PatchesInTime'],
    ['InSLA: missing, approved, before the deadline', {}, NOW, 'True', 'PatchesInTime'],
    ['NotYetApproved: too young', { updates: recordedAfter(scan(LAST, holes)) }, NOW, 'True', 'PatchesInTime'],
    [
      'Excluded: with its reason until its end',
      {
        ...late,
        terms: {
          ...terms,
          exclude: [{ package: '*', reason: 'CHG-4711', until: new Date('2027-01-31'), by: 'Customer' }],
        },
      },
      onLate,
      'True',
      'PatchesInTime',
    ],
    ['Overdue: past the deadline', late, onLate, 'False', 'UpdatesOverdue'],
    [
      'Overdue: not proven in time (MO-11)',
      { ...late, proofOf: () => ({ ring: 'canary', version: undefined }) },
      onLate,
      'False',
      'UpdatesOverdue',
    ],
    [
      'PendingReboot: installed, and not in force',
      { updates: updates([], { rebootPending: true }) },
      NOW,
      'False',
      'RebootPending',
    ],
    [
      'Failed: the last run did not install it',
      { failures: new Map([['curl', 'its script failed']]) },
      NOW,
      'False',
      'UpdatesFailed',
    ],
    [
      'Blocked: before the deadline',
      { updates: updates([update({ hindrance: 'Held' })]) },
      NOW,
      'True',
      'PatchesInTime',
    ],
    [
      'Blocked: past the deadline',
      { updates: updates([update({ hindrance: 'Held' })], {}, LATER) },
      onLate,
      'False',
      'UpdatesBlocked',
    ],
    ['Unknown: nobody has asked', { updates: undefined }, NOW, 'Unknown', 'NotScanned'],
    ['Unknown: two days since it was asked', {}, new Date('2026-11-26T03:00:00Z'), 'Unknown', 'ScanOutdated'],
    ['Unknown: asked in the future', {}, new Date('2026-11-24T01:59:00Z'), 'Unknown', 'ScanOutdated'],
    [
      'Unknown: not all sources were read',
      { updates: updates([], { complete: false }) },
      NOW,
      'Unknown',
      'ScanIncomplete',
    ],
    [
      'Unknown: whether a reboot is pending',
      { updates: updates([], { rebootPending: undefined }) },
      NOW,
      'Unknown',
      'ScanIncomplete',
    ],
    [
      'Unknown: no source tells what mends holes',
      { terms: { ...terms, updates: 'Security' }, updates: updates([update({ security: undefined })]) },
      NOW,
      'Unknown',
      'UpdatesUnknown',
    ],
    [
      'Unknown: more are missing than are listed',
      { updates: updates([update({ package: 'not a name' })]) },
      NOW,
      'Unknown',
      'UpdatesUnknown',
    ],
    [
      'Overdue, however much else is not known',
      { updates: updates(holes, { complete: false, rebootPending: undefined }, LATER) },
      onLate,
      'False',
      'UpdatesOverdue',
    ],
    [
      'GE-4: the window is withheld',
      { ...late, withheld: 'No window opens before it is due.' },
      onLate,
      'False',
      'WaitingForCustomer',
    ],
    [
      'GE-4: the customer has suspended it',
      { ...late, terms: { ...terms, suspendedBy: 'Customer' } },
      onLate,
      'False',
      'WaitingForCustomer',
    ],
    [
      'not GE-4: the provider has',
      { ...late, terms: { ...terms, suspendedBy: 'Provider' } },
      onLate,
      'False',
      'UpdatesOverdue',
    ],
    [
      'GE-4: the customer denies it',
      { ...late, terms: { ...terms, deny: [{ pattern: '*', by: 'Customer' }] } },
      onLate,
      'False',
      'WaitingForCustomer',
    ],
    [
      'not GE-4: the provider does',
      { ...late, terms: { ...terms, deny: [{ pattern: '*', by: 'Provider' }] } },
      onLate,
      'False',
      'UpdatesOverdue',
    ],
    [
      'GE-4: the customer reboots himself',
      { terms: { ...terms, reboot: 'Never' }, updates: updates([], { rebootPending: true }) },
      NOW,
      'False',
      'WaitingForCustomer',
    ],
    ['GE-4: nothing is late, so nothing waits', { withheld: 'No window opens.' }, NOW, 'True', 'PatchesInTime'],
  ])('%s', (_, changes, now, status, reason) => {
    expect(compliance(facts(changes), now)).toMatchObject({ status, reason });
  });

  it('says it in sentences with numbers', () => {
    const said = (changes: Partial<PatchFacts>, now = NOW) => compliance(facts(changes), now).message;
    expect(said({})).toBe(
      'The patches are as PatchPolicy tuesday-night wants them, as of 2026-11-24T03:00:00Z. 2 security updates missing, oldest since 2026-11-21T03:00:00Z, due 2026-11-28T03:00:00Z (PatchPolicy tuesday-night: Important within 7 days); 2 approved and in time. Next window 2026-11-25T01:00:00Z.',
    );
    expect(said(late, onLate)).toBe(
      '2 updates are overdue since 2026-11-28T03:00:00Z. 2 security updates missing, oldest since 2026-11-21T03:00:00Z, due 2026-11-28T03:00:00Z (PatchPolicy tuesday-night: Important within 7 days); 2 overdue. Next window 2026-11-25T01:00:00Z.',
    );
    expect(said({ updates: updates([]), nextWindow: undefined })).toBe(
      'The patches are as PatchPolicy tuesday-night wants them, as of 2026-11-24T03:00:00Z. No update is missing. No window opens any more.',
    );
    expect(said({ ...late, terms: { ...terms, suspendedBy: 'Customer' } }, onLate)).toMatch(
      /^2 updates are overdue since .*\. It waits for the customer \(GE-4\): PatchPolicy tuesday-night is suspended\. .* Suspended by the customer\.$/,
    );
  });

  it('counts by bucket and severity', () => {
    const { counts } = compliance(
      facts({ updates: updates([...holes, update({ package: 'vim', security: false, severity: 'Low' })]) }),
      NOW,
    );
    expect(counts).toMatchObject({
      ...{ missing: 3, security: 2, rebootPending: false },
      ...{ oldest: new Date(SEEN), due: new Date('2026-11-28T03:00:00Z') },
    });
    expect(counts?.byBucket).toEqual(
      new Map([
        ['InSLA', new Map([['Important', 2]])],
        ['NotYetApproved', new Map([['Other', 1]])],
      ]),
    );
  });

  it.each<[string, Partial<PatchFacts>, string]>([
    ['when the answer is too old', { updates: updates([]) }, '2026-11-26T03:00:00Z'],
    [
      'when an update becomes approved',
      {
        updates: updates(holes, {}, LAST),
        terms: { ...terms, minimumAge: { Critical: 0, Important: 4 * DAY, Other: 5 * DAY } },
      },
      '2026-11-25T03:00:00Z',
    ],
    [
      'when one is due',
      { terms: { ...terms, deadlines: { Critical: DAY, Important: 4 * DAY, Other: 5 * DAY } } },
      '2026-11-25T03:00:00Z',
    ],
  ])('is looked at again %s', (_, changes, at) => {
    expect(compliance(facts(changes), NOW).nextEdge).toEqual(new Date(at));
  });
});
