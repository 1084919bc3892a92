import { generateKeyPairSync } from 'node:crypto';
import type { KeyPrints, ManagedVM } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { keyGenerationOf, keySecretName } from '../../domain/contract/child.ts';
import { textMapAt } from '../../domain/contract/json.ts';
import type { Outcome } from '../../domain/contract/outcome.ts';
import type { FirstBootKeys } from '../../domain/machine/firstboot/keys.ts';
import { keyStanding, printsOf } from '../../domain/machine/guestkeys.ts';
import { counting, type KeyPlaces, type Placed } from '../../domain/machine/keymove.ts';
import { type KeySet, nextKeySet, presentGeneration } from '../../domain/machine/keysets.ts';
import type { Observed } from '../../domain/machine/observed.ts';
import { type Ed25519KeyPair, privateKeyPEM, publicKeyLine } from '../../domain/machine/sshkeys.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, ReconcileContext } from '../../runtime/pass/controller.ts';
import { OWNER_UID_INDEX } from '../whose.ts';

/** Keys of the Secret. */
const FIELDS = {
  providerPrivateKey: 'provider-key',
  providerPublicKey: 'provider-key.pub',
  hostPrivateKey: 'host-key',
  hostPublicKey: 'host-key.pub',
} as const;

export type KeyContext = ReconcileContext<ManagedVM & KubeObject>;

/**
 * The key pairs of one ManagedVM: the provider logs in with one, the guest proves itself with the other (design 5).
 * They are made once, kept in their namespace, and never overwritten. Undefined where they are lost, or are not
 * those that the guest was given: then none are made (`keyStanding`). `toMake`: the generation that is made beside them now, if one is
 * (`keyToMake`). Throws ApiError.
 */
export async function ensureKeys(
  context: KeyContext,
  places: KeyPlaces,
  observed: Observed,
  toMake: number | undefined,
): Promise<FirstBootKeys | undefined> {
  const { object, read } = context;
  const { namespace } = places;
  const stored = storedKeys(read, object, places);
  const standing = keyStanding(stored.present && printsOf(stored.present), object, observed);
  // Always under the name of the first, whatever is ordered: two passes that know of none make no two.
  if (standing === 'new')
    return readKeys(await context.createOnce(newKeySecret(object, namespace, 1, newHostKeys(object))));
  if (standing !== 'ready' || stored.present === undefined) return undefined;
  if (toMake === undefined) return stored.present;
  const next = readKeys(await context.createOnce(newKeySecret(object, namespace, toMake, stored.present)));
  return { ...stored.present, ...(next && { nextPublicKey: next.providerPublicKey }) };
}

export type StoredKeys = {
  /** What is stored, by generation. */
  readonly sets: readonly KeySet[];
  /** Those that the guest was given, with the next of the provider where one is under way. */
  readonly present: FirstBootKeys | undefined;
};

/** The key pairs that are stored for a ManagedVM, wherever they lie. */
export function storedKeys(read: Reader, managedVM: ManagedVM, places: KeyPlaces): StoredKeys {
  const stored = placedKeys(read, managedVM, places).flatMap(placed => {
    return counting(placed, managedVM.status?.keys) ?? [];
  });
  const all = new Map(stored.map(({ generation, keys }) => [generation, keys]));
  const sets = stored.map(({ generation, provider, host }) => ({ generation, provider, host }));
  const generation = presentGeneration(managedVM, [...all.keys()]);
  const present = all.get(generation);
  if (present === undefined) return { sets, present };
  const next = all.get(nextKeySet(managedVM, { generation, ...printsOf(present) }, sets)?.generation ?? 0);
  return { sets, present: { ...present, ...(next && { nextPublicKey: next.providerPublicKey }) } };
}

/** Deletes the Secrets of former generations of the keys. Throws ApiError. */
export async function dropKeys(
  { read, object, deleteChild }: KeyContext,
  places: KeyPlaces,
  generations: readonly number[],
): Promise<readonly Outcome[]> {
  const dropped = placedKeys(read, object, places).filter(({ generation }) => generations.includes(generation));
  const outcomes: Outcome[] = [];
  for (const placed of dropped) {
    const provider = counting(placed, object.status?.keys)?.provider;
    // The one that is to be moved first: alone, it would be moved after all.
    for (const stored of [placed.former, placed.home]) {
      if (stored === undefined || stored.provider !== provider) continue;
      await deleteChild(stored.secret);
      outcomes.push({ child: childOf(stored.secret), action: 'deleted' });
    }
  }
  return outcomes;
}

/** One generation of the keys in one place. */
export type StoredSet = KeySet & { readonly secret: KubeObject; readonly keys: FirstBootKeys };

