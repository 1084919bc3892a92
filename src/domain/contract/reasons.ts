/** What the conditions of a ManagedVM say, in the order in which people read them. */
export const CONDITIONS = {
  Ready:
    'Everything ordered that Steward provides around the guest is in place, as the order stands now. What must still be made inside the guest is told by Configured, what waits for a restart by RestartPending.',
  Reconciling: 'Abnormal when True: Steward or a system below it is at work; nobody needs to act.',
  Stalled:
    'Abnormal when True: nothing moves until somebody acts; it ends by itself when the cause is cured. A broken promise alone is not a stall.',
  Supported:
    'The vendor supports the operating system that was ordered, as the catalogue says, and the guest does not say that it runs another (MO-1, GE-9, GE-12). Past the end the VM keeps running.',
  Provisioned: 'The VirtualMachine exists and its disks are filled (MO-1).',
  Available: 'The guest runs, and its agent or its exporter was seen within the grace of 15 minutes.',
  AgentConnected: 'The guest agent answers: first boot is complete and the guest can be looked after.',
  Monitored:
    'The sensors of the guest (CPU, memory, file systems, clock, services) are watched: the rules are in place, Prometheus evaluates them, has the metrics they need and scrapes the guest (MO-5). True only on proof from Prometheus. Event logs are not part of it.',
  EventsMonitored: 'Event logs and security-relevant events of the guest are watched (MO-12).',
  Configured:
    'The guest is set up inside as ordered: users with keys and rights (MO-8), networks, exporter, updater. Never True yet, because nothing looks into the guest; False where the order has changed since the first boot, which is not repeated.',
  PatchCompliant: 'No patch is overdue (MO-3).',
  BackupCompliant:
    'The newest usable backup is younger than the recovery point objective (AP-6, AP-13). Not yet True of any VM: that a backup holds each disk, consistent as promised, is not verified.',
  RestoreVerified: 'A backup was restored on trial and the result was good (AP-13).',
  RestartPending:
    'Abnormal when True: the running VM lacks settings that a restart would bring; status.pendingChanges lists them. What a guest is given inside is not part of it: see Configured.',
  SLACompliant:
    'The sum of the promises that count at the level or were ordered on top of it: False if one is broken, Unknown if one cannot be known. Its message names those that count and how the others read; at Admin only Supported and Provisioned count, and backups where they were ordered.',
} as const;
export type ConditionType = keyof typeof CONDITIONS;

type Meaning = {
  readonly on: readonly ConditionType[];
  readonly meaning: string;
  /** What the reader does about it. */
  readonly action: string;
};

const NOTHING = 'Nothing.';
const WAIT = 'Wait; it goes on by itself.';
const ready: readonly ConditionType[] = ['Ready'];
const machine: readonly ConditionType[] = ['Ready', 'Provisioned'];
const running: readonly ConditionType[] = ['Ready', 'Available'];
const policy: readonly ConditionType[] = ['Ready', 'BackupCompliant'];
const backup: readonly ConditionType[] = ['BackupCompliant'];

