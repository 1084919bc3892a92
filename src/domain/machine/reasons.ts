import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, type SharedReason, WAIT } from '../contract/reasons.ts';
import { DISK_REASONS } from './diskreasons.ts';
import { STATE_REASONS } from './statereasons.ts';

/** Without these kinds nothing can be said of a machine, and nothing may be done to it: what looks as if it were gone may be there. */
export const MACHINE_KINDS = [
  'OperatingSystem',
  'Secret',
  'VirtualMachine',
  'VirtualMachineInstance',
  'DataVolume',
  'PersistentVolumeClaim',
] as const;

/** What is said of the machine, its disks, its first boot and its system (MO-1, MO-7, MO-8). */
export const CONDITIONS = {
  Supported: {
    meaning:
      'The vendor supports the operating system that was ordered, as the catalogue says, and the guest does not say that it runs another (MO-1, GE-9, GE-12). Past the end the VM keeps running.',
    shares: ['KindNotReadable'],
    restsOn: ['OperatingSystem'],
    counts: () => true,
    alert: {
      alert: 'ManagedVMUnsupported',
      for: '1h',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} runs a system that is not supported',
      description: `The operating system of ${SUBJECT} is not supported by its vendor any more, or is not the one that was ordered; its condition Supported says which.`,
    },
  },
  Provisioned: {
    meaning: 'The VirtualMachine exists and its disks are filled (MO-1).',
    shares: [
      'NamespaceNotObserved',
      'KindNotReadable',
      'ChildNameTaken',
      'ApplyRefused',
      'ApplyRetrying',
      'ChildTerminating',
      'QuotaExceeded',
    ],
    restsOn: MACHINE_KINDS,
    counts: () => true,
    toldBy: 'ManagedVMStalled',
  },
  AgentConnected: {
    meaning: 'The guest agent answers: first boot is complete and the guest can be looked after.',
    shares: ['PoweredOff', 'NotRunning', 'KindNotReadable'],
    restsOn: MACHINE_KINDS,
  },
  RestartPending: {
    meaning:
      'Abnormal when True: the running VM lacks settings that a restart would bring; status.pendingChanges lists them. What a guest is given inside is not part of it: see Configured.',
    shares: ['NotObserved', 'NotRunning', 'KindNotReadable', 'WaitingForCustomer'],
    restsOn: MACHINE_KINDS,
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  ...DISK_REASONS,
  ...STATE_REASONS,

  // What is as it should be.
  Running: { on: ['Ready'], meaning: 'The VM runs as ordered and its guest agent answers.', action: NOTHING },
  Stopped: {
    on: ['Ready'],
    meaning: 'The VM is powered off as ordered.',
    action: 'Set spec.powerState to Running to start it.',
  },
  AgentAnswers: { on: ['AgentConnected'], meaning: 'The guest agent answers.', action: NOTHING },
  UpToDate: {
    on: ['RestartPending'],
    meaning: 'The running VM has every setting of the VirtualMachine that was ordered.',
    action: NOTHING,
  },
  VendorSupported: { on: ['Supported'], meaning: 'The vendor supports the release.', action: NOTHING },

  // The order cannot be carried out.
  OperatingSystemNotFound: {
    on: ['Ready', 'Provisioned', 'Supported'],
    meaning: 'spec.operatingSystem names no entry of the catalogue.',
    action: 'Choose one of `kubectl get mos`, or ask the provider to add it.',
    orderers: true,
  },
  ServiceLevelNotOffered: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The operating system is not offered at this service level (MO-7). Nothing is created or changed.',
    action: 'Order a level or a system from the catalogue that fit each other.',
    orderers: true,
  },
  InstanceTypeNotPermitted: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The provider does not permit spec.sizing.instanceType in this namespace. Nothing is created or changed.',
    action:
      'Order cpu and memory, or a permitted type; provider: the annotation managed.systems/instance-types of the Namespace, or permitted.instanceTypes of the chart.',
    orderers: true,
  },
  HardwareNotPermitted: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'The provider does not permit a device, or virtualization in the guest, of spec.hardware in this namespace. Nothing is created or changed.',
    action: 'Order without it; provider: the annotation managed.systems/hardware of the Namespace.',
    orderers: true,
  },
  NameNotPermitted: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'The provider does not permit a name in spec.labels or spec.annotations in this namespace. Nothing is created or changed.',
    action:
      'Take another name, or one without a prefix; provider: the annotation managed.systems/metadata-prefixes of the Namespace, or permitted.metadataPrefixes of the chart.',
    orderers: true,
  },
  SystemNoLongerOffered: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The order came after the end of vendor support of its system (MO-1, GE-9). Nothing is created.',
    action:
      'Order a supported release; to go on with a guest that exists already, name its root disk in spec.disks[].adopt.',
    orderers: true,
  },
  VirtualMachineNameTaken: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'A VirtualMachine of that name exists and was not made for this order; without consent to exactly that one it is not taken over.',
    action:
      'If it is meant, consent with the command that the message gives ([procedures](procedures.md#take-over-a-virtualmachine)). Else remove or rename it, or create the ManagedVM with another spec.virtualMachineName.',
    orderers: true,
    cooperation: true,
  },
  AdoptionRefused: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The VirtualMachine that spec.adopt names cannot be taken over with this order. Nothing of it is changed.',
    action: 'Correct the order as the message says ([procedures](procedures.md#take-over-a-virtualmachine)).',
    orderers: true,
    cooperation: true,
  },
  VirtualMachineNameClaimed: {
    on: ['Ready', 'Provisioned'],
    meaning: 'An older ManagedVM wants the same VirtualMachine name; it keeps it.',
    action: 'Delete one of the two, or create this one with another spec.virtualMachineName.',
    orderers: true,
    cooperation: true,
  },

  // Something below Steward is missing.
  KubeVirtNotInstalled: {
    on: ['Ready', 'Provisioned'],
    meaning: 'KubeVirt does not serve its kinds.',
    action: 'Provider: install KubeVirt; it is picked up at once.',
  },
  CDINotInstalled: {
    on: ['Ready', 'Provisioned'],
    meaning: 'CDI, which fills the disks, does not serve its kinds.',
    action: 'Provider: install CDI; it is picked up at once.',
  },

  // Applying a child.
  KeysPending: {
    on: ['Ready', 'Provisioned'],
    meaning: "The provider's key pair for this VM is not stored yet.",
    action: WAIT,
  },
  KeysLost: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'The keys that the guest was given are not in the namespace of keys. None are made in their place: the guest would not know them.',
    action: 'Provider: restore or copy the Secret that the message names ([procedures](procedures.md#keys)).',
    alert: {
      alert: 'ManagedVMKeysLost',
      for: '1m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: the keys of its guest are lost',
      description: `The keys that the guest of ${SUBJECT} knows are gone: the provider can no longer log in to it.`,
    },
  },

  // The machine.
  Provisioning: { on: ['Ready', 'Provisioned'], meaning: 'The VM is being created.', action: WAIT },
  Restarting: { on: ['Ready'], meaning: 'A change needs a restart and spec.restartPolicy is Automatic.', action: WAIT },
  RestoreInProgress: {
    on: ['Ready'],
    meaning: 'The VM is being restored; nothing is changed meanwhile.',
    action: WAIT,
  },
  ChangeNotApplied: {
    on: ['Ready'],
    meaning: 'KubeVirt could not apply a change to the running guest and tries again.',
    action: WAIT,
  },
  SpecNotObserved: { on: ['Ready'], meaning: 'KubeVirt has not looked at the newest change yet.', action: WAIT },
  RestartNeeded: {
    on: ['RestartPending'],
    meaning: 'The running guest lacks settings; the message and status.pendingChanges name them.',
    action:
      'Restart the VM when it suits (`virtctl restart NAME`), order it as ServiceRequest, or set spec.restartPolicy to Automatic.',
  },

  // The guest agent.
  AgentStarting: {
    on: ['Ready', 'AgentConnected'],
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
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Finding = contract.Finding<Reason>;
export type Verdict = contract.Verdict<Reason>;
