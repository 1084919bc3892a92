import { type BackupPolicy, backupPolicy } from '../../api/backuppolicy.ts';
import type { KindDefinition } from '../../api/kind.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { BackupStorageLocation, Namespace, PrometheusRule, ServerStatusRequest } from '../../api/upstream.ts';
import { backupPlan } from '../../domain/backup/backupplan.ts';
import { isNamedAsStatusRequest, renderServerStatusRequest } from '../../domain/backup/serverstatusrequest.ts';
import { storageObstacle } from '../../domain/backup/storage.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { backupPolicyRefOf } from '../../domain/contract/backuppolicyref.ts';
import type { Child } from '../../domain/contract/child.ts';
import { backupRulesName, renderBackupRules } from '../../domain/policies/backuprules.ts';
import { assessBackupPolicy, SUMMED } from '../../domain/policies/policystatus.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import type { Owner } from '../../runtime/children/ownership.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
  type WatchedKind,
} from '../../runtime/pass/controller.ts';
import { listsOf, permittedFor } from '../namespacelists.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import type { Settings } from '../settings.ts';
import { type Place, unreadableAt } from '../unreadable.ts';
import type { VeleroHeartbeat } from '../veleroheartbeat.ts';

const POLICY_INDEX = 'backupPolicyOf';

/** A Namespace says which storage locations the policies in it may name. */
const PERMITTED_IN_NAMESPACE: WatchedKind = {
  kind: Namespace,
  part: listsOf,
  toKeys: ({ metadata: { name } }, read) => read.list(backupPolicy, { namespace: name }).map(keyOf),
};

/**
 * Says of each policy of one of the kinds on backups whether it is in force, sums up what the ManagedVMs that name it say of their backups, and
 * renders the alerts on them (AP-6, AP-13). One of each kind, the oldest, asks Velero for its status in the name of all.
 */
export function backupPolicyController(
  kind: KindDefinition,
  settings: Settings,
  reporter: Reporter,
  heartbeat: VeleroHeartbeat,
): ControllerDefinition<BackupPolicy & KubeObject> {
  return defineController<BackupPolicy & KubeObject>({
    name: kind.singular,
    kind,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    owns: [
      // The rules of a policy without a namespace lie beside Steward's own, where Prometheus looks for those.
      { kind: PrometheusRule, named: isOfPolicy, ...(kind.namespaced ? {} : { namespace: settings.namespace }) },
      { kind: ServerStatusRequest, namespace: settings.veleroNamespace, named: isNamedAsStatusRequest },
    ],
    polls: [heartbeat.source(() => true)],
    watches: [
      {
        kind: managedVM,
        indexes: { [POLICY_INDEX]: object => policiesOf(kind, object).map(path) },
        part: object => backupsSaid(kind, object),
        toKeys: object => policiesOf(kind, object),
      },
      ...(kind.namespaced ? [PERMITTED_IN_NAMESPACE] : []),
      {
        kind: BackupStorageLocation,
        namespace: settings.veleroNamespace,
        part: location =>
          storageObstacle(location.metadata.name, location as velero.BackupStorageLocation & KubeObject),
        toKeys: ({ metadata }, read) => policiesAt(kind, metadata.name, read),
      },
      {
        kind: ServerStatusRequest,
        namespace: settings.veleroNamespace,
        part: ({ metadata }) => metadata.deletionTimestamp,
        toKeys: (_, read) => asker(kind, read),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const { namespace = '', name } = object.metadata;
      const assessment = assessBackupPolicy({
        policy: object,
        members: read.byIndex<ManagedVM & KubeObject>(managedVM, POLICY_INDEX, path({ namespace, name })),
        bounds: settings.backupBounds,
        veleroAvailable: read.state(BackupStorageLocation) !== 'missing',
        unreadable: unreadableAt(read, placesOf(object, settings))[0],
        permitted: kind.namespaced ? permittedFor(namespace, read, settings)?.storageLocations : undefined,
        storageLocation: read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, {
          namespace: settings.veleroNamespace,
          name: object.spec.storageLocation,
        }),
        heartbeat: heartbeat.now(),
        now,
      });
      if (!object.metadata.deletionTimestamp) await keepChildren(kind, context, settings);
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function rulesOf(policy: BackupPolicy, settings: Settings, now: Date): Child {
  return renderBackupRules(policy, backupPlan(policy.spec, settings.backupBounds, now), settings);
}

/** Whether an object has the name of a policy's rules; where they lie, the declaration says. */
function isOfPolicy(policy: Owner, { metadata }: KubeObject): boolean {
  return metadata.name === backupRulesName(policy.metadata);
}

/** With the policy they go: the rules by their owner reference, the question to Velero because nobody owns it any more. */
async function keepChildren(
  kind: KindDefinition,
  context: ReconcileContext<BackupPolicy & KubeObject>,
  settings: Settings,
): Promise<void> {
  const { object, now, apply, prune } = context;
  const wanted = [rulesOf(object, settings, now), ...questionOf(kind, context, settings)];
  await apply(wanted);
  await prune(wanted);
}

/** Velero deletes what it has answered, and so is asked anew. */
function questionOf(
  kind: KindDefinition,
  { object, read }: ReconcileContext<BackupPolicy & KubeObject>,
  { veleroNamespace: namespace }: Settings,
): readonly Child[] {
  const isAsker = asker(kind, read).some(key => path(key) === path(keyOf(object)));
  return isAsker && read.available(ServerStatusRequest, namespace)
    ? [renderServerStatusRequest(object.metadata.uid ?? '', namespace)]
    : [];
}

/** The oldest policy of a kind: whichever is made next changes nothing. */
function asker(kind: KindDefinition, read: Reader): readonly ObjectKey[] {
  const [oldest] = read
    .list<BackupPolicy & KubeObject>(kind)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => ageOf(a).localeCompare(ageOf(b)));
  return oldest === undefined ? [] : [keyOf(oldest)];
}

function ageOf({ metadata: { creationTimestamp = '', uid = '' } }: BackupPolicy & KubeObject): string {
  return `${creationTimestamp} ${uid}`;
}

function placesOf({ metadata }: BackupPolicy, { veleroNamespace }: Settings): readonly Place[] {
  return [
    [managedVM, metadata.namespace],
    [BackupStorageLocation, veleroNamespace],
  ];
}

function policiesOf({ kind, namespaced }: KindDefinition, object: KubeObject): readonly ObjectKey[] {
  const reference = backupPolicyRefOf(object as ManagedVM & KubeObject);
  if (reference?.kind !== kind) return [];
  return [{ namespace: namespaced ? (object.metadata.namespace ?? '') : '', name: reference.name }];
}

/** What a policy counts of a ManagedVM: a guest that starts or stops is none of its concern. */
function backupsSaid(kind: KindDefinition, object: KubeObject): unknown {
  const { status } = object as ManagedVM & KubeObject;
  const verdicts = status?.conditions?.filter(({ type }) => SUMMED.some(summed => summed === type));
  return [
    policiesOf(kind, object),
    status?.backup,
    verdicts?.map(({ type, status, reason }) => [type, status, reason]),
  ];
}

function policiesAt(kind: KindDefinition, storageLocation: string, read: Reader): readonly ObjectKey[] {
  return read
    .list<BackupPolicy & KubeObject>(kind)
    .filter(policy => policy.spec.storageLocation === storageLocation)
    .map(keyOf);
}

function path({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
