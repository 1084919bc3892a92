import { z } from 'zod';
import { withRules } from './rules.ts';

const pattern = /^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$/;

/** Seconds of a duration in Go's notation with whole hours, minutes and seconds. @throws RangeError for any other text. */
export function secondsOf(duration: string): number {
  const match = pattern.exec(duration);
  if (!match || duration === '') throw new RangeError(`${duration} is not a duration such as 26h or 1h30m`);
  const [hours, minutes, seconds] = match.slice(1).map(part => Number.parseInt(part ?? '0', 10));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** The same in milliseconds. @throws RangeError as {@link secondsOf}. */
export function millisecondsOf(duration: string): number {
  return secondsOf(duration) * 1000;
}

/** The inverse of {@link millisecondsOf}, to the second: as people write it, e.g. `72h`. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('') || '0s';
}

/** A duration in Go's notation with whole hours, minutes and seconds, where zero means something: `0s`. */
export const DurationOrZero = z.string().min(2).max(20).regex(pattern);

/** A duration longer than zero in Go's notation with whole hours, minutes and seconds, e.g. `26h` or `1h30m`. */
export const Duration = withRules(z.string().min(2).max(20).regex(pattern), {
  rule: "duration(self) > duration('0s')",
  message: 'must be longer than zero, e.g. 26h or 1h30m',
  holds: value => secondsOf(value) > 0,
});
