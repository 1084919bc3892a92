import { z } from 'zod';
import type { ValidationRule } from './kind.ts';

/** A rule that a value decides alone: CEL for the API server and, beside it, the same predicate for our own parsing. */
export type Rule<Value> = ValidationRule & { readonly message: string; readonly holds: (value: Value) => boolean };

/** Refinements that the API server enforces too; the generator refuses any other, because it would vanish from the CRD. */
const declared = new WeakSet<object>();

export const isDeclaredCheck = (check: object): boolean => declared.has(check);

function refine<Schema extends z.ZodType>(
  schema: Schema,
  holds: (value: z.output<Schema>) => boolean,
  message: string,
  path: string[] = [],
): Schema {
  // As in the API server, a rule is asked only about a value whose shape is right.
  const refined = schema.refine(holds, { error: message, path, when: ({ issues }) => issues.length === 0 });
  const check = refined._zod.def.checks?.at(-1);
  if (check) declared.add(check);
  return refined;
}

const toPath = (fieldPath: string | undefined): string[] => fieldPath?.split('.').filter(part => part !== '') ?? [];

/** Adds rules that hold for every single state of the value. */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: Rule<z.output<Schema>>[]): Schema {
  return rules.reduce((current, { holds, ...cel }) => {
    const refined = refine(current, holds, cel.message, toPath(cel.fieldPath));
    return withTransitionRules(refined, cel);
  }, schema);
}

/** Adds CEL rules without a predicate: those that compare with `oldSelf`, which a parser of one object cannot see. */
export function withTransitionRules<Schema extends z.ZodType>(schema: Schema, ...rules: ValidationRule[]): Schema {
  const present = z.globalRegistry.get(schema)?.['x-kubernetes-validations'];
  const earlier = Array.isArray(present) ? present : [];
  return schema.meta({ 'x-kubernetes-validations': [...earlier, ...rules] });
}

/** Of an object's optional fields exactly one of those named is there. */
export function withExactlyOne<Field extends string, Schema extends z.ZodType<{ readonly [Name in Field]?: unknown }>>(
  schema: Schema,
  fields: readonly Field[],
  message: string,
): Schema {
  return withRules(schema, {
    rule: `[${fields.map(field => `has(self.${field})`).join(', ')}].exists_one(each, each)`,
    message,
    holds: value => fields.filter(field => value[field] !== undefined).length === 1,
  });
}

/** Adds a rule that the API server enforces by a schema keyword (`keywords`) which zod does not know. */
export function withNativeRule<Schema extends z.ZodType>(
  schema: Schema,
  keywords: Record<string, unknown>,
  message: string,
  holds: (value: z.output<Schema>) => boolean,
): Schema {
  return refine(schema, holds, message).meta(keywords);
}

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

/** A list whose entries are told apart by a field; server-side apply merges it entry by entry. */
export function keyedList<Key extends string, Item extends z.ZodType<Record<Key, string>>>(
  item: Item,
  key: Key,
  bounds: { min?: number; max: number },
) {
  const list = z
    .array(item)
    .min(bounds.min ?? 0)
    .max(bounds.max);
  return withNativeRule(
    list,
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] },
    `two entries have the same ${key}`,
    entries => unique(entries.map(entry => entry[key])),
  );
}

/** A list whose entries are told apart by `name`. */
export function namedList<Item extends z.ZodType<{ name: string }>>(item: Item, bounds: { min?: number; max: number }) {
  return keyedList(item, 'name', bounds);
}

/** A list of different strings. */
export function stringSet<Item extends z.ZodType<string>>(item: Item, bounds: { min?: number; max: number }) {
  const list = z
    .array(item)
    .min(bounds.min ?? 0)
    .max(bounds.max);
  return withNativeRule(list, { 'x-kubernetes-list-type': 'set' }, 'two entries are the same', unique);
}
