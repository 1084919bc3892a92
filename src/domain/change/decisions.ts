/** Which decisions count for the plan of a change as it is, and why the others do not. */

import type { Approval, ApprovalSpec } from '../../api/approval.ts';
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import { provenBy } from '../../api/contract.ts';
import { millisecondsOf } from '../../api/duration.ts';
import type { Party } from '../../api/people.ts';
import type { CustomerSide, Ground } from './ground.ts';

/** Why a decision counts, or does not. */
export type DecisionReason =
  | 'Counted'
  | 'OtherPlan'
  | 'PartyNotAsked'
  | 'ContractNotReadable'
  | 'OtherContract'
  | 'UnknownBridge'
  | 'NobodyStated'
  | 'NotAContact'
  | 'NotAnApprover'
  | 'ByRequester'
  | 'TooLate'
  | 'NotPostponable'
  | 'OtherParty'
  | 'Superseded'
  | 'Expired';

export type Decision = {
  readonly name: string;
  /** When the API server took it. */
  readonly at: Date;
  readonly spec: ApprovalSpec;
  readonly reason: DecisionReason;
  /** Who decided, by the user that he is known by; the bridge, where it is not known whom it speaks for. */
  readonly person: string;
};

export type Judging = {
  readonly spec: ChangeRequestSpec;
  readonly planHash: string;
  readonly customer: CustomerSide;
  readonly now: Date;
};

/** Judges every decision; the order is that in which they were made. */
export function judge(approvals: readonly Approval[], judging: Judging): readonly Decision[] {
  const decisions = approvals.map(approval => judgedAlone(approval, judging)).sort(byTime);
  const inTime = withoutLatePostponements(decisions, judging.spec);
  const first = new Map<string, Party>();
  for (const { reason, person, spec } of inTime)
    if (reason === 'Counted' && !first.has(person)) first.set(person, spec.party);
  const oneSided = inTime.map(each =>
    first.get(each.person) === each.spec.party ? each : refused(each, 'OtherParty'),
  );
  const last = new Map(
    oneSided.filter(({ reason }) => reason === 'Counted').map(each => [questionOf(each), each.name]),
  );
  const latest = oneSided.map(each => (last.get(questionOf(each)) === each.name ? each : refused(each, 'Superseded')));
  return latest.map(each => (isExpired(each, judging) ? refused(each, 'Expired') : each));
}

/** When the work was over, as the provider says; an end that is yet to come is none. */
export function endOf({ result }: ChangeRequestSpec, now: Date): Date | undefined {
  const end = result && new Date(result.finishedAt);
  return end && end <= now ? end : undefined;
}

