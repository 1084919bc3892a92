import { type BackupPolicy, backupPolicy } from '../../api/backuppolicy.ts';
import { type ManagedVM, managedVM as managedVMKind } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import {
  BackupStorageLocation,
  DataVolume,
  PersistentVolumeClaim,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroBackup,
  VeleroSchedule,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../api/upstream.ts';
import { type BackupCompliance, backupCompliance } from '../../domain/backup/backupcompliance.ts';
import { lastGoodBackups } from '../../domain/backup/backuphold.ts';
import type { RecoveryPoint } from '../../domain/backup/recoverypoint.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { DEFAULT_RULES_NAME, virtualMachineName } from '../../domain/contract/child.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import type { Unreadable } from '../../domain/contract/unreadable.ts';
import {
  claimNames,
  type DiskHold,
  type DiskHolds,
  diskHolds,
  hasLostDisk,
  type StorageFacts,
} from '../../domain/machine/diskhold.ts';
import { printsOf } from '../../domain/machine/guestkeys.ts';
import { nameClaimedBy, type Observed, observe } from '../../domain/machine/observed.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { permittedFor } from '../namespacelists.ts';
import { OWNER_INDEX, type Whose } from '../ownership.ts';
import type { Settings } from '../settings.ts';
import { type Place, unreadableAt } from '../unreadable.ts';
import { storedKeys } from './keys.ts';
import type { Prometheus } from './prometheus.ts';

/** Index of ManagedVMs by the VirtualMachine they want: `namespace/name`. */
export const VIRTUAL_MACHINE_INDEX = 'virtualMachine';

/** Index of ManagedVMs by the claims that are, or may become, their disks: `namespace/name`. */
export const CLAIM_INDEX = 'claim';

/** Everything one pass knows, from the cache alone. */
export type Gathered = {
  readonly operatingSystem: OperatingSystem | undefined;
  readonly policy: BackupPolicy | undefined;
  readonly observed: Observed;
  readonly schedules: readonly KubeObject[];
  /** The VirtualMachine, if it is this ManagedVM's. */
  readonly virtualMachine: KubeObject | undefined;
  /** Whatever has a name that a disk of the order has or had. */
  readonly dataVolumes: readonly KubeObject[];
  /** By disk name, as all that is named by a customer: a Map has no names of its own. */
  readonly liveDataVolumes: ReadonlyMap<string, KubeObject>;
  readonly livePVCs: ReadonlyMap<string, KubeObject>;
};

/** What a pass looks at besides its object. */
export type Sources = {
  readonly read: Reader;
  readonly settings: Settings;
  readonly prometheus: Prometheus | undefined;
  readonly now: Date;
  readonly whose: Whose;
};

export function gather(managedVM: ManagedVM, { read, settings, prometheus, whose }: Sources): Gathered {
  const { namespace = '', uid = '' } = managedVM.metadata;
  const key = { namespace, name: virtualMachineName(managedVM) };
  const virtualMachine = read.get(VirtualMachine, key);
  const system = read.get<OperatingSystem & KubeObject>(operatingSystem, {
    namespace: '',
    name: managedVM.spec.operatingSystem,
  });
  const policy = policyOf(managedVM, read);
  const rules = read.get(PrometheusRule, { namespace, name: DEFAULT_RULES_NAME });
  const schedules = read
    .byIndex(VeleroSchedule, OWNER_INDEX, uid)
    .filter(schedule => whose(managedVM, schedule) === 'ours');
  const rivals = read.byIndex<ManagedVM & KubeObject>(managedVMKind, VIRTUAL_MACHINE_INDEX, `${namespace}/${key.name}`);
  const holdsMachine = (claimant: ManagedVM) =>
    virtualMachine !== undefined && whose(claimant, virtualMachine) !== 'foreign';
  const ours = holdsMachine(managedVM) ? virtualMachine : undefined;
  const holds = diskHolds(managedVM, storageOf(managedVM, read, whose, ours));
  const liveDataVolumes = disksOf(namespace, holds, read, DataVolume, (dataVolume, hold) => {
    return whose(managedVM, dataVolume) !== 'foreign' || (hold.standing === 'ours' && hold.taken);
  });
  const livePVCs = disksOf(namespace, holds, read, PersistentVolumeClaim);
  const keys = storedKeys(read, managedVM, settings.namespace);
  const unreadable = unreadableAt(read, placesOf(managedVM, settings));
  const isInstalled = (kind: ResourceKind, where = namespace) => read.state(kind, where) !== 'missing';
  return {
    operatingSystem: system,
    policy,
    schedules,
    virtualMachine: ours,
    dataVolumes: claimNames(managedVM).flatMap(name => read.get(DataVolume, { namespace, name }) ?? []),
    liveDataVolumes,
    livePVCs,
    observed: observe({
      managedVM,
      operatingSystem: system,
      virtualMachine,
      foreignVirtualMachine: virtualMachine !== undefined && ours === undefined,
      virtualMachineInstance: read.get(VirtualMachineInstance, key),
      dataVolumes: liveDataVolumes,
      claims: livePVCs,
      holds,
      installed: {
        kubevirt: isInstalled(VirtualMachine) && isInstalled(VirtualMachineInstance),
        cdi: isInstalled(DataVolume),
        velero:
          isInstalled(VeleroSchedule, settings.veleroNamespace) && isInstalled(VeleroBackup, settings.veleroNamespace),
        prometheusOperator: isInstalled(PrometheusRule) && isInstalled(ServiceMonitor),
      },
      unreadable,
      claimedBy: nameClaimedBy(managedVM, rivals, holdsMachine),
      permitted: permittedFor(namespace, read, settings),
      keysPresent: keys !== undefined,
      keyPrints: keys && printsOf(keys),
      backupPolicyFound: policyFound(managedVM, policy, unreadable),
      rulesPresent: rules !== undefined && rules.metadata.deletionTimestamp === undefined,
      prometheusWatch: prometheus?.watchOver(managedVM),
    }),
  };
}

function policyOf({ metadata, spec }: ManagedVM, read: Reader): (BackupPolicy & KubeObject) | undefined {
  if (spec.backupPolicyRef?.kind !== 'BackupPolicy') return undefined;
  return read.get(backupPolicy, { namespace: metadata.namespace ?? '', name: spec.backupPolicyRef.name });
}

/** Undefined: none is named, or it is not known. */
function policyFound(
  { spec }: ManagedVM,
  policy: BackupPolicy | undefined,
  unreadable: readonly Unreadable[],
): boolean | undefined {
  if (spec.backupPolicyRef === undefined) return undefined;
  return policy === undefined && unreadable.some(({ kind }) => kind === backupPolicy.kind)
    ? undefined
    : policy !== undefined;
}

/** Where a pass looks for what its decisions rest on. */
function placesOf({ metadata, spec }: ManagedVM, settings: Settings): readonly Place[] {
  const { namespace = '' } = metadata;
  const { namespace: own, veleroNamespace: velero } = settings;
  const machine = [VirtualMachine, VirtualMachineInstance, DataVolume, PersistentVolumeClaim];
  const monitoring = entitlements(spec.serviceLevel).monitoring ? [Service, ServiceMonitor, PrometheusRule] : [];
  const backup: readonly Place[] = [
    [backupPolicy, namespace],
    [VeleroSchedule, velero],
    [VeleroBackup, velero],
    [BackupStorageLocation, velero],
  ];
  return [
    [operatingSystem, ''],
    [Secret, own],
    ...[...machine, ...monitoring].map((kind): Place => [kind, namespace]),
    ...(spec.backupPolicyRef === undefined ? [] : backup),
  ];
}

/** The backups that are held because a disk is lost; none otherwise, nor of an order that is paused, for which nothing is written. */
export function heldBackups(
  managedVM: ManagedVM,
  { observed }: Gathered,
  { read, now }: Sources,
): readonly RecoveryPoint[] {
  if (managedVM.spec.paused !== undefined || !hasLostDisk(observed.holds)) return [];
  return lastGoodBackups(managedVM, backupsWithLabels(managedVM, read), now);
}

function backupsWithLabels({ metadata }: ManagedVM, read: Reader): readonly velero.VeleroBackup[] {
  return read.byIndex<velero.VeleroBackup & KubeObject>(VeleroBackup, OWNER_INDEX, metadata.uid ?? '');
}

/** How the backups of the VM stand. */
export function backupsOf(managedVM: ManagedVM, gathered: Gathered, sources: Sources): BackupCompliance {
  const { policy, schedules, observed } = gathered;
  const { read, settings, now } = sources;
  const namespace = settings.veleroNamespace;
  return backupCompliance({
    managedVM,
    policy,
    policyKindInstalled: managedVM.spec.backupPolicyRef?.kind === 'BackupPolicy',
    bounds: settings.backupBounds,
    veleroAvailable: [VeleroSchedule, VeleroBackup, BackupStorageLocation].every(kind => read.available(kind)),
    permitted: observed.permitted?.storageLocations,
    storageLocation: name =>
      read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, { namespace, name }),
    schedules,
    backups: backupsWithLabels(managedVM, read),
    held: heldBackups(managedVM, gathered, sources),
    now,
  });
}

