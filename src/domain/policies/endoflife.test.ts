import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type ChangeRequest, ChangeRequestSpec, type ChangeRequestStatus } from '../../api/changerequest.ts';
import { EndOfLife } from '../../api/endoflife.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { application, product } from '../application/product.fixtures.ts';
import { lineOfferName } from '../change/linechange.ts';
import { type EndFacts, endOfLife } from './endoflife.ts';
import { ceasedSum, endNews, endPending, withEnd } from './endoflifewords.ts';

const DAY = 86_400_000;
const on = [{ name: 'debian-13' }];
/** The midnight after the last day of line 15. */
const ENDS = new Date('2027-11-12T00:00:00Z');
const daysBefore = (days: number) => new Date(ENDS.getTime() - days * DAY);

type Way = 'path' | 'no path' | 'no later end';
const entry = (way: Way, endOfSupport = '2027-11-11') =>
  product({
    lines: [
      { name: '15', endOfSupport, operatingSystems: on },
      { name: '17', endOfSupport: way === 'no later end' ? '2027-11-11' : '2029-11-08', operatingSystems: on },
    ],
    ...(way !== 'no path' && { upgradePaths: [{ from: '15', to: '17', engine: 'PostgreSQL', expectedMinutes: 20 }] }),
  }).spec;

type Status = NonNullable<ManagedApplication['status']>;
const PLAN = { revision: 'r1', since: '2026-01-01T00:00:00Z' };
const order = (status: Partial<Status> = {}): ManagedApplication => ({
  ...application({ line: '15' }),
  status: { plan: PLAN, line: '15', ...status },
});
const facts = (change: Partial<EndFacts> = {}): EndFacts => ({
  ...{ product: entry('path'), system: 'debian-13', operatingSystem: undefined, offer: undefined, change: undefined },
  ...change,
});

type Word = NonNullable<ChangeRequestStatus['approvals']>[number];
const word = (decision: 'Approve' | 'Reject', change: Partial<Word> = {}): Word => ({
  ...{ name: decision, party: 'Customer', decision, by: 'anna', at: '2027-06-01T08:00:00Z' },
  ...{ counts: true, reason: 'Counted', ...change },
});

/** The offer as it is stored, with what was decided on it. */
function request(words: readonly Word[] = [], reason = 'AwaitingAgreement'): ChangeRequest {
  const { makes } = endOfLife(order(), facts(), daysBefore(180));
  if (makes === undefined) throw new Error('nothing was offered');
  return {
    ...makes,
    metadata: { ...makes.metadata, uid: 'c1', generation: 1 },
    status: {
      ...{ observedGeneration: 1, planHash: 'h', approvals: [...words] },
      conditions: [{ type: 'Agreed', status: 'False', reason }],
    },
  } as unknown as ChangeRequest;
}

/** What became of the offer, as its status says. */
const ANSWERS = {
  silent: () => request(),
  approved: () => request([word('Approve')]),
  rejected: () => request([word('Reject')], 'Rejected'),
  withdrawn: () => request([word('Approve', { counts: false, reason: 'Expired' })]),
  'rejected by the provider': () => request([word('Reject', { party: 'Provider' })], 'Rejected'),
  'voided by another plan': () => request([word('Approve', { counts: false, reason: 'OtherPlan' })]),
  'not to be told who decides': () => request([], 'ContractNotReadable'),
  'not judged': (): ChangeRequest => ({ ...request(), status: {} }),
  gone: () => undefined,
} as const;
type Became = keyof typeof ANSWERS;

/** Its passes: each with the status that the one before has left. */
function lived(days: readonly number[], way: Way, became: Became, from: Partial<Status> = {}) {
  let status: Partial<Status> = from;
  let made = 0;
  let last: ReturnType<typeof endOfLife> = {};
  for (const day of days) {
    const offered = status.endOfLife?.offered !== undefined;
    const offer = offered ? ANSWERS[became]() : undefined;
    last = endOfLife(order(status), facts({ product: entry(way), offer }), daysBefore(day));
    if (last.makes !== undefined) made += 1;
    const { endOfLife: _, ...rest } = status;
    // Once it was made its uid is read.
    const { record } = last;
    const known = record?.offered && {
      ...record,
      offered: { ...record.offered, change: { ...record.offered.change, uid: 'c1' } },
    };
    status = { ...rest, ...((known ?? record) && { endOfLife: known ?? record }) };
  }
  return { ...last, made, record: status.endOfLife };
}

