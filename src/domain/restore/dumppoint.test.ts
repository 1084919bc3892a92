import { describe, expect, it } from 'vitest';
import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import { chooseDump } from './dumppoint.ts';

const [newer, older] = ['2026-12-01T02:00:00Z', '2026-11-30T02:00:00Z'] as const;
const dumps = [older, newer];
const point = (time: string) => {
  const name = `dump-${Date.parse(time) / 1000}`;
  return { point: { name, uid: name, time } };
};
const proof = { at: '2026-12-01T03:00:00Z', of: older, tookSeconds: 4, tables: 3, rows: 9 };
const differs: ApplicationBackup['unproven'] = { at: newer, of: newer, outcome: 'Differs', what: 'table a.b' };

describe('which dump a restore is from (AP-13)', () => {
  it.each([
    ['the newest', { latest: 'Good' }, { dumps }, newer],
    ['the newest that was proven', { latest: 'Verified' }, { dumps, proven: proof }, older],
    ['the newest before an instant', { before: '2026-11-30T23:00:00Z' }, { dumps }, older],
    ['one by its name', { name: point(older).point.name }, { dumps }, older],
    ['never one of which a proof has found that it is none', { latest: 'Good' }, { dumps, unproven: differs }, older],
    [
      'one whose proof did not come to its end',
      { latest: 'Good' },
      { dumps, unproven: { ...differs, outcome: 'Failed' } },
      newer,
    ],
  ] as const)('is %s', (_, wanted, backup, time) => {
    expect(chooseDump(wanted, { ...backup, dumps: [...backup.dumps] })).toEqual(point(time));
  });

  it.each([
    [
      'no dump is that old',
      { before: '2026-11-01T00:00:00Z' },
      { dumps },
      /^No good dump of 2 that lie in the guest is as of/,
    ],
    ['nothing was dumped', { latest: 'Good' }, {}, /^There is no good dump of 0/],
    ['none was proven', { latest: 'Verified' }, { dumps }, /Say latest: Good, or name one/],
    ['what was proven is gone', { latest: 'Verified' }, { dumps: [newer], proven: proof }, /^No dump of 1/],
    ['it has another name', { name: 'daily-1' }, { dumps }, /^daily-1 is no dump of 2/],
    [
      'its proof found other data',
      { name: point(newer).point.name },
      { dumps, unproven: differs },
      /found other data .*table a\.b/,
    ],
  ] as const)('is none where %s, and says so', (_, wanted, backup, why) => {
    expect(chooseDump(wanted, backup as ApplicationBackup)).toEqual({ none: expect.stringMatching(why) });
  });
});
