import type { ChangeRequestStatus } from '../../api/changerequest.ts';

type JudgedApproval = NonNullable<ChangeRequestStatus['approvals']>[number];

/** Who decided, for people to read: a stated identity is never told as a proven one. */
export function deciderOf({ by, stated }: Pick<JudgedApproval, 'by' | 'stated'>): string {
  return stated === undefined ? by : `${stated}, stated by ${by}`;
}
