/** `steward product try`: what an order of a Product in a file would come to on a ManagedVM, without applying anything. Reads only. */
import { contract } from '../../api/contract.ts';
import { ManagedApplicationSpec, managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { ProductSpec, product } from '../../api/product.ts';
import { inWords } from '../../domain/application/planinwords.ts';
import { remediationInWords } from '../../domain/application/remediationwords.ts';
import type { Verifiers } from '../../domain/application/verifiers.ts';
import { decide } from '../../domain/policies/applicationdecision.ts';
import { isApiError, isNotFound } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject, type ResourceKind } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { listUncached } from '../../runtime/http/uncached.ts';
import { namespacesOf } from '../contracts.ts';
import { CONTRACT_INDEX, factsOf, type Ordered, pathOf, VM_INDEX } from '../managedapplication/facts.ts';
import { type Found, readerOver } from '../preview/objectreader.ts';
import { type Checked, productsIn, toldOf } from './checkfile.ts';

export type TryQuestion = {
  readonly file: string;
  readonly namespace: string;
  readonly vm: string;
  /** Undefined: the first line that is offered on the system of the VM. */
  readonly line: string | undefined;
};

/** Reads the command line after `product`; undefined where it is not understood. */
export function readTryQuestion([act, file = '', ...words]: readonly string[]): TryQuestion | undefined {
  const [on, place = '', line, name, ...more] = words;
  const [namespace = '', vm = '', ...rest] = place.split('/');
  const isWhole =
    act === 'try' && file !== '' && !file.startsWith('-') && on === '--on' && namespace !== '' && vm !== '';
  const isLine = line === undefined || (line === '--line' && name !== undefined);
  return isWhole && isLine && rest.length === 0 && more.length === 0 ? { file, namespace, vm, line: name } : undefined;
}

const READ: readonly ResourceKind[] = [managedVM, operatingSystem, managedApplication, contract, product];
const INDEXED = [
  { kind: managedApplication, indexes: { [VM_INDEX]: (object: KubeObject) => [pathOf(object as Ordered)] } },
  { kind: contract, indexes: { [CONTRACT_INDEX]: namespacesOf } },
];
const AT_ONCE = 500;

/** In the place of those of a password: none is made. */
const VERIFIERS: Verifiers = { PostgreSQL: 'not made', MariaDB: 'not made', sha256: 'not-made' };

/** Ends with 0 (it could be ordered), 1 (it is refused, or wrong) or 2 (something cannot be read). Throws ApiError where there is no answer. */
export async function tryProduct(
  transport: Pick<Transport, 'call'>,
  question: TryQuestion,
  now: Date,
): Promise<Checked> {
  const inFile = productsIn(question.file);
  const checked = toldOf(question.file, inFile);
  if ('problem' in inFile || checked.exitCode !== 0) return checked;
  const [entry, ...more] = inFile.products.map(({ object }) => object as KubeObject);
  if (entry === undefined || more.length > 0)
    return { exitCode: 2, text: `${question.file}: there are ${more.length + 1} Products in it; try one at a time.\n` };
  const found = await Promise.all(READ.map(kind => foundOf(transport, kind)));
  const refused = found.flatMap(each =>
    'refusal' in each ? [`not read, ${each.kind.plural}: ${each.refusal.message}\n`] : [],
  );
  if (refused.length > 0) return { exitCode: 2, text: refused.join('') };
  const others = found.map(each => (each.kind === product && 'objects' in each ? withEntry(each, entry) : each));
  return tried(entry, question, others, now);
}

function tried(entry: KubeObject, { namespace, vm, line }: TryQuestion, found: readonly Found[], now: Date): Checked {
  const read = readerOver(found, INDEXED);
  const spec = ProductSpec.parse((entry as { readonly spec?: unknown }).spec);
  const order = (name: string): Ordered => ({
    ...{ apiVersion: apiVersionOf(managedApplication), kind: 'ManagedApplication' },
    metadata: { name: 'try', namespace, uid: 'try', creationTimestamp: now.toISOString() },
    spec: ManagedApplicationSpec.parse({
      ...{ product: entry.metadata.name, line: name, managedVMs: [vm], serviceLevel: spec.levels.at(-1) },
    }),
  });
  const [first] = spec.lines;
  const system = factsOf(order(first?.name ?? ''), read, '').managedVM?.spec.operatingSystem;
  const offered = spec.lines.find(each => each.operatingSystems.some(({ name }) => name === system));
  const application = order(line ?? offered?.name ?? first?.name ?? '');
  const { plan, refusal } = decide(application, { ...factsOf(application, read, ''), verifiers: VERIFIERS }, now);
  const { serviceLevel, line: ordered } = application.spec;
  const what = `Product ${entry.metadata.name}, line ${ordered} at ${serviceLevel}, on ManagedVM ${namespace}/${vm}`;
  if (plan === undefined)
    return { exitCode: 1, text: `${what}: an order would be refused, ${refusal?.reason}. ${refusal?.message}\n` };
  const head = `${what}: an order with its default parameters would ask this of the guest, and do so where it is not so. Nothing was applied.`;
  const remedies = spec.remediation && remediationInWords(spec.remediation, serviceLevel, ordered);
  return { exitCode: 0, text: `${[head, ...inWords(plan), ...(remedies ?? [])].join('\n')}\n` };
}

/** The entry of the file in the place of one of its name that the cluster has. */
function withEntry(found: Extract<Found, { readonly objects: unknown }>, entry: KubeObject): Found {
  const others = found.objects.filter(({ metadata }) => metadata.name !== entry.metadata.name);
  return { kind: found.kind, objects: [...others, entry] };
}

async function foundOf(transport: Pick<Transport, 'call'>, kind: ResourceKind): Promise<Found> {
  try {
    return { kind, objects: await listUncached<KubeObject>(transport, kind, { namespace: '', atOnce: AT_ONCE }) };
  } catch (error) {
    if (!isApiError(error)) throw error;
    return isNotFound(error) ? { kind, objects: [] } : { kind, refusal: error };
  }
}
