import { setTimeout as sleep } from 'node:timers/promises';
import type { CallAnswer } from '../../../src/runtime/http/exchange.ts';
import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import { atMost } from '../checks.ts';
import { percentile } from '../report/statistics.ts';
import { fleetNames, orderOf } from '../workload.ts';
import { answer } from './playedserver.ts';
import { playSteward } from './playedsteward.ts';
import type { ScaleRow } from './row.ts';

const COUNT = 50_000;
/** Of edits, and of new orders. */
const SAMPLES = 100;
const PAUSE_MS = 200;
/** Who has not been retried by then has waited at least so long. */
const LIMIT_MS = 30_000;
const ORDER = /\/managedvms\/([^/?]+)/;

export const retry: ScaleRow = {
  id: 'retry',
  figure: "edit's retry while 50 000 fail",
  before: 'minutes',
  goal: 'p99 ≤ 1 s',
  how: 'all controllers in this process, whose writes of 50 000 orders a played API server answers with 503; from the failure of what a person has edited, or ordered, to its retry',
  async measure(say) {
    const failing = new Failing();
    const orders = fleetNames(COUNT).map(orderOf);
    const steward = await playSteward(failing.refuse, orders);
    await failing.all(COUNT);
    say(`${COUNT} orders have failed`);
    const every = Math.floor(COUNT / SAMPLES);
    const edited = orders.filter((_, index) => index % every === 0);
    const latenciesMs = async (touch: (index: number) => { order: ReturnType<typeof orderOf> }) => {
      const names: string[] = [];
      for (let index = 0; index < SAMPLES; index += 1) {
        const { order } = touch(index);
        const { name } = order.metadata;
        names.push(name);
        failing.watch(name);
        steward.order([order]);
        await sleep(PAUSE_MS);
      }
      return failing.latencies(names);
    };
    const edits = await latenciesMs(index => {
      const order = edited[index] ?? orderOf('');
      return { order: { ...order, spec: { ...order.spec, sizing: { cpu: 3 } } } };
    });
    const added = await latenciesMs(index => ({ order: orderOf(`ordered-${index}`) }));
    await steward.stop();
    const [edit, order] = [edits, added].map(each => Math.round(percentile(each, 0.99)));
    return {
      seen: `p99 ${edit} ms of ${edits.length} edits, ${order} ms of ${added.length} new orders`,
      checks: [
        atMost("p99 of milliseconds from an edit's failure to its retry", edit ?? LIMIT_MS, 1000),
        atMost("p99 of milliseconds from a new order's failure to its retry", order ?? LIMIT_MS, 1000),
      ],
    };
  },
};

/** Writes of orders fail; what is watched fails once. */
class Failing {
  readonly #failed = new Set<string>();
  readonly #failedAt = new Map<string, number | undefined>();
  readonly #latencies = new Map<string, number>();

  readonly refuse = ({ path }: CallInfo): CallAnswer | undefined => {
    const name = ORDER.exec(path)?.[1];
    if (name === undefined || this.#latencies.has(name)) return undefined;
    const now = performance.now();
    const failedAt = this.#failedAt.get(name);
    if (failedAt !== undefined) {
      this.#latencies.set(name, now - failedAt);
      return undefined;
    }
    if (this.#failedAt.has(name)) this.#failedAt.set(name, now);
    this.#failed.add(name);
    return answer(503, { reason: 'ServiceUnavailable', code: 503, message: 'played' });
  };

  /** Its next failure is that of an edit. */
  watch(name: string): void {
    this.#failedAt.set(name, undefined);
  }

  async all(count: number): Promise<void> {
    while (this.#failed.size < count) await sleep(100);
  }

  /** Waits for those that have not been retried. */
  async latencies(names: readonly string[]): Promise<number[]> {
    const until = performance.now() + LIMIT_MS;
    while (names.some(name => !this.#latencies.has(name)) && performance.now() < until) await sleep(100);
    return names.map(name => this.#latencies.get(name) ?? LIMIT_MS);
  }
}
