import type { ManagedVM } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import type { Verdict } from '../contract/finding.ts';
import type { ConditionMeaning } from '../contract/reasons.ts';
import { NOT_OWED } from '../contract/unreadable.ts';

/**
 * The sum of the promises that count for an order, by the table of design 3; it says of every other condition that it does not, and how
 * that reads. MO-1 promises the VM with a supported system at every level; whoever pays for no monitoring is not promised that a failure is
 * noticed, so all that happens in the guest counts from MO-5 on.
 */
export function slaCompliant(
  { spec }: ManagedVM,
  conditions: readonly ConditionInput[],
  meanings: ReadonlyMap<string, ConditionMeaning>,
): Verdict {
  const counts = ({ type, reason }: ConditionInput) =>
    meanings.get(type)?.counts?.(spec) === true && !NOT_OWED.has(reason);
  const counted = conditions.filter(counts);
  const reading = (status: ConditionInput['status']) => counted.filter(condition => condition.status === status);
  const [kept, broken, unknown] = [reading('True'), reading('False'), reading('Unknown')];
  const names = kept.length === 0 ? '' : `: ${kept.map(({ type }) => type).join(', ')}`;
  const sum = [
    `${kept.length} of ${counted.length} promises that count at ${spec.serviceLevel} are kept${names}`,
    ...(broken.length > 0 ? [`${broken.length} broken: ${named(broken)}`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} not known: ${named(unknown)}`] : []),
  ].join('; ');
  const shown = conditions.filter(condition => !counts(condition));
  const message = `${sum}. Shown, not counted: ${named(shown)}.`;
  if (broken.length > 0) return { status: 'False', reason: 'PromiseBroken', message };
  if (unknown.length > 0 || counted.length === 0) return { status: 'Unknown', reason: 'PromiseUnknown', message };
  return { status: 'True', reason: 'PromisesKept', message };
}

function named(conditions: readonly ConditionInput[]): string {
  return conditions.map(({ type, reason }) => `${type} (${reason})`).join(', ');
}
