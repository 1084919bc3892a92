import fc from 'fast-check';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { desired } from '../settings/settings.fixtures.ts';

/** The same order as of a Linux guest, of Windows. */
export const windowsDesired: DesiredGuest = {
  ...desired,
  packageManager: 'WindowsUpdate',
  exporterRelease: { url: 'https://downloads.example/windows_exporter.msi' },
  agentRelease: { url: 'https://downloads.example/qemu-ga.msi' },
};

/** Any UTF-16 at all, halves of characters included. (`unit: 'binary'` takes seconds to get ready.) */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x1f }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 200 })
  .map(codes => String.fromCharCode(...codes));
