/** What of a ManagedVM waits for its customer, as its open changes tell (GE-4). */
import type { ChangeRequest, Operation, WaitingFor } from '../../api/changerequest.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { earliest, instant } from './condition.ts';

export type CustomerWait = NonNullable<ManagedVMStatus['waitingForCustomer']>[number];

/** Bound of status.waitingForCustomer. */
const MOST_WAITS = 16;

/**
 * Changes of a ManagedVM that nobody but the customer can bring on now: he has not agreed although their window is open, and the provider
 * has; he has postponed them; he has not said whether he takes the result. In doubt it is the provider's turn. `changes`: those of its
 * namespace that name it, whose specs can be read. The longest wait first.
 */
export function customerWaits(changes: readonly ChangeRequest[], target: ManagedVM, now: Date): CustomerWait[] {
  const found = changes.filter(change => concerns(change, target)).flatMap(change => waitOf(change, now) ?? []);
  const key = ({ since, change }: CustomerWait) => `${since} ${change}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1)).slice(0, MOST_WAITS);
}

/**
 * The wait that holds up a promise: that of a change which does exactly what the promise needs and is not done yet. Undefined: the provider
 * is held up by nobody. A promise that is kept by this operation alone reads WaitingForCustomer with it, and is left out of SLACompliant.
 */
export function waitsForCustomer(
  changes: readonly ChangeRequest[],
  target: ManagedVM,
  purpose: Operation,
  now: Date,
): CustomerWait | undefined {
  const meant = changes.filter(({ spec }) => spec.operation === purpose && spec.result === undefined);
  return customerWaits(meant, target, now)[0];
}

/** When time alone changes what is waited for. */
export function nextCustomerWait(changes: readonly ChangeRequest[], now: Date): Date | undefined {
  const instants = changes.flatMap(({ spec, status }) => [
    ...[spec.window?.notBefore, spec.window?.notAfter, status?.window?.notBefore, status?.window?.notAfter],
  ]);
  const edges = instants.flatMap(text => (text === undefined ? [] : new Date(text)));
  return earliest(...edges.filter(edge => edge > now));
}

/** With its instants, as a part of a message. */
export function waitSentence({ change, what, since, until }: CustomerWait): string {
  const by = until === undefined ? '' : ` until ${until}`;
  if (what === 'Postponed')
    return `ChangeRequest ${change} was to begin on ${since}; the customer has postponed it${by}`;
  const lacking = what === 'Agreement' ? 'agreement' : 'acceptance of the result';
  return `ChangeRequest ${change} waits for the customer's ${lacking} since ${since}${by}`;
}

function concerns({ spec: { target } }: ChangeRequest, { kind, metadata }: ManagedVM): boolean {
  return target.kind === kind && target.name === metadata.name && (target.uid ?? metadata.uid) === metadata.uid;
}

/** What a change waits for that nobody but the customer can bring on now; whom it is for is not asked. */
export function waitOf(change: ChangeRequest, now: Date): CustomerWait | undefined {
  const { metadata, status } = change;
  // What was judged may be another spec.
  if (status?.waitingFor === undefined || status.observedGeneration !== metadata.generation) return undefined;
  const { what, whom, since } = status.waitingFor;
  if (what === 'Work') return postponement(change, now);
  if (!whom.every(party => party === 'Customer')) return undefined;
  return what === 'Agreement'
    ? lackOfAgreement(change, status.waitingFor, now)
    : { change: metadata.name, what, since };
}

/** Before its window nothing would be done anyway, and after it nothing may be. */
function lackOfAgreement(
  { metadata, status }: ChangeRequest,
  waitingFor: WaitingFor,
  now: Date,
): CustomerWait | undefined {
  const { notBefore = waitingFor.since, notAfter } = status?.window ?? {};
  if (now < new Date(notBefore) || (notAfter !== undefined && new Date(notAfter) <= now)) return undefined;
  const since = new Date(Math.max(Date.parse(waitingFor.since), Date.parse(notBefore)));
  const until = waitingFor.until ?? notAfter;
  return { change: metadata.name, what: 'Agreement', since: instant(since), ...(until && { until }) };
}

/** From when it was to begin until when it begins. */
function postponement({ metadata, spec, status }: ChangeRequest, now: Date): CustomerWait | undefined {
  const [since, until] = [spec.window?.notBefore, status?.window?.notBefore];
  const isAgreed = status?.conditions?.some(({ type, status: is }) => type === 'Agreed' && is === 'True') === true;
  if (!isAgreed || spec.result !== undefined || since === undefined || until === undefined) return undefined;
  const isPostponed = since < until && new Date(since) <= now && now < new Date(until);
  return isPostponed ? { change: metadata.name, what: 'Postponed', since, until } : undefined;
}
