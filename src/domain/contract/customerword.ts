/** What a customer has answered to a change, as the ChangeRequest has judged it (GE-4). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { CustomerAnswer } from '../../api/endoflife.ts';
import { deciderOf } from './decider.ts';
import { isJudged } from './setout.ts';

/** What counts of the customer's decisions on a change: one who rejects is enough. */
export function wordOn(request: ChangeRequest | undefined): CustomerAnswer | undefined {
  if (request === undefined || !hasPlan(request)) return undefined;
  const counting = (request.status?.approvals ?? []).filter(({ party, counts }) => party === 'Customer' && counts);
  const word =
    counting.find(({ decision }) => decision === 'Reject') ?? counting.find(({ decision }) => decision === 'Approve');
  if (word?.at === undefined) return undefined;
  return { decision: word.decision === 'Reject' ? 'Rejected' : 'Approved', by: deciderOf(word), at: word.at };
}

/** Whether its plan was judged as it stands. */
export function hasPlan(request: ChangeRequest): boolean {
  return request.status?.planHash !== undefined && isJudged(request);
}

/** Neither over nor rejected by anybody. */
export function isOpen(request: ChangeRequest): boolean {
  return request.spec.result === undefined && agreementOn(request)?.reason !== 'Rejected';
}

/** Whether only his answer is lacking for him to have answered: who may decide is known, and no change of the plan has voided what he decided. */
export function awaitsCustomer(request: ChangeRequest): boolean {
  const own = (request.status?.approvals ?? []).filter(({ party }) => party === 'Customer');
  return (
    hasPlan(request) &&
    agreementOn(request)?.reason === 'AwaitingAgreement' &&
    own.every(({ counts, reason }) => !counts && reason !== 'OtherPlan')
  );
}

function agreementOn({ status }: ChangeRequest) {
  return status?.conditions?.find(({ type }) => type === 'Agreed');
}
