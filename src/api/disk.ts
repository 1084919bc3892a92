import { z } from 'zod';
import { DiskSize } from './bytequantity.ts';
import { Label, ObjectName } from './common.ts';
import { DiskDevice } from './diskdevice.ts';
import { DiskSource } from './disksource.ts';
import type { ValidationRule } from './kind.ts';
import { namedList, withRules, withTransitionRules } from './rules.ts';

const DiskSettings = z.strictObject({
  name: withRules(Label.max(20), {
    rule: "self != 'first-boot'",
    message: 'first-boot is reserved for the drive with the first-boot configuration',
    holds: name => name !== 'first-boot',
  }).describe('Name of the disk; the one called root boots.'),
  size: DiskSize.optional().describe(
    "Capacity; may grow, and be lowered again only while storage refuses that growth (phase DiskGrowthRefused in status.disks). Default for root: the OperatingSystem's; other disks must name it.",
  ),
  storageClass: ObjectName.optional().describe("StorageClass; default: the cluster's."),
  source: DiskSource.optional().describe(
    'What a disk that is made is filled with; default: nothing, and for root the image of the OperatingSystem. Immutable: what a disk holds is state.',
  ),
  accessMode: z
    .enum(['ReadWriteOnce', 'ReadWriteMany'])
    .optional()
    .describe(
      "Access mode of the claim; ReadWriteMany lets the guest move to another node while it runs. Default: what CDI's StorageProfile says. Immutable.",
    ),
  volumeMode: z
    .enum(['Block', 'Filesystem'])
    .optional()
    .describe("Volume mode of the claim. Default: what CDI's StorageProfile says. Immutable."),
  device: DiskDevice.optional().describe('How the guest sees it. Takes effect at a restart.'),
  hotpluggable: z
    .literal(true)
    .optional()
    .describe(
      'The disk is plugged into the running guest, and out of it when its entry goes, where KubeVirt has DeclarativeHotplugVolumes; elsewhere at a restart. Never root.',
    ),
  cdrom: z
    .strictObject({
      ejected: z.literal(true).optional().describe('The drive is empty; what was in it stays where it is.'),
    })
    .optional()
    .describe(
      'The disk is a medium in a CD-ROM drive, such as the ISO of an installer: read only, changed and ejected in the running guest where KubeVirt has DeclarativeHotplugVolumes, elsewhere at a restart. Never root.',
    ),
  reclaimPolicy: z
    .enum(['Retain', 'Delete'])
    .prefault('Retain')
    .describe(
      'What becomes of the disk when the ManagedVM or its entry here goes. A claim that was taken over without a DataVolume always stays.',
    ),
  readOnly: z
    .literal(true)
    .optional()
    .describe(
      'The guest may read it and nothing else: for files out of a restored disk, which stays as it was restored. Takes effect at a restart.',
    ),
  adopt: z
    .strictObject({
      claim: ObjectName.describe('Name of a PersistentVolumeClaim in this namespace.'),
      uid: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe(
          'Its UID: where the disk was a claim of that name before, the consent must say which one is meant now.',
        ),
    })
    .optional()
    .describe(
      'Consent that this existing claim is the disk, with whatever it holds. It is used up once the claim was taken, and may stay. Without it Steward never takes what it has not made.',
    ),
});

