/**
 * Which remedy a ladder would take, for who tries a Product (AP-3, AP-4); for an incident src/domain/remediation decides. Basic has none, Advanced has
 * them in the core hours of the service, Expert at any hour; what is remedied outside of that is an incident that is billed by effort (GE-3).
 */
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { Forbidding, ProductRemediation, ProductRung } from '../../api/productremediation.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { instant } from '../contract/condition.ts';
import { nextRung, type Taken } from '../contract/ladder.ts';
import { isTriggered, ripeAt, type TroubleSeen } from '../contract/laddertrigger.ts';
import { isOpen, nextOpen } from '../time/businesstime.ts';

export type Observed = TroubleSeen & {
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
