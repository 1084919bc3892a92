import { type ManagedVM, type ManagedVMStatus, managedVM } from '../../api/managedvm.ts';
import { heldBackups } from '../../domain/backup/backuphold.ts';
import { forgottenBackups } from '../../domain/backup/forgottenbackups.ts';
import { standardOf, withStandard } from '../../domain/backup/standard.ts';
import { instanceToEnd } from '../../domain/change/operation.ts';
import type { Outcome } from '../../domain/contract/outcome.ts';
import type { FactsByPromise } from '../../domain/contract/promise.ts';
import { guestNews } from '../../domain/guest/news.ts';
import { takenDisks } from '../../domain/machine/diskconsent.ts';
import { endNews } from '../../domain/machine/endoflifewords.ts';
import { becomesAnother } from '../../domain/machine/exchanging.ts';
import { thawDue } from '../../domain/machine/freezes.ts';
import { restartable, restartDue } from '../../domain/machine/restartdiff.ts';
import { machineUnreadable } from '../../domain/machine/unreadable.ts';
import { assessmentBy } from '../../domain/managedvm/assess.ts';
import { type Facts, PROMISES, type Promises } from '../../domain/managedvm/promises.ts';
import { runNews, windowNews } from '../../domain/patching/notice.ts';
import { instanceToRestart } from '../../domain/patching/restart.ts';
import { deepEqual } from '../../runtime/api/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Result } from '../../runtime/pass/controller.ts';
import { STATUS_INTERVALS } from '../report.ts';
import { hasBackups } from './backup.ts';
import { carryOut } from './carryout.ts';
import type { Context, Parts } from './context.ts';
import { finalize } from './finalize.ts';
import { force } from './force.ts';
import { holdBackups } from './holdbackups.ts';
import { hasIncidents } from './incidents.ts';
import { gather, indexesOf, READINGS, type Readings, watchesOf } from './readings.ts';
import { type Ending, restart } from './restart.ts';
import { reviveBackups } from './revivebackups.ts';
import { agreementOn } from './service.ts';
import { thaw } from './thaw.ts';

/** On every ManagedVM; the API server can be asked to put it on new ones by itself (charts/steward, admission.finalizer). */
export const MANAGED_VM_FINALIZER = 'managed.systems/managed-vm';

/** By it the API server finds those whose parts are protected (charts/steward, admission.deletionProtection), so that it need not ask all. */
export const DELETION_PROTECTION_LABEL = 'managed.systems/deletion-protection';

/** What is promised, and who reads the facts for it. */
export type Service<F> = { readonly promises: Promises<F>; readonly readings: Readings<F> };

export const SERVICE: Service<Facts> = { promises: PROMISES, readings: READINGS };

/** Keeps the promises to ManagedVMs: turns them into children, and says what holds. */
export function managedVMController<F extends Facts & FactsByPromise>(
  parts: Parts,
  service: Service<F>,
): ControllerDefinition<ManagedVM & KubeObject> {
  const {
    settings,
    reporter,
    metrics,
    prometheus,
    guestWorkers,
    rights,
    backupContents,
    veleroHeartbeat,
    alertReceiver,
    ownership,
  } = parts;
  return defineController<ManagedVM & KubeObject>({
    name: 'managedvm',
    kind: managedVM,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: opensRecord },
    finalizer: MANAGED_VM_FINALIZER,
    labels: ({ spec }) => ({ [DELETION_PROTECTION_LABEL]: spec.deletionProtection ? 'true' : undefined }),
    indexes: indexesOf(service.readings),
    owns: ownership.kinds,
    watches: watchesOf(service.readings, settings),
    polls: [
      guestWorkers.source,
      rights.source,
      backupContents.source,
      veleroHeartbeat.source(hasBackups),
      alertReceiver.source(hasIncidents),
      ...(prometheus ? [prometheus.source] : []),
    ],
    reconcile: reconciliation(parts, service),
    finalize: context => finalize(context, parts),
    forget: uid => {
      reporter.forget(uid);
      metrics.forget(uid);
    },
  });
}

