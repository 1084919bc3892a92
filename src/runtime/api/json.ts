/** Whether a value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equality of JSON values; a property that is undefined counts as absent, as in JSON.stringify. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  let shared = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    if (!deepEqual(a[key], b[key])) return false;
    shared += 1;
  }
  for (const key in b) if (b[key] !== undefined) shared -= 1;
  return shared === 0;
}

/**
 * JSON with sorted names: the same text for equal values however they were built. For comparing and hashing what stays among ourselves; what somebody
 * else shall be able to recompute needs a standard (RFC 8785, `canonicalJson` of records), which refuses what has no one form.
 */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  // Not by assignment, which would lose a field of the name __proto__.
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sorted(value[key])]),
  );
}
