import { z } from 'zod';
import {
  ByteQuantity,
  Conditions,
  Duration,
  GROUP,
  Instant,
  Label,
  ObjectName,
  ServiceLevel,
  VERSION,
} from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';

const namedList = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } as const;

const Sizing = z
  .strictObject({
    instanceType: ObjectName.optional().describe(
      'VirtualMachineClusterInstancetype of KubeVirt, e.g. u1.medium. Excludes cpu and memory.',
    ),
    cpu: z.int().min(1).max(256).optional().describe('Virtual CPUs.'),
    memory: ByteQuantity.optional().describe('Memory of the guest, e.g. 4Gi.'),
  })
  .describe(
    "Size of the VM: an instance type, or CPU and memory. What is not set comes from the OperatingSystem's defaults.",
  );

const Disk = z.strictObject({
  name: Label.max(20).describe('Name of the disk; the one called root boots.'),
  size: ByteQuantity.optional().describe(
    "Capacity; may grow, never shrink. Default for root: the OperatingSystem's; other disks must name it.",
  ),
  storageClass: ObjectName.optional().describe("StorageClass; default: the cluster's."),
  reclaimPolicy: z
    .enum(['Retain', 'Delete'])
    .prefault('Retain')
    .describe('What becomes of the disk when the ManagedVM or its entry here goes.'),
});
export type Disk = z.infer<typeof Disk>;

const Network = z.strictObject({
  name: Label.max(20),
  multusNetwork: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Name of a NetworkAttachmentDefinition in this namespace. Absent: the pod network.'),
});

const User = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(32)
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .describe('Login name.'),
  sshKeys: z
    .array(
      z
        .string()
        .min(16)
        .max(1024)
        .regex(
          /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/=]+( [^\n\r]{0,200})?$/,
        ),
    )
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'set' })
    .optional()
    .describe('Public keys in OpenSSH form.'),
  administrator: z
    .boolean()
    .prefault(true)
    .describe('Root or administrator rights, shared with the provider at every Managed OS level (MO-8).'),
});

const Percent = z.int().min(1).max(100);

const AlertThresholds = z
  .strictObject({
    cpuPercent: Percent.optional().describe('CPU in use, percent. Default 90.'),
    memoryPercent: Percent.optional().describe('Memory in use, percent. Default 90.'),
    fileSystemWarningPercent: Percent.optional().describe('File system in use, percent, warning. Default 80.'),
    fileSystemCriticalPercent: Percent.optional().describe('File system in use, percent, critical. Default 90.'),
    pendingFor: Duration.optional().describe(
      'How long CPU or memory must stay above before the alert fires. Default 15m.',
    ),
  })
  .describe('Thresholds that differ from the service default (MO-12).');

