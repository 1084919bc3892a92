/** Which recovery point a Restore is from. */
import type { RestorePoint } from '../../api/restore.ts';
import { instant } from '../contract/condition.ts';
import type { JudgedBackup } from '../contract/judgedbackup.ts';
import type { Point } from './engine.ts';

/** `wait`: it may be known in a moment. Both are sentences. */
export type Choice = { readonly point: Point } | { readonly none: string } | { readonly wait: string };

/** `candidates`: the backups that Schedules of ours have made of this VM. */
export function choosePoint(wanted: RestorePoint, candidates: readonly JudgedBackup[]): Choice {
  const newestFirst = candidates.toSorted((a, b) => b.time.getTime() - a.time.getTime() || (a.name > b.name ? -1 : 1));
  const good = newestFirst.filter(({ defect }) => defect === undefined);
  if (wanted.name !== undefined) return named(wanted.name, candidates);
  if (wanted.before !== undefined) {
    const before = new Date(wanted.before);
    return chosen(
      good.find(({ time }) => time <= before),
      `None of ${candidates.length} backups of the VM that can be restored had begun by ${wanted.before}.`,
    );
  }
  if (wanted.latest === 'Verified') {
    return chosen(
      good.find(({ isVerified }) => isVerified),
      `None of ${candidates.length} backups of the VM has been proven by a restore. Say latest: Good, or name one.`,
    );
  }
  const inspected = good.find(({ isInspected }) => isInspected);
  if (inspected === undefined && good.length > 0)
    return { wait: `What ${good.length} backups of the VM hold is still being looked into.` };
  return chosen(inspected, `None of ${candidates.length} backups of the VM can be restored.`);
}

function named(name: string, candidates: readonly JudgedBackup[]): Choice {
  const found = candidates.find(each => each.name === name);
  if (found === undefined) return { none: `${name} is no backup that a Schedule of this VM has made.` };
  return found.defect === undefined ? chosen(found, '') : { none: `Backup ${name} ${found.defect}.` };
}

function chosen(candidate: JudgedBackup | undefined, none: string): Choice {
  if (candidate === undefined) return { none };
  const { name, uid, time } = candidate;
  return { point: { name, uid, time: instant(time) } };
}
