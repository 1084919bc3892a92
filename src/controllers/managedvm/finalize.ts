import {
  DataVolume,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../api/upstream.ts';
import { assessDeletion, type DeletionPlan, deletionPlan, type RemainingChild } from '../../domain/deletion.ts';
import type { Result } from '../../runtime/controller.ts';
import type { KubeObject } from '../../runtime/object.ts';
import { OWNER_INDEX } from '../ownership.ts';
import type { Context, Parts } from './controller.ts';

const CHILD_KINDS = [VeleroSchedule, PrometheusRule, ServiceMonitor, Service, VirtualMachine, DataVolume, Secret];

/**
 * Deletes the children in the order of the plan and names what is still there. Needs no other object to exist: policies,
 * catalogue entries and whole upstream systems may be gone already (design 4).
 */
export async function finalize(
  context: Context,
  { reporter, metrics }: Pick<Parts, 'reporter' | 'metrics'>,
): Promise<Result> {
  const { object, now } = context;
  // Nothing is promised any more: no alert may ask for it, however long the deletion takes.
  metrics.forget(object.metadata.uid ?? '');
  const plan = await removeInOrder(context);
  if (plan.done) return { done: true };
  await reporter.report(context, assessDeletion({ managedVM: object, blockers: plan.blockers, now }));
  return {};
}

/** Our own deletions are not told back to us: where nothing holds a stage up, the next one follows in the same pass. */
async function removeInOrder(context: Context): Promise<DeletionPlan> {
  const asked = new Set<string | undefined>();
  for (;;) {
    const children = new Map<RemainingChild, KubeObject>(childrenOf(context).map(child => [remaining(child), child]));
    const plan = deletionPlan({ managedVM: context.object, children: [...children.keys()] });
    const next = plan.remove
      .flatMap(child => children.get(child) ?? [])
      .filter(({ metadata }) => !asked.has(metadata.uid));
    if (next.length === 0) return plan;
    for (const child of next) {
      asked.add(child.metadata.uid);
      await context.destroy(child);
    }
  }
}

function childrenOf({ object, read }: Context): readonly KubeObject[] {
  return CHILD_KINDS.filter(kind => read.available(kind)).flatMap(kind =>
    read.byIndex(kind, OWNER_INDEX, object.metadata.uid ?? ''),
  );
}

function remaining({ kind, metadata }: KubeObject): RemainingChild {
  const { namespace = '', name, labels, finalizers, deletionTimestamp } = metadata;
  return { kind, namespace, name, labels, finalizers, deletionTimestamp };
}
