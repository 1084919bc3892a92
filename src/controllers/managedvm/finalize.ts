import {
  DataVolume,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../api/upstream.ts';
import { assessDeletion, deletionPlan, type RemainingChild } from '../../domain/deletion.ts';
import type { Result } from '../../runtime/controller.ts';
import type { KubeObject } from '../../runtime/object.ts';
import { OWNER_INDEX } from '../ownership.ts';
import { report } from '../report.ts';
import type { Settings } from '../settings.ts';
import type { Context } from './controller.ts';
import type { ManagedVMMetrics } from './metrics.ts';

const CHILD_KINDS = [VeleroSchedule, PrometheusRule, ServiceMonitor, Service, VirtualMachine, DataVolume, Secret];

/**
 * Deletes the children in the order of the plan and names what is still there. Needs no other object to exist: policies,
 * catalogue entries and whole upstream systems may be gone already (design 4).
 */
export async function finalize(context: Context, _settings: Settings, metrics: ManagedVMMetrics): Promise<Result> {
  const { object, now } = context;
  const children = new Map<RemainingChild, KubeObject>(childrenOf(context).map(child => [remaining(child), child]));
  const plan = deletionPlan({ managedVM: object, children: [...children.keys()] });
  for (const child of plan.remove) {
    const live = children.get(child);
    if (live) await context.destroy(live);
  }
  if (plan.done) {
    metrics.forget(object);
    return { done: true };
  }
  await report(context, assessDeletion({ managedVM: object, blockers: plan.blockers, now }));
  return {};
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
