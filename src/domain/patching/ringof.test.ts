import { describe, expect, it } from 'vitest';
import { provingRing, ringOf } from './ringof.ts';
import type { Ring } from './terms.ts';

function ring(name: string, changes: Partial<Ring> = {}): Ring {
  return {
    ...{ party: 'Provider', name, namespaces: undefined, selector: undefined },
    ...{ maxParallel: 1, maxFailures: 0, soakMs: 0, checks: [] },
    ...changes,
  };
}

const canaries = { matchLabels: { ring: 'canary' } };
const PROVIDER = [
  ring('canary', { namespaces: ['proving'], selector: canaries }),
  ring('early', { namespaces: ['proving', 'internal'] }),
  ring('production'),
];
const OWN = [
  ring('test', { party: 'Customer', selector: { matchLabels: { stage: 'test' } } }),
  ring('rest', { party: 'Customer' }),
];
const of = (rings: readonly Ring[], namespace: string, labels = {}) => ringOf(rings, { namespace, labels })?.name;

describe('MO-11: the ring that a ManagedVM is in', () => {
  it('no label moves a VM ahead of others: only the namespaces that the provider names', () => {
    expect(of(PROVIDER, 'acme', { ring: 'canary' })).toBe('production');
    expect(of(PROVIDER, 'proving', { ring: 'canary' })).toBe('canary');
    expect(of(PROVIDER, 'proving')).toBe('early');
  });

  it('of who plans himself is one of his own, if he has any', () => {
    const all = [...PROVIDER, ...OWN];
    expect([of(all, 'acme', { stage: 'test' }), of(all, 'acme'), of(all, 'internal')]).toEqual([
      'test',
      'rest',
      'early',
    ]);
  });

  it('installs what the ring of the provider before it has proven; the first proves it', () => {
    const all = [...PROVIDER, ...OWN];
    expect(all.map(each => provingRing(all, each)?.name)).toEqual([undefined, 'canary', 'early', 'early', 'early']);
  });
});
