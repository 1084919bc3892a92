/** When a restore is rehearsed by a policy (AP-13): a drill, which Steward orders itself. */
import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { isRestored, type Restore } from '../../api/restore.ts';
import { shortHash } from '../contract/child.ts';
import { latest } from '../contract/condition.ts';
import { timeAt } from '../contract/json.ts';
import { ownDrill } from '../contract/owndrill.ts';
import { type Cron, InvalidCron, isTimeZone, nextRun, parseCron } from '../time/cron.ts';
import { ownStart } from './ownstart.ts';

/** Drills of a VM that are kept when they are over, the newest: what they proved stands in its status. */
export const KEPT_DRILLS = 3;

/** What there is of one ManagedVM. */
export type DrillFacts = {
  readonly managedVM: ManagedVM;
  /** The policy that it is backed up by, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  /** Drills of exactly this ManagedVM that are still there. */
  readonly drills: readonly Restore[];
};

export type DrillDue = {
  /** The run that is due and has no drill yet; undefined: none is. */
  readonly run: Date | undefined;
  /** When the next one is; undefined: no policy asks for drills. */
  readonly next: Date | undefined;
};

/**
 * By the policy's cron in its zone, later by the delay that this VM has of the policy's spread. Runs count from when verification was first asked for, so that a new
 * policy drills nobody at once; several that were missed are made up for by one. One at a time: none is due while another is not over.
 */
export function drillDue(facts: DrillFacts, now: Date): DrillDue {
  const { managedVM, policy } = facts;
  const cron = policy && drillCron(managedVM, policy.spec);
  if (policy === undefined || cron === undefined || !isOrdered(managedVM)) return { run: undefined, next: undefined };
  const { timeZone } = policy.spec;
  const next = nextRun(cron, timeZone, now);
  const since = timeAt(managedVM.status, 'backup', 'verificationSince');
  const from = latest(since, lastDrill(facts));
  const isUnderWay = facts.drills.some(({ status }) => !isRestored(status?.phase));
  if (since === undefined || from === undefined || isUnderWay) return { run: undefined, next };
  const run = nextRun(cron, timeZone, from);
  return { run: run <= now ? run : undefined, next };
}

/** When the next drill of a VM is due by its policy; undefined: it asks for none. */
export function nextDrillOf(managedVM: ManagedVM, policy: BackupPolicySpec, now: Date): Date | undefined {
  const cron = drillCron(managedVM, policy);
  return cron && nextRun(cron, policy.timeZone, now);
}

/** When the newest drill was ordered, whether or not it is still there. */
export function lastDrill({ managedVM, drills }: Pick<DrillFacts, 'managedVM' | 'drills'>): Date | undefined {
  return latest(timeAt(managedVM.status, 'backup', 'lastDrill'), newestDrill(drills));
}

/** When the newest of them was ordered. */
export function newestDrill(drills: readonly Restore[]): Date | undefined {
  return latest(...drills.map(({ metadata }) => timeAt(metadata, 'creationTimestamp')));
}

/** One name for a VM and a run: whoever goes on makes the same, and none twice. */
export function drillOrder({ metadata }: ManagedVM, run: Date) {
  const { name, namespace, uid = '' } = metadata;
  const called = `drill-${name.slice(0, 48)}-${shortHash(`${uid} ${run.toISOString()}`)}`;
  const reason = `Drill by the backup policy, due at ${run.toISOString()}.`;
  return ownDrill({ name: called, namespace }, name, { latest: 'Good' }, reason);
}

/** Those that are over, but for the newest. */
export function drillsToForget(drills: readonly Restore[]): readonly Restore[] {
  return drills
    .filter(({ status }) => isRestored(status?.phase))
    .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1))
    .slice(KEPT_DRILLS);
}

/** Of an order that is paused, or goes, nothing is begun. */
function isOrdered({ metadata, spec }: ManagedVM): boolean {
  return metadata.deletionTimestamp === undefined && spec.paused === undefined;
}

/** By the policy as it was read: thousands of VMs share one, and each asks in every pass. */
const crons = new WeakMap<object, Map<string, Cron>>();

function drillCron(managedVM: ManagedVM, { verification, timeZone, spread }: BackupPolicySpec): Cron | undefined {
  if (verification?.drills === undefined || !isTimeZone(timeZone)) return undefined;
  const known = crons.get(verification) ?? new Map<string, Cron>();
  crons.set(verification, known);
  try {
    const expression = ownStart(managedVM, { of: verification, schedule: verification.drills, spread });
    const cron = known.get(expression) ?? parseCron(expression);
    known.set(expression, cron);
    return cron;
  } catch (error) {
    // Admission has refused what cannot be read; what was stored before may be anything.
    if (error instanceof InvalidCron) return undefined;
    throw error;
  }
}
