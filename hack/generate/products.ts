import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Product, ProductSpec } from '../../src/api/product.ts';

/** An entry of `config/products`, and its file. */
export type Entry = { readonly file: string; readonly name: string; readonly spec: ProductSpec };

/** The entries that are shipped, by name. Throws where one does not fit its schema. */
export function shippedProducts(): readonly Entry[] {
  return globSync('config/products/*.yaml')
    .filter(file => !file.endsWith('/kustomization.yaml'))
    .sort()
    .map(file => {
      const { metadata, spec } = parse(readFileSync(file, 'utf8')) as Product;
      return { file, name: metadata.name, spec: ProductSpec.parse(spec) };
    });
}
