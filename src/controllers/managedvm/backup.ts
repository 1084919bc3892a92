import { type BackupPolicy, backupPolicy } from '../../api/backuppolicy.ts';
import { type ClusterBackupPolicy, clusterBackupPolicy } from '../../api/clusterbackuppolicy.ts';
import type { KindDefinition } from '../../api/kind.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import {
  BackupStorageLocation,
  DownloadRequest,
  Namespace,
  ServerStatusRequest,
  VeleroBackup,
  VeleroSchedule,
  VirtualMachine,
} from '../../api/upstream.ts';
import { isNamedAsRequest } from '../../domain/backup/downloadrequest.ts';
import { endedRestores } from '../../domain/backup/endedrestores.ts';
import type { BackupFacts } from '../../domain/backup/facts.ts';
import { isScheduleOf } from '../../domain/backup/schedules.ts';
import type { Standard } from '../../domain/backup/standard.ts';
import { storageObstacle } from '../../domain/backup/storage.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { backupPolicyRefOf } from '../../domain/contract/backuppolicyref.ts';
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL, OWNER_UID_LABEL } from '../../domain/contract/child.ts';
import { isNamedAsPart } from '../../domain/machine/childnames.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import { standingOf } from '../../runtime/children/ownership.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { listsOf } from '../namespacelists.ts';
import { allow, OWN, READ } from '../permission.ts';
import type { Settings } from '../settings.ts';
import { type Place, unreadableAt } from '../unreadable.ts';
import { byOwner, MARKS, OWNER_UID_INDEX } from '../whose.ts';
import { found, type Reading, type Sources, specOf, thoseThat } from './reading.ts';
import { restoresOf } from './restores.ts';

const BACKUP_POLICY_INDEX = 'backupPolicy';

/** Reads policies, and what Velero makes of them. */
export const backup: Reading<BackupFacts> = {
  gather,
  indexes: {
    [BACKUP_POLICY_INDEX]: managedVM => policyPathOf(managedVM),
  },
  owns: ({ veleroNamespace }) => [
    { kind: VeleroSchedule, namespace: veleroNamespace, named: isScheduleOf, reap: backsUpNothing },
    { kind: DownloadRequest, namespace: veleroNamespace, named: isNamedAsRequest },
  ],
  watches: ({ veleroNamespace }) => [
    { kind: backupPolicy, part: specOf, toKeys: found(BACKUP_POLICY_INDEX) },
    // It may be the standard of any, also of one whose status does not say so yet.
    { kind: clusterBackupPolicy, part: specOf, toKeys: (_, read) => thoseThat(read, () => true) },
    {
      kind: BackupStorageLocation,
      namespace: veleroNamespace,
      // Velero validates each location once a minute and writes when.
      part: location => storageObstacle(location.metadata.name, location as velero.BackupStorageLocation & KubeObject),
      toKeys: (_, read) => thoseThat(read, hasBackups),
    },
    // Its answers come every five minutes; which of them concern ManagedVMs is found out by the heartbeat.
    { kind: ServerStatusRequest, namespace: veleroNamespace, part: () => undefined, toKeys: () => [] },
    {
      kind: Namespace,
      part: listsOf,
      toKeys: ({ metadata }, read) => thoseThat(read, hasBackups, { namespace: metadata.name }),
    },
    {
      kind: VeleroBackup,
      namespace: veleroNamespace,
      selector: OWNER_NAME_LABEL,
      indexes: byOwner,
      toKeys: byOwnerLabels,
    },
  ],
  permissions: [
    allow('velero', VeleroSchedule, OWN, 'One schedule per VM and tier.'),
    allow(
      'velero',
      VeleroBackup,
      [...READ, 'create', 'patch'],
      'Reads which recovery points exist; keeps the last good one of a lost disk; asks for one before a guest is patched.',
    ),
    allow('velero', DownloadRequest, OWN, 'Asks where it is written what a backup holds.'),
    allow('velero', BackupStorageLocation, READ, 'Reads whether backups have a place to go.'),
  ],
};

