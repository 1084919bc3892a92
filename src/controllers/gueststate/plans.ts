import type { ManagedVM } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { type ApplicationPlan, planSecretName, unsealed } from '../../domain/contract/applicationplan.ts';
import { textMapAt } from '../../domain/contract/json.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached } from '../../runtime/http/uncached.ts';

/** What applications want in guests, each plan read by a GET of its name and kept in memory. None is ever listed. */
export class Plans {
  readonly #transport: Transport;
  readonly #namespace: string;
  /** By UID of the ManagedVM, then by revision. */
  readonly #known = new Map<string, ReadonlyMap<string, ApplicationPlan>>();

  constructor(transport: Transport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  /** The plans that the status of a ManagedVM names by their hashes. One that is not stored, or stored otherwise, is left out. Throws ApiError. */
  async plansOf({ metadata: { uid = '' }, status }: ManagedVM): Promise<readonly ApplicationPlan[]> {
    const named = status?.applications ?? [];
    const before = this.#known.get(uid);
    const read = named.map(async ({ uid: application, revision }) => {
      const plan = before?.get(revision) ?? unsealed(await this.#stored(application), revision);
      return plan?.uid === application ? [[revision, plan] as const] : [];
    });
    const known = new Map((await Promise.all(read)).flat());
    if (known.size === 0) this.#known.delete(uid);
    else this.#known.set(uid, known);
    return [...known.values()];
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }

  async #stored(application: string): Promise<string> {
    const key = { namespace: this.#namespace, name: planSecretName(application) };
    const secret = await getUncached(this.#transport, Secret, key);
    return Buffer.from(textMapAt(secret, 'data').plan ?? '', 'base64').toString('utf8');
  }
}
