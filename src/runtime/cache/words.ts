import { isObject } from '../api/json.ts';

/** JSON.parse itself holds shorter ones once (V8, json-parser.h: kMaxInternalizedStringValueLength). */
const SHORTEST_WORD = 11;
/** Longer ones hardly repeat: keys, certificates, scripts. */
const LONGEST_WORD = 256;
/** Names and UIDs come by once each; when they have filled the table it begins anew, and what is common is soon back. */
export const MOST_WORDS = 2048;

/** Nothing of Kubernetes is nested that deep; what is, is left as it is. */
const DEEPEST = 64;

const words = new Map<string, string>();

/**
 * JSON.parse makes a string of its own for every value. In a cache most of them are the same few words: kinds, labels, reasons,
 * sentences. This puts one copy in the place of all, in the given value itself, and takes a quarter off the cache's memory.
 */
export function shareWords(value: unknown, depth = 0): void {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      if (typeof item === 'string') value[index] = shared(item);
      else shareWords(item, depth + 1);
    }
  } else if (isObject(value)) {
    for (const key in value) {
      const item = value[key];
      if (typeof item === 'string') value[key] = shared(item);
      else if (typeof item === 'object') shareWords(item, depth + 1);
    }
  }
}

function shared(word: string): string {
  if (word.length < SHORTEST_WORD || word.length > LONGEST_WORD) return word;
  const known = words.get(word);
  if (known !== undefined) return known;
  if (words.size >= MOST_WORDS) words.clear();
  words.set(word, word);
  return word;
}
