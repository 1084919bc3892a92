/**
 * Which remedy a ladder would take (AP-3, AP-4). Decided only: nobody carries it out so far. Basic has none, Advanced has them in the core hours of the
 * service, Expert at any hour; what is remedied outside of that is an incident that is billed by effort (GE-3).
 */
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { Forbidding, ProductRemediation, ProductRung, RemediationAlert } from '../../api/productremediation.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { earliest, instant } from '../contract/condition.ts';
import { nextRung, type Taken } from '../contract/ladder.ts';
import { isOpen, nextOpen } from '../time/businesstime.ts';

const MINUTE = 60_000;

export type Observed = {
  /** Probes that fail, and since when. */
  readonly failing: readonly { readonly probe: string; readonly since: Date }[];
  readonly firing: readonly RemediationAlert[];
  /** What is known to be so, or not to be. What is missing nobody knows, and it forbids as if it were so. */
  readonly forbidding: Readonly<Partial<Record<Forbidding, boolean>>>;
};

export type Situation = {
  readonly ladder: ProductRemediation;
  readonly level: ApplicationLevel;
  /** When the service is worked on; undefined: nobody knows. */
  readonly calendar: ServiceCalendarSpec | undefined;
  readonly observed: Observed;
  readonly history: readonly Taken[];
  readonly now: Date;
};

export type Remedy =
  | { readonly rung: ProductRung }
  | {
      readonly none:
        | 'NoTrouble'
        | 'NotIncluded'
        | 'CoreHoursUnknown'
        | 'OutsideCoreHours'
        | 'Cooldown'
        | 'Forbidden'
        | 'Exhausted';
      readonly message: string;
      /** When the answer may be another by the clock alone. */
      readonly nextEdge?: Date;
    };

/** The rung that would be taken now, or why none would be. */
export function remedyFor(situation: Situation): Remedy {
  const { ladder, observed, history, now } = situation;
  const triggered = ladder.filter(rung => isTriggered(rung, observed, now));
  if (triggered.length === 0)
    return none('NoTrouble', 'Nothing is wrong, or not for long enough.', ripeAt(ladder, observed, now));
  const forbids = ({ forbiddenWhen = [] }: ProductRung) =>
    forbiddenWhen.filter(each => observed.forbidding[each] !== false);
  return notEntitled(situation) ?? nextRung({ ladder, candidates: triggered, history, forbids, now });
}

function isTriggered({ trigger }: ProductRung, { failing, firing }: Observed, now: Date): boolean {
  const { probes = [], alerts = [], forMinutes } = trigger;
  const isRipe = (since: Date) => now.getTime() - since.getTime() >= forMinutes * MINUTE;
  return (
    failing.some(({ probe, since }) => probes.includes(probe) && isRipe(since)) ||
    firing.some(alert => alerts.includes(alert))
  );
}

/** When a probe will have failed for long enough. */
function ripeAt(ladder: ProductRemediation, { failing }: Observed, now: Date): Date | undefined {
  const times = failing.flatMap(({ probe, since }) =>
    ladder
      .filter(({ trigger }) => trigger.probes?.includes(probe))
      .map(({ trigger }) => new Date(since.getTime() + trigger.forMinutes * MINUTE)),
  );
  return earliest(...times.filter(time => time > now));
}

function notEntitled({ level, calendar, now }: Situation): Remedy | undefined {
  if (level === 'Expert') return undefined;
  if (level === 'Basic')
    return none('NotIncluded', 'Basic includes no remediation: it is an incident, billed by effort (AP-3, GE-3).');
  if (calendar === undefined)
    return none('CoreHoursUnknown', 'Advanced includes remediation in core hours, and nobody knows when those are.');
  if (isOpen(calendar, now)) return undefined;
  const opens = nextOpen(calendar, now);
  const until = opens === undefined ? '' : `, and they begin at ${instant(opens)}`;
  return none(
    'OutsideCoreHours',
    `Advanced includes remediation in core hours${until}: until then it is an incident, billed by effort (AP-4, GE-3).`,
    opens,
  );
}

function none(why: Extract<Remedy, { readonly none: unknown }>['none'], message: string, nextEdge?: Date): Remedy {
  return { none: why, message, ...(nextEdge && { nextEdge }) };
}
