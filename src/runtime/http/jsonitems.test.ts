import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JSONItems } from './jsonitems.ts';

function cut(text: string, sizes: readonly number[]): { items: unknown[]; rest: unknown } {
  const items: unknown[] = [];
  const cutter = new JSONItems(item => items.push(JSON.parse(item)));
  const bytes = Buffer.from(text);
  for (let [at, turn] = [0, 0]; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cutter.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { items, rest: JSON.parse(cutter.rest()) };
}

describe('items of a JSON document', () => {
  it('are the objects of a list in a field of a field, and nothing deeper, higher or else', () => {
    const document = {
      data: { result: [{ a: [{ b: 1 }] }, 2, { c: '}]"\\' }] },
      list: [{ no: 'item' }],
      deep: { er: { x: [{}] } },
    };
    expect(cut(JSON.stringify(document), [7])).toEqual({
      items: [{ a: [{ b: 1 }] }, { c: '}]"\\' }],
      rest: { ...document, data: { result: [null, 2, null] } },
    });
  });

  it('are the same, with the rest, however the text is laid out and cut into chunks', () => {
    const item = fc.oneof(fc.object(), fc.jsonValue());
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    const isItem = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
    fc.assert(
      fc.property(fc.array(item), fc.jsonValue(), sizes, fc.constantFrom(0, 2), (result, other, each, indent) => {
        const document = JSON.parse(JSON.stringify({ other: [other], data: { result } }));
        expect(cut(JSON.stringify(document, undefined, indent), each)).toEqual({
          items: document.data.result.filter(isItem),
          rest: {
            ...document,
            data: { result: document.data.result.map((value: unknown) => (isItem(value) ? null : value)) },
          },
        });
      }),
    );
  });
});
