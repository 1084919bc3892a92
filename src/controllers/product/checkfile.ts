/** `steward product check`: whether Products in files can be carried out, before they are applied. Without a cluster. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Product, ProductSpec, product } from '../../api/product.ts';
import { faultsOf } from '../../domain/application/productcheck.ts';
import { cut } from '../../domain/contract/excerpt.ts';
import { apiVersionOf } from '../../runtime/api/object.ts';
import { messageOf } from '../../runtime/http/exchange.ts';

export const PRODUCT_USAGE = `usage: steward product check FILE...
       steward product try FILE --on NAMESPACE/MANAGEDVM [--line LINE]

Checks Products in YAML or JSON without a cluster: their schema, and all that is known to go wrong in a guest. Other kinds in a file are left aside.
With try it says what an order of the Product would ask of the guest of a ManagedVM and do there, or why it would be refused; it reads the cluster, and applies nothing.
ends with 0 (each is in order), 1 (something is wrong: file, field, rule; or an order would be refused) or 2 (something cannot be read, or a file has no Product in it)
`;

/** Files that are asked about; undefined where the words after `product` are not understood. */
export function readFilesToCheck([act, ...files]: readonly string[]): readonly string[] | undefined {
  return act !== 'check' || files.length === 0 || files.some(file => file.startsWith('-')) ? undefined : files;
}

export type Checked = { readonly exitCode: number; readonly text: string };

/** Checks each file and says of each Product that it is in order, or each fault on a line of its own. */
export function checkFiles(files: readonly string[]): Checked {
  const results = files.map(file => toldOf(file, productsIn(file)));
  const worst = results.map(({ exitCode }) => exitCode).reduce((a, b) => Math.max(a, b), 0);
  return { exitCode: worst, text: results.map(({ text }) => text).join('') };
}

/** What was found in a file, a line for each Product that is in order and for each fault. */
export function toldOf(file: string, found: InFile): Checked {
  if ('problem' in found) return { exitCode: 2, text: `${file}: ${found.problem}\n` };
  const lines = found.products.flatMap(({ name, faults }) =>
    faults.length === 0 ? [`Product ${name} is in order.`] : faults.map(fault => `Product ${name}: ${fault}`),
  );
  const isFaulty = found.products.some(({ faults }) => faults.length > 0);
  return { exitCode: isFaulty ? 1 : 0, text: lines.map(line => `${file}: ${line}\n`).join('') };
}

/** A Product as it stands in a file, and what is wrong with it. */
type Found = { readonly name: string; readonly faults: readonly string[]; readonly object: unknown };
type InFile = { readonly products: readonly Found[] } | { readonly problem: string };

export function productsIn(file: string): InFile {
  try {
    const documents = parseAllDocuments(readFileSync(file, 'utf8'));
    const [problem] = [...documents].flatMap(({ errors }) => errors);
    if (problem !== undefined) return { problem: cut(problem.message, 300) };
    const objects = [...documents].map(document => Object(document.toJS()));
    const products = objects.filter(
      ({ apiVersion, kind }) => apiVersion === apiVersionOf(product) && kind === product.kind,
    );
    return products.length === 0
      ? { problem: 'there is no Product in it' }
      : { products: products.map(object => ({ ...checked(object), object })) };
  } catch (error) {
    return { problem: cut(messageOf(error), 300) };
  }
}

function checked({ metadata, spec }: { readonly metadata?: unknown; readonly spec?: unknown }): Omit<Found, 'object'> {
  const given: unknown = Object(metadata).name;
  if (typeof given !== 'string' || given === '') return { name: '?', faults: ['metadata.name: it has no name.'] };
  const name = cut(given, 80);
  const named = { apiVersion: apiVersionOf(product), kind: product.kind, metadata: { name: given } };
  const broken = product.validations.filter(rule => !rule.holds(named)).map(({ message }) => `${message}.`);
  const read = ProductSpec.safeParse(spec);
  if (read.success) return { name, faults: [...broken, ...faultsOf({ ...named, spec: read.data } satisfies Product)] };
  const issues = read.error.issues.map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}.`);
  return { name, faults: [...broken, ...issues.map(issue => cut(issue, 300))] };
}
