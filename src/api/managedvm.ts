import { z } from 'zod';
import { Access } from './access.ts';
import { Adopted, MachineAdoption } from './adoption.ts';
import { AlertThresholds } from './alertthresholds.ts';
import { MemorySize } from './bytequantity.ts';
import {
  Conditions,
  GROUP,
  Instant,
  ObjectName,
  ObservedGeneration,
  ServiceLevel,
  VERSION,
  VirtualMachineName,
} from './common.ts';
import { Day } from './day.ts';
import { Disks, sizeOnlyGrows } from './disk.ts';
import { Hardware } from './hardware.ts';
import { Drift, GuestAccess, GuestWork, SoleRoot } from './insideguest.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { MachineAnnotations, MachineLabels } from './machinemetadata.ts';
import { WrittenMoment } from './moment.ts';
import { Networks } from './network.ts';
import { NewRoot, systemFollowsMigration } from './newroot.ts';
import { OpenIncidents } from './openincidents.ts';
import { MissedWindow, RunSummary, UpdateSummary } from './patchsummary.ts';
import { Placement } from './placement.ts';
import { OrderedRemedy } from './remedy.ts';
import { namedList, stringSet, withRules, withTransitionRules } from './rules.ts';
import { PlanRevision } from './serviceplan.ts';
import { SystemEndOfLife } from './systemendoflife.ts';
import { SystemSettings } from './systemsettings.ts';
import { WindowOccurrence } from './windowtimes.ts';

const Sizing = withRules(
  z.strictObject({
    instanceType: ObjectName.optional().describe(
      'VirtualMachineClusterInstancetype of KubeVirt, e.g. u1.medium, one that the provider permits in the namespace. Excludes cpu and memory.',
    ),
    cpu: z.int().min(1).max(256).optional().describe('Virtual CPUs.'),
    memory: MemorySize.optional().describe('Memory of the guest, e.g. 4Gi.'),
    topology: z
      .strictObject({
        sockets: z.int().min(1).max(256).describe('Sockets: by them some licences count.'),
        cores: z.int().min(1).max(256).describe('Cores of each socket.'),
        threads: z.int().min(1).max(8).prefault(1).describe('Threads of each core.'),
      })
      .optional()
      .describe(
        'How the guest sees its CPUs; default: Linux a socket for each, so that more come while it runs, Windows one socket.',
      ),
  }),
  {
    rule: '!has(self.topology) || (has(self.cpu) && self.topology.sockets * self.topology.cores * self.topology.threads == self.cpu)',
    message: 'sockets × cores × threads of topology are as many as cpu',
    fieldPath: '.topology',
    holds: ({ cpu, topology }) =>
      topology === undefined || topology.sockets * topology.cores * topology.threads === cpu,
  },
  {
    rule: '!has(self.instanceType) || (!has(self.cpu) && !has(self.memory))',
    message: 'sizing takes either instanceType or cpu and memory, not both',
    holds: sizing => sizing.instanceType === undefined || (sizing.cpu ?? sizing.memory) === undefined,
  },
).describe(
  "Size of the VM: an instance type, or CPU and memory. What is not set comes from the OperatingSystem's defaults.",
);

export type Disk = ManagedVMSpec['disks'][number];

/** A reference names no namespace: it is this one, or the kind is the provider's for the whole cluster. */
function policyReference<Kind extends string>(here: Kind, clusterWide: Kind) {
  return z.strictObject({
    kind: z
      .enum([here, clusterWide])
      .prefault(here)
      .describe(`${here} of this namespace, or ${clusterWide} of the provider.`),
    name: ObjectName.describe('Name of the policy.'),
  });
}

