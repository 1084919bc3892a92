import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { timeAt } from '../contract/json.ts';

/** A time zone can carry the last day of the year 9999 into one that no instant of Kubernetes has. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Words that a guest may have chosen, in quotation marks: one line, bounded, and none of the marks within, so that they end where they seem to. */
export function quoted(words: string, limit = 60): string {
  return `"${plain(words, limit)}"`;
}

/** What is plainly a name or an address as it is, and in quotation marks what is not. */
export function named(words: string, limit: number): string {
  return words.length <= limit && /^[\w.:@/-]+$/.test(words) ? words : quoted(words, limit);
}

/** The same as in quotation marks, without them: for fields of a status. */
export function plain(words: string, limit: number): string {
  return excerpt(words, limit).replaceAll('"', "'");
}

/** An instant that somebody else's clock has told, to be shown and never reckoned with; undefined if it is none. */
export function shownInstant(text: string | undefined): string | undefined {
  const time = timeAt(text);
  const shown = time && instant(time);
  return shown !== undefined && INSTANT.test(shown) ? shown : undefined;
}

/** `, since …`, or nothing. */
export function since(text: string | undefined): string {
  const shown = shownInstant(text);
  return shown === undefined ? '' : ` since ${shown}`;
}

/** At most six of them, and how many more there are. `total`: where not all of them are known by name. */
export function enumerated(names: readonly string[], limit = 6, total = names.length): string {
  const more = total > limit ? `, and ${total - limit} more` : '';
  return `${names.slice(0, limit).join(', ')}${more}`;
}

/** `1 setting`, `2 settings`. */
export function counted(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
