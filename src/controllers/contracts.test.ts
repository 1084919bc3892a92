import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { namespacesOf, plansOf, readOnce } from './contracts.ts';

const stored = (spec: unknown) => ({
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'Contract',
  metadata: { name: 'acme' },
  spec,
});

describe('what a Contract names', () => {
  it('is read whatever else was stored', () => {
    const contract = stored({
      namespaces: ['a', 'b', 'a', 7],
      plans: [{ plan: 'x' }, { plan: 'x' }, null, 'y', { plan: 5 }],
    });
    expect(namespacesOf(contract)).toEqual(['a', 'b']);
    expect(plansOf(contract)).toEqual(['x']);
  });

  it.each([undefined, null, 'all', { namespaces: null, plans: 'all' }, []])('is nothing in %j', spec => {
    expect(namespacesOf(stored(spec))).toEqual([]);
    expect(plansOf(stored(spec))).toEqual([]);
  });
});

describe('a spec of the cache', () => {
  it('is read once, as long as it is the same object', () => {
    const read = readOnce(z.strictObject({ name: z.string() }));
    const spec = { name: 'acme' };
    expect(read(spec)).toEqual({ spec });
    expect(read(spec)).toBe(read(spec));
    expect(read({ name: 'acme' })).not.toBe(read(spec));
  });

  it('that is none says so', () => {
    expect(readOnce(z.strictObject({}))(undefined).problem).toMatch(/^spec: /);
  });
});
