/** What comes of a change: its result, which the provider writes, and the customer's acceptance of it. */
import { provenBy } from '../../api/contract.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { endOf, type Judging, mayDecide } from './decisions.ts';

/** How it ended, and the effort that is booked (GE-2). */
export function doneCondition({ spec, now }: Judging): ConditionInput {
  const type = 'Done';
  const { result } = spec;
  if (result === undefined)
    return { type, status: 'False', reason: 'Open', message: 'The provider has written no result.' };
  if (endOf(spec, now) === undefined) {
    const message = `It will be over on ${result.finishedAt}, says ${result.by}.`;
    return { type, status: 'False', reason: 'NotOverYet', message };
  }
  const { outcome, finishedAt, by, effort, notes } = result;
  const booked = effort === undefined ? 'no effort is booked' : `${effort} of effort are booked`;
  const said = notes === undefined ? '' : ` ${cut(notes, 300)}`;
  return {
    type,
    status: 'True',
    reason: outcome,
    message: `${outcome} on ${finishedAt}, says ${by}; ${booked}.${said}`,
  };
}

/** GE-13: tests, acceptance and release are the customer's. */
export function acceptedCondition({ spec, customer, now }: Judging): ConditionInput {
  const type = 'Accepted';
  const { result, acceptance, preApprovedBy } = spec;
  if (spec.class === 'Standard') {
    const message = `A Standard change is accepted with ${preApprovedBy?.kind} ${preApprovedBy?.name}, one by one it is not.`;
    return { type, status: 'Unknown', reason: 'NotIncluded', message };
  }
  if (result === undefined || endOf(spec, now) === undefined) {
    return { type, status: 'Unknown', reason: 'NotDone', message: 'There is no result yet.' };
  }
  if (result.outcome === 'Cancelled') {
    return { type, status: 'Unknown', reason: 'NothingToAccept', message: 'It was cancelled, and nothing was done.' };
  }
  if (spec.operation === 'Rescue') {
    const message = 'The rescue is over, and the VM has its own root disk again: there is no result to accept.';
    return { type, status: 'Unknown', reason: 'NothingToAccept', message };
  }
  if (acceptance === undefined) {
    const message = `The customer has not said whether he accepts the result of ${result.finishedAt} (GE-13).`;
    return { type, status: 'False', reason: 'AwaitingAcceptance', message };
  }
  const { by, decision, comment } = acceptance;
  const said = comment === undefined ? '' : `: ${cut(comment, 300)}`;
  if (customer === 'NotReadable') {
    const message = `${by} says ${decision}; whether he may say so for the customer cannot be read.`;
    return { type, status: 'Unknown', reason: 'ContractNotReadable', message };
  }
  if (
    typeof customer !== 'string' &&
    !customer.contacts.some(each => provenBy(each) === by && mayDecide(each, undefined))
  ) {
    const message = `${by} says ${decision}, and is no Approver of Contract ${customer.contract}: somebody who is must say it.`;
    return { type, status: 'False', reason: 'AcceptedByNoApprover', message };
  }
  return decision === 'Accept'
    ? { type, status: 'True', reason: 'Accepted', message: `${by} accepts the result${said}.` }
    : { type, status: 'False', reason: 'NotAccepted', message: `${by} does not accept the result${said}.` };
}
