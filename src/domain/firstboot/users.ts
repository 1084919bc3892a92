import type { ManagedVM } from '../../api/managedvm.ts';

/** The provider's account in every guest; root or administrator rights at every level (MO-8). */
export const PROVIDER_USER = 'steward';

/** Names that a customer's user cannot have: the provider's, and those that the systems themselves use. */
export const RESERVED_USERS: readonly string[] = [
  PROVIDER_USER,
  'root',
  'administrator',
  'defaultaccount',
  'guest',
  'system',
  'wdagutilityaccount',
];

export type GuestUser = {
  readonly name: string;
  readonly sshKeys: readonly string[];
  readonly administrator: boolean;
};

/** The customer's users that a guest gets; reserved names are left out (they are refused where users are ordered). */
export function customerUsers(managedVM: ManagedVM): readonly GuestUser[] {
  const users = managedVM.spec.access?.users ?? [];
  return users
    .filter(user => !RESERVED_USERS.includes(user.name))
    .map(({ name, sshKeys = [], administrator }) => ({ name, sshKeys, administrator }));
}
