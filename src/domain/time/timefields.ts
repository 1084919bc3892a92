/** Times of the day as the first two fields of cron. */

/** Minute and hour of times in minutes after midnight; undefined where two fields cannot say them, such as 01:00 and 02:30. */
export function timeFields(times: readonly number[]): string | undefined {
  const [hours, minutes] = [distinct(times, time => Math.floor(time / 60)), distinct(times, time => time % 60)];
  if (hours.length * minutes.length !== times.length) return undefined;
  return `${minutes.join(',')} ${hours.length === 24 ? '*' : hours.join(',')}`;
}

function distinct(times: readonly number[], part: (time: number) => number): number[] {
  return [...new Set(times.map(part))].sort((a, b) => a - b);
}
