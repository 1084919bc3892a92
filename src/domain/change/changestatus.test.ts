import { describe, expect, it } from 'vitest';
import type { ApprovalSpec } from '../../api/approval.ts';
import { type ChangeRequestSpec, ChangeRequestStatus } from '../../api/changerequest.ts';
import { at, changeOf, decisionOn, ground, standard, told } from './change.fixtures.ts';
import { assessChange, type ChangeFacts } from './changestatus.ts';

const argo = 'system:serviceaccount:argocd:argocd';
const both: ChangeRequestSpec['agreement'] = { parties: [{ party: 'Provider' }, { party: 'Customer' }] };
const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T21:00:00Z', by: 'kim', effort: '1h30m' } as const;

describe('GE-4, GE-6: who decides', () => {
  const change = changeOf();
  type Row = [why: string, decidedBy: string, spec: Partial<ApprovalSpec>, verdict: string];
  it.each<Row>([
    ['a contact with the role Approver', 'oidc:anna', {}, 'Counted'],
    ['a contact whose user is his name', 'ben', {}, 'Counted'],
    ['the name of a contact who has another user', 'anna', {}, 'NotAContact'],
    ['a contact without the role', 'carl', {}, 'NotAnApprover'],
    ['somebody with a right and no contract: a wildcard role', 'mallory', {}, 'NotAContact'],
    ['the requester', 'kim', {}, 'NotAContact'],
    [
      'a bridge that the contract names, for a contact',
      argo,
      { stated: { name: 'anna', system: 'git 4f2c' } },
      'Counted',
    ],
    ['a bridge, for somebody else', argo, { stated: { name: 'carl', system: 'git 4f2c' } }, 'NotAnApprover'],
    ['a bridge that says nobody', argo, {}, 'NobodyStated'],
    ['an unknown bridge', 'system:serviceaccount:x:y', { stated: { name: 'anna', system: 'x' } }, 'UnknownBridge'],
    ['a person who states another', 'ben', { stated: { name: 'anna', system: 'x' } }, 'UnknownBridge'],
    ['another plan', 'ben', { planHash: `sha256:${'0'.repeat(64)}` }, 'OtherPlan'],
    ['a party that is not asked', 'kim2', { party: 'Provider' }, 'PartyNotAsked'],
    ['a decision that has expired', 'ben', { validUntil: '2026-12-01T10:00:00Z' }, 'Expired'],
    ['a decision that is valid', 'ben', { validUntil: '2026-12-01T10:00:01Z' }, 'Counted'],
  ])('%s (%s)', (_why, decidedBy, spec, verdict) => {
    const { reasons, says } = told(change, [decisionOn(change, decidedBy, '09:00', spec)], '10:00');
    expect(reasons).toEqual([`${decidedBy}: ${verdict}`]);
    expect(says('Agreed')).toBe(verdict === 'Counted' ? 'True/Agreed' : 'False/AwaitingAgreement');
  });

  type Staff = [why: string, contract: string | undefined, customer: ChangeFacts['customer'], verdict: string];
  it.each<Staff>([
    ['who may for all', undefined, ground, 'Counted'],
    ['who may for the Contract of the namespace', 'acme', ground, 'Counted'],
    ['who may for another customer', 'other', ground, 'OtherContract'],
    ['who may for a customer, where the namespace is nobody’s', 'acme', 'NoContract', 'OtherContract'],
    ['who may for a customer, while Contracts cannot be read', 'acme', 'NotReadable', 'ContractNotReadable'],
  ])('for the provider %s (%s)', (_why, contract, customer, verdict) => {
    const asked = changeOf({ agreement: { parties: [{ party: 'Provider' }] } });
    const decisions = [decisionOn(asked, 'lee', '09:00', { party: 'Provider', ...(contract && { contract }) })];
    expect(told(asked, decisions, '10:00', { customer }).reasons).toEqual([`lee: ${verdict}`]);
  });

  it('not the requester, neither himself nor stated', () => {
    const own = changeOf({ requestedBy: 'oidc:anna' });
    const stated = { stated: { name: 'anna', system: 'git' } };
    const decisions = [decisionOn(own, 'oidc:anna', '09:00'), decisionOn(own, argo, '09:01', stated)];
    expect(told(own, decisions, '10:00').reasons).toEqual([`${argo}: ByRequester`, 'oidc:anna: ByRequester']);
  });

  it('a role that is asked for narrows the Approvers and never widens them', () => {
    const narrow = changeOf({ agreement: { parties: [{ party: 'Customer', role: 'Technical' }] } });
    const decisions = ['oidc:anna', 'ben', 'carl'].map(who => decisionOn(narrow, who, '09:00'));
    const { reasons } = told(narrow, decisions, '10:00');
    expect(reasons).toEqual(['oidc:anna: Counted', 'carl: NotAnApprover', 'ben: NotAnApprover']);
  });

  it('without a Contract whoever had the right at admission, and it is said who is asked', () => {
    const { says, message } = told(change, [], '10:00', { customer: 'NoContract' });
    expect(says('Agreed')).toBe('False/AwaitingAgreement');
    expect(message('Agreed')).toBe(
      '0 of 1 for the Customer agreed, asked are those who may approve this changerequest.',
    );
    expect(told(change, [decisionOn(change, 'x', '09:00')], '10:00', { customer: 'NoContract' }).says('Agreed')).toBe(
      'True/Agreed',
    );
  });

  it('nobody, while the Contract cannot be read: Unknown, never True', () => {
    const { says, reasons } = told(change, [decisionOn(change, 'ben', '09:00')], '10:00', { customer: 'NotReadable' });
    expect([says('Agreed'), ...reasons]).toEqual(['Unknown/ContractNotReadable', 'ben: ContractNotReadable']);
  });

  it('nobody whose decision was stored under another schema: it keeps no change from being judged', () => {
    const strange = (spec: object) => {
      const decision = decisionOn(change, 'ben', '09:00');
      return { ...decision, spec: { ...decision.spec, ...spec } as ApprovalSpec };
    };
    const wrong = [{ decidedBy: undefined }, { party: undefined }, { decision: 'Perhaps' }, { stated: 'anna' }].map(
      strange,
    );
    const { status, says } = told(change, [...wrong, decisionOn(change, 'ben', '09:01')], '10:00');
    expect(ChangeRequestStatus.safeParse(status).error).toBeUndefined();
    expect([status.approvals?.length, says('Agreed')]).toEqual([1, 'True/Agreed']);
  });

  it('nobody, while Approvals cannot be read', () => {
    const unreadable = { kind: 'Approval', namespace: 'acme', why: 'forbidden' };
    const { says, status } = told(change, [], '10:00', { unreadable });
    expect([says('Ready'), says('Stalled'), says('Agreed')]).toEqual(
      ['Unknown', 'True', 'Unknown'].map(state => `${state}/KindNotReadable`),
    );
    expect(status.planHash).toMatch(/^sha256:/);
  });
});

