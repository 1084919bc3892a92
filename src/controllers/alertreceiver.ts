import { isDeepStrictEqual } from 'node:util';
import { numberAt, textAt, timeAt } from '../domain/contract/json.ts';
import {
  type Heard,
  heardAgain,
  RECEIVER_LEASE,
  type Reception,
  type Renewal,
  receptionOf,
  unreadableReception,
} from '../domain/incident/reception.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { messageOf } from '../runtime/http/exchange.ts';
import { LEASE } from '../runtime/leader/lease.ts';
import type { PolledSource } from '../runtime/pass/controller.ts';
import type { Settings } from './settings.ts';

const EVERY_MS = 15_000;

/** The receiver of alerts, as far as its Lease tells whether it works. */
export type AlertReceiver = {
  readonly reception: () => Reception;
  /** Names the objects to which it matters when it falls silent, or speaks again; one for each controller. */
  source<T extends KubeObject>(concerns: (object: T) => boolean): PolledSource<T>;
};

/** Only in memory: who starts anew looks anew. */
export function alertReceiverOf({ namespace }: Pick<Settings, 'namespace'>): AlertReceiver {
  let heard: Heard | undefined;
  let reception: Reception = { state: 'undecided' };
  return {
    reception: () => reception,
    source: concerns => {
      let told: Reception = { state: 'undecided' };
      return {
        ...{ name: 'receiver of alerts', everyMs: EVERY_MS },
        ask: async (now, _, asked) => {
          // It is renewed too often to be watched.
          const renewal = await asked
            .list(LEASE, namespace)
            .then(renewalIn, (error: unknown) => new Error(messageOf(error)));
          const monotonic = asked.monotonic();
          if (!(renewal instanceof Error)) heard = heardAgain(heard, renewal, { now, monotonic });
          const found = receptionOf(heard, namespace, monotonic);
          reception =
            renewal instanceof Error && found.state === 'silent' ? unreadableReception(renewal.message) : found;
          const before = told;
          told = reception;
          return isDeepStrictEqual(before, told) ? () => false : concerns;
        },
      };
    },
  };
}

function renewalIn(leases: readonly KubeObject[]): Renewal | undefined {
  const lease = leases.find(({ metadata }) => metadata.name === RECEIVER_LEASE);
  if (lease === undefined) return undefined;
  const { uid = '' } = lease.metadata;
  const at = timeAt(lease, 'spec', 'renewTime');
  const written = [uid, textAt(lease, 'spec', 'holderIdentity'), textAt(lease, 'spec', 'renewTime')].join(' ');
  return { written, at, heldMs: 1000 * Math.max(0, numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 0) };
}
