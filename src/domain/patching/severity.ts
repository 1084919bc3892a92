import type { Severity } from './update.ts';

export const GRAVEST_FIRST: readonly Severity[] = ['Critical', 'Important', 'Moderate', 'Low', 'Unknown'];

/** Negative where the first is the graver one. What nobody has rated is the last among those of which something is known. */
export function graver(a: Severity, b: Severity): number {
  return GRAVEST_FIRST.indexOf(a) - GRAVEST_FIRST.indexOf(b);
}

export function gravest(severities: readonly Severity[]): Severity {
  return severities.toSorted(graver)[0] ?? 'Unknown';
}

/** What a policy sets numbers for. */
export type SeverityClass = 'Critical' | 'Important' | 'Other';

type Rated = { readonly severity: Severity; readonly security?: boolean | undefined };

/** What nobody has rated and may mend a hole counts as the gravest. */
export function classOf(rated: Rated): SeverityClass {
  const { severity } = rated;
  if (severity === 'Critical' || isUnrated(rated)) return 'Critical';
  return severity === 'Important' ? 'Important' : 'Other';
}

export function isUnrated({ severity, security }: Rated): boolean {
  return severity === 'Unknown' && security !== false;
}