describe('GE-6: how many', () => {
  const two = changeOf({ agreement: { parties: [{ party: 'Customer', count: 2 }] } });

  it('one person twice counts once, and the last word is heard', () => {
    const decisions = [decisionOn(two, 'ben', '09:00'), decisionOn(two, 'ben', '09:01')];
    const { says, message, reasons } = told(two, decisions, '10:00');
    expect(says('Agreed')).toBe('False/AwaitingAgreement');
    expect(message('Agreed')).toBe('1 of 2 for the Customer agreed (ben), asked are oidc:anna, ben of Contract acme.');
    expect(reasons).toEqual(['ben: Counted', 'ben: Superseded']);
  });

  it('one person in his own name and through a bridge counts once', () => {
    const stated = { stated: { name: 'anna', system: 'CHG-4711' } };
    const decisions = [decisionOn(two, 'oidc:anna', '09:00'), decisionOn(two, argo, '09:01', stated)];
    expect(told(two, decisions, '10:00').says('Agreed')).toBe('False/AwaitingAgreement');
  });

  it('two people agree, and what is stated is told as stated', () => {
    const stated = { stated: { name: 'anna', system: 'CHG-4711' } };
    const decisions = [decisionOn(two, 'ben', '09:00'), decisionOn(two, argo, '09:01', stated)];
    const { says, message } = told(two, decisions, '10:00');
    expect(says('Agreed')).toBe('True/Agreed');
    expect(message('Agreed')).toBe(`2 of 2 for the Customer agreed (ben, oidc:anna, stated by ${argo}).`);
  });

  it('nobody decides for both parties', () => {
    const change = changeOf({ agreement: both, requestedBy: 'steward' });
    const decisions = [decisionOn(change, 'ben', '09:00', { party: 'Provider' }), decisionOn(change, 'ben', '09:01')];
    const { says, reasons, status } = told(change, decisions, '10:00');
    expect([says('Agreed'), ...reasons]).toEqual(['False/AwaitingAgreement', 'ben: Counted', 'ben: OtherParty']);
    expect(status.waitingFor).toMatchObject({ what: 'Agreement', whom: ['Customer'] });
  });

  it('one who rejects is enough, until he thinks better of it', () => {
    const no = decisionOn(two, 'ben', '09:00', { decision: 'Reject', comment: 'not before Christmas' });
    const { says, message, status } = told(two, [no, decisionOn(two, 'oidc:anna', '09:00')], '10:00');
    expect([says('Agreed'), says('Ready'), says('Stalled')]).toEqual([
      'False/Rejected',
      'False/Rejected',
      'True/Rejected',
    ]);
    expect(message('Agreed')).toBe('ben rejected it for the Customer on 2026-12-01T09:00:00Z: not before Christmas.');
    expect(status.waitingFor).toBeUndefined();
    const yes = [decisionOn(two, 'oidc:anna', '09:00'), no, decisionOn(two, 'ben', '09:01')];
    expect(told(two, yes, '10:00').says('Agreed')).toBe('True/Agreed');
  });

  it('of one second the refusal is heard', () => {
    const decisions = [decisionOn(two, 'ben', '09:00', { decision: 'Reject' }), decisionOn(two, 'ben', '09:00')];
    expect(told(two, decisions, '10:00').says('Agreed')).toBe('False/Rejected');
  });

  it('a decision that has expired does not bring back the one before it', () => {
    const change = changeOf();
    const decisions = [
      decisionOn(change, 'ben', '08:30'),
      decisionOn(change, 'ben', '09:00', { validUntil: '2026-12-01T09:30:00Z' }),
    ];
    const { reasons, says } = told(change, decisions, '10:00');
    expect([says('Agreed'), ...reasons]).toEqual(['False/AwaitingAgreement', 'ben: Expired', 'ben: Superseded']);
  });

  it('shows at most 64 decisions, those that count first', () => {
    const change = changeOf();
    const many = Array.from({ length: 70 }, () => decisionOn(change, 'mallory', '09:30'));
    const { status } = told(change, [decisionOn(change, 'ben', '09:00'), ...many], '10:00');
    expect([status.approvals?.length, status.approvals?.[0]?.by, status.approvalsNotShown]).toEqual([64, 'ben', 7]);
  });
});

