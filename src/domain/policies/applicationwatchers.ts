import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductSpec } from '../../api/product.ts';
import { exporterAt } from '../application/performance.ts';
import { watchedOf } from '../application/watched.ts';
import type { Child } from '../contract/child.ts';
import type { RuleSettings } from '../monitoring/prometheusrules.ts';
import { renderApplicationRules } from './applicationrules.ts';
import { renderApplicationScrape } from './applicationscrape.ts';

/** The children by which an application is watched that is to be watched: its rules, and its exporter as a target where the level includes that. */
export function watchersOf(
  application: ManagedApplication,
  product: ProductSpec,
  managedVM: ManagedVM,
  settings: RuleSettings,
): readonly Child[] {
  const watched = watchedOf(application, product);
  const exporter = exporterAt(product, watched.level);
  const scrape = exporter && renderApplicationScrape(watched, managedVM, exporter, settings.monitoringLabels);
  return [renderApplicationRules(watched, settings), ...(scrape ?? [])];
}
