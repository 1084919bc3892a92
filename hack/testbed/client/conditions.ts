/** Conditions as KubeVirt, CDI and Pods carry them. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: string | null;
  readonly lastTransitionTime?: string | null;
};

/** The list with `wanted` in it; the transition time moves only with the status. */
export function withCondition(conditions: readonly Condition[], wanted: Condition, now: string): Condition[] {
  const known = conditions.find(each => each.type === wanted.type);
  const since = known?.status === wanted.status ? (known.lastTransitionTime ?? now) : now;
  const others = conditions.filter(each => each.type !== wanted.type);
  return [...others, { ...wanted, lastTransitionTime: since }];
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some(each => each.type === type && each.status === 'True') ?? false;
}
