import type { z } from 'zod';

/** A stored spec as this release reads it, or the field that cannot be read and why, in one line. */
export type Readable<Spec> =
  | { readonly spec: Spec; readonly problem?: undefined }
  | { readonly spec?: undefined; readonly problem: string };

/**
 * Fields that only a later release knows do not count: an operator that is rolled back goes on with the others. What was stored under another
 * schema may be anything.
 */
export function readable<Schema extends z.ZodType>(schema: Schema, stored: unknown): Readable<z.output<Schema>> {
  const read = schema.safeParse(stored);
  const again = read.success ? read : schema.safeParse(withoutUnknown(stored, read.error.issues));
  if (again.success) return { spec: again.data };
  const [issue] = again.error.issues;
  return { problem: `${['spec', ...(issue?.path ?? [])].join('.')}: ${issue?.message}` };
}

function withoutUnknown(stored: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const known: unknown = structuredClone(stored);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), known);
    for (const key of issue.keys) Reflect.deleteProperty(Object(holder), key);
  }
  return known;
}
