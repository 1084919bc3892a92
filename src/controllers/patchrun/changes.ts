import { changeRequest } from '../../api/changerequest.ts';
import type { ClusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { millisecondsOf } from '../../api/duration.ts';
import type { KindDefinition } from '../../api/kind.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import type { PatchPolicy } from '../../api/patchpolicy.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { instantsOf } from '../../domain/patching/notice.ts';
import type { Occurrence } from '../../domain/patching/window.ts';
import { madeFrom, type OpeningPolicy, windowChange } from '../../domain/patching/windowchange.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { patchMembers } from '../patchmembers.ts';
import { SUMMARY_SHARE } from '../report.ts';

type Policy = (PatchPolicy | ClusterPatchPolicy) & KubeObject;
type Ordered = ManagedVM & KubeObject;

/**
 * Makes for each opening of a policy, in each namespace that it patches VMs of, the change that the PatchRuns of that opening cite (GE-4, GE-6). When it opens, its own
 * controller says. No run is made without one (src/controllers/patchrun/opening.ts), so that a crash between the two leaves a change, and never a run alone.
 */
export function patchChangesController(kind: KindDefinition): ControllerDefinition<Policy> {
  const members = `patchedBy${kind.kind}`;
  return defineController<Policy>({
    name: `patchchanges-${kind.plural}`,
    kind,
    passShare: SUMMARY_SHARE,
    // A record of what was agreed: it does not go with its policy.
    owns: [{ kind: changeRequest, selector: '', prune: () => false, reap: () => false }],
    watches: [patchMembers(members, ordered => policyOf(ordered, kind))],
    reconcile: async ({ object, read, now, apply }) => {
      const policy = openingPolicy(object);
      const openings = openingsOf(object, now);
      const due = openings.filter(opening => madeFrom(policy, opening) <= now);
      const wanted = namespacesOf(object, members, read).flatMap(namespace =>
        due.map(opening => windowChange(policy, namespace, opening)),
      );
      // Once: what people have made of its window since is theirs.
      const missing = wanted.filter(change => read.get(changeRequest, keyOf(change)) === undefined);
      await apply(missing.map(change => ({ object: change, ownerReference: false })));
      return { requeueAt: earliest(...openings.map(opening => madeFrom(policy, opening)).filter(from => from > now)) };
    },
  });
}

/** The opening under way and the next one, as long as the policy as it is stands behind them. */
function openingsOf({ metadata, spec, status }: Policy, now: Date): readonly Occurrence[] {
  if (spec.suspend || status?.observedGeneration !== metadata.generation) return [];
  return [status?.open, status?.next].flatMap(each => {
    const opening = each && { ...each, ...instantsOf(each) };
    return opening !== undefined && now < opening.cutoff ? [opening] : [];
  });
}

function openingPolicy({ kind = '', metadata, spec }: Policy): OpeningPolicy {
  const { postponable } = spec;
  return {
    kind: kind === 'PatchPolicy' ? kind : 'ClusterPatchPolicy',
    ...{ name: metadata.name, uid: metadata.uid ?? '' },
    postponableMs: postponable === undefined ? undefined : millisecondsOf(postponable),
  };
}

function namespacesOf(
  { metadata: { namespace = '', name } }: Policy,
  members: string,
  read: Reader,
): readonly string[] {
  const patched = read.byIndex<Ordered>(managedVM, members, `${namespace}/${name}`);
  return [...new Set(patched.map(({ metadata }) => metadata.namespace ?? ''))].sort();
}

function policyOf({ metadata, status }: Ordered, { kind, namespaced }: KindDefinition) {
  const { policy } = status?.patching ?? {};
  if (policy?.kind !== kind) return [];
  return [{ namespace: namespaced ? (metadata.namespace ?? '') : '', name: policy.name }];
}
