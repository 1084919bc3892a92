import { PersistentVolumeClaim, Secret } from '../../api/upstream.ts';
import { firstBootSecretName } from '../../domain/contract/child.ts';
import {
  assessDeletion,
  type DeletionPlan,
  deletionPlan,
  type RemainingChild,
} from '../../domain/managedvm/deletion.ts';
import { pausedDeletion } from '../../domain/managedvm/paused.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import { type KubeObject, kindId } from '../../runtime/api/object.ts';
import type { OwnedKind, Result } from '../../runtime/pass/controller.ts';
import { OWNER_UID_INDEX, type Ownership } from '../whose.ts';
import type { Context, Parts } from './context.ts';

/**
 * Deletes the children in the order of the plan and names what is still there. Needs no other object to exist: policies,
 * catalogue entries and whole upstream systems may be gone already (design 4).
 */
export async function finalize(
  context: Context,
  { reporter, metrics, ownership }: Pick<Parts, 'reporter' | 'metrics' | 'ownership'>,
): Promise<Result> {
  const { object, now, event } = context;
  // Nothing is promised any more: no alert may ask for it, however long the deletion takes.
  metrics.forget(object.metadata.uid ?? '');
  if (object.spec.paused !== undefined) {
    const deletion = assessDeletion({ managedVM: object, blockers: [], now });
    await reporter.report(context, pausedDeletion(object, deletion));
    return {};
  }
  const plan = await removeInOrder(context, ownership);
  if (plan.done) {
    if (object.spec.deletionPolicy === 'Release') await release(context, ownership);
    const left = leftAlone(context, ownership);
    if (left !== undefined) event('Normal', 'LeftAlone', left);
    return { done: true };
  }
  await reporter.report(context, assessDeletion({ managedVM: object, blockers: plan.blockers, now }));
  return {};
}

/** What runs on refers to the ManagedVM no longer, or the garbage collector would take it along. */
async function release(context: Context, ownership: Ownership): Promise<void> {
  const { object, removeOwnerReference } = context;
  const { uid = '', namespace = '' } = object.metadata;
  const { children } = look(context, ownership);
  const near = [...children.values()].filter(child => child?.metadata.namespace === namespace);
  for (const child of near) {
    const owned = ownership.kinds.find(({ kind }) => kind.kind === child?.kind);
    if (child !== undefined && owned !== undefined) await removeOwnerReference(owned.kind, child, uid);
  }
  const secret = firstBootSecretName(object);
  try {
    await removeOwnerReference(Secret, { ...SECRET, metadata: { name: secret, namespace } }, uid);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const SECRET = { apiVersion: 'v1', kind: 'Secret' };

/** Our own deletions are not told back to us: where nothing holds a stage up, the next one follows in the same pass. */
async function removeInOrder(context: Context, ownership: Ownership): Promise<DeletionPlan> {
  const asked = new Set<string | undefined>();
  for (;;) {
    const { children, others } = look(context, ownership);
    const plan = deletionPlan({ managedVM: context.object, children: [...children.keys()], others });
    const next = plan.remove
      .flatMap(child => children.get(child) ?? [])
      .filter(({ metadata }) => !asked.has(metadata.uid));
    if (next.length === 0) return plan;
    for (const child of next) {
      asked.add(child.metadata.uid);
      await context.deleteChild(child);
    }
  }
}

type Sight = {
  readonly children: ReadonlyMap<RemainingChild, KubeObject | undefined>;
  readonly others: RemainingChild[];
};

/** What there is of this ManagedVM. A claim is never deleted by us: it goes with its DataVolume. */
function look(context: Context, { kinds, whose }: Ownership): Sight {
  const children = new Map<RemainingChild, KubeObject | undefined>();
  const others: RemainingChild[] = [];
  for (const owned of kinds) {
    if (owned.read === 'named') continue;
    for (const candidate of candidatesOf(context, owned)) {
      const standing = whose(context.object, candidate);
      const isClaim = kindId(owned.kind) === kindId(PersistentVolumeClaim);
      if (standing === 'ours' && !isClaim) children.set(remaining(candidate), candidate);
      else if (standing !== 'foreign') others.push(remaining(candidate));
    }
    const unseen = unreadable(context, owned);
    if (unseen !== undefined) children.set(unseen, undefined);
  }
  return { children, others };
}

/** Objects whose labels name this ManagedVM, where children of that kind may be. */
function candidatesOf({ object, read }: Context, { kind, namespace }: OwnedKind): readonly KubeObject[] {
  const place = namespace ?? object.metadata.namespace;
  return read
    .byIndex(kind, OWNER_UID_INDEX, object.metadata.uid ?? '')
    .filter(candidate => candidate.metadata.namespace === place);
}

function unreadable({ object, read }: Context, { kind, namespace }: OwnedKind): RemainingChild | undefined {
  const place = namespace ?? object.metadata.namespace ?? '';
  if (read.state(kind, place) !== 'unreadable') return undefined;
  const why = read.refusal(kind, place)?.message ?? 'the API server does not answer';
  return { kind: kind.kind, namespace: place, name: '*', unreadable: why };
}

function remaining({ kind, metadata }: KubeObject): RemainingChild {
  const { namespace = '', name, labels, finalizers, deletionTimestamp } = metadata;
  return { kind, namespace, name, labels, finalizers, deletionTimestamp };
}

/** What bears our labels in the namespace and stays: copies, restored and orphaned objects, kept disks. */
function leftAlone(context: Context, { kinds }: Ownership): string | undefined {
  const { namespace } = context.object.metadata;
  const left = kinds
    .filter(owned => owned.read !== 'named' && owned.namespace === undefined)
    .flatMap(owned => candidatesOf(context, owned))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.namespace === namespace);
  if (left.length === 0) return undefined;
  const named = left.slice(0, 8).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const more = left.length > named.length ? ` and ${left.length - named.length} more` : '';
  return `What bears the labels of this ManagedVM and is not to be deleted stays: ${named.join(', ')}${more}.`;
}
