import type { BackupPolicySpec, BackupTier } from '../../api/backuppolicy.ts';
import { secondsOf } from '../../api/duration.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import {
  type Candidate,
  type Child,
  OWNER_KIND_LABEL,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  OWNER_UID_LABEL,
  type RenderedFor,
  scheduleName,
  shortHash,
} from '../contract/child.ts';
import { avoidedSpans, scheduleOutside } from './avoid.ts';
import { ownStart } from './ownstart.ts';

/** Velero's label on a Backup for the Schedule that made it (builder/backup_builder.go FromSchedule). */
export const SCHEDULE_NAME_LABEL = 'velero.io/schedule-name';

/** Names the retention tier on Schedules and on the Backups that they make. */
export const BACKUP_TIER_LABEL = 'managed.systems/backup-tier';

/** Children that Steward renders anew. In a backup they would raise alerts and be scraped wherever it is restored. */
const RENDERED_ANEW = [
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'prometheusrules.monitoring.coreos.com',
  'servicemonitors.monitoring.coreos.com',
  'services',
];

export type SchedulesInput = {
  readonly managedVM: ManagedVM;
  /** The policy that spec.backupPolicyRef names. */
  readonly policy: { readonly spec: BackupPolicySpec };
  readonly veleroNamespace: string;
  /** A disk is lost: what would be backed up now must not push out what can be restored. */
  readonly paused?: boolean;
};

/** One Velero Schedule per tier of the ManagedVM's backup policy, in Velero's namespace (AP-6, AP-13; ADR 0047). */
export function renderSchedules(input: SchedulesInput): Child[] {
  return input.policy.spec.tiers.map(tier => renderSchedule(input, tier));
}

function renderSchedule({ managedVM, policy, veleroNamespace, paused }: SchedulesInput, tier: BackupTier): Child {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: {
      name: scheduleName(managedVM, tier.name),
      namespace: veleroNamespace,
      labels: { [BACKUP_TIER_LABEL]: tier.name },
    },
    spec: {
      schedule: `CRON_TZ=${policy.spec.timeZone} ${ownSchedule(managedVM, policy.spec, tier)}`,
      // Not `paused` else: whoever pauses a Schedule, for the maintenance of a store, keeps it paused (ADR 0047).
      ...(paused && { paused }),
      // True would be one-shot: Velero sets it to false, and who applies it again starves the schedule (velero#8787).
      skipImmediately: false,
      // True makes the collector and Velero's sync from the store fight over the Backups (velero#4093).
      useOwnerReferencesInBackup: false,
      template: renderTemplate(managedVM, policy.spec, tier),
    },
  };
}

/** The schedule of a tier as this VM has it. */
export function ownSchedule(managedVM: ManagedVM, policy: BackupPolicySpec, tier: BackupTier): string {
  const avoided = avoidedSpans(policy);
  return ownStart(managedVM, { of: tier, schedule: scheduleOutside(tier, avoided), spread: policy.spread, avoided });
}

function renderTemplate(managedVM: ManagedVM, policy: BackupPolicySpec, tier: BackupTier) {
  return {
    // Without labels of its own a Backup gets all of the Schedule's, and a GitOps tool prunes it (velero#2975).
    metadata: { labels: { ...ownerLabels(managedVM), [BACKUP_TIER_LABEL]: tier.name } },
    includedNamespaces: [managedVM.metadata.namespace ?? ''],
    // The old kind of filter: the KubeVirt plugin's safety checks see no other (its pkg/util/util.go IsResourceInBackup).
    excludedResources: RENDERED_ANEW,
    // The VM and the first-boot Secret; disks, guest and launcher Pod follow from the VM by the KubeVirt plugin.
    labelSelector: { matchLabels: { [OWNER_UID_LABEL]: managedVM.metadata.uid ?? '' } },
    snapshotVolumes: true,
    // Not `false` else: then what the server was told for all backups would not hold (--default-snapshot-move-data).
    ...(policy.offSite && { snapshotMoveData: true }),
    storageLocation: policy.storageLocation,
    ttl: goDuration(secondsOf(tier.retention)),
  };
}

/** A Backup out of turn, as the Schedule of a tier would make it (Velero's `backup create --from-schedule`), so that it counts as its. */
export function renderBackup(
  { managedVM, policy, veleroNamespace }: SchedulesInput,
  tier: BackupTier,
  key: string,
): Child {
  const { metadata, ...spec } = renderTemplate(managedVM, policy.spec, tier);
  const schedule = scheduleName(managedVM, tier.name);
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name: `${schedule}-${shortHash(key)}`,
      namespace: veleroNamespace,
      labels: { ...metadata.labels, [SCHEDULE_NAME_LABEL]: schedule },
    },
    spec,
  };
}

/** By these a Backup maps back to its ManagedVM. */
export function ownerLabels({ metadata }: ManagedVM): Record<string, string> {
  return {
    [OWNER_KIND_LABEL]: 'ManagedVM',
    [OWNER_NAMESPACE_LABEL]: metadata.namespace ?? '',
    [OWNER_NAME_LABEL]: metadata.name,
    [OWNER_UID_LABEL]: metadata.uid ?? '',
  };
}

/** Seconds as Go prints a duration, and so as Velero writes it back: 720h0m0s. */
export function goDuration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}

/** Whether an object has the name that the Schedule of its tier gets for this ManagedVM. */
export function isScheduleOf(managedVM: RenderedFor, { metadata }: Candidate): boolean {
  const tier = metadata.labels?.[BACKUP_TIER_LABEL];
  return tier !== undefined && metadata.name === scheduleName(managedVM, tier);
}
