import type { FailedRestore, VerifiedRestore } from '../../api/managedvm.ts';

/**
 * Restores of a ManagedVM that have come to their end, whoever asked for them, a person or a drill: the one place from which verifications come.
 * What has been taken into the status stays there when backup and Restore are gone (ADR 0162).
 */
export type EndedRestores = {
  readonly verified: readonly VerifiedRestore[];
  readonly failed: readonly FailedRestore[];
};
