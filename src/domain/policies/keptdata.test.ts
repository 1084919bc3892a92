import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { keptData, type Restored, withRetired } from './keptdata.ts';

const NOW = new Date('2026-12-10T00:00:00Z');
const kept = [{ restore: 'r1', at: '2026-12-01T02:00:00Z', bytes: 3 * 1_048_576 }];
const of = (spec: object, accepted?: string): Restored => ({
  name: 'again',
  change: {
    metadata: { name: 'restore-again', uid: 'c' },
    spec: { class: 'Normal', result: { finishedAt: '2026-12-01T03:00:00Z' }, ...spec },
    ...(accepted && { status: { conditions: [{ type: 'Accepted', status: accepted }] } }),
  } as unknown as ChangeRequest,
});

describe('the data of before a restore (AP-13, GE-13)', () => {
  it.each([
    [
      'nobody has said',
      of({}),
      'are kept until the customer accepts ChangeRequest restore-again of Restore again (GE-13)',
    ],
    [
      'it was rejected, or accepted by nobody who may',
      of({ acceptance: { decision: 'Accept' } }, 'False'),
      'are kept until the customer accepts',
    ],
    [
      'it is not known who may',
      of({ acceptance: { decision: 'Accept' } }, 'Unknown'),
      'are kept until the customer accepts',
    ],
    ['the Restore is gone', undefined, 'A person of the provider removes them'],
    ['its change is gone', { name: 'again' }, 'A person of the provider removes them'],
    ['it has no result', of({ class: 'Standard', result: undefined }), 'has no result yet'],
  ] as const)('stay, and how large they are is said, where %s', (_, restored, says) => {
    const { retires, pending, nextEdge } = keptData(kept, () => restored, NOW);
    expect([retires, nextEdge]).toEqual([undefined, undefined]);
    expect(pending).toHaveLength(1);
    expect(pending[0]?.what).toMatch(/^The data of before a restore \(before-restore-r1, 3 MiB in the guest\) /);
    expect(pending[0]?.what).toContain(says);
    expect(pending[0]?.notBefore).toBeUndefined();
  });

  it('go where the customer has accepted, one restore after the other', () => {
    const both = [...kept, { ...kept[0], restore: 'r2' }] as typeof kept;
    const { retires, pending } = keptData(both, () => of({}, 'True'), NOW);
    expect(retires).toBe('r1');
    expect(pending).toHaveLength(2);
    expect(pending[0]?.what).toContain('are being removed: ChangeRequest restore-again is accepted.');
  });

  it('go after 30 days where a Standard change is not accepted one by one, by the clock of the cluster', () => {
    const restored = of({ class: 'Standard' }, 'Unknown');
    const early = keptData(kept, () => restored, NOW);
    expect(early.retires).toBeUndefined();
    expect(early.pending[0]).toMatchObject({
      notBefore: '2026-12-31T03:00:00Z',
      what: expect.stringContaining('until 2026-12-31T03:00:00Z'),
    });
    expect(early.nextEdge).toEqual(new Date('2026-12-31T03:00:00Z'));
    expect(keptData(kept, () => restored, new Date('2026-12-31T03:00:00Z')).retires).toBe('r1');
  });

  it('are none where the guest tells of none; a plan without them is what it was', () => {
    expect(keptData([], () => undefined, NOW)).toEqual({ retires: undefined, pending: [], nextEdge: undefined });
    const plan = { steps: [] } as unknown as ApplicationPlan;
    expect(withRetired(plan, undefined)).toBe(plan);
    expect(withRetired(plan, 'r1').steps).toEqual([{ type: 'dataRetire', name: 'data-retire', restore: 'r1' }]);
  });
});
