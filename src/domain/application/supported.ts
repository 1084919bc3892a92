import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { NOTICE_DAYS, supportEnds } from '../machine/lifecycle.ts';

const DAY = 86_400_000;
/** How long before the end the customer is reminded. */
export const REMINDER_DAYS = 90;

type Line = ProductSpec['lines'][number];

/** When the support of a line on a system ends, and by whose statement. */
export type Until = { readonly at: Date; readonly by: string };

/** The clock that the Product is supported by, or the system's, whichever ends first (AP-14, GE-9). Midnight UTC after the last day. */
export function supportedUntil(
  { supportedBy }: ProductSpec,
  line: Line,
  system: string,
  operatingSystem: OperatingSystem | undefined,
): Until {
  const { endOfSupport } = line.operatingSystems.find(({ name }) => name === system) ?? {};
  const byProduct: Until =
    supportedBy === 'Distribution' && endOfSupport !== undefined
      ? { at: afterDay(endOfSupport), by: `the distribution's support, ${endOfSupport}` }
      : { at: afterDay(line.endOfSupport), by: `the vendor's support, ${line.endOfSupport}` };
  const systemEnds = operatingSystem && supportEnds(operatingSystem);
  return systemEnds !== undefined && systemEnds < byProduct.at
    ? { at: systemEnds, by: `the support of OperatingSystem ${system}` }
    : byProduct;
}

/** Whether a line is inside of its life cycle, and when that changes (AP-14, GE-9, GE-12). */
export function supported(
  product: ProductSpec,
  lineName: string,
  system: string,
  operatingSystem: OperatingSystem | undefined,
  now: Date,
): Verdict {
  const line = product.lines.find(({ name }) => name === lineName);
  const what = `${product.displayName} ${lineName}`;
  if (line === undefined)
    return unknown('LineNotOffered', `The catalogue has no dates of ${what}, so whether it is supported is not known.`);
  const { at, by } = supportedUntil(product, line, system, operatingSystem);
  const ends = `${what} ends at ${instant(at)} (${by})`;
  if (now >= at)
    return {
      ...{ status: 'False', reason: 'SupportEnded' },
      message: `Support of ${ends.replace('ends at', 'ended at')}. All managed services for it may be ceased (GE-12); they continue after a change to a supported line (GE-11).`,
    };
  const before = (days: number) => new Date(at.getTime() - days * DAY);
  if (now >= before(NOTICE_DAYS)) {
    const isReminder = now >= before(REMINDER_DAYS);
    return {
      ...{ status: 'True', reason: 'SupportEndsSoon', nextEdge: isReminder ? at : before(REMINDER_DAYS) },
      message: `${isReminder ? 'Reminder: support' : 'Support'} of ${ends}. A change to another line must be agreed before then (GE-11), or all managed services may be ceased (GE-12).`,
    };
  }
  return { status: 'True', reason: 'Supported', message: `Support of ${ends}.`, nextEdge: before(NOTICE_DAYS) };
}

function afterDay(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY);
}
