import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { entitlements } from '../contract/service-levels.ts';

/**
 * Whether the service patches a guest, so that the guest's own updater must not (MO-3, MO-10). A level or a policy's name alone patches nothing: the
 * operator has found terms by which it is patched, be they its own policy's or the provider's standard, and says so in the status. `windows`: whether
 * Steward is told to work in Windows guests (`guest.windows`).
 */
export function servicePatches(
  { spec, status }: ManagedVM,
  family: OperatingSystemSpec['family'] | undefined,
  windows: boolean,
): boolean {
  if (family === 'Windows' && !windows) return false;
  return entitlements(spec.serviceLevel).patching && status?.patching !== undefined;
}
