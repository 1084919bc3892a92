import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { ProductMonitoring, ProductObjective } from '../../api/productmonitoring.ts';

/** Whether the level includes performance monitoring (AP-5: the matrix wins over the prose). */
export function includesPerformance(level: ApplicationLevel): boolean {
  return level !== 'Basic';
}

/** Whether a budget that is used up too fast calls somebody at any hour (AP-4). */
export function isWatchedClosely(level: ApplicationLevel): boolean {
  return level === 'Expert';
}

/** What a level promises in numbers. */
export function objectiveAt({ monitoring }: ProductSpec, level: ApplicationLevel): Partial<ProductObjective> {
  return monitoring?.objectives?.find(each => each.level === level) ?? {};
}

/** The exporter that is read at a level. */
export function exporterAt({ monitoring }: ProductSpec, level: ApplicationLevel): ProductMonitoring['exporter'] {
  return includesPerformance(level) ? monitoring?.exporter : undefined;
}

/** Percent of the readings of a probe whose time is told, where no objective says otherwise. */
export const TOLD_PERCENT = 95;
