import { earliest } from '../contract/condition.ts';
import type { BackupPlan } from './backupplan.ts';
import type { ComplianceFacts } from './compliancefacts.ts';
import { type Judging, judging } from './judging.ts';
import {
  candidates,
  type Defect,
  newestAttempt,
  newestRecoveryPoint,
  type RecoveryPoint,
  startOf,
} from './recoverypoint.ts';

/** How the backups of one ManagedVM stand against the clock. */
export type Standing = {
  /** The backups as they are judged. */
  readonly judged: Judging;
  readonly point: RecoveryPoint | undefined;
  /** A newer one that would keep the objective, and of which it is not known yet what it holds; `why`: a clause. */
  readonly unread: { readonly name: string; readonly why: string } | undefined;
  /** Why there is no newer recovery point. */
  readonly attempt: (Defect & { readonly name: string }) | undefined;
  /** When the recovery point objective is broken unless a newer backup succeeds. */
  readonly deadline: Date | undefined;
  /** Backups with our labels that no Schedule of ours has made. */
  readonly strangers: readonly string[];
  /** When a backup begins or ceases to count by the passing of time alone. */
  readonly nextEdge: Date | undefined;
};

/** `since`: when the VM came under backup, from which the objective counts before the first recovery point. */
export function standingOf(facts: ComplianceFacts, plan: BackupPlan | undefined, since: Date): Standing {
  const { backups, now } = facts;
  const judged = judging(facts);
  const { own, circumstances } = judged;
  const point = newestRecoveryPoint(own, circumstances);
  const unread = unreadBackup(facts, judged, point, plan);
  const toCome = own.map(startOf).filter(start => start && start > now);
  return {
    ...{ judged, point, unread },
    attempt: newestAttempt(own, point, circumstances),
    deadline: plan && new Date((point?.time ?? since).getTime() + plan.objective),
    strangers: backups.filter(backup => !own.includes(backup)).map(({ metadata }) => metadata.name),
    nextEdge: earliest(point?.until, unread?.edge, ...toCome),
  };
}

/** The newest backup that may be as good as its status says; `edge`: when it is asked for again, or is too old for that to matter. */
function unreadBackup(
  { contents, now }: ComplianceFacts,
  { own, circumstances }: Judging,
  point: RecoveryPoint | undefined,
  plan: BackupPlan | undefined,
): (NonNullable<Standing['unread']> & { readonly edge: Date | undefined }) | undefined {
  const objective = plan?.objective ?? 0;
  const oldest = Math.max(point?.time.getTime() ?? 0, now.getTime() - objective);
  const newest = candidates(own, circumstances).find(
    ({ backup, time }) => time.getTime() > oldest && !circumstances.isInspected(backup),
  );
  if (newest === undefined) return undefined;
  const { name, time, backup } = newest;
  const tooOld = new Date(time.getTime() + objective);
  const read = contents(backup.metadata.uid ?? '');
  if (read === undefined || !('failure' in read)) {
    return { name, why: 'Velero is asked where that is written', edge: tooOld };
  }
  const why = `it could not be read in the store: ${read.failure}`;
  return { name, why, edge: read.retryAt > now ? earliest(read.retryAt, tooOld) : tooOld };
}
