/** Whether all who must have agreed to the plan of a change as it is. */

import type { Asked, ChangeRequestSpec } from '../../api/changerequest.ts';
import { provenBy } from '../../api/contract.ts';
import type { Party } from '../../api/people.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { type Decision, deadlineOf, endOf, type Judging, mayDecide } from './decisions.ts';
import type { CustomerSide } from './ground.ts';

export type Agreement = ConditionInput & {
  /** Parties of whom somebody must still agree. */
  readonly missing: readonly Party[];
};

type Count = { readonly asked: Asked; readonly needed: number; readonly by: readonly string[] };

/** What the decisions that count come to (GE-6). */
export function agreementOf(judging: Judging, decisions: readonly Decision[]): Agreement {
  const { spec } = judging;
  const { preApprovedBy, agreement } = spec;
  if (agreement === undefined) {
    return {
      ...agreed('PreApproved', `Standard change, pre-approved by ${preApprovedBy?.kind} ${preApprovedBy?.name}.`),
      missing: [],
    };
  }
  const counting = decisions.filter(({ reason }) => reason === 'Counted');
  const counts = agreement.parties.map(asked => countOf(asked, counting));
  const missing = counts.filter(({ by, needed }) => by.length < needed).map(({ asked }) => asked.party);
  const rejected = counting.find(({ spec: { decision } }) => decision === 'Reject');
  if (rejected !== undefined) return { ...notAgreed('Rejected', refusalOf(rejected)), missing };
  const stand = standing(counts, judging.customer);
  if (missing.length === 0) return { ...agreed('Agreed', `${stand}.`), missing };
  return { ...unmet(judging, stand, missing), missing };
}

function countOf(asked: Asked, counting: readonly Decision[]): Count {
  const approving = counting.filter(({ spec }) => spec.party === asked.party && spec.decision === 'Approve');
  return { asked, needed: asked.count ?? 1, by: [...new Set(approving.map(calledIn))] };
}

/** Not enough have agreed: what that means now. */
function unmet(judging: Judging, stand: string, missing: readonly Party[]): ConditionInput {
  const { spec, customer, now } = judging;
  const end = endOf(spec, now);
  const deadline = deadlineOf(spec, now);
  const over = deadline !== undefined && deadline <= now;
  if (spec.result?.outcome === 'Cancelled') return notAgreed('Cancelled', `${stand}; the change was cancelled.`);
  if (customer === 'NotReadable' && missing.includes('Customer')) {
    const message = `${stand}; who may decide for the customer cannot be read, so that nothing is counted for him.`;
    return { type: 'Agreed', status: 'Unknown', reason: 'ContractNotReadable', message };
  }
  if (spec.class === 'Emergency') return afterwards(spec, stand, deadline, over);
  if (end !== undefined) {
    return notAgreed(
      'DoneWithoutAgreement',
      `${stand} when it was finished on ${instant(end)}; agreement comes first (GE-6).`,
    );
  }
  if (over)
    return notAgreed('AgreementLapsed', `${stand} until ${instant(deadline)}, and what comes later does not count.`);
  return notAgreed('AwaitingAgreement', `${stand}${deadline ? `, which must be so by ${instant(deadline)}` : ''}.`);
}

function afterwards(spec: ChangeRequestSpec, stand: string, deadline: Date | undefined, over: boolean): ConditionInput {
  const within = spec.agreement?.afterwardsWithin;
  if (deadline === undefined) {
    return notAgreed(
      'AwaitingAgreement',
      `${stand}. An Emergency change may be done first; it must be agreed within ${within} after its end.`,
    );
  }
  if (!over)
    return notAgreed(
      'AwaitingAgreement',
      `${stand}, which must be so by ${instant(deadline)}, ${within} after its end.`,
    );
  return notAgreed(
    'AgreementOverdue',
    `${stand} until ${instant(deadline)}, ${within} after its end: the Emergency change was never agreed.`,
  );
}

/** `1 of 1 for the Provider agreed (kim); 0 of 1 for the Customer (asked: anna, ben)`. */
function standing(counts: readonly Count[], customer: CustomerSide): string {
  const parts = counts.map(count => {
    const { asked, needed, by } = count;
    const names = by.length > 0 ? ` (${by.join(', ')})` : '';
    const more = by.length < needed ? askable(asked, customer) : '';
    return `${by.length} of ${needed} for the ${asked.party} agreed${names}${more}`;
  });
  return parts.join('; ');
}

/** Who could still do it, at most five names. */
function askable({ party, role }: Asked, customer: CustomerSide): string {
  if (party === 'Provider') return ', asked are those who may approve contracts';
  if (typeof customer === 'string') return ', asked are those who may approve this changerequest';
  const who = customer.contacts.filter(contact => mayDecide(contact, role)).map(provenBy);
  const shown = who.slice(0, 5).join(', ');
  if (who.length === 0) return `, but Contract ${customer.contract} names nobody who could`;
  return `, asked are ${shown}${who.length > 5 ? ` and ${who.length - 5} more` : ''} of Contract ${customer.contract}`;
}

function refusalOf(decision: Decision): string {
  const comment = decision.spec.comment === undefined ? '' : `: ${decision.spec.comment}`;
  return `${calledIn(decision)} rejected it for the ${decision.spec.party} on ${instant(decision.at)}${comment}.`;
}

/** A stated identity is never told as a proven one. */
function calledIn({ spec, person }: Decision): string {
  return spec.stated === undefined ? person : `${person}, stated by ${spec.decidedBy}`;
}

function agreed(reason: string, message: string): ConditionInput {
  return { type: 'Agreed', status: 'True', reason, message };
}

function notAgreed(reason: string, message: string): ConditionInput {
  return { type: 'Agreed', status: 'False', reason, message };
}