/** What is stored of each generation, where keys stay and where they are moved from. */
export function placedKeys(
  read: Reader,
  managedVM: ManagedVM,
  { namespace, migrateFrom }: KeyPlaces,
): readonly Placed<StoredSet>[] {
  const homes = setsIn(read, managedVM, namespace);
  const formers = migrateFrom === undefined ? [] : setsIn(read, managedVM, migrateFrom);
  const of = (sets: readonly StoredSet[], generation: number) => sets.find(set => set.generation === generation);
  const generations = new Set([...homes, ...formers].map(({ generation }) => generation));
  return [...generations].map(generation => {
    return { generation, home: of(homes, generation), former: of(formers, generation) };
  });
}

export function childOf({ kind, metadata: { namespace = '', name } }: KubeObject): Outcome['child'] {
  return { kind, namespace, name };
}

function setsIn(read: Reader, managedVM: ManagedVM, namespace: string): readonly StoredSet[] {
  return secretsOf(read, managedVM, namespace).flatMap(({ generation, secret }) => {
    const keys = readKeys(secret);
    return keys === undefined ? [] : [{ generation, secret, keys, ...printsOf(keys) }];
  });
}

type KeySecret = { readonly generation: number; readonly secret: KubeObject };

/** By their names: those that the order and the status speak of, and whatever else bears the label of this ManagedVM, such as restored ones. */
function secretsOf(read: Reader, { metadata: { uid = '' }, ...managedVM }: ManagedVM, namespace: string): KeySecret[] {
  const { keys } = managedVM.status ?? {};
  const known = [1, managedVM.spec.access?.providerKey, keys, keys?.next, ...(keys?.former ?? [])];
  const names = known.map(each => keySecretName(uid, typeof each === 'object' ? each.generation : each));
  const labelled = read
    .byIndex(Secret, OWNER_UID_INDEX, uid)
    .filter(({ metadata }) => metadata.namespace === namespace);
  return [...new Set([...names, ...labelled.map(({ metadata }) => metadata.name)])].flatMap(name => {
    const generation = keyGenerationOf(uid, name);
    const secret = generation === undefined ? undefined : read.get(Secret, { namespace, name });
    return generation === undefined || secret === undefined ? [] : [{ generation, secret }];
  });
}

type HostKeys = Pick<FirstBootKeys, 'hostPrivateKey' | 'hostPublicKey'>;

const nameOf = ({ metadata }: ManagedVM): string => `${metadata.name}.${metadata.namespace}`;

function newHostKeys(managedVM: ManagedVM): HostKeys {
  const pair = generateKeyPair();
  const label = nameOf(managedVM);
  return { hostPrivateKey: privateKeyPEM(pair, label), hostPublicKey: publicKeyLine(pair.publicKey, label) };
}

/** Another pair of the provider, beside the keys of the host, which stay the guest's for good. */
function newKeySecret(managedVM: ManagedVM, namespace: string, generation: number, host: HostKeys): KubeObject {
  const label = `steward@${nameOf(managedVM)}`;
  const provider = generateKeyPair();
  const data = {
    [FIELDS.providerPrivateKey]: privateKeyPEM(provider, label),
    [FIELDS.providerPublicKey]: publicKeyLine(provider.publicKey, label),
    [FIELDS.hostPrivateKey]: host.hostPrivateKey,
    [FIELDS.hostPublicKey]: host.hostPublicKey,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: keySecretName(managedVM.metadata.uid ?? '', generation), namespace },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(
      Object.entries(data).map(([field, text]) => [field, Buffer.from(text).toString('base64')]),
    ),
  };
}

/** A new ed25519 key pair. */
export function generateKeyPair(): Ed25519KeyPair {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') };
}

/** Undefined where a key is missing: half a set opens nothing. */
function readKeys(secret: KubeObject): FirstBootKeys | undefined {
  const { providerPublicKey, hostPrivateKey, hostPublicKey } = readFields(secret);
  if (!providerPublicKey || !hostPrivateKey || !hostPublicKey) return undefined;
  return { providerPublicKey, hostPrivateKey, hostPublicKey };
}

/** What the guest worker opens a guest with; the host's private key is not among it. */
export type WorkerKeys = {
  readonly providerPrivateKey: string;
  readonly providerPublicKey: string;
  readonly hostPublicKey: string;
  readonly prints: KeyPrints;
};

/** The same Secret as {@link storedKeys}, as the guest worker reads it. Undefined where a key is missing. */
export function readWorkerKeys(secret: unknown): WorkerKeys | undefined {
  const { providerPrivateKey, providerPublicKey, hostPublicKey } = readFields(secret);
  if (!providerPrivateKey || !providerPublicKey || !hostPublicKey) return undefined;
  const prints = printsOf({ providerPublicKey, hostPublicKey });
  return { providerPrivateKey, providerPublicKey, hostPublicKey, prints };
}

function readFields(secret: unknown): Partial<Record<keyof typeof FIELDS, string>> {
  const data = textMapAt(secret, 'data');
  const decoded = Object.entries(FIELDS).map(([name, field]) => [
    name,
    Buffer.from(data[field] ?? '', 'base64').toString('utf8'),
  ]);
  return Object.fromEntries(decoded);
}