const ManagedVMSettings = z.strictObject({
  serviceLevel: ServiceLevel,
  operatingSystem: ObjectName.describe(
    'Name of an OperatingSystem. Immutable: a new major release is a migration, never an edit (GE-11). After one that was accepted it may name that system (status.newRoot).',
  ),
  powerState: z.enum(['Running', 'Stopped']).prefault('Running').describe('Whether the VM shall run.'),
  virtualMachineName: VirtualMachineName.optional().describe(
    'Name of the KubeVirt VirtualMachine; default: the name of the ManagedVM. Immutable.',
  ),
  adopt: MachineAdoption.optional().describe(
    'Consent that the VirtualMachine of that name, which was not made for this order, is taken over as it runs (MO-1). Its guest goes on; what a restart would change, RestartPending lists. Used up once it was taken, and may stay.',
  ),
  sizing: Sizing.optional(),
  disks: Disks.prefault([{ name: 'root' }]).describe('Root and data disks.'),
  hardware: Hardware.optional().describe('Firmware and devices of the machine. Takes effect at a restart.'),
  networks: Networks.prefault([{ name: 'default' }]).describe(
    'Network interfaces, in order; at most one on the pod network. How they are set reaches a Linux guest at its next start.',
  ),
  system: SystemSettings.optional().describe(
    "What the guest's system needs in the customer's network: proxy, certificates, time servers. Kept as ordered (Linux; Windows is given them at its first boot).",
  ),
  placement: Placement.optional().describe('Which other VMs it is kept apart from.'),
  labels: MachineLabels.optional().describe(
    'Labels of the VirtualMachine, and of the Pod it runs in from its next start: for Services, NetworkPolicies and tools of the customer. With a prefix only where the provider permits it.',
  ),
  annotations: MachineAnnotations.optional().describe('Annotations of both, likewise.'),
  access: Access.optional().describe("The customer's access to the guest."),
  services: stringSet(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^[A-Za-z0-9_]([A-Za-z0-9:_.@$\\ -]*[A-Za-z0-9:_.@$\\-])?$/),
    { max: 32 },
  )
    .optional()
    .describe(
      'System services that must run: systemd units, with or without .service, or names of Windows services in any case; an alert fires when one does not (MO-12).',
    ),
  alertThresholds: AlertThresholds.optional(),
  patchPolicyRef: policyReference('PatchPolicy', 'ClusterPatchPolicy')
    .optional()
    .describe('The policy by which the guest is patched (MO-3, MO-4).'),
  updateScan: z
    .boolean()
    .optional()
    .describe(
      'At level Admin: whether the guest is asked once a day which updates it lacks, which PatchCompliant then tells; none is installed (MO-3). Every other level includes it.',
    ),
  backupPolicyRef: policyReference('BackupPolicy', 'ClusterBackupPolicy')
    .optional()
    .describe('The policy by which the VM is backed up (AP-6, AP-13).'),
  paused: z
    .strictObject({
      reason: z
        .string()
        .min(1)
        .max(256)
        .describe('Why, for who reads the condition, e.g. restore of 28 November, kim.'),
    })
    .optional()
    .describe(
      'While set, Steward writes nothing but the status: for work by hand, such as a restore. A person sets it and takes it away; Steward never does.',
    ),
  deletionProtection: z
    .boolean()
    .prefault(false)
    .describe('While true, deleting the ManagedVM is refused, and so is every other way to lose one of its disks.'),
  deletionPolicy: z
    .enum(['Delete', 'Release'])
    .optional()
    .describe(
      'What becomes of the VM when the ManagedVM is deleted. Release: it runs on with its disks, and belongs to nobody from then on; backups and monitoring end. Default: Delete.',
    ),
  restartPolicy: z
    .enum(['Manual', 'Automatic'])
    .prefault('Manual')
    .describe(
      'What happens when a change needs a restart: Manual waits for the customer and says so in RestartPending; Automatic restarts at once.',
    ),
});

const WithinLevel = withRules(ManagedVMSettings, {
  rule: "self.serviceLevel != 'MonitoringAndPatching' || !has(self.patchPolicyRef) || self.patchPolicyRef.kind != 'PatchPolicy'",
  message: 'patchPolicyRef names a PatchPolicy: individual patch planning needs AdvancedMonitoringAndPatching (MO-4)',
  fieldPath: '.patchPolicyRef',
  holds: ({ serviceLevel, patchPolicyRef }) =>
    serviceLevel !== 'MonitoringAndPatching' || patchPolicyRef?.kind !== 'PatchPolicy',
});

