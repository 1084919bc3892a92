import { backupPolicy } from '../../api/backuppolicy.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import * as upstream from '../../api/upstream.ts';
import { storageObstacle } from '../../domain/backup/backupcompliance.ts';
import { nextExtension } from '../../domain/backup/backuphold.ts';
import type { BackupStorageLocation } from '../../domain/backup/velero.ts';
import type { Outcome } from '../../domain/contract/applyproblems.ts';
import {
  DEFAULT_RULES_NAME,
  MANAGED_VM_LABEL,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  virtualMachineName,
} from '../../domain/contract/child.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { machineUnreadable } from '../../domain/contract/unreadable.ts';
import { takenDisks } from '../../domain/machine/diskconsent.ts';
import { claimNames, claimsOfMachine } from '../../domain/machine/diskhold.ts';
import { orderProblem } from '../../domain/machine/order.ts';
import { restartDue } from '../../domain/machine/restartdiff.ts';
import { assess } from '../../domain/managedvm/assess.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type ReconcileContext,
  type Result,
} from '../../runtime/pass/controller.ts';
import { listsOf } from '../namespacelists.ts';
import { byOwner, MANAGED_SELECTOR, type Ownership } from '../ownership.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import type { Settings } from '../settings.ts';
import { desiredChildren, standingChildren } from './children.ts';
import { finalize } from './finalize.ts';
import { backupsOf, CLAIM_INDEX, type Gathered, gather, heldBackups, VIRTUAL_MACHINE_INDEX } from './gather.ts';
import { holdBackups } from './holdbackups.ts';
import { ensureKeys, storedKeys } from './keys.ts';
import type { ManagedVMMetrics } from './metrics.ts';
import type { Prometheus } from './prometheus.ts';
import { restart } from './restart.ts';

export type Context = ReconcileContext<ManagedVM & KubeObject>;

/** On every ManagedVM; the API server can be asked to put it on new ones by itself (charts/steward, admission.finalizer). */
export const MANAGED_VM_FINALIZER = 'managed.systems/managed-vm';

/** By it the API server finds those whose parts are protected (charts/steward, admission.deletionProtection), so that it need not ask all. */
export const DELETION_PROTECTION_LABEL = 'managed.systems/deletion-protection';

const OPERATING_SYSTEM_INDEX = 'operatingSystem';
const BACKUP_POLICY_INDEX = 'backupPolicy';

export type Parts = {
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly metrics: ManagedVMMetrics;
  /** Undefined: it is not asked. */
  readonly prometheus: Prometheus | undefined;
  readonly ownership: Ownership;
};

/** Turns ManagedVMs into machines, disks, first boot, scraping, rules and schedules, and says what holds. */
export function managedVMController(parts: Parts): ControllerDefinition<ManagedVM & KubeObject> {
  const { settings, reporter, metrics, prometheus, ownership } = parts;
  const { VirtualMachine } = upstream;
  return defineController<ManagedVM & KubeObject>({
    name: 'managedvm',
    kind: managedVM,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: opensRecord },
    finalizer: MANAGED_VM_FINALIZER,
    labels: ({ spec }) => ({ [DELETION_PROTECTION_LABEL]: spec.deletionProtection ? 'true' : undefined }),
    indexes: {
      [OPERATING_SYSTEM_INDEX]: ({ spec }) => [spec.operatingSystem],
      [BACKUP_POLICY_INDEX]: ({ metadata, spec }) =>
        spec.backupPolicyRef ? [`${metadata.namespace}/${spec.backupPolicyRef.name}`] : [],
      [VIRTUAL_MACHINE_INDEX]: vm => [`${vm.metadata.namespace}/${virtualMachineName(vm)}`],
      [CLAIM_INDEX]: vm => claimNames(vm).map(name => `${vm.metadata.namespace}/${name}`),
    },
    owns: ownership.kinds,
    watches: [
      {
        kind: operatingSystem,
        part: specOf,
        toKeys: ({ metadata }, read) => keysOf(read.byIndex(managedVM, OPERATING_SYSTEM_INDEX, metadata.name)),
      },
      {
        kind: backupPolicy,
        part: specOf,
        toKeys: ({ metadata }, read) =>
          keysOf(read.byIndex(managedVM, BACKUP_POLICY_INDEX, `${metadata.namespace}/${metadata.name}`)),
      },
      // Who wants the same name gets it when this one has gone, which may be after the VirtualMachine has.
      { kind: managedVM, toKeys: rivalsOf },
      { kind: upstream.VirtualMachineInstance, selector: MANAGED_VM_LABEL, toKeys: byVirtualMachine },
      // Every VirtualMachine, so that one of the wanted name that is not ours is noticed, and noticed to be gone.
      { kind: VirtualMachine, selector: '', toKeys: byVirtualMachine },
      { kind: upstream.PersistentVolumeClaim, selector: '', toKeys: byClaim },
      { kind: upstream.DataVolume, selector: '', toKeys: byClaim },
      {
        // Its text is the business of who writes it; that it is there is the business of all whom it watches over.
        kind: upstream.PrometheusRule,
        selector: MANAGED_SELECTOR,
        part: ({ metadata }) => metadata.deletionTimestamp,
        toKeys: ({ metadata: { namespace = '', name } }, read) =>
          name === DEFAULT_RULES_NAME ? keysOf(read.list(managedVM, { namespace })) : [],
      },
      {
        kind: upstream.BackupStorageLocation,
        namespace: settings.veleroNamespace,
        // Velero validates each location once a minute and writes when.
        part: location => storageObstacle(location.metadata.name, location as BackupStorageLocation & KubeObject),
        toKeys: (_, read) => keysOf(read.list(managedVM).filter(hasBackups)),
      },
      {
        kind: upstream.Namespace,
        part: listsOf,
        toKeys: ({ metadata }, read) => keysOf(read.list(managedVM, { namespace: metadata.name }).filter(namesShared)),
      },
      {
        kind: upstream.VeleroBackup,
        namespace: settings.veleroNamespace,
        selector: OWNER_NAME_LABEL,
        indexes: byOwner,
        toKeys: byOwnerLabels,
      },
    ],
    polls: prometheus ? [prometheus.source] : [],
    reconcile: context => reconcile(context, parts),
    finalize: context => finalize(context, parts),
    forget: uid => {
      reporter.forget(uid);
      metrics.forget(uid);
    },
  });
}