describe('GE-6: when', () => {
  it('agreement comes before the work: what comes after it does not count for a Normal change', () => {
    const change = changeOf({ result });
    const { says, reasons } = told(change, [decisionOn(change, 'ben', '21:01')], '22:30');
    expect([says('Agreed'), says('Ready'), ...reasons]).toEqual([
      'False/DoneWithoutAgreement',
      'False/DoneWithoutAgreement',
      'ben: TooLate',
    ]);
  });

  it('a decision that expires after the work still stands', () => {
    const change = changeOf({ result });
    const { says } = told(
      change,
      [decisionOn(change, 'ben', '09:00', { validUntil: '2026-12-01T21:30:00Z' })],
      '22:30',
    );
    expect(says('Agreed')).toBe('True/Agreed');
  });

  it('an agreement that is not there in time lapses', () => {
    const change = changeOf({ agreement: { parties: [{ party: 'Customer' }], until: '2026-12-01T12:00:00Z' } });
    const late = [decisionOn(change, 'ben', '12:01')];
    expect(told(change, [], '11:59').status.waitingFor).toMatchObject({ until: '2026-12-01T12:00:00Z' });
    expect(told(change, [], '11:59').nextEdge).toEqual(new Date('2026-12-01T12:00:00Z'));
    expect([told(change, late, '12:02').says('Agreed'), ...told(change, late, '12:02').reasons]).toEqual([
      'False/AgreementLapsed',
      'ben: TooLate',
    ]);
  });

  it('a Standard change is pre-approved by the policy that it names', () => {
    const { says, message } = told(standard(), [], '10:00');
    expect([says('Agreed'), says('Accepted')]).toEqual(['True/PreApproved', 'Unknown/NotIncluded']);
    expect(message('Agreed')).toBe('Standard change, pre-approved by BackupPolicy daily.');
  });

  describe('an Emergency change', () => {
    const emergency = (spec: Partial<ChangeRequestSpec> = {}) =>
      changeOf({
        class: 'Emergency',
        agreement: { parties: [{ party: 'Customer' }], afterwardsWithin: '1h' },
        ...spec,
      });

    it('may be done first', () => {
      const { says, status } = told(emergency(), [], '20:30');
      expect([says('Agreed'), says('Ready')]).toEqual(['False/AwaitingAgreement', 'True/UnderWay']);
      expect(status.waitingFor).toMatchObject({ what: 'Work', whom: ['Provider'] });
    });

    it('is agreed afterwards, within the time', () => {
      const change = emergency({ result });
      expect(told(change, [], '21:30').status.waitingFor).toMatchObject({
        what: 'Agreement',
        whom: ['Customer'],
        until: '2026-12-01T22:00:00Z',
      });
      expect(told(change, [decisionOn(change, 'ben', '21:59')], '22:30').says('Agreed')).toBe('True/Agreed');
    });

    it('is told when it was not', () => {
      const change = emergency({ result });
      const { says, message, reasons } = told(change, [decisionOn(change, 'ben', '22:01')], '22:30');
      expect([says('Agreed'), says('Ready'), ...reasons]).toEqual([
        'False/AgreementOverdue',
        'False/AgreementOverdue',
        'ben: TooLate',
      ]);
      expect(message('Agreed')).toContain('until 2026-12-01T22:00:00Z, 1h after its end');
    });

    it('of which it is told for a week that it was not, for it is nobody’s turn any more', () => {
      const change = emergency({ result });
      const week = (days: number, ms = 0) => new Date(at('22:00').getTime() + days * 86_400_000 + ms);
      const { status, nextEdge, isOpen } = told(change, [], '22:30');
      expect([status.waitingFor, nextEdge, isOpen]).toEqual([undefined, week(7), true]);
      const facts = { change, approvals: [], customer: ground };
      expect(assessChange({ ...facts, now: week(7, -1) }).isOpen).toBe(true);
      expect(assessChange({ ...facts, now: week(7) }).isOpen).toBe(false);
    });
  });
});

