import { NotStructural } from './notstructural.ts';

/** One node of a JSON schema. */
export type Node = { [keyword: string]: unknown };

/** Keywords in the order in which a person reads them; any other is refused. */
const keywords = [
  'description',
  'type',
  'format',
  'nullable',
  'enum',
  'default',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'allOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'properties',
  'items',
  'additionalProperties',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** JSON schema as zod writes it → structural schema. The numbers are those of the rules in docs/adr/0020. */
export function rewrite(node: Node, path: string): Node {
  const steps = [intOrString, mergedPatterns, openObject, integer, literal];
  const current = steps.reduce((value, step) => step(value, path), { ...node });
  delete current.readOnly;
  refuseUnstructured(current, path);
  refuseUnbounded(current, path);
  refuseDefaultWithinWhole(current, path);
  if (isNode(current.properties)) current.properties = properties(current.properties, path);
  if (isNode(current.items)) current.items = rewrite(current.items, `${path}[]`);
  if (isNode(current.additionalProperties)) {
    current.additionalProperties = rewrite(current.additionalProperties, `${path}[*]`);
  }
  return ordered(current, path);
}

function properties(fields: Node, path: string): Node {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const at = `${path}.${name}`;
      if (!isNode(field)) throw new NotStructural(at, 'is not a schema');
      if (typeof field.description !== 'string') throw new NotStructural(at, 'needs .describe(): people read it');
      return [name, rewrite(field, at)];
    }),
  );
}

/** Rule 1: `anyOf[string, integer]` has a keyword of its own. */
function intOrString(node: Node): Node {
  const { anyOf, ...rest } = node;
  const types = nodes(anyOf).map(option => option.type);
  const isPair = types.length === 2 && types.includes('string') && types.includes('integer');
  return isPair ? { ...rest, 'x-kubernetes-int-or-string': true } : node;
}

/** Rule 7: two patterns on one string come as `allOf`, whose branches may not carry a type. */
function mergedPatterns(node: Node, path: string): Node {
  if (node.allOf === undefined) return node;
  const patterns = nodes(node.allOf).map(({ type: _type, ...branch }) => branch);
  if (node.type !== 'string' || patterns.some(branch => Object.keys(branch).join() !== 'pattern')) {
    throw new NotStructural(path, 'allOf may only hold patterns of one string (rule 7)');
  }
  return { ...node, allOf: patterns };
}

/** Rules 3 and 4: pruning already drops unknown fields; an object that keeps them says so in Kubernetes' way. */
function openObject(node: Node): Node {
  if (!isNode(node.properties)) return node;
  const { additionalProperties, ...rest } = node;
  const open = isNode(additionalProperties) && Object.keys(additionalProperties).length === 0;
  return open ? { ...rest, 'x-kubernetes-preserve-unknown-fields': true } : rest;
}

/** Rule 9: zod's ±(2^53−1) is not a bound that the author set. */
function integer(node: Node): Node {
  if (node.type !== 'integer') return node;
  const current = { ...node };
  if (current.minimum === Number.MIN_SAFE_INTEGER) delete current.minimum;
  if (current.maximum === Number.MAX_SAFE_INTEGER) delete current.maximum;
  const small = [current.minimum, current.maximum].every(
    bound => typeof bound === 'number' && Math.abs(bound) < 2 ** 31,
  );
  return { ...current, format: small ? 'int32' : 'int64' };
}

/** Rule 11: literal numbers come as `number`. */
function literal(node: Node): Node {
  const whole = node.type === 'number' && Array.isArray(node.enum) && node.enum.every(value => Number.isInteger(value));
  return whole ? { ...node, type: 'integer', format: 'int64' } : node;
}

function refuseUnstructured(node: Node, path: string): void {
  if (node.anyOf ?? node.oneOf ?? node.not) throw new NotStructural(path, 'anyOf, oneOf and not carry types (rule 2)');
  if (node.$ref ?? node.$defs ?? node.definitions ?? node.id)
    throw new NotStructural(path, '$ref is not allowed (rule 10)');
  if (node.nullable) throw new NotStructural(path, 'null is not a value in our API; make it optional (rule 13)');
  if (node.uniqueItems) throw new NotStructural(path, 'uniqueItems is refused; use stringSet() (rule 15)');
  if (node.type === 'string' && node.format !== undefined) {
    throw new NotStructural(
      path,
      `with format ${node.format} the API server takes a list for a string; use a pattern (rule 15)`,
    );
  }
  if (node.type === undefined && node['x-kubernetes-int-or-string'] === undefined) {
    throw new NotStructural(path, 'has no type (rule 5)');
  }
}

/** Rule 16: CEL's cost estimate assumes the worst of what is not bounded. */
function refuseUnbounded(node: Node, path: string): void {
  if (node.type === 'string' && node.maxLength === undefined && node.enum === undefined) {
    throw new NotStructural(path, 'a string needs .max() (rule 16)');
  }
  if (node.type === 'array' && node.maxItems === undefined)
    throw new NotStructural(path, 'a list needs .max() (rule 16)');
  if (node.type === 'array' && node['x-kubernetes-list-type'] === undefined) {
    throw new NotStructural(path, 'a list needs x-kubernetes-list-type, or server-side apply replaces it whole');
  }
  if (isNode(node.additionalProperties) && node.maxProperties === undefined) {
    throw new NotStructural(path, 'a map needs maxProperties (rule 16)');
  }
}

/**
 * Rule 17: who applies an atomic map or list owns all of it, also a default that he never wrote, so that Argo CD's comparison for
 * server-side apply finds a difference for ever.
 */
function refuseDefaultWithinWhole(node: Node, path: string): void {
  const whole = node['x-kubernetes-map-type'] === 'atomic' || node['x-kubernetes-list-type'] === 'atomic';
  if (whole && hasDefaultWithin(node))
    throw new NotStructural(path, 'a default within what is applied whole (rule 17)');
}

function hasDefaultWithin({ properties = {}, items, additionalProperties }: Node): boolean {
  const parts = [...Object.values(properties as Node), items, additionalProperties].filter(isNode);
  return parts.some(part => part.default !== undefined || hasDefaultWithin(part));
}

function ordered(node: Node, path: string): Node {
  const stranger = Object.keys(node).find(keyword => !keywords.some(known => known === keyword));
  if (stranger) throw new NotStructural(path, `${stranger} is not a keyword of a structural schema`);
  return Object.fromEntries(keywords.flatMap(keyword => (keyword in node ? [[keyword, node[keyword]]] : [])));
}
