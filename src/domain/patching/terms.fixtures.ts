import type { ApprovalTerms } from './approve.ts';

const HOUR = 3_600_000;

/** The provider's standard of design 11, with what a test changes about it. */
export function approvalTerms(changes: Partial<ApprovalTerms> = {}): ApprovalTerms {
  return {
    updates: 'All',
    severities: undefined,
    minimumAge: { Critical: 0, Important: 72 * HOUR, Other: 168 * HOUR },
    deadlines: { Critical: 72 * HOUR, Important: 336 * HOUR, Other: 720 * HOUR },
    ...{ allow: [], deny: [], exclude: [] },
    ...changes,
  };
}
