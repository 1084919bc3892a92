import type { ProductSpec } from '../../api/product.ts';
import { watchedOf } from '../../domain/application/watched.ts';
import { type Measured, measuredOf } from '../../domain/policies/applicationmeasured.ts';
import type { WatchFacts } from '../../domain/policies/applicationwatched.ts';
import { type Reviewed, reviewed } from '../../domain/policies/performancereviewed.ts';
import type { Facts, Ordered } from './facts.ts';

/** What Prometheus has measured, and what follows of it; what it has not measured since stays. */
export function measured(
  object: Ordered,
  { managedVM }: Facts,
  { product, figures, performance }: WatchFacts,
  now: Date,
): Measured & Reviewed {
  return { ...figuresOf(object, product, figures), ...reviewed(object, managedVM, product, performance, now) };
}

function figuresOf(object: Ordered, product: ProductSpec | undefined, figures: WatchFacts['figures']): Measured {
  const { availability, responseTime } = object.status ?? {};
  const before = { ...(availability && { availability }), ...(responseTime && { responseTime }) };
  return product === undefined ? before : measuredOf(watchedOf(object, product), figures, before);
}