export const ManagedVMSpec = withTransitionRules(
  WithinLevel,
  {
    rule: 'has(self.virtualMachineName) == has(oldSelf.virtualMachineName) && (!has(self.virtualMachineName) || self.virtualMachineName == oldSelf.virtualMachineName)',
    message: 'virtualMachineName is immutable: another name would be another VM',
    fieldPath: '.virtualMachineName',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "!self.deletionProtection || !oldSelf.deletionProtection || oldSelf.disks.all(old, old.reclaimPolicy == 'Retain' || self.disks.exists(disk, disk.name == old.name))",
    message:
      'deletionProtection is true: a disk with reclaimPolicy Delete cannot be taken out of disks; set its reclaimPolicy to Retain or deletionProtection to false first',
    fieldPath: '.disks',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "!self.deletionProtection || !oldSelf.deletionProtection || self.disks.all(disk, disk.reclaimPolicy == 'Retain' || !oldSelf.disks.exists(old, old.name == disk.name && old.reclaimPolicy == 'Retain'))",
    message:
      'deletionProtection is true: the reclaimPolicy of a disk cannot be changed from Retain to Delete; set deletionProtection to false first',
    fieldPath: '.disks',
    reason: 'FieldValueForbidden',
  },
).describe('What was ordered.');
export type ManagedVMSpec = z.infer<typeof ManagedVMSpec>;

/** One setting that the running guest does not have yet. */
const PendingChange = z.strictObject({
  path: z
    .string()
    .max(253)
    .describe("Path in the VirtualMachine's template, e.g. spec.domain.cpu.sockets, or spec.disks[data].size."),
  running: z.string().max(1024).describe('Value in the running guest; empty if it has none.'),
  desired: z.string().max(1024).describe('Value after the restart; empty if it goes.'),
});
export type PendingChange = z.infer<typeof PendingChange>;

const DeliveredUser = z.strictObject({
  name: z.string().max(32).describe('Login name.'),
  administrator: z.boolean().describe('Whether it was given root or administrator rights.'),
  keys: z
    .array(z.string().max(64))
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Fingerprints of its public keys, SHA256:….'),
});

const FirstBoot = z
  .strictObject({
    at: Instant.optional().describe('When the guest first ran with it; absent: not yet, and changes still reach it.'),
    disk: z
      .string()
      .max(64)
      .optional()
      .describe('UID of the claim it booted from, or of the instance where the root disk is an image.'),
    users: namedList(DeliveredUser, { max: 32 }).describe(
      "The customer's accounts that it was to make: none where the guest worker makes them.",
    ),
    networks: z
      .array(z.string().max(63))
      .max(8)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('Networks that it was told to bring up.'),
    networkSettings: z
      .string()
      .max(71)
      .optional()
      .describe('SHA-256 of how they were to be set, where that was ordered.'),
    networksAtEachStart: z
      .boolean()
      .optional()
      .describe('Whether the guest sets its networks as ordered at each start; absent: at its first boot only.'),
    systemSettings: z
      .string()
      .max(71)
      .optional()
      .describe('SHA-256 of its proxy, certificates and time servers, where nothing else keeps them.'),
    exporter: z.boolean().describe('Whether it was to install the exporter of metrics.'),
    ownUpdater: z.boolean().describe("Whether the system's own updater was left on."),
  })
  .describe('What the first boot of the guest was given. First boot is not repeated; absent: not known for certain.');

const Print = z.string().max(64);
const Generation = z.int().min(1);

