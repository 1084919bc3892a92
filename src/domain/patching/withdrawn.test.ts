import { describe, expect, it } from 'vitest';
import type { RingStatus } from '../../api/ringstatus.ts';
import { patchRunOf } from './patchrun.fixtures.ts';
import { step } from './run.fixtures.ts';
import { type Stops, withdrawn } from './withdrawn.ts';

const ring = (name: string, state: RingStatus['state']): RingStatus => {
  return { name, state, reason: `Ring ${name} is ${state}.`, members: 1, running: 0, failed: 0 };
};
const standard: Stops = { kind: 'ClusterPatchPolicy', name: 'standard', suspend: false, rings: [] };
const own: Stops = { kind: 'PatchPolicy', name: 'tuesday-night', suspend: false, rings: [] };
const planned = patchRunOf(undefined);
const production = { ...planned, spec: { ...planned.spec, ring: 'production' } };

describe('MO-11: a run that is made and not begun', () => {
  it('stands while nothing stops it', () => {
    const rings = [ring('canary', 'Proven'), ring('production', 'Open')];
    expect(withdrawn(production, [{ ...standard, rings }])).toBeUndefined();
    expect(withdrawn(planned, [])).toBeUndefined();
  });

  it.each([
    ['its ring is halted', [{ ...standard, rings: [ring('canary', 'Proven'), ring('production', 'Halted')] }]],
    ['a ring before is halted', [{ ...standard, rings: [ring('canary', 'Halted'), ring('production', 'Open')] }]],
    ['its policy is suspended', [{ ...standard, suspend: true }]],
    ['the customer suspends his own', [standard, { ...own, suspend: true }]],
    ['the provider suspends the one that proves', [{ ...standard, suspend: true }, own]],
  ])('is skipped where %s', (_, policies) => {
    expect(withdrawn(production, policies)).toMatchObject({ phase: 'Skipped' });
  });

  it('passes a halt in an emergency, and no suspension (GE-6)', () => {
    const urgent = { ...planned, spec: { ...planned.spec, urgent: {} } };
    expect(withdrawn(urgent, [{ ...standard, rings: [ring('canary', 'Halted')] }])).toBeUndefined();
    expect(withdrawn(urgent, [{ ...standard, suspend: true }])?.phase).toBe('Skipped');
  });

  it('says which ring or policy it was', () => {
    const halted = [{ ...standard, rings: [ring('canary', 'Halted')] }];
    expect(withdrawn(planned, halted)?.message).toBe('Nothing was begun in the guest. Ring canary is Halted.');
    expect(withdrawn(planned, [{ ...own, suspend: true }])?.message).toBe(
      'Nothing was begun in the guest. PatchPolicy tuesday-night is suspended.',
    );
  });

  it('goes on where a step is noted, and keeps its verdict', () => {
    const stopped = [{ ...standard, suspend: true }];
    const begun = { phase: 'PreChecks' as const, ended: undefined, steps: [step('preflight')] };
    expect(withdrawn(patchRunOf(begun), stopped)).toBeUndefined();
    expect(withdrawn(patchRunOf({}), stopped)).toBeUndefined();
  });

  it('is not stopped by a ring after its own', () => {
    const rings = [ring('canary', 'Open'), ring('production', 'Halted')];
    expect(withdrawn(planned, [{ ...standard, rings }])).toBeUndefined();
  });
});
