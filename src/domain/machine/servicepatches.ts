import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { entitlements } from '../contract/service-levels.ts';

/** Whether Steward installs patches at all: it does not yet, so nobody takes a guest's own updater away. The only place that says so. */
export const PATCHING_SERVED: boolean = false;

/** Where Steward installs patches. `windows`: in Windows guests too, because it is told to work in them (`guest.windows`). */
export type Patching = { readonly served: boolean; readonly windows: boolean };

/**
 * Whether the service patches a guest, so that the guest's own updater must not (MO-3, MO-10). A level or a policy's name alone patches nothing: the
 * operator has found terms by which it is patched, be they its own policy's or the provider's standard, and says so in the status.
 */
export function servicePatches(
  { spec, status }: ManagedVM,
  family: OperatingSystemSpec['family'] | undefined,
  { served, windows }: Patching,
): boolean {
  if (!served || (family === 'Windows' && !windows)) return false;
  return entitlements(spec.serviceLevel).patching && status?.patching !== undefined;
}
