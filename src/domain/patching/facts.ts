import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ClusterPatchPolicySpec } from '../../api/clusterpatchpolicy.ts';
import type { GuestUpdates } from '../../api/guestupdates.ts';
import type { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { PatchPolicySpec } from '../../api/patchpolicy.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import type { RingStatus } from '../../api/ringstatus.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import type { NamedContract } from '../contract/agreed.ts';
import type { Readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { Content } from './baseline.ts';

/** A policy as it was read. */
export type StoredPolicy<Spec> = {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly says: Readable<Spec>;
};

/** By which policies, plans and windows a ManagedVM is patched. */
export type PolicyFacts = {
  /** Whether MaintenanceWindow, PatchPolicy and ClusterPatchPolicy are served. */
  readonly installed: boolean;
  /** Labels of the namespace; undefined: its Namespace has not been read. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** The PatchPolicy that spec.patchPolicyRef names, if it exists. */
  readonly patchPolicy: StoredPolicy<PatchPolicySpec> | undefined;
  /** Every one that there is. */
  readonly clusterPolicies: readonly StoredPolicy<ClusterPatchPolicySpec>[];
  /** A MaintenanceWindow of the namespace, if it exists. */
  readonly window: (name: string) => Readable<MaintenanceWindowSpec> | undefined;
  readonly contract: NamedContract | undefined;
  /** A ServicePlan by name, if it exists. */
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
};

/** What one pass read about the patches of one ManagedVM. */
export type PatchingFacts = PolicyFacts & {
  /** What the guest's package manager could install, as GuestState has it; undefined: nobody has asked. */
  readonly updates: GuestUpdates | undefined;
  /** What the rings of a ClusterPatchPolicy have proven for the system of the VM. */
  readonly content: (policy: { readonly name: string; readonly uid: string }) => Content;
  /** PatchRuns of the VM. */
  readonly runs: readonly PatchRun[];
  /** How the rings of a policy stand. */
  readonly rings: (policy: { readonly kind: string; readonly name: string }) => readonly RingStatus[];
  /** Changes by which guests are patched that are for this VM, or for the VMs of this policy in its namespace. */
  readonly changes: (policy: { readonly kind: string; readonly uid: string }) => readonly ChangeRequest[];
  readonly unreadable: readonly Unreadable[];
};

export type OfPatching = OfMachine & { readonly patching: PatchingFacts };
