import type { ManagedVM } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { bounded } from '../contract/excerpt.ts';

/** Ready and its companions while a person has paused the order: nothing is under way and nothing stalls, and the rest is said beneath. */
export function pausedReadiness(reason: string, conditions: readonly ConditionInput[]): readonly ConditionInput[] {
  return conditions.map(condition => {
    const { type, message } = condition;
    if (type === 'Ready') return { type, status: 'Unknown', ...paused(`${explained(reason)} Otherwise: ${message}`) };
    if (type === 'Reconciling' || type === 'Stalled') return { type, status: 'False', ...paused(explained(reason)) };
    return condition;
  });
}

/** The status of an order that is deleted while it is paused: nothing is deleted for it before the pause ends. */
export function pausedDeletion<T extends { readonly conditions: readonly ConditionInput[]; readonly requeueAt?: Date }>(
  { spec }: ManagedVM,
  assessment: T,
): Omit<T, 'requeueAt'> {
  const reason = `${spec.paused?.reason ?? ''}. The deletion goes on when the pause ends`;
  const { requeueAt: _, ...rest } = assessment;
  return { ...rest, conditions: pausedReadiness(reason, assessment.conditions) };
}

function explained(reason: string): string {
  return `Paused by spec.paused: ${reason.replace(/\.$/, '')}. Steward writes nothing but this status.`;
}

function paused(message: string): { readonly reason: string; readonly message: string } {
  return { reason: 'ReconciliationPaused', message: bounded(message) };
}
