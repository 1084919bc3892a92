/** Which policies a ManagedVM is patched by, and so on which terms (MO-3, MO-4, MO-7, MO-10, MO-11). */
import type { ClusterPatchPolicySpec } from '../../api/clusterpatchpolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchPolicySpec } from '../../api/patchpolicy.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { cut } from '../contract/excerpt.ts';
import { planInForce } from '../contract/planinforce.ts';
import { entitlements } from '../contract/service-levels.ts';
import { dayIn } from '../time/day.ts';
import type { PolicyFacts, StoredPolicy } from './facts.ts';
import type { Reason } from './reasons.ts';
import { selects } from './selects.ts';
import { type PatchTerms, type Policy, together } from './terms.ts';
import type { Window } from './window.ts';
import { usableOf, windowOf } from './windows.ts';

/** Why there are no terms. */
export type TermsProblem = { readonly reason: Reason; readonly message: string };
export type Termed =
  | { readonly terms: PatchTerms; readonly problem?: undefined }
  | { readonly terms?: undefined; readonly problem: TermsProblem };

type Found<Value> =
  | { readonly value: Value; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: TermsProblem };

/** The customer plans nothing himself. */
const NO_OWN: Found<undefined> = { value: undefined };

/**
 * The terms on which a ManagedVM is patched. By default those of the ClusterPatchPolicy that selects its namespace; with
 * AdvancedMonitoringAndPatching those of a PatchPolicy, if it names one, as far as they are stricter (MO-4, MO-11). At Admin nothing is patched.
 */
export function termsOf(managedVM: ManagedVM, facts: PolicyFacts, now: Date): Termed {
  const { serviceLevel: level, patchPolicyRef: ref } = managedVM.spec;
  const { patching, patchPlanning } = entitlements(level);
  if (!patching) return wrong('NotIncluded', `Service level ${level} does not include patching (MO-3).`);
  if (!facts.installed)
    return wrong('PatchPoliciesNotInstalled', 'The kinds of patching are not served in this cluster.');
  if (ref?.kind === 'PatchPolicy' && !patchPlanning) {
    const why = `Service level ${level} does not include individual patch planning (MO-4), which PatchPolicy ${ref.name} (spec.patchPolicyRef) is.`;
    return wrong('PatchPlanningNotIncluded', why);
  }
  const plan = planInForce(level, facts, timeZone => dayIn(timeZone, now));
  const provider =
    ref?.kind === 'ClusterPatchPolicy' ? named(ref.name, managedVM, facts) : selected(managedVM, facts, plan);
  if (provider.problem) return provider;
  const customer = ref?.kind === 'PatchPolicy' ? customersOwn(ref.name, facts) : NO_OWN;
  if (customer.problem) return customer;
  const windows = customer.value ? windowsNamed(customer.value, facts, now) : windowsInline(provider.value, now);
  if (windows.problem) return windows;
  const promised = plan?.patching?.deadlines;
  return { terms: together({ provider: provider.value, customer: customer.value, windows: windows.value, promised }) };
}

/** The one that the order names: one of those that select its namespace, for what a policy is not meant for it does not apply to. */
function named(name: string, managedVM: ManagedVM, facts: PolicyFacts): Found<Policy<ClusterPatchPolicySpec>> {
  const stored = facts.clusterPolicies.find(policy => policy.name === name);
  const what = `ClusterPatchPolicy ${name} (spec.patchPolicyRef)`;
  if (stored === undefined) return wrong('PatchPolicyNotFound', `${what} does not exist.`);
  const policy = read(stored, 'ClusterPatchPolicy');
  if (policy.problem) return policy;
  if (facts.namespaceLabels === undefined) return notObserved(managedVM);
  if (selects(policy.value.spec.namespaceSelector, facts.namespaceLabels)) return policy;
  const namespace = managedVM.metadata.namespace;
  return wrong('PatchPolicyNotPermitted', `${what} does not select namespace ${namespace}: it is meant for others.`);
}

