import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../../src/runtime/api/clock.ts';
import { type Case, endOf, type FaultClass, namesOf, type Outcome } from '../cases.ts';
import { act, OPERATIONS, prepare } from '../lives.ts';
import { casesOfPair, underTwo } from '../operator/replicas.ts';
import type { FaultRun, Running } from '../run.ts';
import { stoppedLeaders } from './stopped.ts';

/** Less than half of the real ones. */
const TIMES = { durationMs: 6000, renewDeadlineMs: 4000, retryMs: 500 };
const HOUR_MS = 3_600_000;

type Replica = Running & { readonly clock: ShiftedClock };
type LeaderFault = {
  readonly what: string;
  /** Offset of the standby's wall clock. */
  readonly skewMs?: number;
  /** Happens to the leader, right before the operations are asked for. */
  readonly happens: (leader: Replica, run: FaultRun, lease: string) => Promise<void>;
  /** Whether the leader may go on writing. */
  readonly keeps?: boolean;
};

const faults: readonly LeaderFault[] = [
  {
    what: 'the leader is suspended past its deadline, and goes on before its timers do',
    happens: async ({ clock }) => clock.suspend(HOUR_MS),
  },
  {
    what: 'its event loop stands still past its deadline',
    happens: async ({ steward }) => {
      const end = performance.now() + TIMES.renewDeadlineMs + 500;
      while (performance.now() < end);
      if (steward.leading()) throw new Error('it takes itself for the leader after its deadline');
    },
  },
  {
    what: 'the Lease is stolen',
    happens: async (_leader, run, lease) => {
      await run.bed.client.patch('merge', pathOfLease(lease), { spec: { holderIdentity: 'thief' } });
      await sleep(TIMES.renewDeadlineMs + 500);
    },
  },
  {
    what: 'the Lease is deleted',
    keeps: true,
    happens: async (_leader, run, lease) => {
      await run.bed.client.delete(pathOfLease(lease));
    },
  },
  { what: "the standby's clock is an hour ahead, and the leader ends", skewMs: HOUR_MS, happens: stop },
  { what: "the standby's clock is an hour behind, and the leader ends", skewMs: -HOUR_MS, happens: stop },
  { what: "the standby's clock is an hour ahead, and nothing happens", skewMs: HOUR_MS, keeps: true, happens: nothing },
  {
    what: "the standby's clock is an hour behind, and nothing happens",
    skewMs: -HOUR_MS,
    keeps: true,
    happens: nothing,
  },
];

async function stop({ steward }: Replica): Promise<void> {
  await steward.stop();
}

async function nothing(): Promise<void> {}

/** Two replicas: whatever happens to the one that leads, it writes nothing after its time, and the work is done. */
export const leader: FaultClass = {
  id: 8,
  title: 'two replicas: stopped, killed, suspended, blocked, Lease deleted or stolen, clocks apart',
  names: () => [
    ...faults.flatMap(fault => namesOf(casesOf(fault))),
    ...stoppedLeaders.flatMap(fault => namesOf(casesOfPair(fault, OPERATIONS))),
  ],
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    // The first is the one that no luck with timing hides.
    const sampled = run.quick ? [...faults.slice(0, 1), ...run.random.sample(faults.slice(1), 1)] : faults;
    for (const [index, fault] of sampled.entries()) {
      const mine = casesOf(fault).filter(({ name }) => only(name));
      const chosen = run.chosen(mine, 3);
      if (chosen.length === 0) continue;
      const began = performance.now();
      outcomes.push(...(await change(run, fault, chosen, `faults-${index}`)));
      run.progress(`${chosen.length} cases in ${((performance.now() - began) / 1000).toFixed(1)} s: ${fault.what}`);
    }
    for (const fault of run.chosen(stoppedLeaders, 1)) {
      const mine = casesOfPair(fault, OPERATIONS).filter(({ name }) => only(name));
      outcomes.push(...(await underTwo(run, fault, run.chosen(mine, 4))));
    }
    return outcomes;
  },
};

function casesOf({ what }: LeaderFault): Case[] {
  return OPERATIONS.map(operation => ({ operation, name: `${operation}, ${what}` }));
}

async function change(run: FaultRun, fault: LeaderFault, cases: readonly Case[], lease: string): Promise<Outcome[]> {
  const scopes = await run.scopes(cases.length);
  const each = cases.map((one, index) => ({ one, scope: scopes[index] ?? '' }));
  for (const { one, scope } of each) run.label(scope, one.name);
  const first = await replica(run, lease, 'first');
  await run.until('the first leads', () => first.steward.leading());
  const second = await replica(run, lease, 'second', fault.skewMs);
  await Promise.all(each.map(({ one, scope }) => prepare(run.bed.client, one.operation, scope)));
  await run.converge(new Map(each.map(({ one, scope }) => [scope, run.reference(one.operation).baseline])));
  await run.still(first, 300);
  await fault.happens(first, run, lease);
  const over = performance.now();
  await Promise.all(each.map(({ one, scope }) => act(run.bed.client, one.operation, scope)));
  const wrong = await run.converge(new Map(each.map(({ one, scope }) => [scope, endOf(run, one)])));
  const failures: string[] = [];
  if (fault.keeps !== true && first.interception.lastSentAt > over)
    failures.push('the former leader wrote after its time');
  if (fault.keeps === true && second.interception.lastSentAt > 0) failures.push('a replica wrote that did not lead');
  first.clock.resume();
  await Promise.all([first.steward.stop(), second.steward.stop()]);
  await run.bed.client.delete(pathOfLease(lease)).catch(() => undefined);
  return each.map(({ one: { name }, scope }) => {
    const failure = [...failures, ...(wrong.has(scope) ? [`in ${scope}: ${wrong.get(scope)}`] : [])].join('; ');
    return failure === '' ? { name } : { name, failure };
  });
}

async function replica(run: FaultRun, name: string, identity: string, skewMs = 0): Promise<Replica> {
  const clock = new ShiftedClock(skewMs);
  const lease = { namespace: 'default', name, identity, ...TIMES };
  return { ...(await run.start({ lease, clock })), clock };
}

function pathOfLease(name: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`;
}

/** A wall clock that is wrong, and a machine that can be suspended: time has passed, and no timer has fired yet. */
class ShiftedClock implements Clock {
  readonly #skewMs: number;
  #lostMs = 0;
  #suspended: PromiseWithResolvers<void> | undefined;

  constructor(skewMs: number) {
    this.#skewMs = skewMs;
  }

  now(): Date {
    return new Date(Date.now() + this.#skewMs);
  }

  monotonic(): number {
    return performance.now() + this.#lostMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.sleep(ms, signal);
    await this.#suspended?.promise;
  }

  suspend(forMs: number): void {
    this.#lostMs += forMs;
    this.#suspended = Promise.withResolvers();
  }

  resume(): void {
    this.#suspended?.resolve();
    this.#suspended = undefined;
  }
}