async function reconcile(context: Context, parts: Parts): Promise<Result> {
  const { settings, reporter, metrics, prometheus, ownership } = parts;
  const { object, read, now } = context;
  const sources = { read, settings, prometheus, now, whose: ownership.whose };
  const before = gather(object, sources);
  const outcomes = await carryOut(context, before, settings);
  const after = outcomes.every(({ action }) => action === 'unchanged') ? before : gather(object, sources);
  if (object.spec.paused === undefined) await restart(context, restartDue(object, after.observed));
  const unheld = await tried(holdBackups(context, heldBackups(object, after, sources)));
  const backup = backupsOf(object, after, sources);
  const assessment = assess({ managedVM: object, observed: after.observed, outcomes, backup, now });
  if (await reporter.report(context, assessment)) {
    for (const taken of takenDisks(object, assessment.status, after.observed))
      context.event('Normal', 'DiskTaken', taken);
  }
  // A guest that cannot be seen is no reason for an alarm about it.
  if (!machineUnreadable(after.observed.unreadable)) metrics.record(object, after);
  // A backup that cannot be held is tried again, but the loss is told all the same.
  if (unheld !== undefined) throw unheld.error;
  return { requeueAt: earliest(assessment.requeueAt, nextExtension(heldBackups(object, after, sources))) };
}

async function tried(act: Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  return act.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
}

/** Applies and prunes the children; of an order that is paused it only looks at them. */
async function carryOut(context: Context, before: Gathered, settings: Settings): Promise<readonly Outcome[]> {
  const { object, read, now } = context;
  if (orderProblem(object, before.observed) !== undefined) return [];
  if (object.spec.paused !== undefined) {
    const desired = desiredChildren(object, before, storedKeys(read, object, settings.namespace), settings, now);
    return desired ? standingChildren(desired, read) : [];
  }
  await keepDisks(context, before);
  const keys = await ensureKeys(context, settings.namespace, before.observed);
  const desired = desiredChildren(object, before, keys, settings, now);
  if (!desired) return [];
  const applied = await context.apply(desired.apply);
  return [...applied, ...(await context.prune([...desired.apply, ...desired.keep]))];
}

/** Disks stay when the machine goes, whoever has given them to it. */
async function keepDisks(
  { removeOwnerReference }: Context,
  { observed, livePVCs, virtualMachine }: Gathered,
): Promise<void> {
  const machine = virtualMachine?.metadata.uid;
  if (machine === undefined) return;
  const claims = claimsOfMachine(observed.holds, livePVCs, machine);
  await Promise.all(claims.map(claim => removeOwnerReference(upstream.PersistentVolumeClaim, claim, machine)));
}

/** What a first boot is given must stand in the status before a guest can have booted with it: afterwards nobody could tell. */
function opensRecord(previous: { readonly firstBoot?: unknown }, next: { readonly firstBoot?: unknown }): boolean {
  return previous.firstBoot === undefined && next.firstBoot !== undefined;
}

/** Statuses of policies and catalogue entries count the VMs that name them: none of these has to look at that. */
function specOf({ spec }: KubeObject): unknown {
  return spec;
}

function keysOf(objects: readonly KubeObject[]): readonly ObjectKey[] {
  return objects.map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
}

function hasBackups(object: KubeObject): boolean {
  return (object as ManagedVM & KubeObject).spec.backupPolicyRef !== undefined;
}

/** Whether it names something that the provider permits namespace by namespace. */
function namesShared(object: KubeObject): boolean {
  return hasBackups(object) || (object as ManagedVM & KubeObject).spec.sizing?.instanceType !== undefined;
}

function byVirtualMachine({ metadata }: KubeObject, read: Context['read']): readonly ObjectKey[] {
  return keysOf(read.byIndex(managedVM, VIRTUAL_MACHINE_INDEX, `${metadata.namespace}/${metadata.name}`));
}

function byClaim({ metadata }: KubeObject, read: Context['read']): readonly ObjectKey[] {
  return keysOf(read.byIndex(managedVM, CLAIM_INDEX, `${metadata.namespace}/${metadata.name}`));
}

function rivalsOf(object: KubeObject, read: Context['read']): readonly ObjectKey[] {
  const { namespace = '', name } = object.metadata;
  const wanted = `${namespace}/${virtualMachineName(object as ManagedVM & KubeObject)}`;
  return keysOf(read.byIndex(managedVM, VIRTUAL_MACHINE_INDEX, wanted)).filter(key => key.name !== name);
}

function byOwnerLabels({ metadata }: KubeObject): readonly ObjectKey[] {
  const { [OWNER_NAMESPACE_LABEL]: namespace, [OWNER_NAME_LABEL]: name } = metadata.labels ?? {};
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}