describe('GE-12: the end of support of a line', () => {
  it('is on record as the API keeps it, and the offer is a change that the API takes', () => {
    const { record, makes } = endOfLife(order(), facts(), daysBefore(180));
    expect(EndOfLife.safeParse(record).error).toBeUndefined();
    expect(ChangeRequestSpec.safeParse(makes?.spec).error).toBeUndefined();
    expect(makes?.spec).toMatchObject({ class: 'Normal', operation: 'LineChange', target: { uid: '7f3c' } });
    expect(makes?.spec.reason).toMatch(/2027-11-12T00:00:00Z .*line 17 is offered .*GE-12/);
    expect(record?.offered).toEqual({
      at: '2027-05-16T00:00:00Z',
      to: '17',
      change: { name: lineOfferName(order(), '17') },
    });
  });

  test.each<[string, boolean, boolean, boolean]>([
    ['2027-05-15T23:59:59Z', false, false, false],
    ['2027-05-16T00:00:00Z', true, false, false],
    // Half past midnight in Berlin is the day before in UTC.
    ['2027-05-16T00:30:00+02:00', false, false, false],
    ['2027-08-13T23:59:59Z', true, false, false],
    ['2027-08-14T00:00:00Z', true, true, false],
    ['2027-11-11T23:59:59Z', true, true, false],
    ['2027-11-12T00:30:00+01:00', true, true, false],
    ['2027-11-12T00:00:00Z', true, true, true],
    ['2027-11-11T19:00:00-05:00', true, true, true],
  ])(
    'is offered at 180, reminded of at 90 days, and at the end silence is recorded, by UTC: %s',
    (at, offered, reminded, ceased) => {
      const early = { at: '2027-05-16T00:00:00Z', to: '17', change: { name: request().metadata.name, uid: 'c1' } };
      const before = { endOfLife: { line: '15', ends: '2027-11-12T00:00:00Z', offered: early } };
      const now = new Date(at);
      const { record } = endOfLife(order(offered ? before : {}), facts({ offer: request() }), now);
      expect([record?.offered !== undefined, record?.reminded !== undefined, record?.ceased !== undefined]).toEqual([
        ...[offered, reminded, ceased],
      ]);
    },
  );

  const NEVER: readonly Became[] = [
    ...(['approved', 'rejected by the provider', 'voided by another plan', 'not to be told who decides'] as const),
    ...(['not judged', 'gone'] as const),
  ];
  test.each<[Way, Became, string | undefined, boolean]>([
    ['path', 'silent', 'Silent', true],
    ['path', 'withdrawn', 'Silent', true],
    ['path', 'rejected', 'Rejected', true],
    ...NEVER.map((became): [Way, Became, string | undefined, boolean] => [
      ...(['path', became, became === 'approved' ? 'Approved' : undefined, false] as const),
    ]),
    ...(['no path', 'no later end'] as const).map((way): [Way, Became, string | undefined, boolean] => [
      ...([way, 'silent', undefined, false] as const),
    ]),
  ])('with a %s and an offer that is %s: answer %s, services ceased %s', (way, became, answer, isCeased) => {
    const before = lived([200, 180, 120, 90, 30, 1], way, became);
    expect(before.record?.ceased).toBeUndefined();
    const after = lived([200, 180, 120, 90, 30, 1, 0, -1, -400], way, became);
    expect([after.record?.answer?.decision, after.record?.ceased]).toEqual([
      answer,
      isCeased ? '2027-11-12T00:00:00Z' : undefined,
    ]);
    // Gone before its uid was read would be made anew; here it was read.
    expect(after.made).toBe(way === 'path' ? 1 : 0);
  });

  it('is never ceased for what is not on record, and nothing is offered twice, whenever anybody looks and whatever becomes of it', () => {
    const looks = fc.array(fc.integer({ min: -500, max: 300 }), { minLength: 1, maxLength: 12 });
    const ways = fc.constantFrom<Way>('path', 'no path', 'no later end');
    const became = fc.constantFrom(...(Object.keys(ANSWERS) as Became[]));
    fc.assert(
      fc.property(looks, ways, became, (days, way, outcome) => {
        const { record, made } = lived(
          days.toSorted((a, b) => b - a),
          way,
          outcome,
        );
        expect(made).toBeLessThanOrEqual(1);
        if (record?.ceased === undefined) return;
        expect(record.offered).toBeDefined();
        expect(['Rejected', 'Silent']).toContain(record.answer?.decision);
        expect(Date.parse(record.ceased)).toBeGreaterThanOrEqual(ENDS.getTime());
        const given = Date.parse(record.ceased) - Date.parse(record.offered?.at ?? '');
        if (record.answer?.decision === 'Silent') expect(given).toBeGreaterThanOrEqual(90 * DAY);
      }),
      { numRuns: 200 },
    );
  });

  it('who is offered late has 90 days all the same', () => {
    expect(lived([10, 0, -79], 'path', 'silent').record).not.toHaveProperty('answer');
    expect(lived([10, 0, -79, -80], 'path', 'silent').record).toMatchObject({ answer: { decision: 'Silent' } });
    expect(lived([-30, -31], 'path', 'rejected').record?.ceased).toBe('2027-12-13T00:00:00Z');
  });

  it('a refusal stays on record when its change is gone', () => {
    const { record } = lived([180, 100], 'path', 'rejected');
    const pruned = lived([50, 0], 'path', 'gone', { ...(record && { endOfLife: record }) }).record;
    expect(pruned).toMatchObject({ answer: { decision: 'Rejected', by: 'anna', at: '2027-06-01T08:00:00Z' } });
    expect(pruned?.ceased).toBe('2027-11-12T00:00:00Z');
  });

  it('what ended the services stays on record, although the customer agrees afterwards', () => {
    const { record } = lived([180, 0], 'path', 'silent');
    const after = lived([-10], 'path', 'approved', { ...(record && { endOfLife: record }) });
    expect(after.record).toEqual(record);
    expect(after.offer?.to).toBe('17');
  });

  it('an end that is put off takes back that services ceased, and the silence; a rejection stays', () => {
    const later = facts({ product: entry('path', '2028-11-11') });
    for (const [became, left] of [
      ['silent', undefined],
      ['rejected', 'Rejected'],
    ] as const) {
      const { record } = lived([180, 0], 'path', became);
      const status = { ...(record && { endOfLife: record }) };
      const again = endOfLife(order(status), { ...later, offer: ANSWERS[became]() }, daysBefore(-1));
      expect([again.record?.answer?.decision, again.record?.ceased, again.makes]).toEqual([left, undefined, undefined]);
    }
  });

  it('of another line nothing is on record; nothing is forgotten while the dates are not known', () => {
    const { record } = lived([180, 0], 'path', 'silent');
    const status = { ...(record && { endOfLife: record }) };
    expect(endOfLife(order({ ...status, line: '17' }), facts(), daysBefore(-1))).toEqual({});
    expect(endOfLife(order(status), facts({ product: product().spec }), daysBefore(-1)).record).toEqual(record);
  });

  it('nothing is offered of an order that was never set up', () => {
    const { status: _, ...fresh } = order();
    expect(endOfLife(fresh, facts(), daysBefore(10)).record).toBeUndefined();
  });

  it('what the order has asked for already is no second change, and an answer to what was asked before the offer is none', () => {
    const asked = {
      ...request([word('Approve')]),
      metadata: { name: 'line-x-17-2', namespace: 'acme', uid: 'c2', generation: 1 },
    };
    const lineChange = {
      from: '15',
      to: '17',
      phase: 'Agreed',
      message: '',
      change: { name: 'line-x-17-2', uid: 'c2' },
    } as const;
    const adopted = endOfLife(order({ lineChange }), facts({ change: asked }), daysBefore(100));
    expect([adopted.makes, adopted.record?.offered?.change.name]).toEqual([undefined, 'line-x-17-2']);
    expect(adopted.record?.answer).toMatchObject({ decision: 'Approved', by: 'anna' });
    const refused = { ...lineChange, phase: 'Refused' } as const;
    const change = {
      ...asked,
      ...{ status: request([word('Reject', { at: '2027-01-01T00:00:00Z' })], 'Rejected').status },
    };
    const anew = endOfLife(order({ lineChange: refused }), facts({ change: change as ChangeRequest }), daysBefore(100));
    expect([anew.makes !== undefined, anew.record?.answer]).toEqual([true, undefined]);
  });

  it('one of the same name that somebody has made in its place is not what was offered', () => {
    const { record } = lived([180], 'path', 'silent');
    const forged = { ...request(), metadata: { ...request().metadata, uid: 'other' } };
    const at = endOfLife(order({ ...(record && { endOfLife: record }) }), facts({ offer: forged }), daysBefore(0));
    expect([at.record?.ceased, at.offer, at.makes]).toEqual([undefined, undefined, undefined]);
  });
});