describe('GE-4: the window of the provider', () => {
  const change = changeOf({ postponableUntil: '2026-12-01T23:00:00Z' });
  const postpone = (until: string, by = 'ben', clock = '09:00') =>
    decisionOn(change, by, clock, { decision: 'Postpone', until: `2026-12-01T${until}:00Z` });

  it.each([
    ['19:59', 'False/BeforeWindow'],
    ['20:00', 'True/WindowOpen'],
    ['21:59', 'True/WindowOpen'],
    ['22:00', 'False/WindowPassed'],
  ])('at %s reads %s', (clock, verdict) => {
    expect(told(change, [decisionOn(change, 'ben', '09:00')], clock).says('InWindow')).toBe(verdict);
  });

  it('was kept by who had finished when it ended', () => {
    const [inTime, late] = ['22:00', '22:01'].map(clock =>
      changeOf({ result: { ...result, finishedAt: `2026-12-01T${clock}:00Z` } }),
    );
    expect([inTime, late].map(each => told(each ?? change, [], '23:00').says('InWindow'))).toEqual([
      'True/WindowOpen',
      'False/AfterWindow',
    ]);
  });

  it.each([
    ['09:00', '20:00'],
    ['20:00', '22:00'],
    ['22:00', undefined],
  ])('at %s is looked at again at %s', (clock, next) => {
    const { nextEdge } = told(change, [decisionOn(change, 'ben', '09:00')], clock);
    expect(nextEdge?.toISOString().slice(11, 16)).toBe(next);
  });

  it('is moved as a whole by a contact of the customer, who has not agreed by that', () => {
    const { status, says, message } = told(change, [postpone('22:30')], '20:30');
    expect(status.window).toEqual({ notBefore: '2026-12-01T22:30:00Z', notAfter: '2026-12-02T00:30:00Z' });
    expect([says('InWindow'), says('Agreed')]).toEqual(['False/BeforeWindow', 'False/AwaitingAgreement']);
    expect(message('InWindow')).toBe('Its window begins on 2026-12-01T22:30:00Z. Postponed from 2026-12-01T20:00:00Z.');
  });

  it.each([
    ['beyond the deadline', '23:01', 'ben', '09:00', 'NotPostponable'],
    ['to before its beginning', '19:59', 'ben', '09:00', 'NotPostponable'],
    ['once it has begun', '21:00', 'ben', '20:00', 'TooLate'],
    ['by a contact who does not decide', '21:00', 'carl', '09:00', 'NotAnApprover'],
  ])('is not moved %s', (_why, until, by, clock, verdict) => {
    const { status, reasons } = told(change, [postpone(until, by, clock)], '20:30');
    expect([status.window?.notBefore, ...reasons]).toEqual(['2026-12-01T20:00:00Z', `${by}: ${verdict}`]);
  });

  it('is moved again as long as it has not begun, and the last word is heard', () => {
    const { status, reasons } = told(
      change,
      [postpone('21:00', 'ben', '09:00'), postpone('22:00', 'oidc:anna', '20:30')],
      '20:45',
    );
    expect([status.window?.notBefore, ...reasons]).toEqual([
      '2026-12-01T22:00:00Z',
      'oidc:anna: Counted',
      'ben: Superseded',
    ]);
  });

  it('cannot be moved where the change does not say so', () => {
    const fixed = changeOf();
    const { reasons } = told(
      fixed,
      [decisionOn(fixed, 'ben', '09:00', { decision: 'Postpone', until: '2026-12-01T21:00:00Z' })],
      '10:00',
    );
    expect(reasons).toEqual(['ben: NotPostponable']);
  });

  it('of a pre-approved change can be moved too', () => {
    const ready = standard({ postponableUntil: '2026-12-01T23:00:00Z' });
    const later = decisionOn(ready, 'ben', '09:00', { decision: 'Postpone', until: '2026-12-01T21:00:00Z' });
    expect(told(ready, [later], '10:00').status.window?.notBefore).toBe('2026-12-01T21:00:00Z');
  });

  it('says that a change whose window has passed is stalled', () => {
    expect(told(change, [decisionOn(change, 'ben', '09:00')], '22:01').says('Stalled')).toBe('True/WindowPassed');
  });
});

