import type { ManagedApplication } from '../../api/managedapplication.ts';

/** The version line that runs or is to be set up: that of the order, or the one that an approved change has brought it to (GE-11). */
export function lineOf({ spec, status }: Pick<ManagedApplication, 'spec' | 'status'>): string {
  return status?.line ?? spec.line;
}