describe('GE-11, GE-12: what is told of it', () => {
  const pending = (days: readonly number[], way: Way, became: Became) =>
    endPending(lived(days, way, became), 'PostgreSQL');

  test.each<[string, readonly number[], Way, Became, RegExp]>([
    [
      'offered',
      [180, 179],
      'path',
      'silent',
      /^Support of PostgreSQL 15 ends at 2027-11-12T00:00:00Z .*offers PostgreSQL 17 .*Without an answer all managed services for it cease at 2027-11-12T00:00:00Z \(GE-12\)\.$/,
    ],
    ['reminded', [180, 90], 'path', 'silent', /^Reminder: support of PostgreSQL 15 ends at /],
    [
      'rejected',
      [180, 100],
      'path',
      'rejected',
      /^Support .*anna has rejected .* cease at 2027-11-12T00:00:00Z .*spec\.nextLine/,
    ],
    [
      'without a path',
      [180],
      'no path',
      'silent',
      /No change of its line is offered: the provider offers no way from PostgreSQL 15 on\. A migration/,
    ],
    [
      'without a line that lasts longer',
      [180],
      'no later end',
      'silent',
      /support of PostgreSQL 17 on debian-13 ends no later/,
    ],
    ['not open to an answer', [180, 100], 'path', 'rejected by the provider', /nothing ceases for want of one/],
  ])('%s: by when, and what ceases then', (_, days, way, became, words) => {
    const [said, ...more] = pending(days, way, became);
    expect([said?.what, more]).toEqual([expect.stringMatching(words), []]);
  });

  it('nothing any more where the customer has approved, and where services have ceased', () => {
    expect(pending([180, 100], 'path', 'approved')).toEqual([]);
    expect(pending([180, 0], 'path', 'silent')).toEqual([]);
  });

  it('Supported has all that is on record, and the sum counts nothing once services have ceased', () => {
    const { record } = lived([180, 90, 0], 'path', 'rejected');
    if (record === undefined) throw new Error('nothing is on record');
    const verdict = withEnd({ status: 'False', reason: 'SupportEnded', message: 'It ended.' }, record);
    expect(verdict.message).toMatch(
      /^It ended\. ChangeRequest \S+ has offered line 17 since 2027-05-16.* reminded at 2027-08-14.* anna has rejected it for the customer at 2027-06-01.* ceased since 2027-11-12T00:00:00Z \(GE-12\)\.$/,
    );
    expect(ceasedSum(record)).toMatchObject({ status: 'Unknown', reason: 'ServicesCeased' });
    expect(ceasedSum({ line: '15', ends: '2027-11-12T00:00:00Z' })).toBeUndefined();
  });

  it('events tell each once', () => {
    const reasons = (before: EndOfLife | undefined, after: EndOfLife | undefined) =>
      endNews(before, after).map(({ reason }) => reason);
    const offered = lived([180], 'path', 'silent').record;
    const reminded = lived([180, 90], 'path', 'silent').record;
    const ceased = lived([180, 90, 0], 'path', 'silent').record;
    expect(reasons(undefined, offered)).toEqual(['LineOffered']);
    expect(reasons(offered, reminded)).toEqual(['SupportReminder']);
    expect(reasons(reminded, reminded)).toEqual([]);
    expect(reasons(reminded, ceased)).toEqual(['OfferUnanswered', 'ServicesCeased']);
    expect(reasons(ceased, undefined)).toEqual([]);
  });
});
