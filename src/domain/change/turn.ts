/** Whose turn it is (GE-4): what waits for the customer does not count against the provider. */
import type { WaitingFor } from '../../api/changerequest.ts';
import { instant } from '../contract/condition.ts';
import type { Agreement } from './agreement.ts';
import { deadlineOf, endOf, type Judging } from './decisions.ts';

export type Standing = {
  readonly judging: Judging;
  readonly agreement: Agreement;
  /** Reason of the condition Accepted. */
  readonly accepted: string;
};

/** Since when is told from the status of before, as long as it is the same turn. */
export function waitingOf(standing: Standing, before: WaitingFor | undefined): WaitingFor | undefined {
  const turn = turnOf(standing);
  if (turn === undefined) return undefined;
  const goesOn = before !== undefined && before.what === turn.what && String(before.whom) === String(turn.whom);
  return { ...turn, since: goesOn ? before.since : instant(standing.judging.now) };
}

type Turn = Omit<WaitingFor, 'since'>;

function turnOf({ judging: { spec, now }, agreement, accepted }: Standing): Turn | undefined {
  const isOver = endOf(spec, now) !== undefined;
  // What was not agreed in time cannot be any more.
  const isDecided = ['Rejected', 'AgreementLapsed', 'AgreementOverdue'].includes(agreement.reason);
  if (isDecided || spec.result?.outcome === 'Cancelled') return undefined;
  // An Emergency change is done first and agreed afterwards; of the others what was not agreed in time cannot be made good.
  const isAgreedNow = (spec.class === 'Emergency') === isOver;
  if (agreement.missing.length > 0 && isAgreedNow) {
    const deadline = deadlineOf(spec, now);
    return { what: 'Agreement', whom: [...agreement.missing], ...(deadline && { until: instant(deadline) }) };
  }
  const { notAfter } = spec.window ?? {};
  if (!isOver) return { what: 'Work', whom: ['Provider'], ...(notAfter && { until: notAfter }) };
  if (accepted === 'AwaitingAcceptance' || accepted === 'AcceptedByNoApprover')
    return { what: 'Acceptance', whom: ['Customer'] };
  return accepted === 'NotAccepted' ? { what: 'Work', whom: ['Provider'] } : undefined;
}
