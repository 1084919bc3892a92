/** metav1.Condition. */
export type Condition = {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number | undefined;
};

/** What an assessment says; times and generation are added by {@link mergeConditions}. */
export type ConditionInput = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** RFC 3339 with whole seconds in UTC: the precision of metav1.Time. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * The next list of conditions, sorted by type. A type that is not in `next` vanishes.
 * lastTransitionTime moves only when the status does (Kubernetes API conventions), never with reason or message.
 */
export function mergeConditions(
  previous: readonly Condition[] | undefined,
  next: readonly ConditionInput[],
  now: Date,
  generation?: number,
): Condition[] {
  const before = new Map(previous?.map(condition => [condition.type, condition]));
  const merged = next.map(({ type, status, reason, message }): Condition => {
    const old = before.get(type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(now);
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
  return merged.sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
}
