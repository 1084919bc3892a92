/** What an assessment says about one promise; the runtime adds times and generation. */
export type ConditionInput = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};

/** An instant as metav1.Time is written: RFC 3339 in UTC with whole seconds. */
export function instant(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The latest of some instants, if there is one. */
export function latest(...times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length === 0 ? undefined : new Date(Math.max(...known.map(time => time.getTime())));
}

/** The earliest of some instants, if there is one: when an assessment must be made again. */
export function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length === 0 ? undefined : new Date(Math.min(...known.map(time => time.getTime())));
}
