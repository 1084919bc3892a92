import { DIGEST_LENGTH, digestOf } from '../contract/digest.ts';
import { canonicalJson, type Json } from './canonicaljson.ts';
import type { Facts } from './entry.ts';

/** A fact of more characters is told by its hash; so are the longest ones, until all of them fit a record twice: before and after. */
const LONGEST_FACT = 512;
const LONGEST_FACTS = 3_000;

/** Any JSON as a record may hold it: fractions as text, nothing undefined, nothing deeper than it can be. */
export function factOf(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : String(value);
  if (depth > 6) return digestOf(JSON.stringify(value));
  if (Array.isArray(value)) return value.map(item => factOf(item, depth + 1));
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name.toWellFormed(), factOf(field, depth + 1)]));
}

/** Facts within bounds, whatever an order holds: what is too long is told by its hash, so that a change of it is noticed all the same. */
export function bounded(facts: Facts): Facts {
  const texts = Object.entries(facts).map(([name, value]) => [name, canonicalJson(value)] as const);
  const shortened = new Set(texts.filter(([, text]) => text.length > LONGEST_FACT).map(([name]) => name));
  const lengthOf = (name: string, text: string) =>
    name.length + (shortened.has(name) ? DIGEST_LENGTH : text.length) + 4;
  let total = texts.reduce((sum, [name, text]) => sum + lengthOf(name, text), 0);
  for (const [name, text] of texts.toSorted((a, b) => b[1].length - a[1].length)) {
    if (total <= LONGEST_FACTS) break;
    if (shortened.has(name)) continue;
    shortened.add(name);
    total -= Math.max(0, text.length - DIGEST_LENGTH);
  }
  return Object.fromEntries(
    texts.map(([name, text]) => [name, shortened.has(name) ? digestOf(text) : (facts[name] ?? null)]),
  );
}

/** What differs, each side with its own; undefined where nothing does. */
export function difference(before: Facts, after: Facts): { readonly before: Facts; readonly after: Facts } | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const differing = [...names].filter(name => textOf(before, name) !== textOf(after, name));
  if (differing.length === 0) return undefined;
  const side = (facts: Facts) => Object.fromEntries(Object.entries(facts).filter(([name]) => differing.includes(name)));
  return { before: side(before), after: side(after) };
}

function textOf(facts: Facts, name: string): string {
  return Object.hasOwn(facts, name) ? canonicalJson(facts[name]) : '';
}

/** The facts after a difference: what it takes away goes, what it brings comes. */
export function applied(
  facts: Facts,
  change: { readonly before?: Facts | undefined; readonly after?: Facts | undefined },
): Facts {
  const gone = new Set(Object.keys(change.before ?? {}));
  const kept = Object.entries(facts).filter(([name]) => !gone.has(name));
  return Object.fromEntries([...kept, ...Object.entries(change.after ?? {})]);
}
