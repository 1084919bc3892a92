import type { LabelSelector } from '../../api/labelselector.ts';
import type { GateCheck, PatchRule, PatchSeverity } from '../../api/patchrules.ts';
import type { Window } from './window.ts';

/** Whose a rule is: the provider's ClusterPatchPolicy, or the customer's PatchPolicy. */
export type Party = 'Provider' | 'Customer';

/** Milliseconds by how grave the vendor calls a patch; Other: Moderate, Low and Unknown. */
export type BySeverity = { readonly Critical: number; readonly Important: number; readonly Other: number };

/** So many, or so many of a hundred, e.g. `25%`. */
export type Share = number | `${number}%`;

/** VMs that are patched together, after those of the rings before have proven the content (MO-11). */
export type Ring = {
  readonly party: Party;
  readonly name: string;
  /** Namespaces whose VMs it may take; undefined: all to which the policy applies. */
  readonly namespaces: readonly string[] | undefined;
  /** By labels of ManagedVMs; undefined: every VM that no ring before it takes. */
  readonly selector: LabelSelector | undefined;
  readonly maxParallel: Share;
  readonly maxFailures: Share;
  readonly soakMs: number;
  readonly checks: readonly GateCheck[];
};

/** What holds of the patches of one VM after the provider's and the customer's policy were put together, stricter and never looser (MO-11). */
export type PatchTerms = {
  /** The policy that the VM is patched by. */
  readonly policy: NamedPolicy;
  /** The provider's, which proves the content: the same as `policy` where the customer has none. */
  readonly provenBy: NamedPolicy & { readonly kind: 'ClusterPatchPolicy' };
  readonly windows: readonly Window[];
  readonly updates: PatchRule['updates'];
  /** Those that are installed; undefined: all. */
  readonly severities: readonly PatchSeverity[] | undefined;
  readonly minimumAge: BySeverity;
  /** Patterns with `*`: a package must match one of each list; none: all packages. */
  readonly allow: readonly (readonly string[])[];
  readonly deny: readonly { readonly pattern: string; readonly by: Party }[];
  /** `until`: the first instant at which it counts no more. */
  readonly exclude: readonly {
    readonly package: string;
    readonly reason: string;
    readonly until: Date;
    readonly by: Party;
  }[];
  readonly deadlines: BySeverity;
  /** The provider's in their order, then the customer's. */
  readonly rings: readonly Ring[];
  readonly reboot: PatchRule['reboot'];
  readonly rollback: PatchRule['rollback'];
  readonly snapshot: boolean;
  /** Who has suspended it. */
  readonly suspendedBy: Party | undefined;
  /** How long runs and baselines are kept. */
  readonly keepMs: number;
};

/** A policy as it stands. */
export type NamedPolicy = {
  readonly kind: 'PatchPolicy' | 'ClusterPatchPolicy';
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
};
