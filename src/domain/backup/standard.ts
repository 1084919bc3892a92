/** The provider's standard of backups at a level (AP-6; ADR 0172). */
import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type Agreement, planInForce } from '../contract/planinforce.ts';
import { dayIn } from '../time/day.ts';

export type Standard = {
  /** The ClusterBackupPolicy that spec.backup.policyRef of the plan names. */
  readonly name: string;
  /** The order names no policy, and so is backed up by it. */
  readonly applies: boolean;
};

/** The standard with what it says; undefined: there is no policy of that name. */
export type StandardFacts = Standard & { readonly policy: { readonly spec: BackupPolicySpec } | undefined };

/** What the plan in force names. While there is no plan that can be worked by, what applied goes on: a mistake in a contract must cost no backup. */
export function standardOf(managedVM: ManagedVM, agreement: Agreement, now: Date): Standard | undefined {
  const { serviceLevel, backupPolicyRef } = managedVM.spec;
  const applies = backupPolicyRef === undefined;
  const plan = planInForce(serviceLevel, agreement, timeZone => dayIn(timeZone, now));
  const name = plan === undefined ? toldBefore(managedVM) : plan.backup?.policyRef;
  return name === undefined ? undefined : { name, applies };
}

function toldBefore({ spec, status }: ManagedVM): string | undefined {
  return spec.backupPolicyRef === undefined && status?.backup?.standard ? status.backup.policy : undefined;
}

/** The order as it is worked by: with the standard, where it names no policy. */
export function withStandard<VM extends ManagedVM>(managedVM: VM, standard: Standard | undefined): VM {
  if (!standard?.applies) return managedVM;
  const backupPolicyRef = { kind: 'ClusterBackupPolicy' as const, name: standard.name };
  return { ...managedVM, spec: { ...managedVM.spec, backupPolicyRef } };
}
