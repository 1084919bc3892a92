import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import type { BackupFound } from '../../domain/guest/backupfound.ts';
import { formatTime } from '../../runtime/api/conditions.ts';

/** Bounded words of a guest’s, as the record keeps them. */
const WORDS = 256;

/** What a guest’s records say of dumps and proofs, as its GuestState has it. */
export function backupRecord({ dumps, kept, last, failed, proven, unproven }: BackupFound): ApplicationBackup {
  return {
    ...(dumps && { dumps: dumps.map(formatTime) }),
    ...(kept && { kept: kept.map(each => ({ ...each, at: formatTime(each.at) })) }),
    ...(last && { last: { ...last, at: formatTime(last.at) } }),
    ...(failed && { failed: { at: formatTime(failed.at), what: excerpt(failed.what, WORDS) } }),
    ...(proven && { proven: { ...proven, at: formatTime(proven.at), of: formatTime(proven.of) } }),
    ...(unproven && {
      unproven: {
        ...{ at: formatTime(unproven.at), of: formatTime(unproven.of) },
        outcome: unproven.differs ? 'Differs' : 'Failed',
        what: excerpt(unproven.what, WORDS),
      },
    }),
  };
}
