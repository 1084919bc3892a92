import type { ProductSpec } from '../../../api/product.ts';
import type { ProductStep } from '../../../api/productsteps.ts';

/** The steps of a Product that write a file. */
export function filesOf({
  steps,
}: ProductSpec): readonly { step: ProductStep; file: NonNullable<ProductStep['file']> }[] {
  return steps.flatMap(step => (step.file === undefined ? [] : [{ step, file: step.file }]));
}