describe('GE-13: the customer accepts', () => {
  const done = (spec: Partial<ChangeRequestSpec> = {}) => changeOf({ result, ...spec });
  const saying = (change: ReturnType<typeof changeOf>) => told(change, [decisionOn(change, 'ben', '09:00')], '22:30');

  it('is asked once there is a result, which says who and how long (GE-2)', () => {
    const { says, message, status } = saying(done());
    expect([says('Done'), says('Accepted'), says('Ready')]).toEqual([
      'True/Succeeded',
      'False/AwaitingAcceptance',
      'True/UnderWay',
    ]);
    expect(message('Done')).toBe('Succeeded on 2026-12-01T21:00:00Z, says kim; 1h30m of effort are booked.');
    expect(status.waitingFor).toEqual({ what: 'Acceptance', whom: ['Customer'], since: '2026-12-01T22:30:00Z' });
  });

  it('is not asked before the work is over, as a result may say beforehand', () => {
    const later = done({ result: { ...result, finishedAt: '2026-12-01T22:31:00Z' } });
    const { says, nextEdge, status } = told(later, [decisionOn(later, 'ben', '09:00')], '22:30');
    expect([says('Done'), says('Accepted'), status.waitingFor?.what]).toEqual([
      'False/NotOverYet',
      'Unknown/NotDone',
      'Work',
    ]);
    expect(nextEdge).toEqual(new Date('2026-12-01T22:31:00Z'));
  });

  it('closes the change', () => {
    const { says, status } = saying(done({ acceptance: { decision: 'Accept', by: 'ben' } }));
    expect([says('Accepted'), says('Ready'), status.waitingFor]).toEqual(['True/Accepted', 'True/Closed', undefined]);
  });

  it('or does not, and the provider has to act', () => {
    const { says, status } = saying(done({ acceptance: { decision: 'Reject', by: 'ben', comment: 'it is slow' } }));
    expect([says('Accepted'), says('Stalled')]).toEqual(['False/NotAccepted', 'True/NotAccepted']);
    expect(status.waitingFor).toMatchObject({ what: 'Work', whom: ['Provider'] });
  });

  it('by an Approver of the Contract, not by whoever has the right', () => {
    expect(saying(done({ acceptance: { decision: 'Accept', by: 'mallory' } })).says('Accepted')).toBe(
      'False/AcceptedByNoApprover',
    );
  });

  it('is not asked about what was cancelled', () => {
    const { says, status } = told(done({ result: { ...result, outcome: 'Cancelled' } }), [], '22:30');
    expect([says('Agreed'), says('Accepted'), says('Ready'), status.waitingFor]).toEqual([
      'False/Cancelled',
      'Unknown/NothingToAccept',
      'True/Closed',
      undefined,
    ]);
  });
});

