import type { Logger } from 'pino';
import { FINAL_PHASES, patchRun } from '../../api/patchrun.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { keyOf, keyString, type ObjectKey } from '../../runtime/api/object.ts';
import { Reflector } from '../../runtime/cache/reflector.ts';
import { Scope } from '../../runtime/cache/scope.ts';
import { Store } from '../../runtime/cache/store.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import type { Run } from './store.ts';

export type OpenRunsSettings = {
  readonly policyUid: string;
  /** Where runs may be; none: anywhere. */
  readonly namespaces: readonly string[];
  /** Which of them are held: those of other shards are passed over. */
  readonly isOurs: (run: Run) => boolean;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * The runs of a policy that have no verdict yet, as one watch tells them and as our own writes leave them: however many guests there are, nobody
 * asks for them. Those that have their verdict stay for months in the cluster, and are none of it.
 */
export class OpenRuns {
  readonly #watched: readonly { readonly namespace: string; readonly store: Store; readonly reflector: Reflector }[];
  #changed = () => {};

  constructor({ policyUid, namespaces, isOurs, ...parts }: OpenRunsSettings) {
    const open = FINAL_PHASES.map(phase => `status.phase!=${phase}`);
    const fieldSelector = [`spec.policy.uid=${policyUid}`, ...open].join();
    const scope = new Scope('', run => isOurs(run as Run));
    const common = { kind: patchRun, fieldSelector, scope, onChange: () => this.#changed(), ...parts };
    this.#watched = (namespaces.length === 0 ? [''] : namespaces).map(namespace => {
      const store = new Store();
      return { namespace, store, reflector: new Reflector({ namespace, store, ...common }) };
    });
  }

  /** Watches until `signal` aborts. Resolves when all is known that there is; throws ApiError where the API server refuses to tell it. */
  async start(signal: AbortSignal): Promise<void> {
    const known = new Promise<void>((resolve, reject) => {
      this.#changed = () => {
        const refused = this.#watched.find(({ reflector }) => reflector.refusal !== undefined);
        if (refused !== undefined) reject(refused.reflector.refusal);
        else if (this.#watched.every(({ reflector }) => reflector.synced)) resolve();
      };
      signal.addEventListener('abort', () => resolve());
    });
    for (const { reflector } of this.#watched) void reflector.run(signal);
    await known;
  }

  get all(): readonly Run[] {
    return this.#watched.flatMap(({ store }) => [...store.values()] as Run[]);
  }

  /** The run as it was last told or written; undefined where it has its verdict, or is gone. */
  get(key: ObjectKey): Run | undefined {
    return this.#storeOf(key)?.get(keyString(key)) as Run | undefined;
  }

  /** Our own write, before the watch tells of it. */
  wrote(run: Run): void {
    this.#storeOf(keyOf(run))?.wrote(run, undefined, true);
  }

  #storeOf({ namespace }: ObjectKey): Store | undefined {
    return this.#watched.find(each => each.namespace === '' || each.namespace === namespace)?.store;
  }
}
