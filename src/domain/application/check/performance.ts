import type { ProductSpec } from '../../../api/product.ts';
import type { Advisor } from '../../../api/productperformance.ts';
import { includesPerformance } from '../performance.ts';
import { termFaults } from './monitoring.ts';

/** What is wrong with what is advised on (AP-12). */
export function performanceFaults(spec: ProductSpec): readonly string[] {
  const { levels, performance } = spec;
  if (performance === undefined) return [];
  return [
    ...(levels.some(includesPerformance)
      ? []
      : ['spec.performance: the Product is offered at no level that includes performance (AP-5).']),
    ...performance.advisors.flatMap(advisor => advisorFaults(advisor, spec)),
  ];
}

function advisorFaults(advisor: Advisor, { parameters = [], monitoring }: ProductSpec): readonly string[] {
  const { name, parameter, used = [], capacity = [] } = advisor;
  const at = `spec.performance.advisors.${name}`;
  const metrics = monitoring?.exporter?.metrics ?? [];
  return [
    ...(parameter === undefined || parameters.some(each => each.name === parameter)
      ? []
      : [`${at}.parameter: the Product has no parameter ${parameter}.`]),
    ...[...used, ...capacity].flatMap(term => termFaults(term, metrics, at)),
  ];
}
