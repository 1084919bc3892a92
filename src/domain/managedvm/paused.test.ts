import { describe, expect, it } from 'vitest';
import { assess } from './assess.ts';
import { input, managedVM } from './assessment.fixtures.ts';
import { assessDeletion } from './deletion.ts';
import { pausedDeletion } from './paused.ts';

const order = managedVM({ serviceLevel: 'Admin', paused: { reason: 'restore of 28 November, kim.' } });
const of = (conditions: readonly { type: string; status: string; reason: string; message: string }[], type: string) =>
  conditions.find(condition => condition.type === type);

describe('an order that a person has paused', () => {
  it('says so where others look for progress, and what would be said otherwise', () => {
    const { conditions } = assess(input({ managedVM: order }));
    expect(of(conditions, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'ReconciliationPaused' });
    expect(of(conditions, 'Ready')?.message).toMatch(
      /restore of 28 November, kim\. Steward writes nothing but this status\. Otherwise: VirtualMachine shop-db runs/,
    );
    for (const type of ['Reconciling', 'Stalled'])
      expect(of(conditions, type)).toMatchObject({ status: 'False', reason: 'ReconciliationPaused' });
  });

  it('still reports every promise', () => {
    const paused = assess(input({ managedVM: order })).conditions.slice(3);
    expect(paused).toEqual(assess(input({ managedVM: managedVM({ serviceLevel: 'Admin' }) })).conditions.slice(3));
  });

  it('is not deleted before the pause ends, and reads that', () => {
    const now = new Date('2026-11-28T12:00:00Z');
    const { conditions } = pausedDeletion(order, assessDeletion({ managedVM: order, blockers: [], now }));
    expect(of(conditions, 'Ready')?.message).toContain('The deletion goes on when the pause ends.');
  });
});