/** Storage as the decision about disks looks at it. A claim that another ManagedVM remembers, or fills, is that one's. */
function storageOf(
  managedVM: ManagedVM,
  read: Reader,
  whose: Whose,
  virtualMachine: KubeObject | undefined,
): StorageFacts {
  const { namespace = '', uid } = managedVM.metadata;
  const dataVolumeOf = (name: string) => read.get(DataVolume, { namespace, name });
  const fills = (owner: ManagedVM, name: string) => {
    const dataVolume = dataVolumeOf(name);
    return dataVolume !== undefined && whose(owner, dataVolume) !== 'foreign' ? dataVolume : undefined;
  };
  return {
    virtualMachine,
    claim: name => read.get(PersistentVolumeClaim, { namespace, name }),
    ownDataVolume: name => fills(managedVM, name),
    holderOf: ({ metadata }) => {
      const key = `${namespace}/${metadata.name}`;
      const others = read.byIndex<ManagedVM & KubeObject>(managedVMKind, CLAIM_INDEX, key);
      const holds = (other: ManagedVM) => other.status?.disks?.some(disk => disk.claimUID === metadata.uid) ?? false;
      return others
        .filter(other => other.metadata.uid !== uid)
        .find(other => holds(other) || fills(other, metadata.name) !== undefined)?.metadata.name;
    },
  };
}

function disksOf(
  namespace: string,
  holds: DiskHolds,
  read: Reader,
  kind: typeof DataVolume,
  counts: (object: KubeObject, hold: DiskHold) => boolean = () => true,
): ReadonlyMap<string, KubeObject> {
  const live = [...holds].flatMap(([disk, hold]): [string, KubeObject][] => {
    const object = read.get(kind, { namespace, name: hold.claim });
    return object === undefined || !counts(object, hold) ? [] : [[disk, object]];
  });
  return new Map(live);
}
