import type { GivenKeys } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { keySecretName } from '../../domain/contract/child.ts';
import type { ProviderKeys } from '../../domain/guest/providerkeys.ts';
import { type KeyPlaces, keyNamespaces } from '../../domain/machine/keymove.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached } from '../../runtime/http/uncached.ts';
import { readWorkerKeys, type WorkerKeys } from '../managedvm/keys.ts';

/** The keys to a guest, or why none of them opens it. */
export type KeysFound =
  | { readonly kind: 'Ready'; readonly keys: ProviderKeys<WorkerKeys> }
  /** The guest has not been given any yet, or what it was given is lost. */
  | { readonly kind: 'KeysMissing' }
  /** What is stored is not what the guest was given: it is not tried. */
  | { readonly kind: 'KeysDiffer' };

/** A generation of the provider's key, and how it is known. */
type Wanted = { readonly generation: number; readonly provider: string };

/** The key pairs of the VMs, each read by a GET of its name and kept in memory. None is ever listed. */
export class Keyring {
  readonly #transport: Transport;
  readonly #namespaces: readonly string[];
  /** By UID of the ManagedVM, then by fingerprint of the provider's key. */
  readonly #known = new Map<string, ReadonlyMap<string, WorkerKeys>>();

  constructor(transport: Transport, places: KeyPlaces) {
    this.#transport = transport;
    this.#namespaces = keyNamespaces(places);
  }

  /**
   * The keys of a ManagedVM that fit `given`, the fingerprints of those that its guest was given. A next or a former one that does not fit, or
   * is not there, is left out. Throws ApiError.
   */
  async keysOf(uid: string, given: GivenKeys | undefined): Promise<KeysFound> {
    if (given === undefined) return { kind: 'KeysMissing' };
    const { host, next, former = [], ...first } = given;
    const inUse = { generation: first.generation ?? 1, provider: first.provider };
    const before = this.#known.get(uid);
    const known = new Map<string, WorkerKeys>();
    const read = async (wanted: Wanted): Promise<WorkerKeys | 'differ' | undefined> => {
      const kept = before?.get(wanted.provider);
      const keys = kept === undefined ? await this.#stored(uid, wanted, host) : ofGuest(kept, wanted, host);
      if (keys !== undefined && keys !== 'differ') known.set(wanted.provider, keys);
      return keys;
    };
    const present = await read(inUse);
    if (present === undefined) return { kind: 'KeysMissing' };
    if (present === 'differ') return { kind: 'KeysDiffer' };
    const fitting = async (wanted: Wanted) => {
      const keys = await read(wanted);
      return keys === undefined || keys === 'differ' ? [] : [keys];
    };
    const [following] = next === undefined ? [] : await fitting(next);
    const others = (await Promise.all(former.map(fitting))).flat();
    // Those that are not asked for any more are forgotten.
    this.#known.set(uid, known);
    return { kind: 'Ready', keys: { present, next: following, former: others } };
  }

  /** They did not open the guest, or it is gone: the next time they are read anew. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }

  /** Those of a generation that have these fingerprints, wherever they lie. */
  async #stored(uid: string, wanted: Wanted, host: string): Promise<WorkerKeys | 'differ' | undefined> {
    let found: 'differ' | undefined;
    for (const namespace of this.#namespaces) {
      const read = await this.#read(namespace, uid, wanted.generation);
      const keys = read && ofGuest(read, wanted, host);
      if (keys === undefined) continue;
      if (keys !== 'differ') return keys;
      found = keys;
    }
    return found;
  }

  async #read(namespace: string, uid: string, generation: number): Promise<WorkerKeys | undefined> {
    const secret = await getUncached(this.#transport, Secret, { namespace, name: keySecretName(uid, generation) });
    return secret === undefined ? undefined : readWorkerKeys(secret);
  }
}

function ofGuest(keys: WorkerKeys, { provider }: Wanted, host: string): WorkerKeys | 'differ' {
  return keys.prints.provider === provider && keys.prints.host === host ? keys : 'differ';
}
