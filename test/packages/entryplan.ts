import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ManagedApplicationSpec } from '../../src/api/managedapplication.ts';
import { ProductSpec } from '../../src/api/product.ts';
import { readParameters } from '../../src/domain/application/parameters.ts';
import { planOf } from '../../src/domain/application/render.ts';
import { verifiersOf } from '../../src/domain/application/verifiers.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from './applicationguest.ts';

/** The password of every binding here. */
export const PASSWORD = 'pencil';

type Port = readonly [own: number, port: number];

/** The plan of an order of the entry. Its ports are those of the test, for guests here share the network of this machine. */
export async function planOfEntry(file: string, port: Port, order: object): Promise<ApplicationPlan> {
  const text = await readFile(join(import.meta.dirname, '../../config/products', file), 'utf8');
  const kind = { apiVersion: 'managed.systems/v1alpha1' } as const;
  const { metadata, spec } = parse([port, ...(await exporterPort(text))].reduce(atPort, text));
  const product = { ...kind, kind: 'Product', metadata, spec: ProductSpec.parse(spec) } as const;
  const ordered = ManagedApplicationSpec.parse({
    ...{ product: metadata.name, serviceLevel: 'Expert', managedVMs: ['shop-db'], ...order },
  });
  const { parameters, refusals } = readParameters(product.spec, ordered.parameters);
  if (refusals !== undefined) throw new Error(refusals.join(' '));
  const application = {
    ...kind,
    kind: 'ManagedApplication',
    metadata: { name: 'shop', uid: 'uid' },
    spec: ordered,
  } as const;
  const verifiers = verifiersOf(PASSWORD, Buffer.alloc(16, 7));
  const planned = planOf({ product, application, parameters: parameters ?? new Map(), verifiers });
  if (planned.plan === undefined) throw new Error(planned.problems.join(' '));
  return planned.plan;
}

/** Where the exporter of a plan's guest is read. */
export function exporterPortOf({ steps }: ApplicationPlan): number {
  const step = steps.find(({ name }) => name === 'exporter-port');
  if (step?.type !== 'firewallPort') throw new Error('The plan has no exporter');
  return step.port;
}

/** One that nobody listens on. */
async function exporterPort(entry: string): Promise<readonly Port[]> {
  const own = parse(entry).spec.monitoring?.exporter?.port;
  return own === undefined ? [] : [[own, await ApplicationGuest.freePort()]];
}

function atPort(text: string, [own, port]: Port): string {
  return text.replaceAll(new RegExp(`\\b(port: |address=:)${own}\\b`, 'g'), `$1${port}`);
}
