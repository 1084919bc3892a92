import { describe, expect, it } from 'vitest';
import { readBackup } from './readbackup.ts';

const decoded = (word: string) => (/^[A-Za-z0-9+/=]+$/.test(word) ? Buffer.from(word, 'base64').toString() : undefined);
const read = (...lines: readonly string[]) =>
  readBackup(
    lines.map(line => line.split(' ')),
    decoded,
  );
const what = Buffer.from('it was ended').toString('base64');
const at = (seconds: number) => new Date(seconds * 1000);

describe('what a guest records of its dumps (AP-13)', () => {
  it('is read whole', () => {
    expect(
      read('last 1796026956 20875 4 2 3 1000', `failed 1796026999 ${what}`, 'proven 1796027000 1796026956 1 3 1000'),
    ).toEqual({
      last: { at: at(1_796_026_956), bytes: 20_875, tookSeconds: 4, databases: 2, tables: 3, rows: 1000 },
      failed: { at: at(1_796_026_999), what: 'it was ended' },
      proven: { at: at(1_796_027_000), of: at(1_796_026_956), tookSeconds: 1, tables: 3, rows: 1000 },
    });
    expect(read(`unproven 2 1 differs ${what}`)).toEqual({
      unproven: { at: at(2), of: at(1), differs: true, what: 'it was ended' },
    });
    expect(read('dumps 1796026956 1796000000')).toEqual({ dumps: [at(1_796_026_956), at(1_796_000_000)] });
    expect(read('kept a1-2 1796026956 4096 b2 1796000000 0')).toEqual({
      kept: [
        { restore: 'a1-2', at: at(1_796_026_956), bytes: 4096 },
        { restore: 'b2', at: at(1_796_000_000), bytes: 0 },
      ],
    });
    expect(read()).toEqual({});
  });

  it.each([
    ['a record twice', ['last 1 2 3 4 5 6', 'last 1 2 3 4 5 6']],
    ['another record', ['best 1 2 3 4 5 6']],
    ['too few numbers', ['last 1 2 3 4 5']],
    ['too many', ['last 1 2 3 4 5 6 7']],
    ['one below zero', ['last 1 -2 3 4 5 6']],
    ['one in sixteen digits', ['last 1 9007199254740993 3 4 5 6']],
    ['an instant after the year 5138', ['proven 1 100000000000 3 4 5']],
    ['dumps at no time', ['dumps 1 x']],
    ['dumps after the year 5138', ['dumps 100000000000']],
    ['more dumps than are kept', [`dumps${' 1'.repeat(15)}`]],
    ['kept of no restore', ['kept $(id) 1 2']],
    ['kept of half a restore', ['kept a1 1']],
    ['kept after the year 5138', ['kept a1 100000000000 2']],
    ['more kept than are told', [`kept${' a1 1 2'.repeat(9)}`]],
    ['a failure without a word', ['failed 1']],
    ['a failure that is no base64', ['failed 1 $(id)']],
    ['a proof that is neither', [`unproven 2 1 fine ${what}`]],
    ['a proof with more', [`unproven 2 1 failed ${what} x`]],
  ])('is nothing where it is %s', (_, lines) => {
    expect(read(...lines)).toBeUndefined();
  });
});