export const ManagedVMSpec = z.strictObject({
  serviceLevel: ServiceLevel,
  operatingSystem: ObjectName.describe(
    'Name of an OperatingSystem. Immutable: a new major release is a migration, never an edit (GE-11).',
  ),
  powerState: z.enum(['Running', 'Stopped']).prefault('Running').describe('Whether the VM shall run.'),
  virtualMachineName: Label.max(50)
    .optional()
    .describe('Name of the KubeVirt VirtualMachine; default: the name of the ManagedVM. Immutable.'),
  sizing: Sizing.optional(),
  disks: z
    .array(Disk)
    .min(1)
    .max(16)
    .meta(namedList)
    .prefault([{ name: 'root' }])
    .describe('Root and data disks.'),
  networks: z
    .array(Network)
    .min(1)
    .max(8)
    .meta(namedList)
    .prefault([{ name: 'default' }])
    .describe('Network interfaces, in order; at most one on the pod network.'),
  access: z
    .strictObject({ users: z.array(User).max(32).meta(namedList).optional() })
    .optional()
    .describe("The customer's access to the guest."),
  services: z
    .array(
      z
        .string()
        .min(1)
        .max(100)
        .regex(/^[A-Za-z0-9][A-Za-z0-9:_.@-]*$/),
    )
    .max(32)
    .meta({ 'x-kubernetes-list-type': 'set' })
    .optional()
    .describe(
      'System services that must run (systemd units without .service, or Windows services); an alert fires when one does not (MO-12).',
    ),
  alertThresholds: AlertThresholds.optional(),
  patchPolicyRef: z
    .strictObject({ kind: z.enum(['PatchPolicy', 'ClusterPatchPolicy']).prefault('PatchPolicy'), name: ObjectName })
    .optional()
    .describe('The policy by which the guest is patched (MO-3, MO-4).'),
  backupPolicyRef: z
    .strictObject({ kind: z.enum(['BackupPolicy', 'ClusterBackupPolicy']).prefault('BackupPolicy'), name: ObjectName })
    .optional()
    .describe('The policy by which the VM is backed up (AP-6, AP-13).'),
  deletionProtection: z.boolean().prefault(false).describe('While true, deleting the ManagedVM is refused.'),
  restartPolicy: z
    .enum(['Manual', 'Automatic'])
    .prefault('Manual')
    .describe(
      'What happens when a change needs a restart: Manual waits for the customer and says so in RestartPending; Automatic restarts at once.',
    ),
});
export type ManagedVMSpec = z.infer<typeof ManagedVMSpec>;

/** One setting that the running guest does not have yet. */
const PendingChange = z.strictObject({
  path: z.string().max(253).describe("Path in the VirtualMachine's template, e.g. spec.domain.cpu.sockets."),
  running: z.string().max(1024).describe('Value in the running guest; empty if it has none.'),
  desired: z.string().max(1024).describe('Value after the restart; empty if it goes.'),
});
export type PendingChange = z.infer<typeof PendingChange>;

export const ManagedVMStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  operatingSystem: z.string().max(80).optional().describe('Distribution and version as people say it, e.g. Debian 13.'),
  state: z.string().max(40).optional().describe('What the VM is doing: Running, Stopped, Starting, …'),
  virtualMachine: z.strictObject({ name: z.string().max(253), uid: z.string().max(64).optional() }).optional(),
  node: z.string().max(253).optional().describe('Node that runs the guest.'),
  addresses: z.array(z.string().max(64)).max(16).optional().describe('IP addresses of the guest.'),
  guest: z
    .strictObject({
      name: z.string().max(253).optional(),
      version: z.string().max(253).optional(),
      kernelRelease: z.string().max(253).optional(),
    })
    .optional()
    .describe('Operating system as the guest agent reports it.'),
  disks: z
    .array(
      z.strictObject({
        name: z.string().max(63),
        claim: z.string().max(253).describe('PersistentVolumeClaim that holds it.'),
        capacity: z.string().max(40).optional(),
        phase: z.string().max(40).optional(),
      }),
    )
    .max(16)
    .meta(namedList)
    .optional(),
  pendingChanges: z
    .array(PendingChange)
    .max(64)
    .optional()
    .describe('What a restart would change, with the value now and then.'),
  backup: z
    .strictObject({
      policy: z.string().max(253),
      lastBackup: z.string().max(253).optional().describe('Newest usable Velero Backup.'),
      lastRecoveryPoint: Instant.optional().describe('When it started: the state it can restore.'),
      deadline: Instant.optional().describe(
        'When the recovery point objective is broken unless a newer backup succeeds.',
      ),
      nextRun: Instant.optional(),
    })
    .optional(),
  waitingFor: z
    .array(z.strictObject({ object: z.string().max(320), since: Instant, reason: z.string().max(1024) }))
    .max(16)
    .optional()
    .describe('What a deletion in progress waits for, and since when.'),
  conditions: Conditions.optional(),
});
export type ManagedVMStatus = z.infer<typeof ManagedVMStatus>;

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
  validations: [],
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
      description: 'Whether every promise of the level is kept.',
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
