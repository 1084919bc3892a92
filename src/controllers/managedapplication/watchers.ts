import type { ProductSpec } from '../../api/product.ts';
import { Probe, PrometheusRule, Service, ServiceMonitor } from '../../api/upstream.ts';
import type { Child } from '../../domain/contract/child.ts';
import { outsideName } from '../../domain/policies/applicationoutside.ts';
import { applicationRulesName } from '../../domain/policies/applicationrules.ts';
import { exporterName } from '../../domain/policies/applicationscrape.ts';
import { isWatched } from '../../domain/policies/applicationwatched.ts';
import { watchersOf } from '../../domain/policies/applicationwatchers.ts';
import type { ResourceKind } from '../../runtime/api/object.ts';
import type { Settings } from '../settings.ts';
import type { ApplicationContext } from './credentials.ts';
import type { Facts, Ordered } from './facts.ts';

/** A Product with a fault is not carried out. */
export function soundProduct({ product: entry, productFaults }: Facts): ProductSpec | undefined {
  return productFaults.length === 0 ? entry : undefined;
}

/** What shall watch it; undefined: without a Product in order that is not known, and what there is stays. */
export function watchersIn(object: Ordered, facts: Facts, settings: Settings): readonly Child[] | undefined {
  const entry = soundProduct(facts);
  const { managedVM: vm } = facts;
  if (vm === undefined || !isWatched(object, vm)) return [];
  return entry && watchersOf(object, entry, vm, settings);
}

/** Deletes what watches it beside what is wanted: no alert calls anybody for what is taken out, or powered off as ordered. */
export async function forgetWatchers(
  { object, read, deleteChild }: ApplicationContext,
  wanted: readonly Child[],
): Promise<void> {
  const { namespace = '' } = object.metadata;
  const watchers: readonly (readonly [ResourceKind, string])[] = [
    [PrometheusRule, applicationRulesName(object)],
    [ServiceMonitor, exporterName(object)],
    [Probe, outsideName(object)],
    [Service, exporterName(object)],
  ];
  for (const [kind, name] of watchers) {
    const isWanted = wanted.some(child => child.kind === kind.kind && child.metadata.name === name);
    const there = isWanted ? undefined : read.get(kind, { namespace, name });
    if (there !== undefined) await deleteChild(there);
  }
}
