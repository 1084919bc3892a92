/** What a record is made of. Numbers are whole: a fraction has more than one way to be written by hand, and none is needed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Deeper values are refused: nothing of ours is, and a reader must not be brought down by what a file holds. */
const DEEPEST = 16;

/** A value that has no canonical form. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

/**
 * The one text of a value (RFC 8785), from which its hash is taken: no blanks, names in the order of their UTF-16 units, strings as ECMAScript
 * writes them. The subset: whole numbers of at most 2^53-1, and no negative zero. Throws NotCanonical for anything else, lone surrogates included.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEEPEST) throw new NotCanonical(`more than ${DEEPEST} levels`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item, depth + 1)).join(',')}]`;
  if (typeof value !== 'object') throw new NotCanonical(`a ${typeof value} is not JSON`);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${canonicalString(name)}:${canonicalJson(field, depth + 1)}`);
  return `{${fields.join(',')}}`;
}

/** The value of a text that is its canonical form. Throws NotCanonical for every other text: blanks, another order, a name twice. */
export function readCanonicalJson(text: string): Json {
  const value = parsed(text);
  if (canonicalJson(value) !== text) throw new NotCanonical('the text is not the canonical form of what it says');
  return value;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new NotCanonical('the text is not JSON', { cause: error });
  }
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new NotCanonical('a string has half a surrogate pair');
  return JSON.stringify(text);
}

function canonicalNumber(number: number): string {
  if (!Number.isSafeInteger(number) || Object.is(number, -0)) throw new NotCanonical(`${number} is not a whole number`);
  return String(number);
}
