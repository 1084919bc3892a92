import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../api/object.ts';
import { fill } from './store.fixtures.ts';
import { Store, type StoreEvent } from './store.ts';

function object(name: string, uid: string, version: number, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, namespace: 'ns', uid, resourceVersion: String(version), labels },
  };
}

function listening(store: Store): string[] {
  const told: string[] = [];
  store.listen(({ old, object: now, origin, initial }: StoreEvent) => {
    const version = (o: KubeObject | undefined) => o?.metadata.resourceVersion ?? '-';
    told.push(
      `${version(old)}→${version(now)}${origin === undefined ? '' : ` by ${origin}`}${initial ? ' initial' : ''}`,
    );
  });
  return told;
}

describe('the store', () => {
  test('takes what the watch says, tells each change once, and drops what is not newer', () => {
    const store = new Store();
    const told = listening(store);
    fill(store, [object('a', 'u', 5)], '7');
    store.event('MODIFIED', object('a', 'u', 8));
    store.event('MODIFIED', object('a', 'u', 8));
    store.event('MODIFIED', object('a', 'u', 6));
    store.event('DELETED', object('a', 'u', 10));
    store.event('DELETED', object('a', 'u', 10));
    expect(told).toEqual(['-→5 initial', '5→8', '8→-']);
    expect(store.size).toBe(0);
  });

  test('versions are compared as numbers, whatever their length', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 9)], '9');
    store.event('MODIFIED', object('a', 'u', 10));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('10');
    store.event('MODIFIED', object('a', 'u', 9));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('10');
  });

  test('an own exact write is readable at once and its echo is silent', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    const told = listening(store);
    store.writing('ns/a');
    store.wrote(object('a', 'u', 6), 'me', true);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('6');
    store.event('MODIFIED', object('a', 'u', 6));
    expect(told).toEqual(['5→6 by me']);
  });

  test('an event repeats an own write once, by its version, and nothing does after a list, a clearance or its being read', () => {
    const store = new Store();
    const write = (version: number) => {
      store.writing('ns/a');
      store.wrote(object('a', 'u', version), 'me', true);
    };
    fill(store, [object('a', 'u', 5)], '5');
    write(6);
    expect([store.repeats('5'), store.repeats('6'), store.repeats('6')]).toEqual([false, true, false]);
    write(7);
    store.event('MODIFIED', object('a', 'u', 7));
    expect(store.repeats('7')).toBe(false);
    write(8);
    fill(store, [object('a', 'u', 8)], '8');
    expect(store.repeats('8')).toBe(false);
    write(9);
    store.clear();
    expect(store.repeats('9')).toBe(false);
  });

  test('an answer that tells nothing new is waited for by no event', () => {
    const store = new Store();
    fill(store, [], '5');
    store.writing('ns/a');
    store.event('ADDED', object('a', 'u', 6));
    store.wrote(object('a', 'u', 6), 'me', true);
    expect(store.repeats('6')).toBe(false);
  });

  test('the echo that comes before the answer is told as ours, a foreign change before it is not', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    const told = listening(store);
    store.writing('ns/a');
    store.event('MODIFIED', object('a', 'u', 6));
    store.event('MODIFIED', object('a', 'u', 7));
    expect(told).toEqual([]);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('7');
    store.wrote(object('a', 'u', 7), 'me', true);
    expect(told).toEqual(['5→6', '6→7 by me']);
  });

  test('a write that may contain a foreign change is told to everyone', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    const told = listening(store);
    store.writing('ns/a');
    store.wrote(object('a', 'u', 7), 'me', false);
    store.event('MODIFIED', object('a', 'u', 6));
    store.event('MODIFIED', object('a', 'u', 7));
    expect(told).toEqual(['5→7']);
  });

  test('an answer that comes after the DELETED event does not bring the object back', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    store.writing('ns/a');
    store.event('MODIFIED', object('a', 'u', 6));
    store.event('DELETED', object('a', 'u', 8));
    store.wrote(object('a', 'u', 6), 'me', true);
    expect(store.get('ns/a')).toBeUndefined();
  });

  test('what we deleted is not brought back by older events, and its successor is taken', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    const told = listening(store);
    store.writing('ns/a');
    store.erased('ns/a', 'u', 'me');
    store.event('MODIFIED', object('a', 'u', 6));
    expect(store.get('ns/a')).toBeUndefined();
    store.event('DELETED', object('a', 'u', 7));
    store.event('ADDED', object('a', 'v', 8));
    expect(store.get('ns/a')?.metadata.uid).toBe('v');
    expect(told).toEqual(['5→- by me', '-→8']);
  });

  test('a late DELETED event of an earlier incarnation leaves the new one alone', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    store.writing('ns/a');
    store.wrote(object('a', 'v', 9), 'me', true);
    store.event('DELETED', object('a', 'u', 7));
    expect(store.get('ns/a')?.metadata.uid).toBe('v');
  });

  test('an object that somebody took out of the selector, and that our write brought back, stays (issue 11, selector exit)', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '5');
    const told = listening(store);
    store.writing('ns/a');
    // Somebody's change at 6 took it out; our apply carried out at 7 is answered before the watch tells of either.
    store.wrote(object('a', 'u', 7), 'me', false);
    store.event('DELETED', object('a', 'u', 6));
    if (!store.repeats('7')) store.event('ADDED', object('a', 'u', 7));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('7');
    expect(told).toEqual(['5→7']);
    store.event('DELETED', object('a', 'u', 8));
    expect(store.get('ns/a')).toBeUndefined();
  });

  test('a new list removes what is not in it, but not what was written after it was made', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5), object('b', 'w', 5)], '5');
    const told = listening(store);
    store.writing('ns/c');
    store.wrote(object('c', 'x', 12), 'me', true);
    fill(store, [object('b', 'w', 5)], '10');
    expect([...store.values()].map(({ metadata }) => metadata.name).sort()).toEqual(['b', 'c']);
    expect(told).toEqual(['-→12 by me', '5→-']);
    fill(store, [object('b', 'w', 5)], '20');
    expect([...store.values()].map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  test('a list that repeats what is stored changes nothing and is not held (runtime/t15_relist)', () => {
    const store = new Store();
    const stored = object('a', 'u', 5);
    fill(store, [stored], '7');
    const told = listening(store);
    const listing = store.beginList();
    store.listed(listing, object('a', 'u', 5));
    expect(listing.waiting.size).toBe(0);
    store.endList(listing, '9');
    expect(store.get('ns/a')).toBe(stored);
    expect(told).toEqual([]);
  });

  test('a new list is taken in as it comes, and what is missing in it is gone only at its end', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5), object('b', 'v', 5), object('c', 'w', 5)], '7');
    const told = listening(store);
    const listing = store.beginList();
    store.listed(listing, object('a', 'u', 8));
    expect(told).toEqual(['5→8']);
    store.listed(listing, object('c', 'w', 5));
    store.unlisted(listing, 'ns/c');
    expect(store.size).toBe(3);
    store.endList(listing, '9');
    expect([...store.values()].map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  test('the first list is told as a whole, and one that has broken off not at all', () => {
    const store = new Store();
    const told = listening(store);
    store.listed(store.beginList(), object('gone', 'x', 1));
    const listing = store.beginList();
    store.listed(listing, object('a', 'u', 5));
    expect([store.size, told]).toEqual([0, []]);
    store.endList(listing, '7');
    expect(told).toEqual(['-→5 initial']);
  });

  test('the same version of another schema is news to a list', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 5)], '7');
    fill(store, [object('a', 'u', 5, { of: 'another schema' })], '9');
    expect(store.get('ns/a')?.metadata.labels).toEqual({ of: 'another schema' });
  });

  test('after etcd was restored to an older state the list is the truth', () => {
    const store = new Store();
    fill(store, [object('a', 'u', 500)], '500');
    fill(store, [object('a', 'u', 90)], '100');
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('90');
  });

  test('indexes follow every change and forget empty values', () => {
    const store = new Store();
    store.addIndex('color', ({ metadata }) => (metadata.labels?.color === undefined ? [] : [metadata.labels.color]));
    fill(store, [object('a', 'u', 1, { color: 'red' }), object('b', 'v', 1, { color: 'red' })], '1');
    store.event('MODIFIED', object('a', 'u', 2, { color: 'blue' }));
    store.event('DELETED', object('b', 'v', 3, { color: 'red' }));
    expect(store.byIndex('color', 'red')).toEqual([]);
    expect(store.byIndex('color', 'blue').map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  /**
   * A server with one object's history; the watch tells all of it in order, while the answers to our own writes come
   * at any later or earlier moment, in the middle of a list too. However they interleave, the store ends with the server's last state.
   */
  test('for any interleaving of watch and answers it ends as the server does and never goes back', () => {
    const step = fc.constantFrom('foreign', 'own', 'ownExact', 'delete', 'ownDelete', 'recreate', 'relist', 'missed');
    const scenario = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 12 }),
      order: fc.infiniteStream(fc.boolean()),
    });
    fc.assert(
      fc.property(scenario, ({ steps, order }) => {
        const store = new Store();
        fill(store, [object('a', 'u0', 1)], '1');
        const watch: (() => void)[] = [];
        const answers: (() => void)[] = [];
        let [version, changed, incarnation, exists] = [1, 1, 0, true];
        const listAnew = () => {
          const [objects, at] = [exists ? [object('a', `u${incarnation}`, changed)] : [], String(version)];
          let listing = store.beginList();
          watch.push(() => {
            listing = store.beginList();
          });
          for (const each of objects) watch.push(() => store.listed(listing, each));
          watch.push(() => store.endList(listing, at));
        };
        for (const what of steps) {
          if (what === 'relist') listAnew();
          if (what === 'relist') continue;
          if (what === 'recreate' ? exists : !exists) continue;
          version += 1;
          if (what === 'recreate') incarnation += 1;
          const state = object('a', `u${incarnation}`, version);
          const gone = what === 'delete' || what === 'ownDelete';
          exists = !gone;
          changed = version;
          if (what === 'missed') continue;
          watch.push(() => store.event(gone ? 'DELETED' : what === 'recreate' ? 'ADDED' : 'MODIFIED', state));
          if (what === 'own' || what === 'ownExact') {
            store.writing('ns/a');
            answers.push(() => store.wrote(state, 'me', what === 'ownExact'));
          }
          if (what === 'ownDelete') {
            const uid = `u${incarnation}`;
            store.writing('ns/a');
            answers.push(() => store.erased('ns/a', uid, 'me'));
          }
        }
        // What a watch has missed is found by the next list.
        if (steps.includes('missed')) listAnew();
        let highest = 0;
        while (watch.length + answers.length > 0) {
          const fromWatch = order.next().value === true ? watch : answers;
          (fromWatch.shift() ?? watch.shift() ?? answers.shift())?.();
          const now = Number(store.get('ns/a')?.metadata.resourceVersion ?? highest);
          expect(now).toBeGreaterThanOrEqual(highest);
          highest = now;
        }
        const last = store.get('ns/a');
        if (exists) expect(Number(last?.metadata.resourceVersion)).toBe(version);
        else expect(last).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
