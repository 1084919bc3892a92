import type { Logger } from 'pino';
import type { Incident } from '../../api/incident.ts';
import { isFiring } from '../../domain/incident/timeline.ts';
import { isUnproven } from '../../domain/intake/doubt.ts';
import { isClosed } from '../../domain/intake/merging.ts';
import { readActive } from '../../domain/intake/pointer.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { type Asked, askJSON } from '../askprometheus.ts';
import type { Desk } from './desk.ts';
import type { Doubts } from './doubts.ts';
import type { Intake } from './intake.ts';
import type { Stock } from './stock.ts';

export type ReconciliationParts = {
  readonly stock: Stock;
  readonly desk: Desk;
  readonly intake: Intake;
  readonly doubts: Doubts;
  readonly alertmanager: Asked | undefined;
  readonly names: readonly string[];
  readonly everyMs: number;
  /** Says that alerts are heard: told after each round in which everything was compared. */
  readonly onCompared: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Alerts and incidents that are looked at together. */
const AT_ONCE = 2_000;

/**
 * What the webhook may have lost: alerts that Alertmanager holds open what is missing; what no rule holds any more, in two rounds one after the other, is over. Prometheus
 * holds nothing for a moment after its start, so once is not enough.
 */
export class Reconciliation {
  readonly #parts: ReconciliationParts;
  /** UIDs of incidents that no rule held in the last round. */
  #overBefore: ReadonlySet<string> = new Set();
  reconciledAt: Date | undefined;

  constructor(parts: ReconciliationParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs, stock, log } = this.#parts;
    while (!signal.aborted) {
      if (stock.isKnown()) {
        const [told, swept] = await Promise.allSettled([this.#tell(signal), this.#sweep(signal)]);
        for (const done of [told, swept])
          if (done.status === 'rejected' && !signal.aborted)
            log.error({ error: messageOf(done.reason) }, 'not compared with Alertmanager and Prometheus');
        if (told.status === 'fulfilled' && swept.status === 'fulfilled') await this.#compared(signal);
      }
      await clock.sleep(everyMs, signal);
    }
  }

  async #compared(signal: AbortSignal): Promise<void> {
    const { clock, onCompared, log } = this.#parts;
    this.reconciledAt = clock.now();
    await onCompared().catch((error: unknown) => {
      if (!signal.aborted) log.error({ error: messageOf(error) }, 'the operator cannot be told that alerts are heard');
    });
  }

  /** Alertmanager's filter: what somebody has silenced, or another alert inhibits, it has told nobody either. */
  async #tell(signal: AbortSignal): Promise<void> {
    const { alertmanager, names, desk } = this.#parts;
    if (alertmanager === undefined) return;
    const filter = [
      ['active', 'true'],
      ['silenced', 'false'],
      ['inhibited', 'false'],
      ['unprocessed', 'false'],
      ['filter', `alertname=~"${names.join('|')}"`],
    ] as const;
    const read = readActive(await askJSON(alertmanager, '/api/v2/alerts', filter, signal));
    if (read === undefined) throw new Error('Alertmanager does not answer with a list of alerts');
    for (const those of inParts(read.pointers, AT_ONCE)) await desk.submit(those);
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { stock, intake, doubts } = this.#parts;
    const firing = stock
      .incidents()
      .filter(each => !isClosed(each) && !isUnproven(each) && isFiring(each.spec) === true);
    const over = new Set<string>();
    const isOver = ({ metadata }: Incident) => {
      over.add(metadata.uid ?? '');
      return this.#overBefore.has(metadata.uid ?? '');
    };
    for (const those of inParts(firing, AT_ONCE)) await intake.sweep(those, isOver, signal);
    this.#overBefore = over;
    await doubts.settle();
  }
}

function* inParts<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
