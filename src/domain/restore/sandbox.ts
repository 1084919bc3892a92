/** Where drills are made: a namespace of Steward's own, which nothing reaches and which reaches nothing (docs/adr/0166). */
import { at, type Fields, fields, listAt, textAt, textsAt } from '../contract/json.ts';

/** On the namespace that the provider has given to drills, and on no other. */
export const SANDBOX_LABEL = 'managed.systems/sandbox';

export type SandboxFacts = {
  readonly name: string;
  readonly namespace: Fields | undefined;
  readonly networkPolicies: readonly Fields[];
  /** ManagedVMs in it: then it is a customer's. */
  readonly managedVMs: number;
};

/** Why nothing may be restored there, as a sentence; undefined: it may. */
export function sandboxDefect({ name, namespace, networkPolicies, managedVMs }: SandboxFacts): string | undefined {
  if (namespace === undefined) return `Namespace ${name}, in which drills are made, is not there.`;
  if (textAt(namespace, 'metadata', 'labels', SANDBOX_LABEL) !== 'true')
    return `Namespace ${name} has no label ${SANDBOX_LABEL}=true, by which it is given to drills.`;
  if (textAt(namespace, 'metadata', 'deletionTimestamp') !== undefined) return `Namespace ${name} is being deleted.`;
  if (managedVMs > 0) return `Namespace ${name} has ${managedVMs} ManagedVMs: it is no sandbox.`;
  const open = networkPolicies.find(
    policy => listAt(policy, 'spec', 'ingress').length + listAt(policy, 'spec', 'egress').length > 0,
  );
  if (open !== undefined) return `NetworkPolicy ${name}/${textAt(open, 'metadata', 'name')} lets traffic through.`;
  return networkPolicies.some(deniesAll)
    ? undefined
    : `No NetworkPolicy in namespace ${name} denies all traffic of every Pod.`;
}

/** Policies add up to what is allowed: of all Pods, both ways, and nothing. */
function deniesAll(policy: Fields): boolean {
  const types = textsAt(policy, 'spec', 'policyTypes');
  const isOfAll = Object.keys(fields(at(policy, 'spec', 'podSelector'))).length === 0;
  return isOfAll && types.includes('Ingress') && types.includes('Egress');
}
