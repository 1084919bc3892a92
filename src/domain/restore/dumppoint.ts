/** Which dump of an application a Restore is from. */
import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { RestorePoint } from '../../api/restore.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import type { Choice } from './point.ts';

/** As it is called in its guest, by as of when it holds the data. */
export const dumpName = (of: Date): string => `dump-${Math.floor(of.getTime() / 1000)}`;

/** `backup`: what the guest's records say of the dumps that lie there. One whose proof found other data than were dumped is none. */
export function chooseDump(wanted: RestorePoint, { dumps = [], proven, unproven }: ApplicationBackup): Choice {
  const newestFirst = dumps.map(each => new Date(each)).toSorted((a, b) => b.getTime() - a.getTime());
  const isOf = (of: string | undefined) => (dump: Date) => of !== undefined && Date.parse(of) === dump.getTime();
  const differs = unproven?.outcome === 'Differs' ? isOf(unproven.of) : () => false;
  const good = newestFirst.filter(dump => !differs(dump));
  const there = `of ${dumps.length} that lie in the guest`;
  if (wanted.name !== undefined) {
    const named = newestFirst.find(dump => dumpName(dump) === wanted.name);
    if (named !== undefined && differs(named))
      return {
        none: `The proof of ${wanted.name} found other data than were dumped: ${excerpt(unproven?.what ?? '', 256)}.`,
      };
    return chosen(named, `${wanted.name} is no dump ${there}.`);
  }
  if (wanted.before !== undefined) {
    const before = Date.parse(wanted.before);
    return chosen(
      good.find(dump => dump.getTime() <= before),
      `No good dump ${there} is as of ${wanted.before} or before. Older ones are in the backups of its VM.`,
    );
  }
  if (wanted.latest === 'Verified')
    return chosen(
      good.find(isOf(proven?.of)),
      `No dump ${there} has been proven by a restore into a second instance. Say latest: Good, or name one.`,
    );
  return chosen(good[0], `There is no good dump ${there}.`);
}

function chosen(dump: Date | undefined, none: string): Choice {
  if (dump === undefined) return { none };
  const name = dumpName(dump);
  return { point: { name, uid: name, time: instant(dump) } };
}
