import { z } from 'zod';
import { Label, ObjectName } from './common.ts';
import { url } from './operatingsystem.ts';
import { withExactlyOne } from './rules.ts';

/** What a disk is filled with when it is made. What is in it afterwards is state: a change of the source would change nothing, and is refused. */
export const DiskSource = withExactlyOne(
  z.strictObject({
    claim: z
      .strictObject({
        name: ObjectName.describe('Name of a PersistentVolumeClaim in this namespace.'),
        uid: z.string().min(1).max(64).describe('Its UID: another claim of that name is not copied.'),
      })
      .optional()
      .describe('A copy of a claim. Nobody may write to it meanwhile. To use the claim itself: adopt.'),
    snapshot: z
      .strictObject({ name: ObjectName.describe('Name of a VolumeSnapshot in this namespace.') })
      .optional()
      .describe('A copy of a VolumeSnapshot.'),
    managedVM: z
      .strictObject({
        name: Label.describe('Name of another ManagedVM in this namespace.'),
        disk: Label.max(20).describe('Which of its disks.'),
      })
      .optional()
      .describe('A copy of a disk of another ManagedVM, which is off until it is made.'),
    registry: z
      .strictObject({
        url: url(/^(docker|oci-archive):\/\/[!-~]+$/, 512).describe('Address, e.g. docker://registry.example/tools:1.'),
      })
      .optional()
      .describe('A disk image in a container registry that the provider permits in the namespace.'),
    http: z
      .strictObject({ url: url(/^https?:\/\/[!-~]+$/, 2048).describe('Address of the image (qcow2, raw, ISO).') })
      .optional()
      .describe('A disk image at a URL that the provider permits in the namespace.'),
  }),
  ['claim', 'snapshot', 'managedVM', 'registry', 'http'],
  'source names exactly one of claim, snapshot, managedVM, registry and http',
);
export type DiskSource = z.infer<typeof DiskSource>;
