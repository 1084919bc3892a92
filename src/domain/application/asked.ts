import type { ProductSpec } from '../../api/product.ts';
import type { ProductOutside } from '../../api/productoutside.ts';

/** The blackbox exporter of the cluster: `host:port`, and its modules by what they ask. */
export type Blackbox = {
  readonly address: string;
  readonly modules: Readonly<Record<ProductOutside['protocol'], string>>;
};

/** Whether an application of the Product is asked from outside of its guest: it says how, and there is who asks. */
export function isAskedOutside({ monitoring, interface: face }: ProductSpec, blackbox: Blackbox | undefined): boolean {
  return blackbox !== undefined && face !== undefined && monitoring?.outside !== undefined;
}
