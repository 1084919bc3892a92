import { ClusterPatchPolicySpec } from '../../api/clusterpatchpolicy.ts';
import { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import { PatchPolicySpec } from '../../api/patchpolicy.ts';
import type { PatchingFacts, StoredPolicy } from './facts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The provider's standard of design 11. */
export function clusterPolicyOf(spec: Fields = {}, name = 'standard'): StoredPolicy<ClusterPatchPolicySpec> {
  return { name, uid: `uid-of-${name}`, generation: 1, says: { spec: clusterPolicySpec(spec) } };
}

export function clusterPolicySpec(spec: Fields = {}): ClusterPatchPolicySpec {
  return ClusterPatchPolicySpec.parse({
    namespaceSelector: {},
    windows: [{ name: 'nightly', schedule: '0 3 * * *', timeZone: 'Europe/Berlin', duration: '2h' }],
    rings: [
      { name: 'canary', namespaces: ['provider'] },
      { name: 'production', gate: { maxFailures: '5%' } },
    ],
    ...spec,
  });
}

/** The customer's of design 11. */
export function patchPolicyOf(spec: Fields = {}, name = 'tuesday-night'): StoredPolicy<PatchPolicySpec> {
  const parsed = PatchPolicySpec.parse({ windowRefs: ['tuesday-night'], ...spec });
  return { name, uid: `uid-of-${name}`, generation: 2, says: { spec: parsed } };
}

export function maintenanceWindowSpec(spec: Fields = {}): MaintenanceWindowSpec {
  return MaintenanceWindowSpec.parse({ schedule: '0 2 * * 2', duration: '4h', cutoff: '45m', ...spec });
}

/** A namespace with the provider's standard and the customer's window. */
export function patchingFactsOf(facts: Partial<PatchingFacts> = {}): PatchingFacts {
  return {
    ...{ installed: true, namespaceLabels: { tier: 'gold' }, patchPolicy: undefined },
    clusterPolicies: [clusterPolicyOf()],
    window: name => (name === 'tuesday-night' ? { spec: maintenanceWindowSpec() } : undefined),
    ...{ contract: undefined, plan: () => undefined, unreadable: [] },
    ...{ updates: undefined, content: () => [], runs: [], rings: () => [], changes: () => [] },
    ...facts,
  };
}
