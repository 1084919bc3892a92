import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { instant } from '../contract/condition.ts';
import type { Verdict } from './reasons.ts';

const DAY = 86_400_000;

/** How long before the end of vendor support the customer is told: time enough for a migration (GE-11, GE-12). */
export const NOTICE_DAYS = 180;

/** Whether the vendor still supports an operating system, and when that answer changes. */
export type Support = Verdict & {
  /** The instant at which support ends: the midnight (UTC) after the last supported day. Absent if the date is no date. */
  readonly until?: Date;
};

/** Vendor support of a catalogue entry at an instant (GE-9, GE-12). Messages carry dates, never ages, so they stay equal between edges. */
export function supportOf(operatingSystem: OperatingSystem, now: Date): Support {
  const { lifeCycle } = operatingSystem.spec;
  const name = operatingSystemName(operatingSystem);
  const until = supportEnds(operatingSystem);
  if (!until) {
    return {
      status: 'Unknown',
      reason: 'InvalidLifeCycle',
      message: `spec.lifeCycle.endOfSupport of OperatingSystem ${operatingSystem.metadata.name} is ${lifeCycle.endOfSupport}, which is not a day of the calendar.`,
    };
  }
  if (now >= until) {
    return {
      status: 'False',
      reason: 'SupportEnded',
      message:
        `Vendor support for ${name} ended with ${lifeCycle.endOfSupport} (${instant(until)}).${extended(operatingSystem)} ` +
        'All managed services for it may be ceased (GE-12); they continue after a migration to a supported release (GE-11).',
      until,
    };
  }
  const notice = new Date(until.getTime() - NOTICE_DAYS * DAY);
  if (now >= notice) {
    return {
      status: 'True',
      reason: 'SupportEndsSoon',
      message:
        `Vendor support for ${name} ends with ${lifeCycle.endOfSupport} (${instant(until)}).${extended(operatingSystem)} ` +
        'A migration to a supported release must be agreed before then (GE-11), or all managed services may be ceased (GE-12).',
      until,
      nextEdge: until,
    };
  }
  return {
    status: 'True',
    reason: 'VendorSupported',
    message: `The vendor supports ${name} until the end of ${lifeCycle.endOfSupport} (${instant(until)}).`,
    until,
    nextEdge: notice,
  };
}

/** The instant at which vendor support ends. Undefined: the catalogue's date is no date. */
export function supportEnds({ spec }: OperatingSystem): Date | undefined {
  return endOfDay(spec.lifeCycle.endOfSupport);
}

/** Distribution and version as people say it, e.g. Debian 13. */
export function operatingSystemName({ spec }: OperatingSystem): string {
  return `${spec.distribution} ${spec.version}`;
}

function extended({ spec }: OperatingSystem): string {
  const day = spec.lifeCycle.endOfExtendedSupport;
  return day === undefined ? '' : ` Extended support until ${day} is not relied on.`;
}

/** The midnight in UTC that ends a day written YYYY-MM-DD. */
function endOfDay(day: string): Date | undefined {
  const start = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day) return undefined;
  return new Date(start.getTime() + DAY);
}