/** The one that selects the namespace; of several, that of the contract's plan. */
function selected(
  managedVM: ManagedVM,
  { clusterPolicies, namespaceLabels }: PolicyFacts,
  plan: ServicePlanSpec | undefined,
): Found<Policy<ClusterPatchPolicySpec>> {
  if (namespaceLabels === undefined) return notObserved(managedVM);
  const { namespace } = managedVM.metadata;
  const all = clusterPolicies.map(policy => read(policy, 'ClusterPatchPolicy'));
  const selecting = all.flatMap(({ value }) =>
    value && selects(value.spec.namespaceSelector, namespaceLabels) ? [value] : [],
  );
  const [only] = selecting;
  if (only === undefined) {
    const unread = all.find(({ problem }) => problem);
    if (unread?.problem) return unread;
    return wrong(
      'NoPatchPolicy',
      `No ClusterPatchPolicy selects namespace ${namespace}, so nothing says what is patched and when (MO-3).`,
    );
  }
  if (selecting.length === 1) return { value: only };
  const agreedOn = plan?.patching?.policyRef;
  const chosen = selecting.find(({ name }) => name === agreedOn);
  if (chosen !== undefined) return { value: chosen };
  const names = selecting.map(({ name }) => name).sort();
  const planned =
    agreedOn === undefined ? 'no plan of the contract names one of them' : `the plan of the contract names ${agreedOn}`;
  const which = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  return wrong(
    'PatchPoliciesConflict',
    `${names.length} ClusterPatchPolicies select namespace ${namespace} (${which}), and ${planned}.`,
  );
}

function customersOwn(name: string, { patchPolicy }: PolicyFacts): Found<Policy<PatchPolicySpec>> {
  if (patchPolicy === undefined) {
    return wrong('PatchPolicyNotFound', `PatchPolicy ${name} (spec.patchPolicyRef) does not exist.`);
  }
  return read(patchPolicy, 'PatchPolicy');
}

function read<Spec>({ says, ...identity }: StoredPolicy<Spec>, kind: string): Found<Policy<Spec>> {
  if (says.spec === undefined) {
    return wrong('InvalidPatchPolicy', cut(`${kind} ${identity.name} cannot be read: ${says.problem}.`, 300));
  }
  return { value: { ...identity, spec: says.spec } };
}

/** Those of the customer that are there and can be worked by: the others the policy's own Ready tells. */
function windowsNamed(policy: Policy<PatchPolicySpec>, facts: PolicyFacts, now: Date): Found<readonly Window[]> {
  const stored = policy.spec.windowRefs.map(name => ({ name, times: facts.window(name) }));
  const there = stored.flatMap(({ name, times }) => (times?.spec === undefined ? [] : [windowOf(name, times.spec)]));
  const { usable } = usableOf(there, now);
  if (usable.length > 0) return { value: usable };
  const names = stored.map(({ name }) => name).join(', ');
  if (stored.every(({ times }) => times === undefined)) {
    return wrong('WindowNotFound', `PatchPolicy ${policy.name} names MaintenanceWindows that do not exist: ${names}.`);
  }
  return wrong(
    'WindowNotUsable',
    `PatchPolicy ${policy.name} names no MaintenanceWindow that can be worked by: see Ready of ${names}.`,
  );
}

function windowsInline({ name, spec }: Policy<ClusterPatchPolicySpec>, now: Date): Found<readonly Window[]> {
  const inline = spec.windows.map(({ name: window, ...times }) => windowOf(window, times));
  const { usable } = usableOf(inline, now);
  if (usable.length > 0) return { value: usable };
  return wrong('WindowNotUsable', `ClusterPatchPolicy ${name} has no window that can be worked by: see its Ready.`);
}

function notObserved({ metadata: { namespace } }: ManagedVM): { readonly problem: TermsProblem } {
  return wrong(
    'NamespaceNotObserved',
    `The labels of Namespace ${namespace} have not been read, so which ClusterPatchPolicy selects it is not known.`,
  );
}

function wrong(reason: Reason, message: string): { readonly problem: TermsProblem } {
  return { problem: { reason, message } };
}
