import { z } from 'zod';
import { DiskSize } from './bytequantity.ts';
import { Label, ObjectName } from './common.ts';
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
  ),
  {
    rule: 'has(self.storageClass) == has(oldSelf.storageClass) && (!has(self.storageClass) || self.storageClass == oldSelf.storageClass)',
    message: 'storageClass is immutable: moving a disk to another class is a migration',
    fieldPath: '.storageClass',
    reason: 'FieldValueForbidden',
  },
);
export type Disk = z.infer<typeof Disk>;

export const Disks = withRules(namedList(Disk, { min: 1, max: 16 }), {
  rule: "self.exists_one(disk, disk.name == 'root')",
  message: 'disks has exactly one disk called root',
  holds: disks => disks.filter(disk => disk.name === 'root').length === 1,
});

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
