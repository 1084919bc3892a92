import { type ManagedApplication, ManagedApplicationSpec } from '../../api/managedapplication.ts';
import { type Product, ProductSpec } from '../../api/product.ts';
import type { Verifiers } from './verifiers.ts';

const TEMPLATE = {
  displayName: 'PostgreSQL',
  vendor: 'PostgreSQL Global Development Group',
  levels: ['Basic', 'Advanced', 'Expert'],
  supportedBy: 'Vendor',
  lines: [{ name: '17', endOfSupport: '2029-11-08', operatingSystems: [{ name: 'debian-13' }] }],
  steps: [{ name: 'packages', package: { names: ['postgresql-{{ line }}'] } }],
  probes: [{ name: 'transaction', sql: { engine: 'PostgreSQL' } }],
} as const;

/** In the place of those of a password. */
export const VERIFIERS: Verifiers = { PostgreSQL: 'SCRAM-SHA-256$4096:x', MariaDB: '*7614BE', sha256: '06f7' };

/** A Product of the catalogue with what a test says of it. */
export function product(spec: Partial<Record<keyof ProductSpec, unknown>> = {}, name = 'postgresql'): Product {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Product',
    metadata: { name, generation: 1 },
    spec: ProductSpec.parse({ ...TEMPLATE, ...spec }),
  };
}

/** An order of it. */
export function application(spec: Partial<Record<keyof ManagedApplicationSpec, unknown>> = {}): ManagedApplication {
  const order = { product: 'postgresql', line: '17', serviceLevel: 'Expert', managedVMs: ['shop-db'], ...spec };
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedApplication',
    metadata: { name: 'shop-orders', namespace: 'acme', uid: '7f3c', generation: 1 },
    spec: ManagedApplicationSpec.parse(order),
  };
}
