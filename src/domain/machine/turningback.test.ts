import { describe, expect, it } from 'vitest';
import type { PatchRun } from '../../api/patchrun.ts';
import { turningBack } from './turningback.ts';

const disks = [{ disk: 'root', claim: 'restore-1-root', uid: 'new' }];
const run = (
  rollback: object | undefined,
  verdict?: string,
  more: { name?: string; start?: string; phase?: string } = {},
) => {
  const { name = 'run', start = '2026-12-02T02:00:00Z', phase = 'RollingBack' } = more;
  const steps = [{ name: 'rollback', attempt: 1, began: start, ...(verdict && { verdict }) }];
  return {
    ...{ metadata: { name }, spec: { occurrence: { start } } },
    status: { phase, steps, ...(rollback && { rollback }) },
  } as unknown as PatchRun;
};
const begun = { instance: 'first' };

describe('a machine that is turned back (GE-8)', () => {
  it('is off from when the instance is noted that ends, until KubeVirt is done', () => {
    expect(turningBack([run({ reason: 'broken' })])).toBeUndefined();
    expect(turningBack([run(begun)])).toMatchObject({ run: 'run', isOff: true });
    expect(turningBack([run({ ...begun, disks, restoredAt: '2026-12-02T02:30:00Z' })])?.isOff).toBe(false);
  });

  it.each([
    ['its step has failed', run(begun, 'Failed')],
    ['its run was given up', run(begun, undefined, { phase: 'Unknown' })],
  ])('is on again where %s, and nobody has consented to what was made', (_, one) => {
    const { status } = one;
    const made = { ...one, status: { ...status, rollback: { ...begun, disks } } } as PatchRun;
    expect(turningBack([made])).toEqual({ run: 'run', isOff: false, claims: new Map() });
  });

  it('has the claims that the run names, by uid, afterwards too', () => {
    const claims = new Map([['root', 'new']]);
    expect(turningBack([run({ ...begun, disks })])?.claims).toEqual(claims);
    expect(turningBack([run({ ...begun, disks }, 'Passed', { phase: 'RolledBack' })])?.claims).toEqual(claims);
  });

  it('is as the newest run says', () => {
    const older = run({ ...begun, disks }, 'Passed', { name: 'older', start: '2026-12-01T02:00:00Z' });
    expect(turningBack([older, run(begun)])).toMatchObject({ run: 'run', isOff: true });
    expect(turningBack([run(undefined), older])).toMatchObject({ run: 'older' });
  });
});
