import { SUBJECT } from '../contract/alert.ts';
import { NOTHING, type ReasonMeaning, WAIT } from '../contract/reasons.ts';

/** How disks, and the images that they are filled from, may stand. */
export const DISK_REASONS = {
  DisksFilled: { on: ['Provisioned'], meaning: 'VirtualMachine and disks are in place.', action: NOTHING },
  ImageNotPermitted: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'CDI does not let Steward clone the image: it lies in a namespace that the provider has not opened to Steward.',
    action:
      'The provider adds the namespace to imageNamespaces of the Helm release (create on datavolumes/source in cdi.kubevirt.io); the order then goes on by itself.',
  },
  ImageSourceNotReady: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The DataSource of the operating system is not there, or has no image yet.',
    action: 'Wait; if it stays, the provider looks at the DataSource and its DataImportCron.',
  },
  ImageSourceNotPermitted: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'The provider does not permit the address of the image in spec.disks[].source in this namespace. The disk is not made.',
    action: 'Choose a permitted address; provider: the annotation managed.systems/image-sources of the Namespace.',
    orderers: true,
  },
  DiskSourceMissing: {
    on: ['Ready', 'Provisioned'],
    meaning: 'What a disk is to be a copy of is not there, or not filled. The disk is not made until then.',
    action: 'Make what the message names; the copy follows by itself.',
    orderers: true,
  },
  DiskSourceChanged: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The claim that a disk is to be a copy of is another one of that name. It is not copied.',
    action:
      'Look at what the claim holds; take the disk out of the order and order it with the UID of the one that is meant.',
    orderers: true,
  },
  Importing: { on: ['Ready', 'Provisioned'], meaning: 'A disk is being filled.', action: WAIT },
  DiskPending: {
    on: ['Ready', 'Provisioned'],
    meaning: 'A disk waits for its volume.',
    action: 'Wait; if it stays, check that its StorageClass exists and has capacity.',
  },
  WaitForFirstConsumer: {
    on: ['Ready', 'Provisioned'],
    meaning: 'A disk is created when the VM starts for the first time.',
    action: 'Nothing; start the VM.',
  },
  ImportPaused: {
    on: ['Ready', 'Provisioned'],
    meaning: 'The import of a disk is paused.',
    action: 'Provider: resume the import.',
  },
  ImportFailed: {
    on: ['Ready', 'Provisioned'],
    meaning: 'An image cannot be imported; CDI keeps trying.',
    action: "Provider: correct the image source in the OperatingSystem; the message is the importer's.",
  },
  DiskRefused: {
    on: ['Ready', 'Provisioned'],
    meaning: 'CDI cannot create a disk.',
    action: 'Correct what the message names, such as the storage class.',
  },
  DiskLost: {
    on: ['Ready', 'Provisioned'],
    meaning:
      'A disk that was filled, or the volume behind it, is gone. It is never made anew, no guest is started on what remains, its backups pause, and the last good one is kept.',
    action: 'Restore the disk from a backup and consent to it ([procedures](procedures.md)).',
    alert: {
      alert: 'ManagedVMDiskLost',
      for: '1m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} has lost a disk',
      description: `A disk of ${SUBJECT} that held data is gone. Nothing is made in its place, and its backups are kept until a person decides.`,
    },
  },
  DiskNeedsConsent: {
    on: ['Ready', 'Provisioned'],
    meaning:
      "A claim is there that this order did not make: left by an earlier order, restored, or somebody else's. Its data is neither used nor replaced.",
    action:
      'If it is the right one, run the command that the message gives, or write the same into the order in Git. Else remove or rename the claim.',
    orderers: true,
    cooperation: true,
  },
  DiskDeleting: {
    on: ['Ready', 'Provisioned'],
    meaning: 'A disk is being deleted.',
    action: 'If nobody meant to, restore it from a backup.',
  },
  DiskAttaching: {
    on: ['Ready'],
    meaning: 'A disk is being plugged into the running guest.',
    action: 'Wait; if it stays, see the words of KubeVirt in the message, and the Pod `hp-volume-…` of the VM.',
  },
  DiskDetaching: {
    on: ['Ready'],
    meaning: 'A disk that was taken out of the order is being plugged out of the running guest.',
    action: 'Wait; if it stays, unmount it in the guest.',
  },
  DiskGrowing: {
    on: ['Ready'],
    meaning: 'A disk is being enlarged.',
    action: WAIT,
  },
  DiskGrowthRefused: {
    on: ['Ready'],
    meaning: 'Storage refuses to enlarge a disk; it works with the size that it has.',
    action:
      'Provider: make room; storage tries again by itself. Or lower the size in `spec.disks` again: it is allowed while this reads so.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;
