import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { shardOf } from '../../domain/contract/shard.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import { LeapingClock, leaping } from '../../runtime/api/leapingclock.fixtures.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { CallRequest, Transport } from '../../runtime/http/transport.ts';
import { Shards } from './shards.ts';

const COUNT = 4;
const MINUTE = 60_000;
/** A namespace in each shard. */
const NAMESPACES = Array.from({ length: COUNT }, (_, shard) => {
  for (let index = 0; ; index += 1) if (shardOf(`tenant-${index}`, COUNT) === shard) return `tenant-${index}`;
});

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** The API server's part, played: Leases with versions, a conflict for who writes over a newer one, and no watch. */
function playedLeases() {
  let asks = 0;
  const leases = new Map<string, KubeObject>();
  let version = 0;
  const call = async ({ method, path, body }: CallRequest) => {
    const sent = body === undefined ? undefined : (JSON.parse(body) as KubeObject);
    const name = sent?.metadata.name ?? path.split('/').at(-1) ?? '';
    const known = leases.get(name);
    if (method === 'POST' && known !== undefined) throw new ApiError(409, 'AlreadyExists', 'there is one');
    if (method !== 'POST' && known === undefined) throw new ApiError(404, 'NotFound', 'there is none');
    if (sent === undefined) return { status: 200, value: known };
    if (method === 'PUT' && sent.metadata.resourceVersion !== known?.metadata.resourceVersion)
      throw new ApiError(409, 'Conflict', 'there is a newer one');
    version += 1;
    const value = { ...sent, metadata: { ...sent.metadata, uid: name, resourceVersion: `${version}` } };
    const asked = (lease?: KubeObject) => Object.keys(lease?.metadata.annotations ?? {}).length;
    if (asked(value) > asked(known)) asks += 1;
    leases.set(name, value);
    return { status: 200, value };
  };
  const stream = async () => {
    throw new ApiError(403, 'Forbidden', 'no watch');
  };
  return { transport: { call, stream } as unknown as Transport, writes: () => ({ asks }) };
}

/** Workers on one clock. */
function workers() {
  const clock = new LeapingClock();
  const { transport, writes } = playedLeases();
  const all: Shards[] = [];
  const ends = new Map<Shards, AbortController>();
  const begin = (identity: string, workedIn: () => readonly string[] = () => []): Shards => {
    const stop = new AbortController();
    stops.push(stop);
    const log = pino({ enabled: false });
    const shards = new Shards({ count: COUNT, namespace: 'n', identity, transport, clock, log, random: () => 0 });
    shards.start(stop.signal);
    all.push(shards);
    ends.set(shards, stop);
    const share = async () => {
      while (!stop.signal.aborted) {
        await shards.shareOut(workedIn);
        await clock.sleep(5_000, stop.signal);
      }
    };
    void share();
    return shards;
  };
  /** Lets time pass, and looks each second whether two may write to one shard. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await leaping(clock, clock.sleep(1_000));
      for (const namespace of NAMESPACES) expect(all.filter(each => each.holds(namespace)).length).toBeLessThan(2);
    }
  };
  return {
    begin,
    pass,
    writes,
    end: (shards: Shards) => ends.get(shards)?.abort(),
    held: () => all.map(({ held }) => held),
  };
}

describe('shards', () => {
  it('are shared out anew when a worker joins late, and one that is alone keeps all', async () => {
    const { begin, pass, held, writes } = workers();
    begin('one');
    await pass(MINUTE);
    expect(held()).toEqual([4]);
    begin('two');
    await pass(4 * MINUTE);
    expect(held()).toEqual([2, 2]);
    const told = writes();
    await pass(20 * MINUTE);
    expect([held(), writes().asks]).toEqual([[2, 2], told.asks]);
  });

  it('that somebody asked for who is gone come back to their holder, once', async () => {
    const { begin, pass, held, end, writes } = workers();
    begin('one');
    await pass(MINUTE);
    const two = begin('two');
    // It asks, and is gone before it is given anything.
    while (writes().asks === 0) await pass(1_000);
    end(two);
    await pass(4 * MINUTE);
    expect(held()[0]).toBe(4);
    expect(writes().asks).toBe(1);
  });

  it('in whose guests the worker works are not given back, until it is done there', async () => {
    const { begin, pass, held } = workers();
    let workedIn = NAMESPACES;
    const one = begin('one', () => workedIn);
    await pass(MINUTE);
    begin('two');
    await pass(4 * MINUTE);
    expect(held()).toEqual([4, 0]);
    expect(NAMESPACES.every(namespace => one.holds(namespace))).toBe(true);
    workedIn = [];
    await pass(3 * MINUTE);
    expect(held()).toEqual([2, 2]);
  });

  it('that are taken are told to each controller once, and those that were taken before it asked', async () => {
    const { begin, pass } = workers();
    const one = begin('one');
    const [early, other] = [one.source(), one.source()];
    const told = async (source: typeof early) => {
      const concerns = await source.ask(new Date(0), AbortSignal.abort(), {} as never);
      return NAMESPACES.filter(namespace => concerns({ metadata: { name: 'vm', namespace } } as KubeObject));
    };
    await pass(MINUTE);
    expect(await told(early)).toEqual(NAMESPACES);
    expect(await told(early)).toEqual([]);
    expect(await told(other)).toEqual(NAMESPACES);
  });
});
