import { z } from 'zod';
import { Instant } from './common.ts';
import { namedList } from './rules.ts';

/** Consent to take over a VirtualMachine that was not made for this order. */
export const MachineAdoption = z.strictObject({
  uid: z
    .string()
    .min(1)
    .max(64)
    .describe('UID of the VirtualMachine: another one of that name is not meant, and is left alone.'),
});

/** What is kept of a VirtualMachine that was taken over, so that its guest stays the same if the VirtualMachine has to be made again. */
export const Adopted = z.strictObject({
  uid: z.string().max(64).describe('UID of the VirtualMachine that was taken over.'),
  at: Instant.describe('When.'),
  enrolledAt: Instant.optional().describe(
    'When the guest was first reached with the keys of this order; absent: it does not know them yet (GuestReachable reads NotEnrolled).',
  ),
  firmwareUUID: z
    .string()
    .max(64)
    .optional()
    .describe('UUID of its firmware, by which cloud-init knows a guest again.'),
  firmwareSerial: z.string().max(256).optional().describe('Serial number of its firmware.'),
  machineType: z.string().max(64).optional().describe('Type of its machine.'),
  preference: z.string().max(253).optional().describe('VirtualMachineClusterPreference that it names.'),
  interfaces: namedList(
    z.strictObject({
      name: z.string().max(63).describe('Name of the interface.'),
      macAddress: z.string().max(64).describe('Its hardware address.'),
    }),
    { max: 8 },
  )
    .optional()
    .describe('Hardware addresses of its interfaces, where it names them.'),
});
export type Adopted = z.infer<typeof Adopted>;
