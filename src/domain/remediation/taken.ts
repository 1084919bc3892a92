/** What was done before, as the changes tell it. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { Rung } from '../contract/ladder.ts';
import { NOT_TO_BE_DONE } from '../contract/stewardchange.ts';

/** Whether its rung found nothing to do it with, within the time for which it counts. */
export function isInVain({ spec: { remedy, result } }: ChangeRequest, ladder: readonly Rung[], now: Date): boolean {
  const hours = ladder.find(({ name }) => name === remedy?.rung)?.maxPer.hours ?? 0;
  const isRecent = result !== undefined && now.getTime() - Date.parse(result.finishedAt) < hours * 3_600_000;
  return isRecent && result.notes?.startsWith(NOT_TO_BE_DONE) === true;
}

/** Whether both name one unit, with or without `.service`. */
export function sameUnit(one: string | undefined, other: string | undefined): boolean {
  const stem = (unit: string | undefined) => unit?.replace(/\.service$/, '');
  return one !== undefined && stem(one) === stem(other);
}
