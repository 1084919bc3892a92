import { millisecondsOf } from '../../api/duration.ts';
import type { FailedRestore, ManagedVMStatus, VerifiedRestore } from '../../api/managedvm.ts';
import { instant, latest } from '../contract/condition.ts';
import { type ComplianceFacts, parseTime } from './compliancefacts.ts';
import { nextDrillOf } from './drilldue.ts';
import { p95 } from './quantile.ts';

/** Restores that the status remembers. */
const KEPT = 16;

/** What proves that a ManagedVM can be restored. */
export type Verification = {
  /** Newest first. */
  readonly verified: readonly VerifiedRestore[];
  /** The last one that failed, if none has worked since. */
  readonly failed: FailedRestore | undefined;
  /** Since when it is asked for, or was once; kept while any policy is named. */
  readonly since: Date | undefined;
  /** When it is broken unless another restore works; undefined: the policy does not ask for it. */
  readonly deadline: Date | undefined;
  /** When the newest drill was ordered, and when the next one is due. */
  readonly lastDrill: Date | undefined;
  readonly nextDrill: Date | undefined;
};

export function verificationOf({ managedVM, policy, restores, now }: ComplianceFacts): Verification {
  const lastDrill = latest(parseTime(managedVM.status?.backup?.lastDrill), restores?.lastDrill);
  const nextDrill = policy && nextDrillOf(managedVM, policy.spec, now);
  const before = managedVM.status?.backup;
  const verified = newest([...(restores?.verified ?? []), ...(before?.verified ?? [])], now).slice(0, KEPT);
  const failures = newest([...(restores?.failed ?? []), ...(before?.failedRestore ? [before.failedRestore] : [])], now);
  const failed = failures[0] && failures[0].time > (verified[0]?.time ?? '') ? failures[0] : undefined;
  const asked = policy?.spec.verification;
  const known = parseTime(before?.verificationSince);
  const since = known && known <= now ? known : asked && now;
  const from = parseTime(verified[0]?.time) ?? since;
  const deadline = asked && from && new Date(from.getTime() + millisecondsOf(asked.maxAge));
  return { verified, failed, since, deadline, lastDrill, nextDrill };
}

/** Each once, the newest first; one that is dated in the future is nothing yet. */
function newest<Ended extends { readonly restore: string; readonly time: string }>(
  restores: readonly Ended[],
  now: Date,
): readonly Ended[] {
  const each = new Map(restores.toReversed().map(restore => [`${restore.restore} ${restore.time}`, restore]));
  const past = [...each.values()].filter(({ time }) => new Date(time) <= now);
  return past.toSorted((a, b) => (a.time === b.time ? a.restore.localeCompare(b.restore) : a.time < b.time ? 1 : -1));
}

type Remembered = Pick<
  NonNullable<ManagedVMStatus['backup']>,
  | 'verificationSince'
  | 'verified'
  | 'failedRestore'
  | 'verificationDeadline'
  | 'recoveryTime'
  | 'lastDrill'
  | 'nextDrill'
>;

/** For status.backup: what is remembered of it, whatever else can be seen. */
export function verificationStatus(verification: Verification): Remembered {
  const { verified, failed, since, deadline, lastDrill, nextDrill } = verification;
  const seconds = verified.map(restore => restore.seconds);
  const [last, most] = [seconds[0], p95(seconds)];
  return {
    ...(since ? { verificationSince: instant(since) } : {}),
    ...(verified.length > 0 ? { verified: [...verified] } : {}),
    ...(failed ? { failedRestore: failed } : {}),
    ...(deadline ? { verificationDeadline: instant(deadline) } : {}),
    ...(lastDrill ? { lastDrill: instant(lastDrill) } : {}),
    ...(nextDrill ? { nextDrill: instant(nextDrill) } : {}),
    ...(last === undefined || most === undefined ? {} : { recoveryTime: { last, p95: most } }),
  };
}

/** When verdicts about restores change by the passing of time alone: the deadline, and when the oldest of them proves nothing any more. */
export function verificationEdges(
  { policy, now }: ComplianceFacts,
  { verified, deadline, nextDrill }: Verification,
): readonly Date[] {
  const maxAge = policy?.spec.verification?.maxAge;
  const ends = verified.map(({ time }) => new Date(new Date(time).getTime() + millisecondsOf(maxAge ?? '0s')));
  return [...ends, ...(deadline ? [deadline] : []), ...(nextDrill ? [nextDrill] : [])].filter(edge => edge > now);
}
