import { isObject } from '../api/json.ts';
import { equalQuantities } from '../api/quantity.ts';

/** A field whose live value is not the desired one. */
export type Difference = { readonly path: string; readonly live: unknown };

/** Fields by which the elements of a list are told apart, by the list's path (`spec.ports`). */
export type ListKeys = Readonly<Record<string, readonly string[]>>;

/** Lists of every object that others may extend: they are compared element by element, not as a whole. */
const SHARED_LISTS: ListKeys = { 'metadata.ownerReferences': ['uid'], 'metadata.finalizers': [] };

/** A selector with a term more selects less. The API server, too, takes selectors as a whole (map type atomic). */
const SELECTOR = /(?:[sS]elector|\.matchLabels)$/;

/**
 * Where the live object does not carry the desired values; empty when it does. Fields that are not desired are not
 * looked at. A list must have exactly the desired elements, in order, unless it is in `listKeys` (no keys: a set).
 * A selector must have exactly the desired terms. Quantities are compared by value ("1Gi" is "1024Mi"); null and undefined in the desired object mean "not set by us".
 */
export function differences(live: unknown, desired: unknown, listKeys: ListKeys = {}): Difference[] {
  const found: Difference[] = [];
  compare(live, desired, '', { ...SHARED_LISTS, ...listKeys }, found);
  return found;
}

function compare(live: unknown, desired: unknown, path: string, listKeys: ListKeys, found: Difference[]): void {
  if (desired === undefined || desired === null || live === desired) return;
  if (Array.isArray(desired)) {
    const keys = Object.hasOwn(listKeys, path) ? listKeys[path] : undefined;
    if (!Array.isArray(live)) found.push({ path, live });
    else if (keys !== undefined) compareShared(live, desired, path, keys, listKeys, found);
    else if (live.length !== desired.length) found.push({ path, live });
    else for (const [index, item] of desired.entries()) compare(live[index], item, `${path}[]`, listKeys, found);
    return;
  }
  if (isObject(desired)) {
    if (!isObject(live) || (SELECTOR.test(path) && hasMore(live, desired))) found.push({ path, live });
    else
      for (const key in desired)
        compare(own(live, key), desired[key], path === '' ? key : `${path}.${key}`, listKeys, found);
    return;
  }
  if (!equalQuantities(live, desired)) found.push({ path, live });
}

function hasMore(live: object, desired: object): boolean {
  return Object.keys(live).some(key => !Object.hasOwn(desired, key));
}

function compareShared(
  live: readonly unknown[],
  desired: readonly unknown[],
  path: string,
  keys: readonly string[],
  listKeys: ListKeys,
  found: Difference[],
): void {
  for (const item of desired) {
    const match = live.find(other => sameElement(other, item, keys));
    if (match === undefined) found.push({ path, live: undefined });
    else compare(match, item, `${path}[]`, listKeys, found);
  }
}

/** What a label of the name `constructor` is to be must not be taken from what every object has. */
function own(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The desired lists of those in `listKeys` of which the live object has another, each in an object that holds nothing else. */
export function keyedLists(desired: unknown, live: unknown, listKeys: ListKeys = {}): Record<string, unknown>[] {
  return Object.keys(listKeys).flatMap(key => {
    const path = key.split('.');
    const list = valueAt(desired, path);
    if (!Array.isArray(list) || differences(valueAt(live, path), list).length === 0) return [];
    const [field = '', ...inner] = path;
    return [{ [field]: inner.reduceRight<unknown>((value, name) => ({ [name]: value }), list) }];
  });
}

function valueAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value;
  return isObject(value) ? valueAt(value[first], rest) : undefined;
}

/** A key that the desired element leaves to a default matches any. */
function sameElement(live: unknown, desired: unknown, keys: readonly string[]): boolean {
  if (keys.length === 0) return live === desired;
  if (!isObject(live) || !isObject(desired)) return false;
  return keys.every(key => desired[key] === undefined || live[key] === desired[key]);
}