const GuestKeys = z
  .strictObject({
    provider: Print.describe("Fingerprint of the provider's public key, SHA256:…."),
    host: Print.describe("Fingerprint of the guest's host key."),
    generation: Generation.optional().describe('Which of the keys of the provider it is; absent: the first.'),
    next: z
      .strictObject({
        provider: Print.describe('Its fingerprint.'),
        generation: Generation.describe('Which it is.'),
      })
      .optional()
      .describe('The key that comes after it, on its way into the guest.'),
    former: z
      .array(
        z.strictObject({
          provider: Print.describe('Its fingerprint.'),
          generation: Generation.describe('Which it was.'),
          goneAt: Instant.optional().describe('When it was found gone from the guest; absent: it may be in it.'),
        }),
      )
      .max(8)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('Keys of before, newest first, that a disk restored from a backup may still have.'),
  })
  .describe(
    'The keys that the guest was given. No others are made for it but by order, and none in the place of one that is lost.',
  );

const CustomerWait = z.strictObject({
  change: z.string().max(253).describe('Name of the ChangeRequest.'),
  what: z
    .enum(['Agreement', 'Postponed', 'Acceptance'])
    .describe('Whether he has not agreed although its window is open, has postponed it, or has not taken the result.'),
  since: Instant.describe('Since when; of what was postponed: when it was to begin.'),
  until: Instant.optional().describe('Until when.'),
});

const InspectedBackup = z.strictObject({
  name: z.string().max(253).describe('Velero Backup.'),
  uid: z.string().max(64).describe('Its UID.'),
  disks: namedList(
    z.strictObject({
      name: z.string().max(63).describe('Name of the disk, as in spec.disks.'),
      data: z
        .enum(['Moved', 'Held', 'Failed', 'Skipped', 'Absent'])
        .describe(
          'Moved: copied to the storage location. Held: kept as a snapshot where the disk is. Failed, Skipped: Velero could not save it, or left it out. Absent: Velero does not tell of it.',
        ),
    }),
    { max: 16 },
  ).describe('What it holds of each disk that the VM had when Steward looked into the backup.'),
  consistency: z
    .enum(['FilesystemConsistent', 'CrashConsistent'])
    .optional()
    .describe('State of the data in it; absent: not known.'),
});
export type InspectedBackup = z.infer<typeof InspectedBackup>;

const Freeze = z.strictObject({
  since: Instant.describe('When Steward first saw them held still.'),
  until: Instant.optional().describe('When it first saw them let go; absent: they are held.'),
  askedAt: Instant.optional().describe('When it last asked KubeVirt to let go, because nobody else did in time.'),
});
/** A time in which the file systems of a guest were held still for a backup or a snapshot. */
export type Freeze = z.infer<typeof Freeze>;

const VerifiedRestore = z.strictObject({
  restore: z.string().max(253).describe('Restore that was measured.'),
  point: z.string().max(253).describe('Velero Backup that was restored.'),
  pointTime: Instant.describe('When that backup started: the state that was brought back.'),
  time: Instant.describe('When the restored VM was proved to work. A verification holds from then on.'),
  seconds: z.int().min(0).describe('Seconds from the request of the restore to that proof.'),
});
/** A restore that worked, and how long it took: what proves that a VM can be brought back (AP-13). */
export type VerifiedRestore = z.infer<typeof VerifiedRestore>;

const FailedRestore = z.strictObject({
  restore: z.string().max(253).describe('Restore that failed.'),
  point: z.string().max(253).describe('Velero Backup that was to be restored.'),
  time: Instant.describe('When it failed.'),
  message: z.string().max(1024).describe('What it failed at.'),
});
/** A restore that did not bring the VM back. */
export type FailedRestore = z.infer<typeof FailedRestore>;

const TierPoints = z.strictObject({
  name: z.string().max(63).describe('Name of the tier.'),
  schedule: z.string().max(300).describe('Its schedule, with the zone, since when points are counted.'),
  retention: z.string().max(20).describe('How long its backups are kept.'),
  since: Instant.describe('From when on runs are counted: the tier has been so since then.'),
  wanted: z.int().min(0).describe('Runs that should have left a point by now that is still kept.'),
  had: z.int().min(0).describe('Points that there are.'),
  missing: z.int().min(0).describe('Wanted runs that have no point.'),
  oldest: Instant.optional().describe('Start of the oldest point.'),
  points: z
    .array(Instant)
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Starts of the newest points: one that goes before its term is told.'),
});
/** The recovery points of one retention tier, as they were last seen. */
export type TierPoints = z.infer<typeof TierPoints>;

