import { describe, expect, it } from 'vitest';
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import { patchRunOf } from '../patching/patchrun.fixtures.ts';
import { changeOf, standard } from './change.fixtures.ts';
import { assessChange } from './changestatus.ts';
import { forgottenFrom, patchStep } from './patchwork.ts';

const at = (clock: string) => new Date(`2026-11-24T${clock}:00Z`);
/** A window from 01:00 to 03:00, and an hour for the verdicts. */
const window = { notBefore: '2026-11-24T01:00:00Z', notAfter: '2026-11-24T04:00:00Z' };
const policy: Partial<ChangeRequestSpec> = {
  ...{ operation: 'PatchRun', requestedBy: 'steward', window },
  target: { kind: 'ClusterPatchPolicy', name: 'standard', uid: 'p' },
};
const ofPolicy = standard(policy).spec;
const order = { ...ofPolicy, target: { kind: 'ManagedVM', name: 'shop-db', uid: 'a' } };
type Phase = NonNullable<PatchRun['status']>['phase'];
const ended = (phase: Phase, uid = 'a', clock = '02:00') =>
  patchRunOf({ phase, message: `It is ${phase}.`, ended: `2026-11-24T${clock}:00Z` }, uid);
const running = (uid = 'b') => patchRunOf({ phase: 'Patching', ended: undefined }, uid);
const step = (spec: ChangeRequestSpec, runs: readonly PatchRun[] | undefined, now: Date) =>
  patchStep({ spec, window, runs, now });

describe('GE-6: how far a change is by which guests are patched', () => {
  it('says how many runs have their verdict, and has no result before its window is over', () => {
    expect(step(ofPolicy, [], at('01:10'))).toEqual({ says: 'No guest has been begun.', nextEdge: at('03:00') });
    expect(step(ofPolicy, [ended('Succeeded'), running()], at('02:10'))?.says).toBe(
      '1 of 2 PatchRuns have their verdict.',
    );
    expect(step(ofPolicy, [ended('Succeeded')], at('02:10'))?.result).toBeUndefined();
    expect(step(ofPolicy, [ended('Succeeded'), running()], at('03:10'))?.result).toBeUndefined();
  });

  it.each<[Phase[], string]>([
    [['Succeeded', 'NothingToDo', 'Skipped'], 'Succeeded'],
    [['SucceededRebootPending'], 'Succeeded'],
    [['Succeeded', 'Failed'], 'Failed'],
    [['Succeeded', 'Unknown'], 'Failed'],
    [['Skipped', 'WindowExceeded'], 'Cancelled'],
    [[], 'Cancelled'],
  ])('of runs that ended as %j ends as %s, when the last of them did', (phases, outcome) => {
    const runs = phases.map((phase, index) => ended(phase, `vm-${index}`, `02:0${index}`));
    const result = step(ofPolicy, runs, at('03:00'))?.result;
    expect(result).toMatchObject({ outcome, by: 'steward' });
    if (phases.length > 0) expect(result?.finishedAt).toBe(`2026-11-24T02:0${phases.length - 1}:00Z`);
  });

  it('counts the runs by how they ended, and names three that did not end well', () => {
    const runs = ['a', 'b', 'c', 'd'].map(uid => ended('Failed', uid)).concat(ended('Succeeded', 'e'));
    expect(step(ofPolicy, runs, at('03:00'))?.result?.notes).toBe(
      '5 PatchRuns: 4 Failed, 1 Succeeded. Not well: a-nightly-2026-11-24, b-nightly-2026-11-24, c-nightly-2026-11-24 and 1 more.',
    );
  });

  it('that was ordered has its result with the verdict of its run (MO-2)', () => {
    expect(step(order, [running()], at('02:10'))?.says).toBe('PatchRun b-nightly-2026-11-24 is Patching.');
    expect(step(order, [ended('Succeeded')], at('02:10'))?.result).toEqual({
      ...{ outcome: 'Succeeded', finishedAt: '2026-11-24T02:00:00Z', by: 'steward' },
      notes: 'PatchRun a-nightly-2026-11-24 is Succeeded: It is Succeeded.',
    });
    expect(step(order, [], at('03:59'))?.result).toBeUndefined();
    expect(step(order, [], at('04:00'))?.result).toMatchObject({ outcome: 'Cancelled' });
  });

  it('says nothing of runs that cannot be read, and nothing more once it has a result', () => {
    expect(step(ofPolicy, undefined, at('05:00'))?.result).toBeUndefined();
    const result = { outcome: 'Succeeded', finishedAt: '2026-11-24T02:00:00Z', by: 'steward' } as const;
    expect(step({ ...ofPolicy, result }, [], at('05:00'))).toBeUndefined();
  });

  it('is open work in no metric where a policy has pre-approved it: there is one for each namespace and window', () => {
    const assess = (change: ReturnType<typeof standard>) =>
      assessChange({ change, approvals: [], customer: 'NoContract', runs: [], now: at('01:10') });
    expect(assess(standard(policy)).isOpen).toBe(false);
    expect(assess(changeOf({ ...policy, target: order.target })).isOpen).toBe(true);
  });
});

describe('GE-8: a change of a policy', () => {
  const result = { outcome: 'Succeeded', finishedAt: '2026-11-24T02:00:00Z', by: 'steward' } as const;

  it('is forgotten two weeks after it is over, when no run cites it any more', () => {
    expect(forgottenFrom({ spec: { ...ofPolicy, result }, runs: [] })).toEqual(new Date('2026-12-08T02:00:00Z'));
    expect(forgottenFrom({ spec: { ...ofPolicy, result }, runs: [ended('Succeeded')] })).toBeUndefined();
    expect(forgottenFrom({ spec: { ...ofPolicy, result }, runs: undefined })).toBeUndefined();
    expect(forgottenFrom({ spec: ofPolicy, runs: [] })).toBeUndefined();
  });

  it('and never what a person has ordered', () => {
    expect(forgottenFrom({ spec: { ...order, result }, runs: [] })).toBeUndefined();
  });
});
