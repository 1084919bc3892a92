import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { Blackbox } from '../application/asked.ts';
import { exporterAt } from '../application/performance.ts';
import { watchedOf } from '../application/watched.ts';
import type { Child } from '../contract/child.ts';
import type { RuleSettings } from '../monitoring/prometheusrules.ts';
import { renderOutside } from './applicationoutside.ts';
import { renderApplicationRules } from './applicationrules.ts';
import { renderApplicationScrape } from './applicationscrape.ts';

export type WatchSettings = RuleSettings & { readonly blackbox?: Blackbox | undefined };

/** The children by which an application is watched that is to be watched: its rules, its exporter as a target where the level includes that, and who asks from outside. */
export function watchersOf(
  application: ManagedApplication,
  product: ProductSpec,
  managedVM: ManagedVM,
  settings: WatchSettings,
): readonly Child[] {
  const { monitoringLabels, blackbox } = settings;
  const watched = watchedOf(application, product, blackbox);
  const exporter = exporterAt(product, watched.level);
  const scrape = exporter && renderApplicationScrape(watched, managedVM, exporter, monitoringLabels);
  const outside = renderOutside(application, product, blackbox, monitoringLabels);
  return [renderApplicationRules(watched, settings), ...(scrape ?? []), ...outside];
}
