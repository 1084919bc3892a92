import type { ClusterPatchPolicySpec } from '../../api/clusterpatchpolicy.ts';
import { millisecondsOf } from '../../api/duration.ts';
import type { LabelSelector } from '../../api/labelselector.ts';
import type { PatchDeadlines } from '../../api/patchdeadlines.ts';
import type { PatchPolicySpec } from '../../api/patchpolicy.ts';
import type { GateCheck, PatchRule, PatchSeverity } from '../../api/patchrules.ts';
import type { StepAfter, StepBefore } from '../../api/patchsteps.ts';
import type { StoredPolicy } from './facts.ts';
import type { Window } from './window.ts';

const DAY = 86_400_000;

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
  /** How old the newest recovery point may be when a guest is begun, milliseconds; undefined: it does not matter. */
  readonly recoveryPointMs: number | undefined;
  /** The customer's lie within the provider's: after his before, and before his after. */
  readonly before: readonly StepBefore[];
  readonly after: readonly StepAfter[];
  /** Who has suspended it. */
  readonly suspendedBy: Party | undefined;
  /** How long runs and baselines are kept. */
  readonly keepMs: number;
};

/** A policy as it stands. */
export type NamedPolicy = Omit<StoredPolicy<unknown>, 'says'> & {
  readonly kind: 'PatchPolicy' | 'ClusterPatchPolicy';
};

/** A policy that could be read. */
export type Policy<Spec> = Omit<StoredPolicy<Spec>, 'says'> & { readonly spec: Spec };

type Parts = {
  readonly provider: Policy<ClusterPatchPolicySpec>;
  readonly customer: Policy<PatchPolicySpec> | undefined;
  readonly windows: readonly Window[];
  /** What the contract's plan promises. */
  readonly promised: PatchDeadlines | undefined;
};

/** From the mildest to the one that does most to a guest. */
const REBOOTS = ['Never', 'IfRequired', 'Always'] as const;
const ROLLBACKS = ['Never', 'Propose', 'Automatic'] as const;

/**
 * The provider's rules with the customer's, each of them at its stricter: what both approve, ripe for both, due for the first; the milder act
 * on a guest; the longer memory (MO-11). What the plan promises is a deadline like theirs.
 */
export function together({ provider, customer, windows, promised }: Parts): PatchTerms {
  const [theirs, own] = [provider.spec, customer?.spec];
  const provenBy = { kind: 'ClusterPatchPolicy', ...identityOf(provider) } as const;
  return {
    policy: customer === undefined ? provenBy : { kind: 'PatchPolicy', ...identityOf(customer) },
    ...{ provenBy, windows },
    updates: [theirs.approve.updates, own?.approve?.updates].includes('Security') ? 'Security' : 'All',
    severities: common(theirs.approve.severities, own?.approve?.severities),
    minimumAge: extreme(Math.max, theirs.approve.minimumAge, own?.approve?.minimumAge),
    allow: [theirs.approve.allow, own?.approve?.allow].filter(list => list !== undefined),
    deny: byParty(theirs, own, ({ approve }) => (approve?.deny ?? []).map(pattern => ({ pattern }))),
    exclude: byParty(theirs, own, ({ approve }) =>
      (approve?.exclude ?? []).map(({ until, ...rest }) => ({ ...rest, until: new Date(Date.parse(until) + DAY) })),
    ),
    deadlines: extreme(Math.min, theirs.deadlines, own?.deadlines, promised),
    rings: [
      ...theirs.rings.map(ring => ringFrom('Provider', ring)),
      ...(own?.rings ?? []).map(ring => ringFrom('Customer', ring)),
    ],
    reboot: milder(REBOOTS, theirs.reboot, own?.reboot),
    rollback: milder(ROLLBACKS, theirs.rollback, own?.rollback),
    snapshot: theirs.snapshot || (own?.snapshot ?? false),
    recoveryPointMs: shortest(theirs.recoveryPoint?.maxAge, own?.recoveryPoint?.maxAge),
    before: [...(theirs.steps?.before ?? []), ...(own?.steps?.before ?? [])],
    after: [...(own?.steps?.after ?? []), ...(theirs.steps?.after ?? [])],
    suspendedBy: theirs.suspend ? 'Provider' : own?.suspend ? 'Customer' : undefined,
    keepMs: Math.max(...[theirs.keep, own?.keep].map(keep => (keep === undefined ? 0 : millisecondsOf(keep)))),
  };
}

function identityOf({ name, uid, generation }: Policy<unknown>) {
  return { name, uid, generation };
}

function common<Item>(a: readonly Item[] | undefined, b: readonly Item[] | undefined): readonly Item[] | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a.filter(item => b.includes(item));
}

function extreme(
  choose: (...values: number[]) => number,
  ...durations: readonly (PatchDeadlines | undefined)[]
): BySeverity {
  const known = durations.filter(each => each !== undefined);
  const of = (severity: keyof BySeverity) => choose(...known.map(each => millisecondsOf(each[severity])));
  return { Critical: of('Critical'), Important: of('Important'), Other: of('Other') };
}

function shortest(...durations: readonly (string | undefined)[]): number | undefined {
  const known = durations.flatMap(each => (each === undefined ? [] : [millisecondsOf(each)]));
  return known.length === 0 ? undefined : Math.min(...known);
}

function byParty<Item extends object>(
  provider: Pick<ClusterPatchPolicySpec, 'approve'>,
  customer: Pick<PatchPolicySpec, 'approve'> | undefined,
  itemsOf: (policy: Pick<PatchPolicySpec, 'approve'>) => readonly Item[],
): readonly (Item & { readonly by: Party })[] {
  const of = (policy: Pick<PatchPolicySpec, 'approve'>, by: Party) => itemsOf(policy).map(item => ({ ...item, by }));
  return [...of(provider, 'Provider'), ...(customer === undefined ? [] : of(customer, 'Customer'))];
}

/** A ring as a policy writes it. */
export function ringFrom(
  party: Party,
  ring: Omit<ClusterPatchPolicySpec['rings'][number], 'namespaces'> & { readonly namespaces?: string[] | undefined },
): Ring {
  const { name, namespaces, selector, maxParallel, soak, gate } = ring;
  return {
    ...{ party, name, namespaces, selector, maxParallel: shareOf(maxParallel), soakMs: millisecondsOf(soak) },
    ...{ maxFailures: shareOf(gate.maxFailures), checks: gate.checks },
  };
}

function shareOf(written: number | string): Share {
  return typeof written === 'number' ? written : `${Number.parseInt(written, 10)}%`;
}

function milder<Rule extends string>(order: readonly Rule[], a: Rule, b: Rule | undefined): Rule {
  return b === undefined || order.indexOf(a) <= order.indexOf(b) ? a : b;
}
