import type { GuestModules } from '../../api/guestmodules.ts';
import { hasModules } from '../contract/applicationmodules.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { counted, enumerated, quoted } from '../guest/words.ts';

const MOST_NAMED = 6;

type Looked = {
  /** What the guest worker is told. */
  readonly plan: ApplicationPlan | undefined;
  /** Why nothing is known of the guest. */
  readonly silent?: Verdict | undefined;
  /** What the guest says; absent: not every database has answered. */
  readonly found?: GuestModules | undefined;
};

/** Whether there is nothing in an application's databases but what was ordered (GE-10). */
export function modulesCompliant({ plan, silent, found }: Looked): Verdict {
  if (plan !== undefined && !hasModules(plan))
    return unknown('NotIncluded', 'The product has no extensions that somebody could add.');
  if (silent !== undefined) return silent;
  if (found === undefined)
    return unknown(
      'NotAsked',
      'Not every database has said which extensions it has when the guest was looked into last.',
    );
  if (found.count === 0)
    return {
      ...{ status: 'True', reason: 'AsOrdered' },
      message: 'No database has an extension besides those that were ordered and the engine’s own.',
    };
  const named = found.named.map(({ module, database }) => `${quoted(module)} in database ${quoted(database)}`);
  return {
    ...{ status: 'False', reason: 'CustomisationDetected' },
    message: `${counted(found.count, 'extension')} that nobody ordered: ${enumerated(named, MOST_NAMED, found.count)}. Nothing of it is supported, and no promise of updates includes it (GE-10).`,
  };
}