function gather(
  managedVM: ManagedVM,
  { read, settings, whose, backupContents, veleroHeartbeat, standard }: Sources,
): BackupFacts {
  const { uid = '' } = managedVM.metadata;
  const { veleroNamespace: namespace, backupBounds: bounds } = settings;
  const isInstalled = [VeleroSchedule, VeleroBackup].every(kind => read.state(kind, namespace) !== 'missing');
  const schedules = read.byIndex<velero.VeleroSchedule & KubeObject>(VeleroSchedule, OWNER_UID_INDEX, uid);
  return {
    policy: policyOf(managedVM, read),
    standard: standard && {
      ...standard,
      policy: read.get<ClusterBackupPolicy & KubeObject>(clusterBackupPolicy, { namespace: '', name: standard.name }),
    },
    policyKindInstalled: read.state(policyKindOf(managedVM)) !== 'missing',
    installed: isInstalled,
    veleroAvailable: [VeleroSchedule, VeleroBackup, BackupStorageLocation].every(kind => read.available(kind)),
    veleroNamespace: namespace,
    heartbeat: veleroHeartbeat.now(),
    bounds,
    storageLocation: name =>
      read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, { namespace, name }),
    schedules: schedules.filter(schedule => whose(managedVM, schedule) === 'ours'),
    backups: read.byIndex<velero.VeleroBackup & KubeObject>(VeleroBackup, OWNER_UID_INDEX, uid),
    contents: backupContents.of,
    restores: endedRestores(restoresOf(managedVM, read)),
    unreadable: unreadableAt(read, placesOf(managedVM, standard, settings)),
  };
}

/** Where the policy of a ManagedVM lies, as `pathOf` says of that itself. */
export function policyPathOf(managedVM: ManagedVM): readonly string[] {
  const reference = backupPolicyRefOf(managedVM);
  return reference ? [`${policyNamespaceOf(managedVM)}/${reference.name}`] : [];
}

/** The policy that a ManagedVM is backed up by, if it exists. */
export function policyOf(managedVM: ManagedVM, read: Reader): (BackupPolicy & KubeObject) | undefined {
  const reference = backupPolicyRefOf(managedVM);
  if (reference === undefined) return undefined;
  return read.get(policyKindOf(managedVM), { namespace: policyNamespaceOf(managedVM), name: reference.name });
}

function policyKindOf(managedVM: ManagedVM): KindDefinition {
  return backupPolicyRefOf(managedVM)?.kind === 'ClusterBackupPolicy' ? clusterBackupPolicy : backupPolicy;
}

function policyNamespaceOf(managedVM: ManagedVM): string {
  return policyKindOf(managedVM).namespaced ? (managedVM.metadata.namespace ?? '') : '';
}

function placesOf(
  managedVM: ManagedVM,
  standard: Standard | undefined,
  { veleroNamespace: velero }: Settings,
): readonly Place[] {
  if (!hasBackups(managedVM)) return [];
  return [
    ...(standard ? [[clusterBackupPolicy, ''] as const] : []),
    [policyKindOf(managedVM), policyNamespaceOf(managedVM)],
    [VeleroSchedule, velero],
    [VeleroBackup, velero],
    [DownloadRequest, velero],
    [BackupStorageLocation, velero],
  ];
}

export function hasBackups(managedVM: ManagedVM): boolean {
  return backupPolicyRefOf(managedVM) !== undefined;
}

function byOwnerLabels({ metadata }: KubeObject): readonly ObjectKey[] {
  const { [OWNER_NAMESPACE_LABEL]: namespace, [OWNER_NAME_LABEL]: name } = metadata.labels ?? {};
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}

/** A Schedule whose ManagedVM is gone goes on as long as the machine does, which somebody has kept (`--cascade=orphan`). */
function backsUpNothing(schedule: KubeObject, read: Reader): boolean {
  const {
    [OWNER_UID_LABEL]: uid = '',
    [OWNER_NAMESPACE_LABEL]: namespace = '',
    [OWNER_NAME_LABEL]: name = '',
  } = schedule.metadata.labels ?? {};
  const machine = { kind: VirtualMachine, named: isNamedAsPart };
  const kept = read
    .byIndex(machine.kind, OWNER_UID_INDEX, uid)
    .some(vm => standingOf(MARKS, { metadata: { uid, namespace, name } }, machine, vm) !== 'foreign');
  return read.available(machine.kind) && !kept;
}
