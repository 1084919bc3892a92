import type { z } from 'zod';
import { type Readable, readable } from '../domain/contract/readable.ts';
import type { KubeObject } from '../runtime/api/object.ts';

/** The namespaces that a Contract names, whatever else can be read of it: it may have been stored under another schema. */
export function namespacesOf({ spec }: KubeObject): readonly string[] {
  return textsOf(Reflect.get(Object(spec), 'namespaces'));
}

/** The ServicePlans that a Contract names, each once. */
export function plansOf({ spec }: KubeObject): readonly string[] {
  const entries: unknown = Reflect.get(Object(spec), 'plans');
  return textsOf(Array.isArray(entries) ? entries.map((entry: unknown) => Reflect.get(Object(entry), 'plan')) : []);
}

function textsOf(values: unknown): readonly string[] {
  return Array.isArray(values) ? [...new Set(values.filter(value => typeof value === 'string'))] : [];
}

/**
 * Reads a spec of the cache once, however many objects depend on it: a Contract is looked at by each of its thousands of ManagedVMs, and
 * what is in the cache never changes in place.
 */
export function readOnce<Schema extends z.ZodType>(schema: Schema): (spec: unknown) => Readable<z.output<Schema>> {
  const read = new WeakMap<object, Readable<z.output<Schema>>>();
  return spec => {
    if (typeof spec !== 'object' || spec === null) return readable(schema, spec);
    const known = read.get(spec) ?? readable(schema, spec);
    read.set(spec, known);
    return known;
  };
}
