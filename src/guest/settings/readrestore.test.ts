import { describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { withRestores } from './readrestore.ts';

const plan = {
  ...{ application: 'shop', uid: 'uid', present: true, probes: [], versionOf: 'a' },
  steps: [
    {
      ...{ type: 'dataRestore', name: 'data-restore', engine: 'PostgreSQL', restore: 'r1', line: '17' },
      ...{ of: '2026-12-01T02:00:00Z', ports: [] },
    },
  ],
} as ApplicationPlan;
const shop = { name: 'shop', failing: [] };
const decoded = (word: string) =>
  word === '-' ? '' : /^[A-Za-z0-9+/=]+$/.test(word) ? Buffer.from(word, 'base64').toString() : undefined;
const read = (...lines: readonly string[]) =>
  withRestores(
    [shop],
    lines.map(line => line.split(' ')),
    [plan],
    decoded,
  );
const why = Buffer.from('no room').toString('base64');

describe('what a guest says of a restore (AP-13)', () => {
  it('is read whole', () => {
    expect(read('restore shop r1 - 0 0 0 -')).toEqual([{ ...shop, restore: { order: 'r1' } }]);
    const closed = new Date(1_796_026_956_000);
    expect(read('restore shop r1 done 1796026956 3 1000 -')).toEqual([
      { ...shop, restore: { order: 'r1', phase: 'Done', closed, tables: 3, rows: 1000 } },
    ]);
    expect(read(`restore shop r1 failed 0 0 0 ${why}`)).toEqual([
      { ...shop, restore: { order: 'r1', phase: 'Failed', tables: 0, rows: 0, why: 'no room' } },
    ]);
  });

  it.each([
    ['of another order, as in a clone', ['restore shop r2 done 1 3 1000 -']],
    ['of another application', ['restore other r1 done 1 3 1000 -']],
    ['not there', []],
    ['there twice', ['restore shop r1 done 1 3 1000 -', 'restore shop r1 failed 1 3 1000 -']],
    ['in no phase that there is', ['restore shop r1 perfect 1 3 1000 -']],
    ['after the year 5138', ['restore shop r1 done 100000000000 3 1000 -']],
    ['of more rows than can be counted', ['restore shop r1 done 1 3 9007199254740993 -']],
    ['in words that are no base64', ['restore shop r1 failed 1 0 0 $(id)']],
    ['longer', ['restore shop r1 done 1 3 1000 - x']],
  ])('is nothing where it is %s', (_, lines) => {
    expect(read(...lines)).toBeUndefined();
  });
});