export const Disk = withTransitionRules(
  withRules(
    DiskSettings,
    {
      rule: "self.name == 'root' || has(self.size)",
      message: 'a data disk names its size; only root has a default',
      fieldPath: '.size',
      reason: 'FieldValueRequired',
      holds: disk => disk.name === 'root' || disk.size !== undefined,
    },
    {
      rule: "!has(self.readOnly) || (self.name != 'root' && has(self.adopt))",
      message: 'only a disk that takes an existing claim can be read only, and never root, which a guest writes to',
      fieldPath: '.readOnly',
      holds: disk => disk.readOnly === undefined || (disk.name !== 'root' && disk.adopt !== undefined),
    },
    {
      rule: "!has(self.readOnly) || !has(self.device) || !has(self.device.bus) || self.device.bus != 'sata'",
      message: 'QEMU has no SATA disk that is read only',
      fieldPath: '.device.bus',
      holds: ({ readOnly, device }) => readOnly === undefined || device?.bus !== 'sata',
    },
    {
      rule: "!has(self.hotpluggable) || (self.name != 'root' && !has(self.cdrom) && (!has(self.device) || !has(self.device.bus) || self.device.bus != 'sata'))",
      message:
        'hotpluggable is for data disks on virtio or scsi: root is what the guest boots from, a CD-ROM is changed in its drive, and nothing is plugged into SATA',
      fieldPath: '.hotpluggable',
      holds: ({ name, hotpluggable, cdrom, device }) =>
        hotpluggable === undefined || (name !== 'root' && cdrom === undefined && device?.bus !== 'sata'),
    },
    {
      rule: "!has(self.cdrom) || (self.name != 'root' && (has(self.adopt) || has(self.source)) && !has(self.readOnly))",
      message:
        'a CD-ROM is never root, has a source or holds what is there already (adopt), and is read only without saying so',
      fieldPath: '.cdrom',
      holds: ({ name, cdrom, adopt, source, readOnly }) =>
        cdrom === undefined || (name !== 'root' && (adopt ?? source) !== undefined && readOnly === undefined),
    },
    {
      rule: "!has(self.cdrom) || !has(self.device) || (!has(self.device.cache) && !has(self.device.io) && !has(self.device.dedicatedIOThread) && !has(self.device.blockSize) && (!has(self.device.bus) || self.device.bus != 'virtio'))",
      message: 'a CD-ROM drive has a serial, a bootOrder and a bus that is sata or scsi, and nothing else of a device',
      fieldPath: '.device',
      holds: ({ cdrom, device }) => cdrom === undefined || device === undefined || isOfDrive(device),
    },
  ),
  {
    rule: 'has(self.storageClass) == has(oldSelf.storageClass) && (!has(self.storageClass) || self.storageClass == oldSelf.storageClass)',
    message: 'storageClass is immutable: moving a disk to another class is a migration',
    fieldPath: '.storageClass',
    reason: 'FieldValueForbidden',
  },
  {
    rule: 'has(self.source) == has(oldSelf.source) && (!has(self.source) || self.source == oldSelf.source)',
    message: 'source is immutable: a disk is filled once, and what it holds is state',
    fieldPath: '.source',
    reason: 'FieldValueForbidden',
  },
  ...(['accessMode', 'volumeMode'] as const).map(field => ({
    rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message: `${field} is immutable: a claim keeps the one that it was made with`,
    fieldPath: `.${field}`,
    reason: 'FieldValueForbidden' as const,
  })),
);
export type Disk = z.infer<typeof Disk>;

/** What a CD-ROM drive can be told of a device. */
function isOfDrive({ cache, io, dedicatedIOThread, blockSize, bus }: DiskDevice): boolean {
  return [cache, io, dedicatedIOThread, blockSize].every(field => field === undefined) && bus !== 'virtio';
}

/** Place of a disk among those that are booted from; undefined: it is not. */
export function bootOrderOf({ name, device }: Pick<Disk, 'name' | 'device'>): number | undefined {
  return device?.bootOrder ?? (name === 'root' ? 1 : undefined);
}

const ORDER = (disk: string) =>
  `(has(${disk}.device) && has(${disk}.device.bootOrder) ? ${disk}.device.bootOrder : (${disk}.name == 'root' ? 1 : 0))`;

export const Disks = withRules(
  namedList(Disk, { min: 1, max: 16 }),
  {
    rule: "self.exists_one(disk, disk.name == 'root')",
    message: 'disks has exactly one disk called root',
    holds: disks => disks.filter(disk => disk.name === 'root').length === 1,
  },
  {
    rule: `self.all(disk, ${ORDER('disk')} == 0 || self.exists_one(other, ${ORDER('other')} == ${ORDER('disk')}))`,
    message: 'each bootOrder is given once; root has 1 unless it says otherwise',
    holds: disks => {
      const orders = disks.map(bootOrderOf).filter(order => order !== undefined);
      return new Set(orders).size === orders.length;
    },
  },
);

const REFUSED =
  "has(oldSelf.status) && has(oldSelf.status.disks) && oldSelf.status.disks.exists(told, told.name == disk.name && has(told.phase) && told.phase == 'DiskGrowthRefused')";
const KEEPS = `has(disk.size) && (quantity(disk.size).compareTo(quantity(old.size)) >= 0 || (${REFUSED}))`;

/**
 * A rule on the whole ManagedVM, because it reads the status as well: a growth that storage refused may be taken back. That loses
 * nothing, whatever is ordered then: Steward never asks storage for less than the volume has, and Kubernetes would refuse it. The
 * message names no disk: to look one up in a list costs more than the API server grants a messageExpression.
 */
export const sizeOnlyGrows: ValidationRule = {
  rule: `oldSelf.spec.disks.all(old, !has(old.size) || self.spec.disks.all(disk, disk.name != old.name || (${KEEPS})))`,
  message:
    'size only grows, and once set stays set: a disk never shrinks, because what lies at its end would be lost; only a growth that storage refuses (phase DiskGrowthRefused in status.disks) can be taken back',
  fieldPath: '.spec.disks',
  reason: 'FieldValueForbidden',
};
