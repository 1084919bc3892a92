import type { ManagedVM } from '../../api/managedvm.ts';
import { MANAGED_VM_LABEL } from '../contract/child.ts';

/** Of a machine's Pod: the VMs that are kept apart from each other. */
export const GROUP_LABEL = 'managed.systems/placement-group';

const TOPOLOGY = { Hosts: 'kubernetes.io/hostname', Zones: 'topology.kubernetes.io/zone' } as const;

/**
 * By it no two VMs of a group run on a node, or in a zone. Its own Pod is left out: when it migrates it has two for a while, and would else keep
 * itself out of its own zone.
 */
export function affinity({ metadata, spec }: ManagedVM): Record<string, unknown> {
  const { placement } = spec;
  if (placement === undefined) return {};
  const others = {
    labelSelector: {
      matchLabels: { [GROUP_LABEL]: placement.group },
      matchExpressions: [{ key: MANAGED_VM_LABEL, operator: 'NotIn', values: [metadata.name] }],
    },
    topologyKey: TOPOLOGY[placement.apart],
  };
  return {
    affinity: {
      podAntiAffinity: placement.required
        ? { requiredDuringSchedulingIgnoredDuringExecution: [others] }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: others }] },
    },
  };
}
