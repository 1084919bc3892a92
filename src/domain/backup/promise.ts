import { earliest } from '../contract/condition.ts';
import { failed, waiting } from '../contract/finding.ts';
import { applied, applyProblems, missing } from '../contract/outcome.ts';
import { permits } from '../contract/permitted.ts';
import type { Accepted, Asked, Carried, Said, ServicePromise, Wanted } from '../contract/promise.ts';
import { hasLostDisk } from '../machine/diskhold.ts';
import { type BackupCompliance, backupCompliance } from './backupcompliance.ts';
import { nextExtension } from './backuphold.ts';
import { backupPlan } from './backupplan.ts';
import { CHILD_KINDS, VELERO } from './childkinds.ts';
import { renderDownloadRequest } from './downloadrequest.ts';
import type { BackupFacts, OfBackup } from './facts.ts';
import { nextRevival } from './forgottenbackups.ts';
import { type JudgingFacts, toInspect } from './judging.ts';
import type { BackupPolicyKind } from './policykind.ts';
import { notFound } from './policymissing.ts';
import { CONDITIONS, type ConditionType, type Finding, REASONS, type Reason } from './reasons.ts';
import { renderSchedules } from './schedules.ts';

/** What was ordered is backed up in time, and can be restored (AP-6, AP-13). */
export const backup: ServicePromise<OfBackup, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children,
  assess,
};

function children(accepted: Accepted<OfBackup>): Wanted {
  const { installed, schedules: standing } = accepted.facts.backup;
  const wanted = schedulesOf(accepted);
  const questions = installed ? questionsOf(accepted) : [];
  if (wanted === undefined) return { apply: questions, keep: standing };
  return { apply: installed ? [...wanted, ...questions] : [], keep: [] };
}

/** Velero is asked for what the status does not know of the newest backup; the question goes with the answer. */
function questionsOf(asked: Accepted<OfBackup>): Wanted['apply'] {
  const { backup } = asked.facts;
  const unknown = backup.veleroAvailable ? toInspect(judgedFacts(asked)) : undefined;
  return unknown === undefined ? [] : [renderDownloadRequest(unknown, backup.veleroNamespace)];
}

function judgedFacts({ managedVM, facts, now }: Asked<OfBackup>): JudgingFacts {
  const { machine, backup } = facts;
  return { ...backup, managedVM, machine, permitted: machine.permitted?.storageLocations, now };
}

/**
 * The Schedules that the order wants. Undefined: what there is stays as it is, for a policy that has gone, or is beyond what can be carried
 * out, is a mistake, and a mistake must cost no backup. A storage location that is not permitted is none: nothing may be written there.
 */
function schedulesOf({ managedVM, facts, now }: Accepted<OfBackup>): Wanted['apply'] | undefined {
  const { policy, bounds, veleroNamespace } = facts.backup;
  const { permitted, holds } = facts.machine;
  if (managedVM.spec.backupPolicyRef === undefined) return [];
  if (policy === undefined || permitted === undefined) return undefined;
  if (!permits(permitted.storageLocations, policy.spec.storageLocation)) return [];
  if (backupPlan(policy.spec, bounds, now).crons.length === 0) return undefined;
  return renderSchedules({ managedVM, policy, veleroNamespace, paused: hasLostDisk(holds) });
}

function assess(carried: Carried<OfBackup>): Said<ConditionType, Reason> {
  const { managedVM, facts } = carried;
  const { backup } = facts;
  const compliance = backupCompliance({ ...backup, ...judgedFacts(carried) });
  return {
    conditions: { ...compliance.parts, BackupCompliant: compliance.verdict },
    findings: obstacles(carried, compliance),
    ...(compliance.backup && { status: { backup: compliance.backup } }),
    nextEdge: earliest(
      compliance.nextEdge,
      nextExtension(backup.held ?? []),
      nextRevival(managedVM, backup.backups, carried.now),
    ),
  };
}

/** What stands in the way of the Schedules. */
function obstacles(
  { managedVM, facts, outcomes, blocked }: Carried<OfBackup>,
  { verdict }: BackupCompliance,
): readonly Finding[] {
  const policy = managedVM.spec.backupPolicyRef;
  if (blocked || policy === undefined) return [];
  const name = `${policy.kind} ${policy.name}`;
  const namedBy = facts.backup.standard?.applies ? 'spec.backup.policyRef of the plan' : 'spec.backupPolicyRef';
  const refused = applyProblems(outcomes, CHILD_KINDS);
  const told = verdict.status === 'False' ? ` ${verdict.message}` : '';
  const unscheduled = told === '' ? waiting : failed;
  return [
    ...(facts.backup.installed ? [] : [missing('Schedule', VELERO)]),
    ...(isMissing(policy.kind, facts.backup)
      ? [failed(notFound(policy.kind), `${name} (${namedBy}) does not exist.`)]
      : []),
    ...refused,
    ...(applied(outcomes, 'Schedule') || refused.length > 0
      ? []
      : [unscheduled('BackupsNotScheduled', `No Velero Schedule is made from ${name}.${told}`)]),
  ];
}

/** A policy that cannot be read may be there. */
function isMissing(wanted: BackupPolicyKind, { policy, unreadable }: BackupFacts): boolean {
  return policy === undefined && !unreadable.some(({ kind }) => kind === wanted);
}