/** Until when a decision counts that is made now; undefined: no end is in sight. */
export function deadlineOf(spec: ChangeRequestSpec, now: Date): Date | undefined {
  const end = endOf(spec, now);
  const { until, afterwardsWithin } = spec.agreement ?? {};
  if (afterwardsWithin !== undefined) return end && new Date(end.getTime() + millisecondsOf(afterwardsWithin));
  const times = [...(end ? [end.getTime()] : []), ...(until === undefined ? [] : [Date.parse(until)])];
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

function refused(decision: Decision, reason: DecisionReason): Decision {
  return decision.reason === 'Counted' ? { ...decision, reason } : decision;
}

/** Of one second the refusal is the later one. */
function byTime(a: Decision, b: Decision): number {
  const weight = ({ spec }: Decision) => (spec.decision === 'Reject' ? 1 : 0);
  return a.at.getTime() - b.at.getTime() || weight(a) - weight(b) || (a.name < b.name ? -1 : 1);
}

/** A window that has begun is not postponed any more; one that was postponed begins later. */
function withoutLatePostponements(decisions: readonly Decision[], { window }: ChangeRequestSpec): readonly Decision[] {
  let begins = window?.notBefore;
  return decisions.map(each => {
    const { spec, at, reason } = each;
    if (reason !== 'Counted' || spec.decision !== 'Postpone' || begins === undefined) return each;
    if (at.getTime() >= Date.parse(begins)) return refused(each, 'TooLate');
    begins = spec.until;
    return each;
  });
}

/** Whoever decides again has changed his mind. When the work begins is one question for all, and the last word is heard. */
function questionOf({ person, spec }: Decision): string {
  return spec.decision === 'Postpone' ? 'when' : `whether ${person}`;
}

/** Without a look at the other decisions. */
function judgedAlone({ metadata, spec }: Approval, judging: Judging): Decision {
  const at = new Date(metadata.creationTimestamp ?? judging.now);
  const who = personOf(spec, judging);
  const person = 'user' in who ? who.user : spec.decidedBy;
  const base = { name: metadata.name, at, spec, person };
  return { ...base, reason: reasonAlone(base, who, judging) };
}

type Who = { readonly user: string } | { readonly unknown: DecisionReason };

function reasonAlone({ spec, at, person }: Omit<Decision, 'reason'>, who: Who, judging: Judging): DecisionReason {
  const { requestedBy, postponableUntil, window } = judging.spec;
  if (spec.planHash !== judging.planHash) return 'OtherPlan';
  if (spec.decision !== 'Postpone' && askedOf(spec.party, judging) === undefined) return 'PartyNotAsked';
  const elsewhere = outsideContract(spec, judging);
  if (elsewhere !== undefined) return elsewhere;
  if ('unknown' in who) return who.unknown;
  if (person === requestedBy || spec.decidedBy === requestedBy) return 'ByRequester';
  const deadline =
    spec.decision === 'Postpone' ? endOf(judging.spec, judging.now) : deadlineOf(judging.spec, judging.now);
  if (deadline && at > deadline) return 'TooLate';
  if (spec.decision !== 'Postpone') return 'Counted';
  // The planned beginning is the earliest: who goes before it would bring the work forward.
  return isWithin(spec.until, window?.notBefore, postponableUntil) ? 'Counted' : 'NotPostponable';
}

/** Admission holds him to a right on the Contract that he names; that it is the namespace's is for us to see. */
function outsideContract({ contract }: ApprovalSpec, { customer }: Judging): DecisionReason | undefined {
  if (contract === undefined) return undefined;
  if (customer === 'NotReadable') return 'ContractNotReadable';
  return customer !== 'NoContract' && customer.contract === contract ? undefined : 'OtherContract';
}

/** Instants of one spelling are ordered as their texts are. */
function isWithin(until: string | undefined, from: string | undefined, to: string | undefined): boolean {
  return until !== undefined && from !== undefined && to !== undefined && from <= until && until <= to;
}

function askedOf(party: Party, { spec }: Judging) {
  return spec.agreement?.parties.find(asked => asked.party === party);
}

/** Whose decision it is: proven, or stated by a bridge that the Contract names. */
function personOf(spec: ApprovalSpec, judging: Judging): Who {
  const { customer } = judging;
  if (customer === 'NotReadable' && (spec.party === 'Customer' || spec.stated))
    return { unknown: 'ContractNotReadable' };
  const { contacts = undefined, bridges = [] } = typeof customer === 'string' ? {} : customer;
  const isBridge = bridges.some(({ user }) => user === spec.decidedBy);
  if (spec.stated !== undefined && !isBridge) return { unknown: 'UnknownBridge' };
  if (spec.stated === undefined && isBridge) return { unknown: 'NobodyStated' };
  const said = spec.stated?.name ?? spec.decidedBy;
  if (spec.party === 'Provider' || contacts === undefined) return { user: said };
  const contact = contacts.find(each => provenBy(each) === said || (isBridge && each.name === said));
  if (contact === undefined) return { unknown: 'NotAContact' };
  return mayDecide(contact, askedOf('Customer', judging)?.role)
    ? { user: provenBy(contact) }
    : { unknown: 'NotAnApprover' };
}

/** A role narrows who is asked, and never widens it: he who decides is an Approver in any case. */
export function mayDecide({ roles }: Ground['contacts'][number], role: string | undefined): boolean {
  return roles.includes('Approver') && (role === undefined || roles.some(each => each === role));
}

/** It must be valid when the work ends, or when it is made if that is later; until then, now. */
function isExpired({ spec, at }: Decision, judging: Judging): boolean {
  if (spec.validUntil === undefined) return false;
  const end = endOf(judging.spec, judging.now);
  const mattered = end === undefined ? judging.now : new Date(Math.max(end.getTime(), at.getTime()));
  return Date.parse(spec.validUntil) <= mattered.getTime();
}
