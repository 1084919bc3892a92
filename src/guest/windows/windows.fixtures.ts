import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { desired } from '../settings/settings.fixtures.ts';

/** The same order as of a Linux guest, of Windows. */
export const windowsDesired: DesiredGuest = {
  ...desired,
  packageManager: 'WindowsUpdate',
  exporterRelease: { url: 'https://downloads.example/windows_exporter.msi' },
  agentRelease: { url: 'https://downloads.example/qemu-ga.msi' },
};
