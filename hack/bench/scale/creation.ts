import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import { atMost } from '../checks.ts';
import { fleetNames, orderOf } from '../workload.ts';
import { type PlayedSteward, playSteward } from './playedsteward.ts';
import type { ScaleRow } from './row.ts';

const COUNT = 50_000;
/** What is created at once, and measured by itself. */
const QUARTER = COUNT / 4;
/** Until V8 has compiled what is run again and again. */
const WARM_UP = 2_500;

/**
 * The first quarter of the orders costs a(N/4) + b(N/4)²/2, the last one as much and 3bN²/16 on top, where a is what an order costs by itself
 * and b what it costs for each that is there: so bN²/2, what grows with the square, is 8/3 of the difference.
 */
const SQUARE_PER_DIFFERENCE = 8 / 3;

export const creation: ScaleRow = {
  id: 'creation',
  figure: 'creation of 50 000 objects in one namespace',
  before: 'quadratic part 10 s CPU',
  goal: 'linear',
  how: 'all controllers in this process, whose writes are answered in it by a played API server; CPU of the process',
  async measure(say) {
    const created = new Creation();
    const steward = await playSteward(created.watch);
    await created.run(steward, 'warm-up', WARM_UP);
    const quarters: number[] = [];
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const seconds = await created.run(steward, `quarter-${quarter}`, QUARTER);
      say(`quarter ${quarter}: ${seconds.toFixed(1)} s CPU`);
      quarters.push(seconds);
    }
    await steward.stop();
    const [first = 0, , , last = 0] = quarters;
    const square = Math.max(0, last - first) * SQUARE_PER_DIFFERENCE;
    const ratio = rounded(last / first);
    return {
      seen: `quarters of ${quarters.map(seconds => seconds.toFixed(1)).join(', ')} s CPU: the last costs ${ratio} × the first, at most ${square.toFixed(1)} s grow with the square`,
      checks: [atMost('CPU of the last 12 500 ÷ that of the first', ratio, 1.1)],
    };
  },
};

/** Orders that are under way at once. */
const BATCH = 500;
const STATUS = /\/managedvms\/([^/]+)\/status/;

/** Creates ManagedVMs, and is told when each has its first status. */
class Creation {
  readonly #waiting = new Set<string>();
  #batchDone = () => {};

  /** Sees every write, and refuses none. */
  readonly watch = ({ method, path }: CallInfo): undefined => {
    const name = method === 'PUT' ? STATUS.exec(path)?.[1] : undefined;
    if (name !== undefined && this.#waiting.delete(name) && this.#waiting.size === 0) this.#batchDone();
  };

  /** CPU seconds until nothing is left to do. */
  async run(steward: PlayedSteward, prefix: string, count: number): Promise<number> {
    const before = process.cpuUsage();
    const names = fleetNames(count).map(name => `${prefix}-${name}`);
    for (let at = 0; at < count; at += BATCH) {
      const batch = names.slice(at, at + BATCH);
      const done = Promise.withResolvers<void>();
      this.#batchDone = done.resolve;
      for (const name of batch) this.#waiting.add(name);
      steward.order(batch.map(orderOf));
      await done.promise;
    }
    await steward.idle();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  }
}

const rounded = (value: number) => Math.round(value * 100) / 100;
