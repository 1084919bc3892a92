import type { ManagedVM } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import type { Verdict } from '../contract/finding.ts';
import type { ConditionMeaning } from '../contract/reasons.ts';
import { NOT_OWED } from '../contract/unreadable.ts';

/** What decides which conditions are summed. */
export type Counting = {
  /** What each condition means. */
  readonly meanings: ReadonlyMap<string, ConditionMeaning>;
  /** Reasons that wait for the customer's cooperation. */
  readonly cooperation: ReadonlySet<string>;
};

/**
 * The sum of the promises that count for an order, by the table of design 3; it says of every other condition that it does not, and how
 * that reads. MO-1 promises the VM with a supported system at every level; whoever pays for no monitoring is not promised that a failure is
 * noticed, so all that happens in the guest counts from MO-5 on. What waits for the customer does not count against the provider (GE-4).
 */
export function slaCompliant(
  { spec }: ManagedVM,
  conditions: readonly ConditionInput[],
  { meanings, cooperation }: Counting,
): Verdict {
  const owed = conditions.filter(
    ({ type, reason }) => meanings.get(type)?.counts?.(spec) === true && !NOT_OWED.has(reason),
  );
  const waits = waitingForCustomer(owed, cooperation);
  const counted = owed.filter(condition => !waits.includes(condition));
  const reading = (status: ConditionInput['status']) => counted.filter(condition => condition.status === status);
  const [kept, broken, unknown] = [reading('True'), reading('False'), reading('Unknown')];
  const names = kept.length === 0 ? '' : `: ${kept.map(({ type }) => type).join(', ')}`;
  const sum = [
    `${kept.length} of ${counted.length} promises that count at ${spec.serviceLevel} are kept${names}`,
    ...(broken.length > 0 ? [`${broken.length} broken: ${named(broken)}`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} not known: ${named(unknown)}`] : []),
    ...(waits.length > 0 ? [`${waits.length} left out, waiting for the customer (GE-4): ${named(waits)}`] : []),
  ].join('; ');
  const shown = conditions.filter(condition => !owed.includes(condition));
  const message = shown.length === 0 ? `${sum}.` : `${sum}. Shown, not counted: ${named(shown)}.`;
  if (broken.length > 0) return { status: 'False', reason: 'PromiseBroken', message };
  if (unknown.length > 0 || counted.length === 0) return { status: 'Unknown', reason: 'PromiseUnknown', message };
  return { status: 'True', reason: 'PromisesKept', message };
}

/** Those whose reason says so, and what is not there yet because the VM itself waits. */
function waitingForCustomer(
  owed: readonly ConditionInput[],
  cooperation: ReadonlySet<string>,
): readonly ConditionInput[] {
  const waits = ({ status, reason }: ConditionInput) => status !== 'True' && cooperation.has(reason);
  const provisioned = owed.find(({ type }) => type === 'Provisioned');
  const nothingYet = provisioned !== undefined && waits(provisioned);
  return owed.filter(condition => waits(condition) || (nothingYet && condition.reason === 'NotProvisioned'));
}

function named(conditions: readonly ConditionInput[]): string {
  return conditions.map(({ type, reason }) => `${type} (${reason})`).join(', ');
}
