import { type BackupPolicy, backupPolicy } from '../../api/backuppolicy.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { BackupStorageLocation, VeleroBackup, VeleroSchedule } from '../../api/upstream.ts';
import { storageObstacle } from '../../domain/backupcompliance.ts';
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL } from '../../domain/child.ts';
import { assessBackupPolicy, type PolicyMember } from '../../domain/policystatus.ts';
import type * as velero from '../../domain/velero.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/controller.ts';
import type { KubeObject, ObjectKey } from '../../runtime/object.ts';
import { byOwner, MANAGED_SELECTOR, OWNER_INDEX, type Ownership } from '../ownership.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import type { Settings } from '../settings.ts';
import { type Place, unreadableAt } from '../unreadable.ts';

const POLICY_INDEX = 'backupPolicyOf';

/** Says of each BackupPolicy whether it is in force, and how the ManagedVMs that name it fare (AP-13). */
export function backupPolicyController(
  settings: Settings,
  reporter: Reporter,
  { whose }: Ownership,
): ControllerDefinition<BackupPolicy & KubeObject> {
  const inVelero = { namespace: settings.veleroNamespace };
  return defineController<BackupPolicy & KubeObject>({
    name: 'backuppolicy',
    kind: backupPolicy,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    owns: [],
    watches: [
      {
        kind: managedVM,
        indexes: { [POLICY_INDEX]: object => policiesOf(object).map(path) },
        part: policiesOf,
        toKeys: policiesOf,
      },
      { kind: VeleroSchedule, ...inVelero, selector: MANAGED_SELECTOR, indexes: byOwner, toKeys: policiesOfOwner },
      { kind: VeleroBackup, ...inVelero, selector: OWNER_NAME_LABEL, indexes: byOwner, toKeys: policiesOfOwner },
      {
        kind: BackupStorageLocation,
        ...inVelero,
        part: location =>
          storageObstacle(location.metadata.name, location as velero.BackupStorageLocation & KubeObject),
        toKeys: ({ metadata }, read) => policiesAt(metadata.name, read),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const assessment = assessBackupPolicy({
        policy: object,
        members: membersOf(object, read, whose),
        veleroAvailable: [VeleroSchedule, VeleroBackup].every(kind => read.state(kind) !== 'missing'),
        unreadable: unreadableAt(read, placesOf(object, settings))[0],
        storageLocation: read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, {
          namespace: settings.veleroNamespace,
          name: object.spec.storageLocation,
        }),
        now,
      });
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function placesOf({ metadata }: BackupPolicy, { veleroNamespace }: Settings): readonly Place[] {
  const velero = [VeleroSchedule, VeleroBackup, BackupStorageLocation].map((kind): Place => [kind, veleroNamespace]);
  return [[managedVM, metadata.namespace ?? ''], ...velero];
}

function membersOf({ metadata }: BackupPolicy, read: Reader, whose: Ownership['whose']): readonly PolicyMember[] {
  const members = read.byIndex<ManagedVM & KubeObject>(
    managedVM,
    POLICY_INDEX,
    `${metadata.namespace}/${metadata.name}`,
  );
  return members.map(member => ({
    managedVM: member,
    schedules: read
      .byIndex(VeleroSchedule, OWNER_INDEX, member.metadata.uid ?? '')
      .filter(schedule => whose(member, schedule) === 'ours'),
    backups: read.byIndex<velero.VeleroBackup & KubeObject>(VeleroBackup, OWNER_INDEX, member.metadata.uid ?? ''),
  }));
}

function policiesOf(object: KubeObject): readonly ObjectKey[] {
  const { backupPolicyRef } = (object as ManagedVM & KubeObject).spec;
  if (backupPolicyRef?.kind !== 'BackupPolicy') return [];
  return [{ namespace: object.metadata.namespace ?? '', name: backupPolicyRef.name }];
}

function policiesOfOwner({ metadata }: KubeObject, read: Reader): readonly ObjectKey[] {
  const { [OWNER_NAMESPACE_LABEL]: namespace, [OWNER_NAME_LABEL]: name } = metadata.labels ?? {};
  const owner = namespace !== undefined && name !== undefined ? read.get(managedVM, { namespace, name }) : undefined;
  return owner === undefined ? [] : policiesOf(owner);
}

function policiesAt(storageLocation: string, read: Reader): readonly ObjectKey[] {
  return read
    .list<BackupPolicy & KubeObject>(backupPolicy)
    .filter(policy => policy.spec.storageLocation === storageLocation)
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
}

function path({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
