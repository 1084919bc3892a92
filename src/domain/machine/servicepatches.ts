import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { entitlements } from '../contract/service-levels.ts';

/** Whether Steward installs patches at all: it does not yet, so nobody takes a guest's own updater away. The only place that says so. */
export const PATCHING_SERVED: boolean = false;

/**
 * Whether the service patches a guest, so that the guest's own updater must not (MO-3, MO-10). A level or a policy's name alone patches nothing: the
 * operator has found terms by which it is patched, be they its own policy's or the provider's standard, and says so in the status. No Windows guest:
 * nothing patches it yet.
 */
export function servicePatches(
  { spec, status }: ManagedVM,
  family: OperatingSystemSpec['family'] | undefined,
  patchingServed: boolean,
): boolean {
  if (family === 'Windows') return false;
  return patchingServed && entitlements(spec.serviceLevel).patching && status?.patching !== undefined;
}
