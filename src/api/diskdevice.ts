import { z } from 'zod';
import { withRules } from './rules.ts';

const BlockBytes = withRules(z.int().min(512).max(4096), {
  rule: 'self in [512, 4096]',
  message: 'a block has 512 or 4096 bytes',
  holds: bytes => bytes === 512 || bytes === 4096,
});

/**
 * How the guest sees a disk (KubeVirt's `Disk`, core/v1 schema.go). What is not said is KubeVirt's choice, by the preference of the system.
 * Everything here takes effect at a restart, because QEMU cannot change it in a guest that runs.
 */
export const DiskDevice = withRules(
  z.strictObject({
    bus: z
      .enum(['virtio', 'scsi', 'sata'])
      .optional()
      .describe('Bus of the device. Default: virtio in Linux, and what the preference of the system says in Windows.'),
    serial: z
      .string()
      .min(1)
      .max(20)
      .regex(/^[A-Za-z0-9_.+-]+$/)
      .optional()
      .describe('Serial number in the guest (/dev/disk/by-id); default: the name of the disk.'),
    bootOrder: z
      .int()
      .min(1)
      .max(16)
      .optional()
      .describe('Which is tried first to boot from; 1 is the first. Default: root has 1, the others none.'),
    cache: z
      .enum(['none', 'writethrough', 'writeback'])
      .optional()
      .describe('Caching on the host. Default: none where storage can, otherwise writethrough.'),
    io: z.enum(['native', 'threads']).optional().describe('How QEMU does input and output on the host.'),
    dedicatedIOThread: z.literal(true).optional().describe('The disk has a thread of its own; only on virtio.'),
    blockSize: z
      .strictObject({
        logical: BlockBytes.describe('Bytes of a logical block: 512 or 4096.'),
        physical: BlockBytes.describe('Bytes of a physical block, not less than the logical one.'),
      })
      .optional()
      .describe('Block sizes that the guest is told. Default: those of QEMU.'),
  }),
  {
    rule: "!has(self.dedicatedIOThread) || !has(self.bus) || self.bus == 'virtio'",
    message: 'only a disk on virtio can have a dedicatedIOThread',
    fieldPath: '.dedicatedIOThread',
    holds: ({ dedicatedIOThread, bus = 'virtio' }) => dedicatedIOThread === undefined || bus === 'virtio',
  },
  {
    rule: '!has(self.blockSize) || self.blockSize.logical <= self.blockSize.physical',
    message: 'a physical block is not smaller than a logical one',
    fieldPath: '.blockSize',
    holds: ({ blockSize }) => blockSize === undefined || blockSize.logical <= blockSize.physical,
  },
);
export type DiskDevice = z.infer<typeof DiskDevice>;
