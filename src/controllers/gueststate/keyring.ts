import type { KeyPrints } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { keySecretName } from '../../domain/contract/child.ts';
import { printsOf } from '../../domain/machine/guestkeys.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import { pathOf } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { readWorkerKeys, type WorkerKeys } from '../managedvm/keys.ts';

/** The keys to a guest, or why none of them opens it. */
export type KeysFound =
  | { readonly kind: 'Ready'; readonly keys: WorkerKeys }
  /** The guest has not been given any yet, or what it was given is lost. */
  | { readonly kind: 'KeysMissing' }
  /** What is stored is not what the guest was given: it is not tried. */
  | { readonly kind: 'KeysDiffer' };

/** The key pairs of the VMs, each read by a GET of its name and kept in memory. None is ever listed. */
export class Keyring {
  readonly #transport: Transport;
  readonly #namespace: string;
  readonly #known = new Map<string, WorkerKeys>();

  constructor(transport: Transport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  /** The keys of a ManagedVM that fit `given`, the fingerprints of those that its guest was given. Throws ApiError. */
  async keysOf(uid: string, given: KeyPrints | undefined): Promise<KeysFound> {
    if (given === undefined) return { kind: 'KeysMissing' };
    const known = this.#known.get(uid);
    if (known !== undefined && fits(known, given)) return { kind: 'Ready', keys: known };
    const keys = await this.#read(uid);
    if (keys === undefined) return { kind: 'KeysMissing' };
    if (!fits(keys, given)) return { kind: 'KeysDiffer' };
    this.#known.set(uid, keys);
    return { kind: 'Ready', keys };
  }

  /** They did not open the guest, or it is gone: the next time they are read anew. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }

  async #read(uid: string): Promise<WorkerKeys | undefined> {
    const path = pathOf(Secret, { namespace: this.#namespace, name: keySecretName(uid) });
    try {
      const { value } = await this.#transport.call({ method: 'GET', path });
      return readWorkerKeys(value);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function fits(keys: WorkerKeys, given: KeyPrints): boolean {
  const { provider, host } = printsOf(keys);
  return provider === given.provider && host === given.host;
}
