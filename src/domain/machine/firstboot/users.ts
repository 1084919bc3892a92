import type { ManagedVM } from '../../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../../api/operatingsystem.ts';

/** The provider's account in every guest; root or administrator rights at every level (MO-8). */
export const PROVIDER_USER = 'steward';

export type GuestUser = {
  readonly name: string;
  readonly sshKeys: readonly string[];
  readonly administrator: boolean;
};

type Family = OperatingSystemSpec['family'];

/**
 * Whether a guest worker can be counted on to make and keep the inside of the guest: it has no way in but the Pod network, and works in Windows
 * only where its own settings say so (ADR 0134), so that first boot brings all there.
 */
export function workerCanReach({ spec }: ManagedVM, family: Family | undefined): boolean {
  return family !== 'Windows' && spec.networks.some(({ multusNetwork }) => multusNetwork === undefined);
}

/** Whom a first boot makes beside the provider: nobody where the guest worker does, which also keeps them as ordered. */
export function firstBootUsers(managedVM: ManagedVM, family: Family | undefined): readonly GuestUser[] {
  return workerCanReach(managedVM, family) ? [] : customerUsers(managedVM);
}

/**
 * The customer's users: nobody where the provider alone holds root (AP-9). None has the name of the provider's or the system's account (refused
 * at admission).
 */
export function customerUsers({ spec, status }: ManagedVM): readonly GuestUser[] {
  const users = status?.soleRoot === undefined ? (spec.access?.users ?? []) : [];
  return users.map(({ name, sshKeys = [], administrator }) => ({ name, sshKeys, administrator }));
}
