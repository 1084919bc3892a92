/** Which services of a guest do not run though they should: what a patch broke is told from what was broken before it (MO-11). */
import { type Answer, all, count, only } from './answer.ts';

/** More units than these are not told of: beside so many that have failed nobody sees what a patch has broken. */
export const MOST_UNITS = 100;
const UNIT = /^[A-Za-z0-9:_.\\@-]{1,200}$/;

/**
 * `services`: units that have failed, and those that systemd starts again and again because they end. A boot is waited for to its end first:
 * before it is over, nothing can be said of it. Steps of our own are none of the guest's services.
 */
export const SERVICES = `
services() {
  timeout -k 5 120 systemctl --quiet --wait is-system-running
  timeout -k 5 30 systemctl --no-legend --no-pager --plain --full --type=service,socket,mount,timer --state=failed,auto-restart list-units > "$T/units" ||
    { line services -; return; }
  awk '$1 !~ /^steward-step-/ { print substr($1, 1, 200) }' "$T/units" | sort -u > "$T/failed"
  line services "$(wc -l < "$T/failed")"
  head -n ${MOST_UNITS} "$T/failed" | lines unit
}
`;

/** The names of those units; Unreadable where systemd did not say, or something that is no name of a unit. */
export function failedUnitsOf(answer: Answer): readonly string[] | 'Unreadable' {
  const told = count(only(answer, 'services')?.[0]);
  const names = all(answer, 'unit').map(({ text }) => text);
  const whole = told !== undefined && names.length === Math.min(told, MOST_UNITS);
  return whole && names.every(name => UNIT.test(name)) ? names : 'Unreadable';
}

/** Why a patch may not begin: what it breaks could not be told. */
export function tooManyFailed(answer: Answer): readonly string[] {
  const told = count(only(answer, 'services')?.[0]) ?? 0;
  return told > MOST_UNITS ? [`${told} services have failed already: what a patch breaks could not be told.`] : [];
}
