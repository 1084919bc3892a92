import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import type { KubeObject } from '../api/object.ts';
import { createReader } from '../cache/reader.ts';
import type { Asked, PolledSource } from './controller.ts';
import { keepAsking } from './polling.ts';

const object = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Widget',
  metadata: { name, namespace: 'a' },
});
/** What these sources do not look at. */
const asked: Asked = {
  read: createReader('test', new Map()),
  list: async () => [],
  listAll: async () => [],
  monotonic: () => 0,
};
const everyone = () => true;
const nobody = () => false;

/** A source whose answers a test gives one by one. */
function asking(...answers: readonly (() => (object: KubeObject) => boolean)[]) {
  const clock = new ManualClock();
  const ending = new AbortController();
  const times: number[] = [];
  const keys: string[] = [];
  const source: PolledSource<KubeObject> = {
    name: 'test',
    everyMs: 1000,
    ask: async now => {
      times.push(now.getTime() - Date.parse('2026-01-01T00:00:00Z'));
      return (answers[times.length - 1] ?? (() => nobody))();
    },
  };
  const ended = keepAsking(source, {
    objects: () => [object('x'), object('y')],
    asked,
    enqueue: key => keys.push(key),
    clock,
    log: pino({ level: 'silent' }),
    signal: ending.signal,
  });
  return { clock, ending, asked: times, keys, ended };
}

describe('a polled source', () => {
  it('is asked at once and then each time the interval is over', async () => {
    const { clock, asked, ending, ended } = asking();
    await clock.advance(0);
    await clock.advance(2500);
    expect(asked).toEqual([0, 1000, 2000]);
    ending.abort();
    await ended;
  });

  it('brings up just the objects that its answer concerns', async () => {
    const { clock, keys, ending, ended } = asking(
      () => everyone,
      () => nobody,
      () =>
        ({ metadata }) =>
          metadata.name === 'y',
    );
    await clock.advance(0);
    expect(keys).toEqual(['a/x', 'a/y']);
    await clock.advance(1000);
    expect(keys).toEqual(['a/x', 'a/y']);
    await clock.advance(1000);
    expect(keys).toEqual(['a/x', 'a/y', 'a/y']);
    ending.abort();
    await ended;
  });

  it('that throws concerns nobody and is asked again', async () => {
    const { clock, keys, asked, ending, ended } = asking(
      () => {
        throw new Error('no');
      },
      () => everyone,
    );
    await clock.advance(0);
    await clock.advance(1000);
    expect({ asked, keys }).toEqual({ asked: [0, 1000], keys: ['a/x', 'a/y'] });
    ending.abort();
    await ended;
  });

  it('is not asked again once the process ends', async () => {
    const { clock, asked, ending, ended } = asking();
    await clock.advance(0);
    ending.abort();
    await ended;
    await clock.advance(5000);
    expect(asked).toEqual([0]);
  });

  it('lets others have their turn while it looks at thousands of objects (runtime/t19_prom)', async () => {
    const ending = new AbortController();
    const keys: string[] = [];
    const fleet = Array.from({ length: 5_000 }, (_, index) => object(`vm-${index}`));
    const ended = keepAsking(
      { name: 'test', everyMs: 1000, ask: async () => everyone },
      {
        ...{ objects: () => fleet, asked, enqueue: (key: string) => keys.push(key), clock: new ManualClock() },
        ...{ log: pino({ level: 'silent' }), signal: ending.signal },
      },
    );
    await setImmediate();
    expect(keys.length).toBeLessThan(fleet.length);
    while (keys.length < fleet.length) await setImmediate();
    ending.abort();
    await ended;
  });

  it('keeps nothing of what it has looked at while it waits for the next time', async () => {
    const clock = new ManualClock();
    const ending = new AbortController();
    let seen: WeakRef<KubeObject> | undefined;
    const objects = () => {
      const gone = object('gone');
      seen = new WeakRef(gone);
      return [gone];
    };
    const on = { asked, enqueue: () => {}, clock, log: pino({ level: 'silent' }), signal: ending.signal };
    const ended = keepAsking({ name: 'test', everyMs: 1000, ask: async () => everyone }, { ...on, objects });
    await clock.advance(0);
    await setImmediate();
    collectGarbage();
    expect(seen?.deref()).toBeUndefined();
    ending.abort();
    await ended;
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
