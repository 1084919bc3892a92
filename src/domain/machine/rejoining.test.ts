import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { rejoining, type StoredKeySet } from './rejoining.ts';

const order = (uid: string, name = 'shop-db'): ManagedVM => {
  const { metadata, ...rest } = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13' }, { name });
  return { ...rest, metadata: { ...metadata, uid } };
};
const keys = (uid: string, generation = 1, content = `${uid}/${generation}`, name = 'shop-db'): StoredKeySet => ({
  ...{ owner: { namespace: 'acme', name, uid }, generation, content },
});
const copied = ({ copies }: ReturnType<typeof rejoining>) =>
  copies.map(({ order: { metadata }, keys: { owner, generation } }) => [metadata.uid, owner.uid, generation]);

describe('MO-16: keys of an order that was made anew', () => {
  it('are all of its former self, whatever their generation', () => {
    expect(copied(rejoining([order('new')], [keys('old'), keys('old', 3)]))).toEqual([
      ['new', 'old', 1],
      ['new', 'old', 3],
    ]);
  });

  it('are those that are not copied yet, where the copying was cut off', () => {
    expect(copied(rejoining([order('new')], [keys('old'), keys('old', 3), keys('new', 1, 'old/1')]))).toEqual([
      ['new', 'old', 3],
    ]);
    const done = rejoining([order('new')], [keys('old'), keys('new', 1, 'old/1')]);
    expect(done).toMatchObject({ copies: [], joined: [{ metadata: { uid: 'new' } }], doubts: [] });
  });

  it('are a person’s to choose where two former orders had the name', () => {
    const { copies, doubts } = rejoining([order('new')], [keys('a'), keys('b')]);
    expect(copies).toEqual([]);
    expect(doubts).toEqual([expect.stringContaining('has keys of 2 former orders (a, b)')]);
  });

  it('are not put beside others that Steward has made meanwhile', () => {
    const { copies, doubts } = rejoining([order('new')], [keys('old'), keys('old', 2), keys('new', 1, 'made anew')]);
    expect(copies).toEqual([]);
    expect(doubts).toEqual([expect.stringContaining('Secret managedvm-new')]);
  });

  it('are left where no order has their name, and where the order is still the same', () => {
    expect(rejoining([order('same')], [keys('same'), keys('gone', 1, 'x', 'other')])).toEqual({
      ...{ copies: [], joined: [], doubts: [] },
      leftOver: ['Keys of ManagedVM acme/other are stored, and no such order is there.'],
    });
  });

  it('never come from an order that lives, nor to one of another name, nor twice', () => {
    const name = fc.constantFrom('a', 'b');
    const uid = fc.constantFrom('1', '2', '3', '4');
    // Neither a UID nor a name is twice in a cluster.
    const orders = fc.uniqueArray(fc.tuple(uid, name), {
      comparator: (one, other) => one.some((each, index) => each === other[index]),
      maxLength: 2,
    });
    const stored = fc.uniqueArray(fc.tuple(uid, fc.integer({ min: 1, max: 3 }), fc.constantFrom('x', 'y'), name), {
      selector: ([each, generation]) => `${each}/${generation}`,
    });
    fc.assert(
      fc.property(orders, stored, (living, sets) => {
        const uids = new Set<string>(living.map(([each]) => each));
        const { copies } = rejoining(
          living.map(([each, named]) => order(each, named)),
          sets.map(([each, generation, content, named]) => keys(each, generation, content, named)),
        );
        const targets = copies.map(copy => `${copy.order.metadata.uid}/${copy.keys.generation}`);
        expect(new Set(targets).size).toBe(targets.length);
        for (const copy of copies) {
          expect(uids.has(copy.keys.owner.uid)).toBe(false);
          expect(copy.keys.owner.name).toBe(copy.order.metadata.name);
        }
      }),
    );
  });
});