describe('GE-4: whose turn it is', () => {
  it('is told since when, and keeps that as long as nothing changes', () => {
    const change = changeOf({ agreement: both });
    const first = told(change, [], '09:00').status;
    expect(first.waitingFor).toEqual({
      what: 'Agreement',
      whom: ['Provider', 'Customer'],
      since: '2026-12-01T09:00:00Z',
    });
    const later = told({ ...change, status: first }, [], '10:00').status;
    expect(later).toEqual(first);
    const agreed = told({ ...change, status: first }, [decisionOn(change, 'ben', '10:00')], '10:01').status;
    expect(agreed.waitingFor).toEqual({ what: 'Agreement', whom: ['Provider'], since: '2026-12-01T10:01:00Z' });
  });
});

it('GE-6: a changed plan voids every decision, and says so of each', () => {
  const change = changeOf();
  const decision = decisionOn(change, 'ben', '09:00');
  expect(told(change, [decision], '10:00').says('Agreed')).toBe('True/Agreed');
  const changed = changeOf({ plan: ['Delete the disk'] });
  const { says, reasons } = told(changed, [decision], '10:00');
  expect([says('Agreed'), ...reasons]).toEqual(['False/AwaitingAgreement', 'ben: OtherPlan']);
});

it('what was stored under another schema is told, and never throws', () => {
  const broken = { ...changeOf(), spec: { title: 5 } as unknown as ChangeRequestSpec };
  expect(told(broken, [], '10:00').says('Stalled')).toBe('True/InvalidChange');
});

describe('what has a series in Prometheus', () => {
  const parties = { agreement: both };
  type Row = [what: string, change: ReturnType<typeof changeOf>, decision: Partial<ApprovalSpec>, isOpen: boolean];
  it.each<Row>([
    ['a change that waits for agreement', changeOf(parties), {}, true],
    ['one that is agreed to and not done', changeOf(), {}, true],
    ['one that was rejected', changeOf(), { decision: 'Reject' }, false],
    ['one that is done and not accepted', changeOf({ result }), {}, true],
    ['one that is closed', changeOf({ result, acceptance: { decision: 'Accept', by: 'ben' } }), {}, false],
    ['one that was cancelled', changeOf({ result: { ...result, outcome: 'Cancelled' } }), {}, false],
  ])('%s: %#', (_, change, decision, isOpen) => {
    expect(told(change, [decisionOn(change, 'ben', '09:00', decision)], '21:30').isOpen).toBe(isOpen);
  });
});
