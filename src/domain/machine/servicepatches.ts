import type { ManagedVM } from '../../api/managedvm.ts';
import { entitlements } from '../contract/service-levels.ts';

/** Whether Steward installs patches at all: it does not yet, so nobody takes a guest's own updater away. The only place that says so. */
export const PATCHING_SERVED: boolean = false;

/** Whether the service patches a guest, so that the guest's own updater must not (MO-3, MO-10). A level or a policy's name alone patches nothing. */
export function servicePatches({ spec }: ManagedVM, patchingServed: boolean): boolean {
  return patchingServed && entitlements(spec.serviceLevel).patching && spec.patchPolicyRef !== undefined;
}
