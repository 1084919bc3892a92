import { z } from 'zod';
import { Label } from './common.ts';
import { namedList, withRules } from './rules.ts';

/** Name under which KubeVirt hands out devices of a node (permittedHostDevices of its configuration), e.g. nvidia.com/GA102GL_A10. */
const DeviceName = z
  .string()
  .min(3)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);

const Device = z.strictObject({
  name: Label.max(20).describe('Name of the device in the order.'),
  deviceName: DeviceName.describe(
    "Name under which the provider's nodes offer it, e.g. nvidia.com/GA102GL_A10; one that he permits in the namespace.",
  ),
});

const Firmware = withRules(
  z.strictObject({
    type: z.enum(['BIOS', 'EFI']).describe('With which firmware the guest boots.'),
    secureBoot: z.boolean().optional().describe('Whether EFI boots only what is signed. Default: false. Needs EFI.'),
    persistent: z
      .literal(true)
      .optional()
      .describe('The variables of EFI outlive a restart, in a claim of their own that backups hold too. Needs EFI.'),
  }),
  {
    rule: "self.type == 'EFI' || (!has(self.secureBoot) && !has(self.persistent))",
    message: 'secureBoot and persistent are of EFI, and not of BIOS',
    fieldPath: '.type',
    holds: ({ type, secureBoot, persistent }) =>
      type === 'EFI' || (secureBoot === undefined && persistent === undefined),
  },
);

/**
 * Firmware and devices of the machine. What is not said is as the preference of the OperatingSystem has it, and else KubeVirt's own.
 * Everything here takes effect at a restart.
 */
export const Hardware = withRules(
  z.strictObject({
    firmware: Firmware.optional().describe('Default: what the preference of the system says, else BIOS.'),
    tpm: z
      .enum(['Persistent', 'Ephemeral'])
      .optional()
      .describe(
        'A TPM. Persistent: what it holds outlives a restart, in a claim of its own that backups hold too. Default: what the preference says, else none.',
      ),
    watchdog: z
      .enum(['Reset', 'PowerOff', 'Shutdown'])
      .optional()
      .describe('A watchdog (i6300esb), and what happens when the guest no longer feeds it. Default: none.'),
    serialConsole: z
      .literal(false)
      .optional()
      .describe('false: the guest has no serial console (virtctl console). Default: it has one.'),
    graphics: z
      .literal(false)
      .optional()
      .describe('false: the guest has no screen (virtctl vnc). Default: it has one.'),
    gpus: namedList(Device, { max: 8 }).optional().describe('GPUs of the node, or shares of them (vGPU).'),
    hostDevices: namedList(Device, { max: 8 }).optional().describe('Other devices of the node.'),
    nestedVirtualization: z
      .literal(true)
      .optional()
      .describe('The guest may run virtual machines of its own; only where the provider permits it in the namespace.'),
  }),
  {
    rule: '!has(self.gpus) || !has(self.hostDevices) || self.gpus.all(gpu, !self.hostDevices.exists(device, device.name == gpu.name))',
    message: 'a GPU and a host device have the same name',
    fieldPath: '.hostDevices',
    holds: ({ gpus = [], hostDevices = [] }) => {
      const names = new Set(gpus.map(({ name }) => name));
      return !hostDevices.some(({ name }) => names.has(name));
    },
  },
);
export type Hardware = z.infer<typeof Hardware>;