const VanishedPoint = z.strictObject({
  tier: z.string().max(63).describe('Its tier.'),
  time: Instant.describe('When its backup started.'),
  until: Instant.describe('Until when it was to be kept.'),
});
/** A recovery point that has gone before its term. */
export type VanishedPoint = z.infer<typeof VanishedPoint>;

export const ManagedVMStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    operatingSystem: z
      .string()
      .max(80)
      .optional()
      .describe('Distribution and version as people say it, e.g. Debian 13.'),
    state: z.string().max(40).optional().describe('What the VM is doing: Running, Stopped, Starting, …'),
    virtualMachine: z
      .strictObject({
        name: z.string().max(253).describe('Its name.'),
        uid: z.string().max(64).optional().describe('Its UID.'),
      })
      .optional()
      .describe('The KubeVirt VirtualMachine.'),
    adopted: Adopted.optional().describe('The VirtualMachine was taken over, and was not made for this order.'),
    node: z.string().max(253).optional().describe('Node that runs the guest.'),
    addresses: z
      .array(z.string().max(64))
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('IP addresses of the guest.'),
    guest: z
      .strictObject({
        name: z.string().max(253).optional().describe('Name, e.g. Debian GNU/Linux.'),
        version: z.string().max(253).optional().describe('Version, e.g. 13 (trixie).'),
        kernelRelease: z.string().max(253).optional().describe('Release of the running kernel.'),
        id: z.string().max(253).optional().describe('ID as in os-release, e.g. debian; mswindows for Windows.'),
        versionId: z.string().max(253).optional().describe('VERSION_ID as in os-release, e.g. 13.'),
      })
      .optional()
      .describe('Operating system as the guest agent reported it last; what a guest says proves nothing.'),
    disks: namedList(
      z.strictObject({
        name: z.string().max(63).describe('Name of the disk, as in spec.disks.'),
        claim: z.string().max(253).describe('PersistentVolumeClaim that holds it.'),
        capacity: z.string().max(40).optional().describe('Capacity that it really has.'),
        phase: z.string().max(40).optional().describe('How far CDI is with filling it.'),
        claimUID: z
          .string()
          .max(64)
          .optional()
          .describe('UID of the claim that was filled: another claim of that name is another disk, whatever is in it.'),
        filledAt: Instant.optional().describe(
          'When the disk was first seen filled. From then on it is never made anew.',
        ),
      }),
      { max: 16 },
    )
      .optional()
      .describe('Disks as they are.'),
    pluggedIn: z
      .array(
        z.strictObject({
          name: z.string().max(63).describe('Name of the volume.'),
          claim: z.string().max(253).describe('PersistentVolumeClaim that holds it.'),
        }),
      )
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('Volumes that somebody has plugged in beside the order (virtctl addvolume): they are left alone.'),
    firstBoot: FirstBoot.optional(),
    access: GuestAccess.optional(),
    drift: Drift.optional(),
    guestWork: GuestWork.optional(),
    soleRoot: SoleRoot.optional(),
    applications: namedList(
      z.strictObject({
        name: z.string().max(63).describe('Name of the ManagedApplication.'),
        uid: z.string().max(64).describe('Its UID.'),
        revision: z.string().max(71).describe('Hash of the plan by which it is set up in the guest.'),
      }),
      { max: 16 },
    )
      .optional()
      .describe('Managed applications that the guest worker sets up in the guest.'),
    newRoot: NewRoot.optional(),
    keys: GuestKeys.optional(),
    remedy: OrderedRemedy.optional(),
    incidents: OpenIncidents.optional(),
    pendingChanges: z
      .array(PendingChange)
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('What a restart would change, with the value now and then.'),
    freezes: z
      .array(Freeze)
      .max(4)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe(
        'Times in which the file systems of the guest were held still for a backup or a snapshot, newest first: the one that goes on, and earlier ones that took five minutes or longer.',
      ),
    backup: z
      .strictObject({
        policy: z.string().max(253).describe('Policy that is in force.'),
        policyKind: z
          .enum(['BackupPolicy', 'ClusterBackupPolicy'])
          .optional()
          .describe('Kind of that policy; absent: BackupPolicy.'),
        standard: z
          .boolean()
          .optional()
          .describe("It is the provider's standard, which the plan names, for the order names none."),
        since: Instant.optional().describe(
          'Since when the VM is under backup: the objective counts from then until there is a recovery point.',
        ),
        lastBackup: z.string().max(253).optional().describe('Newest usable Velero Backup.'),
        lastRecoveryPoint: Instant.optional().describe('When it started: the state it can restore.'),
        deadline: Instant.optional().describe(
          'When the recovery point objective is broken unless a newer backup succeeds.',
        ),
        nextRun: Instant.optional().describe('Next time at which a tier starts a backup.'),
        inspected: namedList(InspectedBackup, { max: 8 })
          .optional()
          .describe(
            'Backups that Steward has looked into, newest first: the newest usable one, and newer ones that lack disks.',
          ),
        duration: z
          .strictObject({
            last: z.int().min(0).describe('Of the newest.'),
            p95: z.int().min(0).describe('What 95 of 100 did not exceed.'),
          })
          .optional()
          .describe('Seconds that Completed backups of this VM have taken from start to end.'),
        tiers: namedList(TierPoints, { max: 8 }).optional().describe('Recovery points by retention tier.'),
        vanished: z
          .array(VanishedPoint)
          .max(16)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .optional()
          .describe('Recovery points that have gone before their term, newest first; each until its term ends.'),
        keptTooLong: z
          .int()
          .min(0)
          .optional()
          .describe('Backups that are there for longer than the policy allows any.'),
        verificationSince: Instant.optional().describe(
          'Since when the policy asks for verification: its term counts from then until a restore has worked.',
        ),
        verified: z
          .array(VerifiedRestore)
          .max(16)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .optional()
          .describe('Restores that worked and were measured, newest first; they outlive backup and Restore.'),
        failedRestore: FailedRestore.optional().describe('The last restore that failed, if none has worked since.'),
        verificationDeadline: Instant.optional().describe(
          'When RestoreVerified is broken unless another restore works.',
        ),
        lastDrill: Instant.optional().describe(
          'When the newest drill was ordered: a restore that is rehearsed in a sandbox.',
        ),
        nextDrill: Instant.optional().describe('When the next drill is due by the policy.'),
        recoveryTime: z
          .strictObject({
            last: z.int().min(0).describe('Of the newest.'),
            p95: z.int().min(0).describe('What 95 of 100 did not exceed.'),
          })
          .optional()
          .describe('Seconds that measured restores have taken from request to proof.'),
      })
      .optional()
      .describe('Backups of this VM.'),
    patching: z
      .strictObject({
        policy: z
          .strictObject({
            kind: z.enum(['PatchPolicy', 'ClusterPatchPolicy']).describe('Its kind.'),
            name: z.string().max(253).describe('Its name.'),
          })
          .describe('The policy that it is patched by.'),
        provenBy: z.string().max(253).describe('ClusterPatchPolicy that proves what is installed (MO-11).'),
        nextWindow: WindowOccurrence.optional().describe(
          'When it is patched next; absent: its windows do not open again.',
        ),
        announced: z
          .enum(['72h', '24h'])
          .optional()
          .describe('The last advance notice that was given of that window (GE-4).'),
        lastWindow: WindowOccurrence.optional().describe('The window that opened last, as it was announced.'),
        missedWindow: MissedWindow.optional(),
        updates: UpdateSummary.optional(),
        lastRun: RunSummary.optional(),
        lastSuccess: WrittenMoment.optional().describe('When a PatchRun last succeeded.'),
      })
      .optional()
      .describe('By which policy and when the guest is patched (MO-3, MO-4).'),
    service: z
      .strictObject({
        contract: z.string().max(253).describe('Contract that names the namespace.'),
        plan: z.string().max(253).describe('ServicePlan that applies at the level today.'),
        planRevision: PlanRevision.optional().describe(
          'SHA-256 of what the plan said when it began to apply: by it a plan that was made anew is told from the one that was agreed.',
        ),
        since: Day.describe("First day on which it applied, in the contract's zone."),
      })
      .optional()
      .describe('By which terms the service is given (GE-1); its numbers are in the condition Contracted.'),
    endOfLife: SystemEndOfLife.optional(),
    waitingForCustomer: z
      .array(CustomerWait)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('Open changes of it that only the customer can bring on (GE-4), the longest wait first.'),
    waitingFor: z
      .array(
        z.strictObject({
          object: z.string().max(320).describe('Kind and name of the object.'),
          since: Instant.describe('Since when.'),
          reason: z.string().max(1024).describe('Why it is still there.'),
        }),
      )
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('What a deletion in progress waits for, and since when.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type ManagedVMStatus = z.infer<typeof ManagedVMStatus>;
/** `SHA256:…` of the provider's and of the host's public key: they tell key pairs apart and open nothing. */
export type KeyPrints = Pick<GivenKeys, 'provider' | 'host'>;
/** All that the status says of the keys of a guest. */
export type GivenKeys = NonNullable<ManagedVMStatus['keys']>;

export type ManagedVM = Resource<ManagedVMSpec, ManagedVMStatus>;

const condition = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`;

export const managedVM: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ManagedVM',
  plural: 'managedvms',
  singular: 'managedvm',
  shortNames: ['mvm'],
  namespaced: true,
  description:
    'A virtual machine under a Managed OS service level: what was ordered, and whether each promise about it is kept.',
  spec: ManagedVMSpec,
  status: ManagedVMStatus,
  validations: [
    {
      rule: "self.metadata.name.size() <= 50 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
      message:
        'metadata.name is at most 50 lower-case letters, digits and hyphens and starts with a letter (a DNS-1035 label), because the VM and its children are named after it',
      holds: ({ metadata }) => VirtualMachineName.safeParse(metadata.name).success,
    },
  ],
  changeRules: [sizeOnlyGrows, systemFollowsMigration],
  selectableFields: [
    '.spec.serviceLevel',
    '.spec.operatingSystem',
    '.spec.powerState',
    '.spec.patchPolicyRef.name',
    '.spec.backupPolicyRef.name',
  ],
  printerColumns: [
    { name: 'Level', type: 'string', jsonPath: '.spec.serviceLevel', description: 'Service level.' },
    { name: 'OS', type: 'string', jsonPath: '.status.operatingSystem', description: 'Operating system.' },
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'What the VM is doing.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: condition('Ready'),
      description: 'Whether everything ordered is in place.',
    },
    {
      name: 'Patched',
      type: 'string',
      jsonPath: condition('PatchCompliant'),
      description: 'Whether patches are in time.',
    },
    {
      name: 'Backed up',
      type: 'string',
      jsonPath: condition('BackupCompliant'),
      description: 'Whether backups are in time.',
    },
    {
      name: 'SLA',
      type: 'string',
      jsonPath: condition('SLACompliant'),
      description: 'Whether every promise that counts at the level is kept.',
    },
    {
      name: 'Next window',
      type: 'string',
      jsonPath: '.status.patching.nextWindow.start',
      description: 'When it is patched next.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why Ready is what it is.',
      priority: 1,
    },
    { name: 'Node', type: 'string', jsonPath: '.status.node', description: 'Node that runs the guest.', priority: 1 },
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.status.addresses[0]',
      description: 'First address of the guest.',
      priority: 1,
    },
  ],
};
