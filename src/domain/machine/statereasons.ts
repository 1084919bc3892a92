import { type ReasonMeaning, WAIT } from '../contract/reasons.ts';

/** States of a machine in which its guest is not up, as Ready tells them, and whatever says whether the guest is up. */
export const STATE_REASONS = {
  ImagePullFailed: {
    on: ['Ready', 'Provisioned'],
    meaning: 'A container image cannot be pulled.',
    action: 'Provider: correct the image or the access to its registry.',
  },
  DiskMissing: {
    on: ['Ready', 'Provisioned'],
    meaning: 'A disk of the VM does not exist.',
    action: 'Restore it from a backup, or wait while it is made.',
  },
  Starting: { on: ['Ready'], meaning: 'The guest is starting.', action: WAIT },
  Stopping: { on: ['Ready'], meaning: 'The guest is shutting down.', action: WAIT },
  RollingBack: {
    on: ['Ready'],
    meaning: 'The VM is turned back to the snapshot before a patch, and off until its disks are exchanged.',
    action: 'Wait; the PatchRun that the message names says why, and what is lost.',
  },
  Restoring: {
    on: ['Ready'],
    meaning: 'Disks of the VM are exchanged for restored ones, and it is off until then.',
    action: 'Wait; the Restore that the message names says from when its data are.',
  },
  Rebuilding: {
    on: ['Ready'],
    meaning: 'The root disk of the VM is exchanged for a new one, or for the old one again, and it is off until then.',
    action: 'Wait; status.newRoot says how far it is, and the ChangeRequest that it names who agreed to it.',
  },
  WaitingForVolumeBinding: {
    on: ['Ready'],
    meaning: 'The guest starts as soon as its volumes are bound.',
    action: 'Wait; if it stays, check StorageClass and capacity.',
  },
  WaitingForReceiver: {
    on: ['Ready'],
    meaning: 'The VM waits for a guest from another cluster.',
    action: 'Provider: finish the migration.',
  },
  Terminating: {
    on: ['Ready'],
    meaning: 'Somebody deletes the VirtualMachine; it is created again as soon as it is gone.',
    action: 'Wait; the disks stay.',
  },
  Paused: {
    on: ['Ready'],
    meaning: 'Somebody has paused the guest.',
    action: 'Ask who did and why; then unpause it: `virtctl unpause vm NAME`.',
  },
  PausedIOError: {
    on: ['Ready'],
    meaning: 'The hypervisor has paused the guest, because a disk could not be read or written.',
    action:
      'Provider: look at the storage of its disks first (full, not reachable); when it is well, `virtctl unpause vm NAME`. Unpaused before, the guest pauses again.',
  },
  PausedByMigration: {
    on: ['Ready'],
    meaning: 'The guest is paused for the end of its move to another node.',
    action: WAIT,
  },
  Unschedulable: {
    on: ['Ready'],
    meaning: 'No node has room for the VM.',
    action: 'Order less, or have capacity added.',
  },
  CrashLoop: {
    on: ['Ready'],
    meaning: 'The guest ends soon after each start.',
    action: 'Look at the console (`virtctl console`) and at the events of the VirtualMachine.',
  },
  LaunchRefused: {
    on: ['Ready'],
    meaning: 'KubeVirt cannot create the Pod or the state volume of the guest.',
    action: 'Correct what the message names.',
  },
  GuestFailed: {
    on: ['Ready'],
    meaning: 'The guest ended with a failure and is started again.',
    action: 'Wait; if it repeats, look at the console.',
  },
  GuestLost: {
    on: ['Ready'],
    meaning: 'The node that runs the guest does not report.',
    action: 'Provider: look at the node.',
  },
  ManualRecoveryRequired: {
    on: ['Ready'],
    meaning: 'KubeVirt cannot go on by itself after a failed volume migration.',
    action: 'Provider: set the volumes as the message says.',
  },
  StateUnknown: {
    on: ['Ready'],
    meaning: 'KubeVirt reports a state that says nothing about the guest.',
    action: 'Wait; if it stays, the provider looks at virt-controller.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;
export const STATES = Object.keys(STATE_REASONS);
