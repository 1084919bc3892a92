/** `steward rejoin`: gives orders that were made anew in another cluster the keys of their former selves, by a person's consent (docs/disaster.md). */
import { hash } from 'node:crypto';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import {
  keyGenerationOf,
  keySecretName,
  OWNER_KIND_LABEL,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  OWNER_UID_LABEL,
} from '../../domain/contract/child.ts';
import { isNamedAsPart } from '../../domain/machine/childnames.ts';
import { type KeyCopy, rejoining, type StoredKeySet } from '../../domain/machine/rejoining.ts';
import { sortedJson } from '../../runtime/api/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { labelled, labelValue, marked, standingOf } from '../../runtime/children/ownership.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { createUncached, listUncached } from '../../runtime/http/uncached.ts';
import { MARKS } from '../whose.ts';

export const REJOIN_USAGE = `usage: steward rejoin [--consent]

Finds keys that a backup has brought back for orders that were made anew, and says which order would get which. Steward must not run meanwhile.
  --consent   copies them; what is stored is neither changed nor deleted
reads STEWARD_KEYS_NAMESPACE; ends with 0, with 1 where a person must decide something, with 2 where it is asked otherwise
`;

/** `isWhole`: nothing is left for a person to decide. */
export type Rejoined = { readonly text: string; readonly isWhole: boolean };

type Caller = Pick<Transport, 'call'>;
type KeySecret = StoredKeySet & { readonly secret: KubeObject };

const AT_ONCE = 500;

/** Throws ApiError. Cut off anywhere it can be asked again: what is copied already is found to be. */
export async function rejoin(transport: Caller, namespace: string, consented: boolean): Promise<Rejoined> {
  const there = await listUncached<ManagedVM & KubeObject>(transport, managedVM, { namespace: '', atOnce: AT_ONCE });
  const orders = there.map(asLabelled);
  const secrets = await listUncached<KubeObject>(transport, Secret, { namespace, atOnce: AT_ONCE });
  const stored = secrets.flatMap(secret => keySetIn(secret, namespace) ?? []);
  const { copies, joined, doubts, leftOver } = rejoining(orders, stored);
  if (consented) for (const copy of copies) await createUncached(transport, Secret, copyOf(copy, namespace));
  const lines = [
    ...joined.map(({ metadata }) => `${metadata.namespace}/${metadata.name} has the keys of its former self.`),
    ...copies.map(copy => told(copy, consented)),
    ...doubts.map(doubt => `NOT DECIDED: ${doubt}`),
    ...leftOver,
    ...(copies.length > 0 && !consented ? ['Nothing has been done. Ask again with --consent to copy them.'] : []),
    ...(orders.length === 0 ? ['There is no ManagedVM: apply the orders first.'] : []),
  ];
  return { text: `${lines.join('\n')}\n`, isWhole: doubts.length === 0 && (consented || copies.length === 0) };
}

/** Labels have the names of orders cut. */
function asLabelled(order: ManagedVM & KubeObject): ManagedVM & KubeObject {
  return { ...order, metadata: { ...order.metadata, name: labelValue(order.metadata.name) } };
}

/** Undefined where it holds no keys that Steward has made under this very name: labels alone prove nothing. */
function keySetIn(secret: KubeObject, namespace: string): KeySecret | undefined {
  const { labels = {}, name } = secret.metadata;
  const owner = {
    namespace: labels[OWNER_NAMESPACE_LABEL] ?? '',
    name: labels[OWNER_NAME_LABEL] ?? '',
    uid: labels[OWNER_UID_LABEL] ?? '',
  };
  const generation = keyGenerationOf(owner.uid, name);
  const making = { kind: Secret, namespace, named: isNamedAsPart };
  if (generation === undefined || labels[OWNER_KIND_LABEL] !== managedVM.kind) return undefined;
  if (standingOf(MARKS, { metadata: owner }, making, { ...secret, kind: Secret.kind }) !== 'ours') return undefined;
  return { owner, generation, secret, content: hash('sha256', sortedJson(dataOf(secret))) };
}

function dataOf(secret: KubeObject): unknown {
  return (secret as { readonly data?: unknown }).data ?? {};
}

function copyOf({ order, keys }: KeyCopy, namespace: string): KubeObject {
  const { uid = '' } = order.metadata;
  const secret = {
    ...{ apiVersion: 'v1', kind: Secret.kind, type: 'Opaque', immutable: true },
    metadata: { name: keySecretName(uid, keys.generation), namespace },
    data: dataOf((keys as KeySecret).secret),
  };
  return marked(MARKS, Secret, order as KubeObject, labelled(MARKS, managedVM, order as KubeObject, secret, false));
}

function told({ order: { metadata }, keys }: KeyCopy, done: boolean): string {
  const [from, to] = [
    keySecretName(keys.owner.uid, keys.generation),
    keySecretName(metadata.uid ?? '', keys.generation),
  ];
  return `${metadata.namespace}/${metadata.name} ${done ? 'got' : 'would get'} the keys of generation ${keys.generation}: Secret ${from} as ${to}.`;
}
