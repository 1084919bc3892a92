import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { namedList, stringSet, withRules } from '../../src/api/rules.ts';
import type { Node } from './rewrite.ts';
import { structuralSchema } from './structuralschema.ts';

/** Schema of one field, in an object as every field is. */
function field(schema: z.ZodType): Node {
  const object = structuralSchema(z.strictObject({ field: schema.describe('A field.') }), 'spec');
  const { description: _description, ...node } = (object.properties as { field: Node }).field;
  return node;
}

const text = z.string().max(10);

describe('what is rewritten', () => {
  test.each<[string, z.ZodType, Node]>([
    [
      'rule 1: a string or integer has a keyword of its own and loses its bounds',
      z.union([text, z.int().min(1)]),
      { 'x-kubernetes-int-or-string': true },
    ],
    [
      'rule 3: a strict object does not say additionalProperties, because pruning does it',
      z.strictObject({}),
      { type: 'object', properties: {} },
    ],
    [
      "rule 4: a loose object keeps unknown fields in Kubernetes' way",
      z.looseObject({}),
      { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'rule 7: two patterns become branches without a type',
      text.regex(/^a/).regex(/z$/),
      { type: 'string', maxLength: 10, allOf: [{ pattern: '^a' }, { pattern: 'z$' }] },
    ],
    ["rule 9: an integer without bounds loses zod's", z.int(), { type: 'integer', format: 'int64' }],
    [
      'rule 9: bounds that the author set stay',
      z.int().min(1).max(5),
      { type: 'integer', format: 'int32', minimum: 1, maximum: 5 },
    ],
    ['rule 11: readOnly goes', text.readonly(), { type: 'string', maxLength: 10 }],
    ['rule 11: literal numbers are integers', z.literal([1, 2]), { type: 'integer', format: 'int64', enum: [1, 2] }],
    [
      'rule 12: CEL passes through, without the predicate',
      withRules(text, { rule: "self != 'x'", message: 'not x', holds: value => value !== 'x' }),
      { type: 'string', maxLength: 10, 'x-kubernetes-validations': [{ rule: "self != 'x'", message: 'not x' }] },
    ],
    [
      'rule 14: a nested default is an empty object that the inner defaults fill',
      z.strictObject({ inner: z.int().prefault(3).describe('Inner.') }).prefault({}),
      {
        type: 'object',
        default: {},
        properties: { inner: { description: 'Inner.', type: 'integer', format: 'int64', default: 3 } },
      },
    ],
    [
      'rule 15: different strings are a set',
      stringSet(text, { max: 3 }),
      {
        type: 'array',
        minItems: 0,
        maxItems: 3,
        items: { type: 'string', maxLength: 10 },
        'x-kubernetes-list-type': 'set',
      },
    ],
    [
      'rule 15: a list of objects is a map by name',
      namedList(z.strictObject({ name: text.describe('Name.') }), { min: 1, max: 3 }),
      {
        type: 'array',
        minItems: 1,
        maxItems: 3,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name'],
          properties: { name: { description: 'Name.', type: 'string', maxLength: 10 } },
        },
      },
    ],
    [
      'rule 6: a record with plain keys is a map',
      z.record(z.string(), text).meta({ maxProperties: 4 }),
      { type: 'object', maxProperties: 4, additionalProperties: { type: 'string', maxLength: 10 } },
    ],
  ])('%s', (_promise, schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });

  test('rule 14: a field with a default is not required', () => {
    const schema = z.strictObject({ a: text.describe('A.'), b: text.prefault('b').describe('B.') });
    expect(structuralSchema(schema, 'spec').required).toEqual(['a']);
  });
});

describe('what is refused, by path', () => {
  interface Tree {
    child?: Tree | undefined;
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.strictObject({ child: tree.optional().describe('Child.') }));
  test.each<[string, z.ZodType, RegExp]>([
    ['rule 2: a union', z.union([text, z.boolean()]), /union/],
    [
      'rule 2: a discriminated union',
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('a').describe('Kind.') }),
        z.strictObject({ kind: z.literal('b').describe('Kind.') }),
      ]),
      /union/,
    ],
    ['rule 2: an intersection', z.intersection(z.strictObject({}), z.strictObject({})), /intersection/],
    ['rule 5: unknown', z.unknown(), /no type/],
    ['rule 5: any', z.any(), /no type/],
    ['rule 5: a date', z.date(), /not JSON/],
    ['rule 5: a bigint', z.bigint(), /not JSON/],
    ['rule 5: a transform', text.transform(value => value.length), /transform/],
    ['rule 5: trimming, a transform in disguise', text.trim(), /transform/],
    ['rule 5: a map of anything', z.record(z.string(), z.unknown()).meta({ maxProperties: 4 }), /no type/],
    ['rule 6: a record with enum keys', z.record(z.enum(['a', 'b']), text), /keys of a record/],
    ['rule 8: flags of a regular expression', text.regex(/^a$/i), /flags i are lost/],
    ['rule 8: look-ahead', text.regex(/^(?=a)/), /look-around/],
    ['rule 8: look-behind', text.regex(/(?<!a)b$/), /look-around/],
    ['rule 8: a back-reference', text.regex(/^(a)\1$/), /back-references/],
    ['rule 8: classes that RE2 reads differently', text.regex(/^\s$/), /differently/],
    ['rule 10: recursion', tree, /\$ref|recursive/],
    [
      'rule 17: a default within a map that is applied whole',
      z
        .strictObject({ kind: z.enum(['A', 'B']).prefault('A').describe('Kind.') })
        .meta({ 'x-kubernetes-map-type': 'atomic' }),
      /default within/,
    ],
    ['rule 12: a refinement without CEL', text.refine(value => value !== 'x'), /vanishes/],
    ['rule 13: null', text.nullable(), /null/],
    ['rule 14: catch', text.catch('x'), /catch/],
    ['rule 14: an object default that skips the defaults inside', z.strictObject({}).default({}), /prefault/],
    [
      'rule 15: a format, with which the API server takes a list for a string',
      text.meta({ format: 'date' }),
      /takes a list/,
    ],
    ['rule 15: uniqueItems', z.array(text).max(3).meta({ uniqueItems: true }), /stringSet/],
    ['rule 16: a string without a bound', z.string(), /needs \.max/],
    ['rule 16: a list without a bound', z.array(text), /needs \.max/],
    ['rule 16: a map without a bound', z.record(z.string(), text), /needs maxProperties/],
    ['a list without a list type', z.array(text).max(3), /list-type/],
    ['a keyword that no structural schema has', text.meta({ examples: ['x'] }), /examples is not a keyword/],
  ])('%s', (_promise, schema, why) => {
    const nested = z.strictObject({
      list: namedList(z.strictObject({ name: text.describe('Name.'), field: schema.describe('Field.') }), {
        max: 2,
      }).describe('List.'),
    });
    expect(() => structuralSchema(nested, 'spec')).toThrow(why);
    expect(() => structuralSchema(nested, 'spec')).toThrow(/^spec\.list\[\]\.field/);
  });

  test('a field without a description', () => {
    expect(() => structuralSchema(z.strictObject({ field: text }), 'spec')).toThrow(/^spec\.field: needs \.describe/);
  });
});
