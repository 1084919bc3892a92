import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, type SharedReason, WAIT } from '../contract/reasons.ts';
import { MACHINE_KINDS } from '../machine/reasons.ts';
import { PARTS } from './parts.ts';

const isOrdered: ConditionMeaning['counts'] = ({ backupPolicyRef }) => backupPolicyRef !== undefined;

const POLICIES = ['BackupPolicy', 'ClusterBackupPolicy'];
const KINDS = [
  ...MACHINE_KINDS,
  ...POLICIES,
  'Schedule',
  'Backup',
  'BackupStorageLocation',
  'DownloadRequest',
  'ServerStatusRequest',
];

/** What is said of backups (AP-6, AP-13). */
export const CONDITIONS = {
  BackupCompliant: {
    meaning:
      'The sum of the parts that the policy asks for, each a condition of its own: False if one is broken, Unknown if one cannot be known. It carries the reason of the part that decides; its message names those that are kept, broken, not known and not asked for (AP-6, AP-13).',
    shares: [
      'NotIncluded',
      'NamespaceNotObserved',
      'KindNotReadable',
      'ChildNameTaken',
      'ApplyRefused',
      'ApplyRetrying',
      'ChildTerminating',
      'QuotaExceeded',
    ],
    restsOn: KINDS,
    counts: isOrdered,
    alert: {
      alert: 'ManagedVMBackupOverdue',
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: no backup within the objective',
      description: `${SUBJECT} has had no usable backup within its recovery point objective for 15 minutes; its condition BackupCompliant says since when and why.`,
    },
  },
  StorageAvailable: {
    meaning: 'The place where the policy puts backups can be written to and read. A part of BackupCompliant (AP-6).',
    shares: ['NotIncluded', 'NamespaceNotObserved', 'KindNotReadable'],
    restsOn: KINDS,
  },
  RPOMet: {
    meaning:
      'The newest backup that holds each disk is younger than the recovery point objective. A part of BackupCompliant (AP-13).',
    shares: ['NotIncluded', 'NamespaceNotObserved', 'KindNotReadable'],
    restsOn: KINDS,
  },
  ConsistencyMet: {
    meaning:
      'The data in the newest backup that holds each disk are as consistent as promised. A part of BackupCompliant (AP-6).',
    shares: ['NotIncluded', 'NamespaceNotObserved', 'KindNotReadable'],
    restsOn: KINDS,
  },
  RestoreVerified: {
    meaning:
      'A restore of a backup of this VM has worked within the time that the policy gives; NotIncluded where it gives none. A part of BackupCompliant (AP-13).',
    shares: ['NotIncluded', 'KindNotReadable'],
    restsOn: POLICIES,
  },
  RTOMet: {
    meaning:
      'Restores of this VM, as measured from request to proof, take no longer than the recovery time objective; NotIncluded where the policy has none. A part of BackupCompliant (AP-13).',
    shares: ['NotIncluded', 'KindNotReadable'],
    restsOn: POLICIES,
  },
  RetentionMet: {
    meaning:
      'Each tier has its recovery points, none has gone before its term, and none is kept for longer than allowed. A part of BackupCompliant (AP-13, GE-14).',
    shares: ['NotIncluded', 'NamespaceNotObserved', 'KindNotReadable'],
    restsOn: KINDS,
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  // The order cannot be carried out.
  PolicyNotFound: {
    on: ['Ready', 'BackupCompliant', ...PARTS],
    meaning: 'spec.backupPolicyRef names a BackupPolicy that does not exist.',
    action: 'Create it, or name another.',
    orderers: true,
    cooperation: true,
  },
  ClusterBackupPolicyNotFound: {
    on: ['Ready', 'BackupCompliant', ...PARTS],
    meaning: 'The order, or the plan of its contract, names a ClusterBackupPolicy that does not exist.',
    action: 'Provider: make it again, or tell the customer which one to name.',
  },

  PolicyTooWeak: {
    on: ['BackupCompliant'],
    meaning:
      "The policy that the order names promises less than the provider's standard at this level, which spec.backup.policyRef of the plan names (AP-6). Backups are made by it all the same.",
    action: 'Promise as much in each point that the message names, or name no policy: then the standard applies.',
    orderers: true,
    cooperation: true,
  },

  // Something below Steward is missing.
  VeleroNotInstalled: {
    on: ['Ready', 'BackupCompliant', 'StorageAvailable', 'RPOMet', 'RetentionMet', 'ConsistencyMet'],
    meaning: 'Velero, which makes the backups, does not serve its kinds.',
    action: 'Provider: install Velero; it is picked up at once.',
  },
  BackupPolicyNotInstalled: {
    on: ['BackupCompliant', ...PARTS],
    meaning: 'The kind BackupPolicy is not served.',
    action: "Provider: install Steward's CRDs.",
  },
  ClusterBackupPolicyNotInstalled: {
    on: ['BackupCompliant', ...PARTS],
    meaning: 'The kind ClusterBackupPolicy is not served.',
    action: "Provider: install Steward's CRDs.",
  },

  // Backups.
  BackupsNotScheduled: {
    on: ['Ready'],
    meaning: 'A backup policy is named, but no Velero Schedule exists yet.',
    action: 'See BackupCompliant and the BackupPolicy.',
  },
  NoBackupYet: {
    on: ['BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning: 'There is no usable backup yet, and none is due yet.',
    action: 'Wait for the first run.',
  },
  RecoveryPointGood: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning:
      'The newest backup that holds each disk is young enough; of BackupCompliant, that every other part that the policy asks for is kept too.',
    action: NOTHING,
  },
  VolumesNotVerified: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning:
      'There is a backup that would be young enough; what it holds of the disks has not been read in the store yet.',
    action:
      'Wait; if it stays so, the message says what could not be read. Provider: Velero must answer DownloadRequests, and Steward must reach the store (networkPolicy.backupStorePorts of the chart).',
  },
  VolumesMissing: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning: 'The newest backup is called Completed and lacks a disk of the VM, and no other suffices.',
    action:
      'Provider: look at snapshots and uploads of the backup that the message names (`velero backup describe NAME --details`).',
  },
  RestoreProven: {
    on: ['RestoreVerified'],
    meaning: 'A restore has worked, and not longer ago than the policy gives.',
    action: NOTHING,
  },
  RestoreNotVerified: {
    on: ['BackupCompliant', 'RestoreVerified'],
    meaning: 'No restore of a backup of this VM has worked yet, and none is due yet.',
    action: 'Restore a backup of the VM before the time that the message names.',
  },
  RestoreOverdue: {
    on: ['BackupCompliant', 'RestoreVerified', 'RTOMet'],
    meaning: 'No restore of a backup of this VM has worked within the time that the policy gives.',
    action: 'Provider: restore a backup of the VM, and find out why that was not done.',
    toldBy: 'ManagedVMRestoreOverdue',
  },
  RestoreFailed: {
    on: ['BackupCompliant', 'RestoreVerified'],
    meaning: 'The last restore of a backup of this VM has failed, and none has worked since.',
    action: 'Provider: look at the Restore that the message names; make another, of another backup if need be.',
    toldBy: 'ManagedVMRestoreFailed',
  },
  RecoveryTimeMet: {
    on: ['RTOMet'],
    meaning: '95 of 100 of the restores that were measured took no longer than the objective.',
    action: NOTHING,
  },
  RestoreNotMeasured: {
    on: ['BackupCompliant', 'RTOMet'],
    meaning: 'No restore has been measured that still counts, so how long one takes is not known.',
    action: 'Restore a backup of the VM.',
  },
  RecoveryTimeExceeded: {
    on: ['BackupCompliant', 'RTOMet'],
    meaning: 'Restores, as measured, take longer than the objective.',
    action: 'Provider: make restores faster; or the policy promises less.',
    toldBy: 'ManagedVMRestoreTooSlow',
  },
  PointsKept: {
    on: ['RetentionMet'],
    meaning: 'Every tier has a point of each run that counts, and none is kept for too long.',
    action: NOTHING,
  },
  PointVanished: {
    on: ['BackupCompliant', 'RetentionMet'],
    meaning:
      'A recovery point has gone before its term. It is told until that ends, or until the point is there again.',
    action:
      'Provider: find out who has deleted it, in the cluster or in the store. An object that only Velero has lost comes back with its next look into the store.',
    toldBy: 'ManagedVMBackupPointVanished',
  },
  PointKeptTooLong: {
    on: ['BackupCompliant', 'RetentionMet'],
    meaning: 'A backup is there for longer than the policy allows any to be kept: a backup is no archive (GE-14).',
    action:
      'Provider: see why Velero does not delete it: a read-only or missing storage location, the label velero.io/gc-failure, a DeleteBackupRequest that is stuck.',
    toldBy: 'ManagedVMBackupsKeptTooLong',
  },
  RetentionShort: {
    on: ['BackupCompliant', 'RetentionMet'],
    meaning:
      'A tier has fewer recovery points than promised, for one of its runs has left none. It is told until the term of that run ends.',
    action: 'Provider: see what became of that run; the promise is whole again when the term of the run is over.',
    toldBy: 'ManagedVMBackupPointsMissing',
  },
  ConsistencyProven: {
    on: ['ConsistencyMet'],
    meaning: 'The data in the newest usable backup are as consistent as promised.',
    action: NOTHING,
  },
  NoRecoveryPoint: {
    on: ['ConsistencyMet'],
    meaning: 'There is no usable backup that could be looked at.',
    action: 'See RPOMet.',
  },
  ConsistencyNotMet: {
    on: ['BackupCompliant', 'ConsistencyMet'],
    meaning: 'The data in the newest usable backup are known to be less consistent than promised.',
    action: "See that the guest agent runs, and that nobody has switched off KubeVirt's backup hooks; or promise less.",
  },
  ConsistencyNotProven: {
    on: ['BackupCompliant', 'ConsistencyMet'],
    meaning: 'That the data in the newest usable backup are as consistent as promised is not proven.',
    action: 'See AgentConnected: hooks prove something only while the guest agent is connected; or promise less.',
  },
  SchedulePaused: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning:
      'A Schedule of the VM is paused: by somebody (`velero schedule pause`), which Steward leaves so, or by Steward while a disk is lost. The objective counts on.',
    action: 'Provider: `velero schedule unpause NAME` when the maintenance is over; for a lost disk see Ready.',
  },
  RecoveryPointTooOld: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning: 'The newest usable backup is older than promised, or there is none.',
    action: 'Provider: look at the backup that the message names.',
  },
  StorageLocationAvailable: {
    on: ['StorageAvailable'],
    meaning: 'Velero reaches the storage, and may write to it.',
    action: NOTHING,
  },
  StorageLocationNotPermitted: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning: "The provider does not permit the policy's storage location in this namespace. No backups are made.",
    action:
      'Name a permitted one in spec.storageLocation of the policy; provider: the annotation managed.systems/storage-locations of the Namespace, or permitted.storageLocations of the chart.',
    orderers: true,
  },
  StorageLocationNotFound: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning: 'The policy names a BackupStorageLocation that does not exist.',
    action: 'Provider: create it, or correct the policy.',
  },
  StorageLocationNotValidated: {
    on: ['BackupCompliant', 'StorageAvailable', 'RPOMet', 'RetentionMet', 'ConsistencyMet'],
    meaning: 'Velero has not looked at the storage yet.',
    action: WAIT,
  },
  StorageLocationUnavailable: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning: 'Velero cannot reach the storage.',
    action: 'Provider: look at the BackupStorageLocation.',
  },
  VeleroSilent: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning:
      'Velero was there, and for ten minutes has neither answered a question nor looked at its storage: its server does not run, or does not work.',
    action: "Provider: look at Velero's Deployment and its log; what it was working on when it ended has failed.",
  },
  VeleroPluginMissing: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning: 'Velero runs without a plug-in that backups of VMs need: that for the object store, or that for KubeVirt.',
    action: 'Provider: `velero plugin add` what the message names.',
  },
  StorageLocationReadOnly: {
    on: ['BackupCompliant', 'StorageAvailable'],
    meaning: 'Nothing can be written to the storage.',
    action: 'Provider: look at the BackupStorageLocation.',
  },
  ScheduleRefused: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning: 'Velero refuses a Schedule.',
    action: 'Provider: correct what the message names.',
  },
  InvalidTimeZone: {
    on: ['Ready', 'BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning: "The policy's zone is not in the IANA database.",
    action: 'Correct spec.timeZone of the policy.',
    orderers: true,
    cooperation: true,
  },
  InvalidSchedule: {
    on: ['Ready', 'BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning: 'A schedule of the policy cannot be read or never fires.',
    action: 'Correct spec.tiers of the policy.',
    orderers: true,
    cooperation: true,
  },
  ScheduleTooFrequent: {
    on: ['BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning:
      'A tier runs more often than the provider allows. Schedules that exist stay as they are; nothing is made from the policy.',
    action: 'Correct spec.tiers of the policy; provider: backups.minimumInterval of the chart.',
    orderers: true,
  },
  RetentionTooLong: {
    on: ['BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning:
      'A tier keeps backups longer than the provider allows. Schedules that exist stay as they are; nothing is made from the policy.',
    action: 'Correct spec.tiers of the policy; provider: backups.maximumRetention of the chart.',
    orderers: true,
  },
  RetentionTooShort: {
    on: ['BackupCompliant', 'RPOMet', 'RetentionMet'],
    meaning: 'A tier keeps its backups no longer than until its next run, so that for a time there may be none.',
    action: 'Keep them longer than the gap that the message names.',
    orderers: true,
    cooperation: true,
  },
  ScheduleCannotMeetRPO: {
    on: ['BackupCompliant', 'RPOMet'],
    meaning: 'Even without a failure the runs lie further apart than the objective.',
    action: 'Back up more often, or promise less.',
    orderers: true,
    cooperation: true,
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Finding = contract.Finding<Reason>;
export type Verdict = contract.Verdict<Reason>;
