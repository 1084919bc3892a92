import { describe, expect, it } from 'vitest';
import { type ZodObject, z } from 'zod';
import { type ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import { changeOf } from './change.fixtures.ts';
import { planHashOf } from './planhash.ts';

const change = changeOf();
const hash = planHashOf(change);

describe('GE-6: the hash to which a decision is bound', () => {
  it.each<[string, Partial<ChangeRequest['spec']>]>([
    ['title', { title: 'Another' }],
    ['class', { class: 'Emergency' }],
    ['target', { target: { kind: 'ManagedVM', name: 'other' } }],
    ['plan', { plan: ['Grow the file system', 'Set spec.disks[data].size to 200Gi'] }],
    ['reason', { reason: 'Another' }],
    ['risk', { risk: { rating: 'Medium', reasons: ['Done many times'] } }],
    ['window', { window: { notBefore: '2026-12-01T20:00:00Z' } }],
    ['deadline of postponement', { postponableUntil: '2026-12-02T20:00:00Z' }],
    ['way back', { wayBack: 'Another' }],
    ['agreement', { agreement: { parties: [{ party: 'Customer', count: 2 }] } }],
    ['requester', { requestedBy: 'lee' }],
  ])('is another one for another %s', (_what, spec) => {
    expect(planHashOf(changeOf(spec))).not.toBe(hash);
  });

  it('is the same after the result and the acceptance, however the fields are ordered', () => {
    const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T21:00:00Z', by: 'kim' } as const;
    const acceptance = { decision: 'Accept', by: 'oidc:anna' } as const;
    const reordered = Object.fromEntries(Object.entries(change.spec).toReversed()) as typeof change.spec;
    expect(planHashOf({ ...change, spec: { ...reordered, result, acceptance } })).toBe(hash);
  });

  it('is that of one incarnation: no decision on a deleted change counts for another of its name', () => {
    expect(planHashOf(changeOf({}, 'decaf'))).not.toBe(hash);
  });

  it('covers no field with a default: one that a later version adds would void every decision', () => {
    const text = JSON.stringify(z.toJSONSchema(ChangeRequestSpec as unknown as ZodObject, { io: 'input' }));
    expect(text).toContain('"plan"');
    expect(text).not.toContain('"default"');
  });
});
