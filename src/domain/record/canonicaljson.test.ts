import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json, NotCanonical, readCanonicalJson } from './canonicaljson.ts';

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map(number => number + 0),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** The same value with its names in another order, as another program may have built it. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

describe('canonical JSON (RFC 8785)', () => {
  it.each([
    // RFC 8785, 3.2.3: the order of UTF-16 code units, in which a smiley comes before U+FB33.
    [
      {
        '€': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew',
        '1': 'One',
        '😀': 'Smiley',
        '\u0080': 'Control',
        ö: 'O',
      },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"O","€":"Euro Sign","😀":"Smiley","\ufb33":"Hebrew"}',
    ],
    // RFC 8785, 3.2.2.2: strings.
    ['€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [{ '10': 1, '9': 2, b: [null, true, false], a: {} }, '{"10":1,"9":2,"a":{},"b":[null,true,false]}'],
    [9007199254740991, '9007199254740991'],
    [{ there: 1, absent: undefined }, '{"there":1}'],
  ])('writes %j as the standard does', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('is one text for equal values, and gives the value back', () => {
    fc.assert(
      fc.property(json, value => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(readCanonicalJson(text))).toBe(text);
        expect(readCanonicalJson(text)).toEqual(value);
      }),
    );
  });

  it.each([0.5, 2 ** 53, Number.NaN, -0, 'half \ud83d', { '\udc00': 1 }, [undefined], 1n, () => 0])(
    'refuses %s, which has no canonical form here',
    value => {
      expect(() => canonicalJson(value)).toThrow(NotCanonical);
    },
  );

  it.each(['{"a":1,"a":1}', '{"b":1,"a":1}', '{ }', '1e3', '1.0', '-0', '"\\u0041"', '"\\/"', '{"a":1}\n', '', '{'])(
    'refuses to read %j, which says the same in another way or nothing',
    text => {
      expect(() => readCanonicalJson(text)).toThrow(NotCanonical);
    },
  );

  it('refuses what is nested so deep that a reader would fall', () => {
    expect(() => readCanonicalJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toThrow(NotCanonical);
  });
});
