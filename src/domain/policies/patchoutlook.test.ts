import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { patchRunOf } from '../patching/patchrun.fixtures.ts';
import { progressOf, upcomingOf } from './patchoutlook.ts';

const at = (clock: string) => new Date(`2026-11-24T${clock}:00Z`);
const opening = { window: 'nightly', date: '2026-11-24', start: at('01:00'), cutoff: at('02:30'), end: at('03:00') };
type Standing = NonNullable<NonNullable<NonNullable<ManagedVM['status']>['patching']>['updates']>['standing'];

function member(
  name: string,
  standing: Standing = [],
  spec: Record<string, unknown> = {},
  kind: 'PatchPolicy' | 'ClusterPatchPolicy' = 'PatchPolicy',
) {
  const updates = { askedAt: '2026-11-23T00:00:00Z', missing: 9, security: 0, standing };
  const patching = { policy: { kind, name: 'own' }, provenBy: 'standard', updates };
  return managedVM(spec, { metadata: { name, namespace: `ns-${name}` }, status: { patching } });
}

describe('GE-4: what a policy patches next', () => {
  const postponable = '48h';
  const updates = [
    { bucket: 'InSLA', severity: 'Other', count: 3 },
    { bucket: 'NotYetApproved', severity: 'Other', count: 5 },
    { bucket: 'Overdue', severity: 'Critical', count: 1 },
  ] as const;

  it('is told with the guests, what they lack that is approved, and who may still postpone it until when', () => {
    const members = [member('b', [...updates]), member('a'), member('off', [...updates], { powerState: 'Stopped' })];
    expect(upcomingOf({ kind: 'PatchPolicy', postponable }, members, opening, ['ben', 'anna'])).toEqual({
      ...{ managedVMs: 2, updates: 4, where: ['a', 'b'] },
      ...{ postponableUntil: '2026-11-26T01:00:00Z', postponableBy: ['anna', 'ben'] },
    });
  });

  it('names nobody where it cannot be postponed, and ten of many', () => {
    const members = Array.from({ length: 12 }, (_, index) => member(String.fromCharCode(97 + index)));
    const upcoming = upcomingOf({ kind: 'PatchPolicy', postponable: undefined }, members, opening, ['anna']);
    expect(upcoming).toEqual({ managedVMs: 12, updates: 0, where: [...'abcdefghij'], more: 2 });
  });

  it('is told by namespace for the provider’s standard, without those that it only proves the content for', () => {
    const members = [member('a', [], {}, 'ClusterPatchPolicy'), member('b')];
    const upcoming = upcomingOf({ kind: 'ClusterPatchPolicy', postponable }, members, opening, undefined);
    expect(upcoming).toMatchObject({ managedVMs: 1, where: ['ns-a'] });
    expect(upcoming.postponableBy).toBeUndefined();
  });
});

describe('how far an opening is', () => {
  const kind = 'ClusterPatchPolicy';
  const members = ['a', 'b', 'c', 'd'].map(name => member(name, [], {}, kind));
  const step = { name: 'preflight', attempt: 1, began: '2026-11-24T01:00:00Z' } as const;
  const done = (uid: string, ended: string) => patchRunOf({ steps: [step], ended }, uid);
  const running = patchRunOf({ phase: 'Patching', steps: [step], ended: undefined }, 'c');
  const progress = (runs: readonly PatchRun[]) => progressOf({ kind }, members, runs, opening);

  it('is told by the guests that are done, running and to come', () => {
    expect(progress([])).toEqual({ ...{ summary: '0 of 4 done, 0 running', done: 0, running: 0, toCome: 4 } });
    expect(progress([running, patchRunOf(undefined, 'd')])).toMatchObject({ done: 0, running: 1, toCome: 3 });
  });

  it('and ends, if the others take as long as those that are done, so many at once as the ring allows', () => {
    expect(progress([done('a', '2026-11-24T01:20:00Z'), running])).toEqual({
      summary: '1 of 4 done, 1 running, till 2026-11-24T02:20:00Z',
      ...{ done: 1, running: 1, toCome: 2, estimatedEnd: '2026-11-24T02:20:00Z' },
    });
  });

  it('has no end to come where all are done, and counts no run of another window', () => {
    const all = ['a', 'b', 'c', 'd'].map(uid => done(uid, '2026-11-24T01:20:00Z'));
    expect(progress(all)).toEqual({ summary: '4 of 4 done, 0 running', done: 4, running: 0, toCome: 0 });
    const other = { ...opening, date: '2026-11-25' };
    expect(progressOf({ kind }, members, all, other)).toMatchObject({ done: 0, toCome: 4 });
  });
});
