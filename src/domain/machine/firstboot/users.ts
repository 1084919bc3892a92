import type { ManagedVM } from '../../../api/managedvm.ts';

/** The provider's account in every guest; root or administrator rights at every level (MO-8). */
export const PROVIDER_USER = 'steward';

export type GuestUser = {
  readonly name: string;
  readonly sshKeys: readonly string[];
  readonly administrator: boolean;
};

/** The customer's users; none has the name of the provider's or the system's account (refused at admission). */
export function customerUsers(managedVM: ManagedVM): readonly GuestUser[] {
  const users = managedVM.spec.access?.users ?? [];
  return users.map(({ name, sshKeys = [], administrator }) => ({ name, sshKeys, administrator }));
}
