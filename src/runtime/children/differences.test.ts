import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepEqual, sortedJson } from '../api/json.ts';
import { equalQuantities } from '../api/quantity.ts';
import { differences, keyedLists } from './differences.ts';

const cases: [
  string,
  { live: unknown; desired: unknown; keys?: Record<string, readonly string[]>; paths: string[] },
][] = [
  ['fields that we do not set are not looked at', { live: { a: 1, b: 2 }, desired: { a: 1 }, paths: [] }],
  [
    'a selector of the same name is one only with the same terms',
    { live: { selector: { a: '1', b: '2' }, x: 1 }, desired: { selector: { a: '1' } }, paths: ['selector'] },
  ],
  [
    'the labels of a selector too',
    {
      live: { s: { matchLabels: { a: '1', b: '2' } } },
      desired: { s: { matchLabels: { a: '1' } } },
      paths: ['s.matchLabels'],
    },
  ],
  ['a value that differs is found', { live: { a: { b: 1 } }, desired: { a: { b: 2 } }, paths: ['a.b'] }],
  ['a field that is missing is found', { live: {}, desired: { a: { b: 2 } }, paths: ['a'] }],
  ['null and undefined are "not set by us"', { live: {}, desired: { a: null, b: undefined }, paths: [] }],
  ['defaults inside list elements are not ours', { live: [{ a: 1, d: 0 }], desired: [{ a: 1 }], paths: [] }],
  ['a list with an element more is not ours', { live: { l: [1, 2] }, desired: { l: [1] }, paths: ['l'] }],
  ['the order of a list counts', { live: { l: [2, 1] }, desired: { l: [1, 2] }, paths: ['l[]', 'l[]'] }],
  [
    'a list with keys may be extended by others, in any order',
    { live: { p: [{ n: 2 }, { n: 1, x: 0 }] }, desired: { p: [{ n: 1 }] }, keys: { p: ['n'] }, paths: [] },
  ],
  [
    'an element of a list with keys must be there, with our values',
    {
      ...{ live: { p: [{ n: 1, v: 'old' }] }, keys: { p: ['n'] } },
      ...{ desired: { p: [{ n: 1, v: 'new' }, { n: 2 }] }, paths: ['p[].v', 'p'] },
    },
  ],
  [
    'a key that takes its default still matches',
    { live: { p: [{ n: 1, t: 'TCP' }] }, desired: { p: [{ n: 1 }] }, keys: { p: ['n', 't'] }, paths: [] },
  ],
  [
    'owner references of others may stand beside ours',
    {
      live: { metadata: { ownerReferences: [{ uid: 'x' }, { uid: 'u', name: 'n' }] } },
      ...{ desired: { metadata: { ownerReferences: [{ uid: 'u' }] } }, paths: [] },
    },
  ],
  [
    'quantities are compared by value',
    { live: { m: '1Gi', c: '1500m' }, desired: { m: '1024Mi', c: '1.5' }, paths: [] },
  ],
  [
    'a list with the name of a method of every object is a list like any other',
    { live: { toString: [{}] }, desired: { toString: [{}] }, paths: [] },
  ],
  ['numbers without a suffix are no quantities', { live: { v: '1.0' }, desired: { v: '1' }, paths: ['v'] }],
];

describe('comparing the live object with what we set', () => {
  test.each(cases)('%s', (_sentence, { live, desired, keys, paths }) => {
    expect(differences(live, desired, keys).map(({ path }) => path)).toEqual(paths);
  });

  test('for any desired object: itself, and itself with more fields, carries it', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const json = fc.letrec(tie => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    const grown = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(grown);
      if (typeof value !== 'object' || value === null) return value;
      return { ...Object.fromEntries(Object.entries(value).map(([k, v]) => [k, grown(v)])), 'added by the server': 1 };
    };
    fc.assert(
      fc.property(json, desired => {
        expect(differences(desired, desired)).toEqual([]);
        expect(differences(grown(desired), desired)).toEqual([]);
        expect(deepEqual(desired, JSON.parse(JSON.stringify(desired)))).toBe(true);
        expect(JSON.parse(sortedJson(desired))).toEqual(JSON.parse(JSON.stringify(desired)));
      }),
    );
  });

  test('sorted JSON does not depend on the order of names, and leaves undefined out', () => {
    expect(sortedJson({ b: [1, { d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[1,{"d":1}]}');
    expect(sortedJson({ a: 'x', b: [1, { d: 1 }] })).toBe('{"a":"x","b":[1,{"d":1}]}');
  });

  test.each([
    ['1Gi', '1024Mi', true],
    ['1', '1000m', true],
    ['0.5', '500m', true],
    ['1G', '1Gi', false],
    ['1k', '1000', true],
    [2, '2000m', true],
    ['1000m', '1000m', true],
    ['abc', 'abcm', false],
    ['-1Ki', '-1024', true],
    ['1.50Gi', '1536Mi', true],
  ] as const)('quantities %s and %s: equal is %s', (a, b, equal) => {
    expect(equalQuantities(a, b)).toBe(equal);
  });
});

describe('lists that must be set before an apply can be', () => {
  const keys = { 'spec.ports': ['port', 'protocol'], 'spec.other': [] };
  const desired = { spec: { ports: [{ name: 'metrics', port: 9100 }] } };

  test.each([
    ['one of which somebody changed a key', { spec: { ports: [{ name: 'metrics', port: 1 }] } }, [desired]],
    ['one to which somebody added', { spec: { ports: [{ name: 'metrics', port: 9100 }, { port: 1 }] } }, [desired]],
    ['one that is gone', { spec: {} }, [desired]],
    ['none where the live one is the desired one', { spec: { ports: [{ name: 'metrics', port: 9100, x: 1 }] } }, []],
  ])('%s', (_, live, expected) => {
    expect(keyedLists(desired, live, keys)).toEqual(expected);
  });

  test('none of a kind without such lists', () => {
    expect(keyedLists(desired, {})).toEqual([]);
  });
});
