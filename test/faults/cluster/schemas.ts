/** CRDs of ours as they were, as they may become, and as they were before anything was validated. Pure. */
import { isObject } from '../../../src/runtime/api/json.ts';

type Json = Readonly<Record<string, unknown>>;
/** A CustomResourceDefinition, or a part of its schema. */
export type Schema = Json & {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};
export type Crd = Json & {
  readonly metadata: { readonly name: string };
  readonly spec: Json & { readonly names: { readonly kind: string }; readonly versions: readonly Version[] };
};
type Version = Json & { readonly schema: { readonly openAPIV3Schema: Schema } };
/** Names of the fields that lead to one, below spec. */
export type FieldPath = readonly string[];

export const FUTURE_FIELD = 'faultsFuture';

/** Fields below spec that an order may leave out, of objects within objects too. */
export function optionalFields(crd: Crd): FieldPath[] {
  const spec = crd.spec.versions[0]?.schema.openAPIV3Schema.properties?.spec;
  return spec === undefined ? [] : optionalIn(spec, []);
}

function optionalIn({ properties = {}, required = [] }: Schema, above: FieldPath): FieldPath[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = [...above, name];
    return [...(required.includes(name) ? [] : [path]), ...optionalIn(schema, path)];
  });
}

/** Fields right below spec that an order may leave out and that the API server then fills. */
export function defaultedFields(crd: Crd): FieldPath[] {
  const spec = crd.spec.versions[0]?.schema.openAPIV3Schema.properties?.spec;
  const defaulted = Object.entries(spec?.properties ?? {}).filter(([, schema]) => schema.default !== undefined);
  return defaulted.map(([name]) => [name]);
}

/** The schema of a version that did not know the fields, nor what is validated or shown today. */
export function withoutFields(crd: Crd, paths: readonly FieldPath[]): Crd {
  return changed(crd, schema => withSpec(schema, spec => paths.reduce(without, spec)));
}

/** Whether a later version may give a new field of its spec a default: not where people agree to the spec as it is stored (ADR 0143). */
export function mayHaveDefaults({ spec: { names } }: Crd): boolean {
  return names.kind !== 'ChangeRequest';
}

/** The schema of a later version: a new field in spec, with a default where it may, and a status of which we know nothing. */
export function withFuture(crd: Crd): Crd {
  return changed(crd, schema => {
    const { properties: { status = {} } = {} } = schema;
    const future = { type: 'string', ...(mayHaveDefaults(crd) && { default: 'later' }) };
    const known = withSpec(schema, spec => ({ ...spec, properties: { ...spec.properties, [FUTURE_FIELD]: future } }));
    const open = { ...status, 'x-kubernetes-preserve-unknown-fields': true };
    return { ...known, properties: { ...known.properties, status: open } };
  });
}

/** A schema that takes anything for a spec, or none. */
export function loose(crd: Crd): Crd {
  return changed(crd, ({ required: _required, ...schema }) =>
    withSpec(schema, () => ({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })),
  );
}

/** The object without some fields below spec. */
export function withoutValues<Order extends { readonly spec: Json }>(order: Order, paths: readonly FieldPath[]): Order {
  return { ...order, spec: paths.reduce(omit, order.spec) };
}

/** Whether the object has the field below spec. */
export function hasValue(object: object | undefined, path: FieldPath): boolean {
  let value: unknown = object !== undefined && 'spec' in object ? object.spec : undefined;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value !== undefined;
}

function omit(value: Json, [name = '', ...more]: FieldPath): Json {
  const { [name]: inner, ...others } = value;
  return more.length === 0 || !isObject(inner) ? others : { ...others, [name]: omit(inner, more) };
}

function without(schema: Schema, [name = '', ...more]: FieldPath): Schema {
  const { [name]: inner, ...others } = schema.properties ?? {};
  if (inner === undefined) throw new Error(`no such field: ${name}`);
  return { ...schema, properties: more.length === 0 ? others : { ...others, [name]: without(inner, more) } };
}

function withSpec(schema: Schema, change: (spec: Schema) => Schema): Schema {
  const { properties: { spec = {}, ...others } = {} } = schema;
  return { ...schema, properties: { ...others, spec: change(spec) } };
}

/** Rules in CEL and selectable fields name fields; an older version had fewer of both, and other columns. */
function changed(crd: Crd, change: (schema: Schema) => Schema): Crd {
  const versions = crd.spec.versions.map(version => {
    const { selectableFields: _selectable, additionalPrinterColumns: _columns, ...kept } = version;
    const openAPIV3Schema = change(withoutRules(version.schema.openAPIV3Schema) as Schema);
    return { ...kept, schema: { openAPIV3Schema } };
  });
  return { ...crd, spec: { ...crd.spec, versions } };
}

function withoutRules(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRules);
  if (!isObject(value)) return value;
  const { 'x-kubernetes-validations': _rules, ...kept } = value;
  return Object.fromEntries(Object.entries(kept).map(([name, inner]) => [name, withoutRules(inner)]));
}