/** One pass: gather, decide and apply, look again, assess, one status write. */
function reconciliation<F extends Facts & FactsByPromise>(parts: Parts, { promises, readings }: Service<F>) {
  const {
    settings,
    reporter,
    metrics,
    prometheus,
    guestWorkers,
    rights,
    backupContents,
    veleroHeartbeat,
    alertReceiver,
    ownership,
  } = parts;
  const assess = assessmentBy(promises);
  const forced = new Set<string>();
  return async (passed: Context): Promise<Result> => {
    const { read, now } = passed;
    const standard = standardOf(passed.object, agreementOn(passed.object.metadata.namespace ?? '', read), now);
    const object = withStandard(passed.object, standard);
    const context = { ...passed, object };
    const sources = {
      read,
      settings,
      prometheus,
      guestWorkers,
      rights,
      backupContents,
      veleroHeartbeat,
      alertReceiver,
      whose: ownership.whose,
      standard,
    };
    const before = gather(readings, object, sources);
    const outcomes = await carryOut(context, promises, before, parts);
    const after = outcomes.every(isUnchanged) ? before : gather(readings, object, sources);
    if (object.spec.paused === undefined) {
      await restart(context, endingNow(object, after, now));
      await force(context, instanceToEnd(object, after.machine.changeRequests, now, 'ForcedStop'), forced);
    }
    const thawed = await thaw(context, object.spec.paused ? undefined : thawDue(object, after.machine, now));
    const { points: held, failure } = await holdBackups(context, heldBackups(object, after, now));
    const machine = { ...after.machine, thawAsked: thawed.asked };
    const facts = { ...after, machine, backup: { ...after.backup, held } };
    const assessment = assess({ managedVM: object, facts, outcomes, now });
    if (await reporter.report(context, assessment)) {
      for (const taken of takenDisks(object, assessment.status, after.machine))
        context.event('Normal', 'DiskTaken', taken);
      const news = [
        ...guestNews(object, assessment),
        ...endNews(object.status?.endOfLife, assessment.status.endOfLife),
        ...windowNews(object.status?.patching, assessment.status.patching),
        ...runNews(object.status?.patching, assessment.status.patching, after.patching.runs),
      ];
      for (const { type, reason, message } of news) context.event(type, reason, message);
    }
    // A guest that cannot be seen is no reason for an alarm about it.
    if (!machineUnreadable(after.machine.unreadable)) metrics.record(object, after.machine);
    metrics.recordPatches(object, assessment.status.patching);
    metrics.recordBackups(object, assessment.status.backup);
    await reviveBackups(context, forgottenBackups(object, after.backup.backups, now));
    // What could not be done is tried again, but what it is about is told all the same.
    for (const failed of [failure, thawed.failure]) if (failed !== undefined) throw failed.error;
    return { requeueAt: assessment.requeueAt };
  };
}

/** The instance that must end, and why: a change was agreed, a window is open for it, or the order says that it need not wait for one. */
function endingNow(managedVM: ManagedVM, { machine: observed, patching }: Facts, now: Date): Ending {
  const patched = instanceToRestart(patching.runs, now);
  if (patched !== undefined && patched === restartable(managedVM, observed))
    return { uid: patched, why: 'its PatchRun reboots the guest, and changes wait for it' };
  const ordered = instanceToEnd(managedVM, observed.changeRequests, now);
  return ordered !== undefined && ordered === restartable(managedVM, observed)
    ? { uid: ordered, why: 'a ChangeRequest that was agreed says so' }
    : { uid: restartDue(managedVM, observed), why: 'spec.restartPolicy is Automatic and changes wait for it' };
}

function isUnchanged({ action }: Outcome): boolean {
  return action === 'unchanged';
}

/** What a first boot is given must stand in the status before a guest can have booted with it, and which claim a disk is before one runs on it: afterwards nobody could tell. */
function opensRecord(previous: Partial<ManagedVMStatus>, next: Partial<ManagedVMStatus>): boolean {
  const boots = previous.firstBoot === undefined && next.firstBoot !== undefined;
  const exchanges = previous.newRoot?.phase !== next.newRoot?.phase;
  // What the customer was offered and has answered too (GE-12).
  const ends = !deepEqual(previous.endOfLife, next.endOfLife);
  return boots || exchanges || ends || becomesAnother(previous, next);
}