/** Every reason that a condition of a ManagedVM may carry. Reconciling and Stalled, when True, carry the reason of Ready. */
export const REASONS = {
  // What is as it should be.
  Running: { on: ready, meaning: 'The VM runs as ordered and its guest agent answers.', action: NOTHING },
  Stopped: {
    on: ready,
    meaning: 'The VM is powered off as ordered.',
    action: 'Set spec.powerState to Running to start it.',
  },
  Settled: { on: ['Reconciling', 'Stalled'], meaning: 'There is nothing of this kind.', action: NOTHING },
  DisksFilled: { on: ['Provisioned'], meaning: 'VirtualMachine and disks are in place.', action: NOTHING },
  GuestAnswers: {
    on: ['Available'],
    meaning: 'The guest runs, and its agent answers or Prometheus reads its exporter.',
    action: NOTHING,
  },
  AgentAnswers: { on: ['AgentConnected'], meaning: 'The guest agent answers.', action: NOTHING },
  PrometheusWatches: {
    on: ['Monitored'],
    meaning: 'The rules are in place; Prometheus evaluates them, has the metrics they need and scrapes the guest.',
    action: NOTHING,
  },
  UpToDate: {
    on: ['RestartPending'],
    meaning: 'The running VM has every setting of the VirtualMachine that was ordered.',
    action: NOTHING,
  },
  PromisesKept: { on: ['SLACompliant'], meaning: 'Every promise that counts is kept.', action: NOTHING },
  VendorSupported: { on: ['Supported'], meaning: 'The vendor supports the release.', action: NOTHING },

  // What is not promised, or not known.
  NotIncluded: {
    on: ['Monitored', 'EventsMonitored', 'PatchCompliant', 'BackupCompliant', 'RestoreVerified'],
    meaning: 'The service level does not include it and it was not ordered.',
    action: 'Order a level that includes it, or name a policy.',
  },
  PoweredOff: {
    on: ['Available', 'AgentConnected', 'Monitored', 'EventsMonitored'],
    meaning: 'The VM is powered off as ordered, so this cannot be known and does not count.',
    action: NOTHING,
  },
  NotObserved: {
    on: ['Available', 'Monitored', 'RestartPending', 'BackupCompliant'],
    meaning: 'Nobody has reported it yet.',
    action:
      'Wait; if it stays, see Ready; for Monitored the provider sets prometheus.url, so that Prometheus is asked.',
  },
  NotProvisioned: {
    on: ['Available', 'Monitored', 'Configured'],
    meaning: 'The VM, or the rules that watch it, are not there yet.',
    action: 'See Ready and Provisioned.',
  },
  NotRunning: {
    on: ['AgentConnected', 'Monitored', 'RestartPending'],
    meaning: 'No guest is running; the next start takes every setting.',
    action: 'See Ready and Available.',
  },
  NoPatchPolicy: {
    on: ['PatchCompliant'],
    meaning: 'The level includes patching, but no policy says what and when.',
    action: 'Name a policy in spec.patchPolicyRef.',
  },
  PatchingNotAvailable: {
    on: ['PatchCompliant'],
    meaning: 'This installation does not patch yet, so compliance cannot be known.',
    action: 'Ask the provider.',
  },
  EventMonitoringNotAvailable: {
    on: ['EventsMonitored'],
    meaning: 'The level includes event logs and security events, and this installation does not watch them yet.',
    action: 'Ask the provider; watch them in the guest until then.',
  },
  RestoreDrillsNotAvailable: {
    on: ['RestoreVerified'],
    meaning: 'This installation does not rehearse restores yet, so nothing proves that a backup can be restored.',
    action: 'Ask the provider; rehearse a restore by hand.',
  },
  PromiseUnknown: {
    on: ['SLACompliant'],
    meaning: 'No promise is broken, but at least one cannot be known.',
    action: 'See the conditions that the message names.',
  },
  PromiseBroken: {
    on: ['SLACompliant'],
    meaning: 'At least one promise is broken.',
    action: 'See the conditions that the message names.',
  },

  // A person has said so.
  ReconciliationPaused: {
    on: ['Ready', 'Reconciling', 'Stalled'],
    meaning:
      'spec.paused is set: Steward writes nothing but the status, a deletion included. Promises are still reported.',
    action: 'Take spec.paused away when the work by hand is done.',
  },

  // The order cannot be carried out.
  OperatingSystemNotFound: {
    on: ['Ready', 'Provisioned', 'Supported'],
    meaning: 'spec.operatingSystem names no entry of the catalogue.',
    action: 'Choose one of `kubectl get mos`, or ask the provider to add it.',
  },
  ServiceLevelNotOffered: {
    on: machine,
    meaning: 'The operating system is not offered at this service level (MO-7). Nothing is created or changed.',
    action: 'Order a level or a system from the catalogue that fit each other.',
  },
  InstanceTypeNotPermitted: {
    on: machine,
    meaning: 'The provider does not permit spec.sizing.instanceType in this namespace. Nothing is created or changed.',
    action:
      'Order cpu and memory, or a permitted type; provider: the annotation managed.systems/instance-types of the Namespace, or permitted.instanceTypes of the chart.',
  },
  NamespaceNotObserved: {
    on: ['Ready', 'Provisioned', 'BackupCompliant'],
    meaning: 'What the namespace may use is not known, because Steward has not read its Namespace yet.',
    action: 'Wait; if it stays, the provider lets Steward list and watch Namespaces.',
  },
  SystemNoLongerOffered: {
    on: machine,
    meaning: 'The order came after the end of vendor support of its system (MO-1, GE-9). Nothing is created.',
    action:
      'Order a supported release; to go on with a guest that exists already, name its root disk in spec.disks[].adopt.',
  },
  VirtualMachineNameTaken: {
    on: machine,
    meaning: "A VirtualMachine of that name exists and is not Steward's; it is never taken over.",
    action: 'Remove or rename it, or create the ManagedVM with another spec.virtualMachineName.',
  },
  VirtualMachineNameClaimed: {
    on: machine,
    meaning: 'An older ManagedVM wants the same VirtualMachine name; it keeps it.',
    action: 'Delete one of the two, or create this one with another spec.virtualMachineName.',
  },
  ChildNameTaken: {
    on: ['Ready', 'Provisioned', 'Monitored', 'BackupCompliant'],
    meaning: 'An object that Steward must create exists already and is not its own.',
    action: 'Rename or remove the object that the message names.',
  },
  PolicyNotFound: {
    on: policy,
    meaning: 'spec.backupPolicyRef names a policy that does not exist.',
    action: 'Create it, or name another.',
  },

  // Something below Steward is missing.
  KubeVirtNotInstalled: {
    on: machine,
    meaning: 'KubeVirt does not serve its kinds.',
    action: 'Provider: install KubeVirt; it is picked up at once.',
  },
  CDINotInstalled: {
    on: machine,
    meaning: 'CDI, which fills the disks, does not serve its kinds.',
    action: 'Provider: install CDI; it is picked up at once.',
  },
  VeleroNotInstalled: {
    on: policy,
    meaning: 'Velero, which makes the backups, does not serve its kinds.',
    action: 'Provider: install Velero; it is picked up at once.',
  },
  PrometheusOperatorNotInstalled: {
    on: ['Ready', 'Monitored'],
    meaning: 'The level includes monitoring, but prometheus-operator does not serve its kinds.',
    action: 'Provider: install prometheus-operator; it is picked up at once.',
  },
  KindNotReadable: {
    on: [
      'Ready',
      'Supported',
      'Provisioned',
      'Available',
      'AgentConnected',
      'Monitored',
      'BackupCompliant',
      'RestartPending',
    ],
    meaning:
      'The API server refuses to say what there is of a kind (403, 500), so this cannot be known, and nothing that needs it is done.',
    action: "Provider: give Steward's account the right that the message names, or repair what serves the kind.",
  },
  BackupPolicyNotInstalled: {
    on: backup,
    meaning: 'The kind BackupPolicy is not served.',
    action: "Provider: install Steward's CRDs.",
  },
  ClusterBackupPolicyNotInstalled: {
    on: backup,
    meaning: 'The kind ClusterBackupPolicy is not served.',
    action: 'Name a BackupPolicy instead.',
  },

  // Applying a child.
  ApplyRefused: {
    on: ['Ready', 'Provisioned', 'Monitored', 'BackupCompliant'],
    meaning: 'The API server or a webhook refuses an object that Steward applies; the message is theirs.',
    action: 'Correct what the message names; tell the provider if it is nothing of yours.',
  },
  ApplyRetrying: {
    on: ['Ready', 'Provisioned', 'Monitored', 'BackupCompliant'],
    meaning: 'The API server could not take an object just now.',
    action: WAIT,
  },
  ChildTerminating: {
    on: ['Ready', 'Provisioned', 'Monitored', 'BackupCompliant'],
    meaning: 'Somebody deletes an object that Steward needs; it is created again as soon as it is gone.',
    action: 'Wait; if it stays, look at the finalizers on it.',
  },
  QuotaExceeded: {
    on: ['Ready', 'Provisioned', 'Available', 'Monitored', 'BackupCompliant'],
    meaning: "The namespace's ResourceQuota leaves no room.",
    action: 'Free what is not needed, order less, or have the quota raised.',
  },
  ImageNotPermitted: {
    on: machine,
    meaning:
      'CDI does not let Steward clone the image: it lies in a namespace that the provider has not opened to Steward.',
    action:
      'The provider adds the namespace to imageNamespaces of the Helm release (create on datavolumes/source in cdi.kubevirt.io); the order then goes on by itself.',
  },
  ImageSourceNotReady: {
    on: machine,
    meaning: 'The DataSource of the operating system is not there, or has no image yet.',
    action: 'Wait; if it stays, the provider looks at the DataSource and its DataImportCron.',
  },
  KeysPending: {
    on: ['Ready', 'Provisioned'],
    meaning: "The provider's key pair for this VM is not stored yet.",
    action: WAIT,
  },
  KeysLost: {
    on: machine,
    meaning:
      "The keys that the guest was given are not in the operator's namespace. None are made in their place: the guest would not know them.",
    action: 'Provider: restore or copy the Secret that the message names ([procedures](procedures.md#keys)).',
  },

  // Disks.
  Importing: { on: machine, meaning: 'A disk is being filled.', action: WAIT },
  DiskPending: {
    on: machine,
    meaning: 'A disk waits for its volume.',
    action: 'Wait; if it stays, check that its StorageClass exists and has capacity.',
  },
  WaitForFirstConsumer: {
    on: machine,
    meaning: 'A disk is created when the VM starts for the first time.',
    action: 'Nothing; start the VM.',
  },
  ImportPaused: { on: machine, meaning: 'The import of a disk is paused.', action: 'Provider: resume the import.' },
  ImportFailed: {
    on: machine,
    meaning: 'An image cannot be imported; CDI keeps trying.',
    action: "Provider: correct the image source in the OperatingSystem; the message is the importer's.",
  },
  ImagePullFailed: {
    on: ['Ready', 'Provisioned', 'Available'],
    meaning: 'A container image cannot be pulled.',
    action: 'Provider: correct the image or the access to its registry.',
  },
  DiskRefused: {
    on: machine,
    meaning: 'CDI cannot create a disk.',
    action: 'Correct what the message names, such as the storage class.',
  },
  DiskLost: {
    on: machine,
    meaning:
      'A disk that was filled, or the volume behind it, is gone. It is never made anew, no guest is started on what remains, its backups pause, and the last good one is kept.',
    action: 'Restore the disk from a backup and consent to it ([procedures](procedures.md)).',
  },
  DiskNeedsConsent: {
    on: machine,
    meaning:
      "A claim is there that this order did not make: left by an earlier order, restored, or somebody else's. Its data is neither used nor replaced.",
    action:
      'If it is the right one, run the command that the message gives, or write the same into the order in Git. Else remove or rename the claim.',
  },
  DiskMissing: {
    on: ['Ready', 'Provisioned', 'Available'],
    meaning: 'A disk of the VM does not exist.',
    action: 'Restore it from a backup, or wait while it is made.',
  },
  DiskDeleting: {
    on: machine,
    meaning: 'A disk is being deleted.',
    action: 'If nobody meant to, restore it from a backup.',
  },
  DiskGrowing: {
    on: ready,
    meaning: 'A disk is being enlarged.',
    action: WAIT,
  },
  DiskGrowthRefused: {
    on: ready,
    meaning: 'Storage refuses to enlarge a disk; it works with the size that it has.',
    action:
      'Provider: make room; storage tries again by itself. Or lower the size in `spec.disks` again: it is allowed while this reads so.',
  },

  // The machine.
  Provisioning: { on: machine, meaning: 'The VM is being created.', action: WAIT },
  Starting: { on: running, meaning: 'The guest is starting.', action: WAIT },
  Stopping: { on: running, meaning: 'The guest is shutting down.', action: WAIT },
  Restarting: { on: ready, meaning: 'A change needs a restart and spec.restartPolicy is Automatic.', action: WAIT },
  RestoreInProgress: { on: ready, meaning: 'The VM is being restored; nothing is changed meanwhile.', action: WAIT },
  WaitingForVolumeBinding: {
    on: running,
    meaning: 'The guest starts as soon as its volumes are bound.',
    action: 'Wait; if it stays, check StorageClass and capacity.',
  },
  WaitingForReceiver: {
    on: running,
    meaning: 'The VM waits for a guest from another cluster.',
    action: 'Provider: finish the migration.',
  },
  Terminating: {
    on: running,
    meaning: 'Somebody deletes the VirtualMachine; it is created again as soon as it is gone.',
    action: 'Wait; the disks stay.',
  },
  Paused: {
    on: running,
    meaning: 'Somebody has paused the guest.',
    action: 'Ask who did and why; then unpause it: `virtctl unpause vm NAME`.',
  },
  PausedIOError: {
    on: running,
    meaning: 'The hypervisor has paused the guest, because a disk could not be read or written.',
    action:
      'Provider: look at the storage of its disks first (full, not reachable); when it is well, `virtctl unpause vm NAME`. Unpaused before, the guest pauses again.',
  },
  PausedByMigration: {
    on: running,
    meaning: 'The guest is paused for the end of its move to another node.',
    action: WAIT,
  },
  Unschedulable: {
    on: running,
    meaning: 'No node has room for the VM.',
    action: 'Order less, or have capacity added.',
  },
  CrashLoop: {
    on: running,
    meaning: 'The guest ends soon after each start.',
    action: 'Look at the console (`virtctl console`) and at the events of the VirtualMachine.',
  },
  LaunchRefused: {
    on: running,
    meaning: 'KubeVirt cannot create the Pod or the state volume of the guest.',
    action: 'Correct what the message names.',
  },
  GuestFailed: {
    on: running,
    meaning: 'The guest ended with a failure and is started again.',
    action: 'Wait; if it repeats, look at the console.',
  },
  GuestLost: {
    on: running,
    meaning: 'The node that runs the guest does not report.',
    action: 'Provider: look at the node.',
  },
  GuestNotSeen: {
    on: ['Available'],
    meaning: 'The guest runs, but neither its agent nor its exporter shows that it is up.',
    action: 'Look at the guest; see AgentConnected and Monitored.',
  },
  ManualRecoveryRequired: {
    on: running,
    meaning: 'KubeVirt cannot go on by itself after a failed volume migration.',
    action: 'Provider: set the volumes as the message says.',
  },
  ChangeNotApplied: {
    on: ready,
    meaning: 'KubeVirt could not apply a change to the running guest and tries again.',
    action: WAIT,
  },
  SpecNotObserved: { on: ready, meaning: 'KubeVirt has not looked at the newest change yet.', action: WAIT },
  StateUnknown: {
    on: running,
    meaning: 'KubeVirt reports a state that says nothing about the guest.',
    action: 'Wait; if it stays, the provider looks at virt-controller.',
  },
  RestartNeeded: {
    on: ['RestartPending'],
    meaning: 'The running guest lacks settings; the message and status.pendingChanges name them.',
    action: 'Restart the VM when it suits (`virtctl restart NAME`), or set spec.restartPolicy to Automatic.',
  },

  // The inside of the guest.
  FirstBootPending: {
    on: ['Configured'],
    meaning: 'The guest has not started for the first time; what is ordered by then reaches it.',
    action: NOTHING,
  },
  FirstBootDelivered: {
    on: ['Configured'],
    meaning: 'The first boot was given all that is ordered; that the guest took it is not verified.',
    action: 'Log in to see; status.firstBoot has what was given.',
  },
  FirstBootOutdated: {
    on: ['Configured'],
    meaning: 'Users, keys, rights, networks or level have changed since the first boot, and the guest was not changed.',
    action:
      'Make the changes that the message names in the guest by hand, removed users and keys first; Steward does not see that, and goes on saying so.',
  },
  FirstBootNotRecorded: {
    on: ['Configured'],
    meaning:
      'What the first boot was given is not known: an older Steward or another VM made the guest, its status was lost, or the order changed while it started.',
    action: 'Log in to see whether the guest has what is ordered.',
  },

  // The guest agent.
  AgentStarting: {
    on: ['Ready', 'Available', 'AgentConnected', 'Monitored'],
    meaning: 'The guest has just started, or its agent has just been lost.',
    action: WAIT,
  },
  AgentNotConnected: {
    on: ['Ready', 'AgentConnected'],
    meaning: 'The guest agent does not answer.',
    action:
      'See on the console whether the guest boots, and in the guest whether first boot has finished and qemu-guest-agent runs.',
  },
  AgentVersionNotSupported: {
    on: ['AgentConnected'],
    meaning: 'The agent answers but lacks commands that KubeVirt uses.',
    action: 'Update qemu-guest-agent in the guest.',
  },

  // Monitoring.
  MonitoringPending: {
    on: ['Ready', 'Monitored'],
    meaning: 'The target of monitoring is not in place yet.',
    action: WAIT,
  },
  WatchStarting: {
    on: ['Monitored'],
    meaning: 'The VM is new, and Prometheus does not watch it yet.',
    action: WAIT,
  },
  PrometheusSilent: {
    on: ['Monitored', 'Available'],
    meaning: 'Prometheus has not answered for longer than prometheus.tolerance, so nothing is known.',
    action: 'Provider: check that Prometheus runs, and that Steward reaches prometheus.url (see its log).',
  },
  RulesNotEvaluated: {
    on: ['Monitored'],
    meaning: 'Prometheus was asked and does not evaluate the alert rules of the VM.',
    action: 'Provider: check ruleSelector and ruleNamespaceSelector of Prometheus against monitoring.labels.',
  },
  MetricsMissing: {
    on: ['Monitored'],
    meaning: 'Prometheus was asked and lacks metrics of Steward or KubeVirt, so alerts on the VM stay silent.',
    action: 'Provider: let Prometheus scrape Steward and KubeVirt; both bring a ServiceMonitor.',
  },
  ThresholdNeverReached: {
    on: ['Monitored'],
    meaning: 'A threshold of spec.alertThresholds was stored that no guest can pass, so its alert never fires.',
    action: 'Set one within the bounds of the API (docs/api.md), or take it out.',
  },
  GuestNotScraped: {
    on: ['Monitored'],
    meaning: 'Prometheus was asked and does not read the exporter in the guest.',
    action:
      'Provider: check the selectors of Prometheus; customer: check that the exporter runs and no firewall is in the way.',
  },

  // Support by the vendor.
  OtherSystemInGuest: {
    on: ['Supported'],
    meaning: 'The guest agent reports another system or major release than the one that was ordered.',
    action:
      'Order what the guest runs as a new ManagedVM (GE-11), or bring the guest back to what was ordered; if the image is wrong, the provider corrects the OperatingSystem.',
  },
  SupportEndsSoon: {
    on: ['Supported'],
    meaning: 'Support ends within 180 days.',
    action: 'Agree a migration with the provider (GE-11).',
  },
  SupportEnded: {
    on: ['Supported'],
    meaning: 'Support has ended; the VM keeps running, services may be ceased (GE-12).',
    action: 'Migrate to a supported release (GE-11).',
  },
  InvalidLifeCycle: {
    on: ['Supported'],
    meaning: "The catalogue entry's end of support is no date.",
    action: 'Provider: correct the OperatingSystem.',
  },

  // Backups.
  BackupsNotScheduled: {
    on: ready,
    meaning: 'A backup policy is named, but no Velero Schedule exists yet.',
    action: 'See BackupCompliant and the BackupPolicy.',
  },
  NoBackupYet: {
    on: backup,
    meaning: 'There is no usable backup yet, and none is due yet.',
    action: 'Wait for the first run.',
  },
  VolumesNotVerified: {
    on: backup,
    meaning:
      'There is a usable backup that is young enough; that it holds each disk, consistent as promised, is not proven.',
    action:
      'Nothing; the message says what Velero counts. Who must be sure looks at `velero backup describe NAME --details` or rehearses a restore.',
  },
  VolumesMissing: {
    on: backup,
    meaning:
      'The newest backup is called Completed, but by the counts in its status volumes are missing, and no other suffices.',
    action:
      'Provider: look at snapshots and uploads of the backup that the message names (`velero backup describe NAME --details`).',
  },
  SchedulePaused: {
    on: backup,
    meaning:
      'A Schedule of the VM is paused: by somebody (`velero schedule pause`), which Steward leaves so, or by Steward while a disk is lost. The objective counts on.',
    action: 'Provider: `velero schedule unpause NAME` when the maintenance is over; for a lost disk see Ready.',
  },
  RecoveryPointTooOld: {
    on: backup,
    meaning: 'The newest usable backup is older than promised, or there is none.',
    action: 'Provider: look at the backup that the message names.',
  },
  StorageLocationNotPermitted: {
    on: backup,
    meaning: "The provider does not permit the policy's storage location in this namespace. No backups are made.",
    action:
      'Name a permitted one in spec.storageLocation of the policy; provider: the annotation managed.systems/storage-locations of the Namespace, or permitted.storageLocations of the chart.',
  },
  StorageLocationNotFound: {
    on: backup,
    meaning: 'The policy names a BackupStorageLocation that does not exist.',
    action: 'Provider: create it, or correct the policy.',
  },
  StorageLocationNotValidated: {
    on: backup,
    meaning: 'Velero has not looked at the storage yet.',
    action: WAIT,
  },
  StorageLocationUnavailable: {
    on: backup,
    meaning: 'Velero cannot reach the storage.',
    action: 'Provider: look at the BackupStorageLocation.',
  },
  StorageLocationReadOnly: {
    on: backup,
    meaning: 'Nothing can be written to the storage.',
    action: 'Provider: look at the BackupStorageLocation.',
  },
  ScheduleRefused: {
    on: backup,
    meaning: 'Velero refuses a Schedule.',
    action: 'Provider: correct what the message names.',
  },
  InvalidTimeZone: {
    on: policy,
    meaning: "The policy's zone is not in the IANA database.",
    action: 'Correct spec.timeZone of the policy.',
  },
  InvalidSchedule: {
    on: policy,
    meaning: 'A schedule of the policy cannot be read or never fires.',
    action: 'Correct spec.tiers of the policy.',
  },
  ScheduleTooFrequent: {
    on: backup,
    meaning:
      'A tier runs more often than the provider allows. Schedules that exist stay as they are; nothing is made from the policy.',
    action: 'Correct spec.tiers of the policy; provider: backups.minimumInterval of the chart.',
  },
  RetentionTooLong: {
    on: backup,
    meaning:
      'A tier keeps backups longer than the provider allows. Schedules that exist stay as they are; nothing is made from the policy.',
    action: 'Correct spec.tiers of the policy; provider: backups.maximumRetention of the chart.',
  },
  RetentionTooShort: {
    on: backup,
    meaning: 'A tier keeps its backups no longer than until its next run, so that for a time there may be none.',
    action: 'Keep them longer than the gap that the message names.',
  },
  ScheduleCannotMeetRPO: {
    on: backup,
    meaning: 'Even without a failure the runs lie further apart than the objective.',
    action: 'Back up more often, or promise less.',
  },

  // Deletion.
  Deleting: {
    on: [...Object.keys(CONDITIONS)] as ConditionType[],
    meaning: 'The ManagedVM is being deleted; nothing is promised any more.',
    action: 'Wait; status.waitingFor says for what.',
  },
  DeletionBlocked: {
    on: ready,
    meaning:
      'The deletion has waited for the same objects for more than 15 minutes. Steward never strips the finalizers of others.',
    action: 'Find out why the finalizer that status.waitingFor names is not removed.',
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type Reason = keyof typeof REASONS;

/**
 * Reasons that only whoever wrote the order, or the policy that it names, can put right: conditions and events tell him, and no alert
 * calls the provider (a typo is no incident).
 */
export const ORDERERS_REASONS: readonly Reason[] = [
  'OperatingSystemNotFound',
  'ServiceLevelNotOffered',
  'SystemNoLongerOffered',
  'VirtualMachineNameTaken',
  'VirtualMachineNameClaimed',
  'ChildNameTaken',
  'PolicyNotFound',
  'InstanceTypeNotPermitted',
  'DiskNeedsConsent',
  'ReconciliationPaused',
  'StorageLocationNotPermitted',
  'InvalidTimeZone',
  'InvalidSchedule',
  'ScheduleTooFrequent',
  'RetentionTooLong',
  'RetentionTooShort',
  'ScheduleCannotMeetRPO',
  'QuotaExceeded',
  'ThresholdNeverReached',
  // Until something changes the inside of guests, nobody but who changes the order back could end such an alert.
  'FirstBootOutdated',
];
