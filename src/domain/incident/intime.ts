import type { Incident } from '../../api/incident.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { unknown } from '../contract/finding.ts';
import { LATE_ALERT, type Verdict } from './reasons.ts';
import type { Reception } from './reception.ts';

type Before = { readonly type: string; readonly reason: string; readonly message: string };

/** Incidents that a message names. */
const MOST_NAMED = 3;

/**
 * Whether the incidents of a system are handled in time, with the arithmetic of those that are not (MO-6). Counted are those that are not closed and for which
 * times are promised; the customer's delays are taken off their clocks already (GE-4). While nobody hears alerts it is not known, but for those that are late.
 */
export function incidentsInTime(
  incidents: readonly Incident[],
  reception: Reception,
  before: readonly Before[] | undefined,
): Verdict {
  const known = knownInTime(incidents);
  // One that is late is late, whatever else nobody heard of.
  return known.status === 'False' ? known : (unheard(reception, before, known.message) ?? known);
}

function unheard(reception: Reception, before: readonly Before[] = [], known: string): Verdict | undefined {
  if (reception.state === 'silent') return unknown('AlertsNotHeard', bounded(`${reception.message} ${known}`));
  if (reception.state === 'heard') return undefined;
  // Who has just started has not looked yet: what was said holds until then.
  const said = before.find(({ type }) => type === 'IncidentsInTime');
  if (said !== undefined && said.reason !== 'AlertsNotHeard') return undefined;
  return unknown('AlertsNotHeard', said?.message ?? 'Nobody has looked yet whether the receiver of alerts works.');
}

function knownInTime(incidents: readonly Incident[]): Verdict {
  const counted = incidents.filter(isCounted).toSorted(byName);
  const late = counted.filter(isLate);
  if (late.length > 0) {
    const named = late.slice(0, MOST_NAMED).map(each => `${nameOf(each)}: ${cut(words(each), 240)}`);
    const more = late.length > MOST_NAMED ? ` ${late.length - MOST_NAMED} more are late.` : '';
    const message = `${late.length} of ${counted.length} incidents that are not closed ${late.length === 1 ? 'is' : 'are'} late. ${named.join(' ')}${more}`;
    return { status: 'False', reason: 'IncidentsLate', message: bounded(message) };
  }
  const others = incidents.filter(each => isOpen(each) && !isCounted(each)).length;
  const besides =
    others === 0 ? '' : ` ${others} more ${others === 1 ? 'is' : 'are'} open for which no times are promised.`;
  if (counted.length === 0)
    return {
      status: 'True',
      reason: 'NoOpenIncidents',
      message: `No incident is open whose time is promised.${besides}`,
    };
  const next = counted.flatMap(dueOf).toSorted()[0];
  const until = next === undefined ? '' : ` The next time is over at ${next}.`;
  const names = counted.slice(0, MOST_NAMED).map(nameOf).join(', ');
  return {
    ...{ status: 'True', reason: 'AllInTime' },
    message: bounded(
      `${counted.length} of ${counted.length} incidents that are not closed are in time: ${names}.${until}${besides}`,
    ),
  };
}

/** What is invalid or a copy has no phase. */
function isOpen({ status }: Incident): boolean {
  return status?.phase !== undefined && status.phase !== 'Closed';
}

function isCounted(incident: Incident): boolean {
  const { status, spec } = incident;
  return isOpen(incident) && status?.response !== undefined && spec?.alert?.name !== LATE_ALERT;
}

function isLate({ status }: Incident): boolean {
  return status?.response?.breached === true || status?.resolution?.breached === true;
}

function dueOf({ status }: Incident): string[] {
  return [status?.response, status?.resolution].flatMap(clock => clock?.due ?? []);
}

function words({ status }: Incident): string {
  return status?.conditions?.find(({ type }) => type === 'InTime')?.message ?? 'see its condition InTime.';
}

function nameOf({ metadata, spec }: Incident): string {
  return `${metadata.name} (${spec.rating?.priority ?? 'not rated'})`;
}

function byName(one: Incident, other: Incident): number {
  return one.metadata.name < other.metadata.name ? -1 : 1;
}
