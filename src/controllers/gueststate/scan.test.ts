import { describe, expect, it } from 'vitest';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import { SCAN } from '../../guest/packages/apt.fixtures.ts';
import { apt } from '../../guest/packages/apt.ts';
import { shellSteps } from '../../guest/run/scripts.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Answer } from '../../guest/transport/session.ts';
import { abandoned, type Scanning, scanned } from './scan.ts';

const BOOT = '11111111-1111-1111-1111-111111111111';
const NOW = new Date('2026-11-29T12:00:00Z');
const HOLDER = 'worker_1-scan';

/** A guest that answers with these words in turn, whatever it is asked with, and a record that notes each write of it. */
function scanning(status: GuestStateStatus, answers: readonly string[], more: Partial<Scanning> = {}) {
  const writes: GuestStateStatus[] = [];
  const asked: string[] = [];
  const rest = [...answers];
  const draft = {
    status,
    write: () => {
      writes.push(draft.status);
      return Promise.resolve();
    },
  };
  const script = (text: string): Promise<Answer> => {
    const nonce = /(?:echo "|printf '%s ' )([0-9a-f]{32})/.exec(text)?.[1];
    asked.push(text.includes('base64 -w0; echo') ? 'output' : text.includes('base64 -d') ? 'begin' : 'ask');
    const said = rest.shift();
    if (said === undefined) return Promise.reject(new GuestFailure('ConnectionLost', 'gone'));
    return Promise.resolve({
      exitCode: 0,
      signal: undefined,
      stdout: `${nonce} ${said}\n`,
      stderr: '',
      truncated: false,
    });
  };
  const work: Scanning = {
    ...{ holder: HOLDER, family: apt, script, scripts: shellSteps(), draft, first: 7, now: () => NOW },
    leaseUnchangedMs: () => 0,
    ...more,
  };
  return { work, draft, writes, asked };
}

const boot = (state: string): string => `${BOOT} ${state}`;
const output = (text: string): string => Buffer.from(text).toString('base64');
const whole = [boot('Never'), boot('Never'), boot('Begun'), boot('Finished 0'), output(SCAN)];
const lease = (holder: string, purpose = 'Patch') => ({
  ...{ holder, purpose, generation: 9, since: '2026-11-29T11:59:00Z', until: '2026-11-29T12:00:30Z' },
});

describe('asking a guest for its updates', () => {
  it('MO-10: takes the lease, asks by one step, writes down what is missing, and gives the lease back', async () => {
    const { work, draft, writes } = scanning({}, whole);
    expect(await scanned(work)).toBe('Complete');
    expect(writes[0]).toMatchObject({ lease: { holder: HOLDER, purpose: 'Scan', generation: 7 } });
    expect(writes[1]).toMatchObject({ steps: [{ id: 'scan-7', phase: 'Claimed' }] });
    expect(draft.status).toEqual(writes.at(-1));
    expect(draft.status.lease).toBeUndefined();
    expect(draft.status.updates).toMatchObject({ at: '2026-11-29T12:00:00Z', complete: true, count: { Unknown: 3 } });
  });

  it('writes no updates where they say the same', async () => {
    const first = scanning({}, whole);
    await scanned(first.work);
    const { updates } = first.draft.status;
    const later = new Date(NOW.getTime() + 3_600_000);
    const again = scanning({ ...(updates && { updates }) }, whole, { now: () => later });
    expect(await scanned(again.work)).toBe('Complete');
    expect(again.draft.status.updates).toBe(updates);
  });

  it('GE-8: begins nothing while another holds the lease, or has begun a step that is not over', async () => {
    const held = scanning({ lease: lease('runner'), leaseGeneration: 9 }, whole);
    expect(await scanned(held.work)).toBe('Waiting');
    const fence = { generation: 9, bootId: BOOT };
    const step = { id: 'patch-1-install-1', phase: 'Claimed' as const, fence, at: '2026-11-29T11:59:00Z' };
    const begun = scanning({ leaseGeneration: 9, steps: [step] }, whole);
    expect(await scanned(begun.work)).toBe('Waiting');
    expect([...held.asked, ...held.writes, ...begun.asked, ...begun.writes]).toEqual([]);
  });

  it('goes on with what a worker before has left, by the same step', async () => {
    const fence = { generation: 9, bootId: BOOT };
    const step = { id: 'scan-9', phase: 'Claimed' as const, fence, at: '2026-11-29T11:59:00Z' };
    const before = { lease: lease('dead-scan', 'Scan'), leaseGeneration: 9, steps: [step] };
    const { work, draft, asked } = scanning(before, [boot('Finished 0'), output(SCAN)], {
      leaseUnchangedMs: () => 60_000,
    });
    expect(await scanned(work)).toBe('Complete');
    expect(asked).toEqual(['ask', 'output']);
    expect(draft.status).toMatchObject({ leaseGeneration: 10, steps: [{ id: 'scan-9', phase: 'Ended' }] });
  });

  it('keeps the lease while the step runs, and renews it', async () => {
    const { work, draft } = scanning({}, [boot('Never'), boot('Never'), boot('Begun'), boot('Running')]);
    expect(await scanned(work)).toBe('Working');
    const later = scanning(draft.status, [boot('Running')], {
      leaseUnchangedMs: () => 20_000,
      now: () => new Date(NOW.getTime() + 20_000),
    });
    expect(await scanned(later.work)).toBe('Working');
    expect(later.draft.status.lease).toMatchObject({ holder: HOLDER, until: '2026-11-29T12:01:05Z' });
  });

  it.each([
    ['what is not understood', [...whole.slice(0, 4), output('nonsense')], 'Failed'],
    ['no output', [...whole.slice(0, 4), 'no base64 at all'], 'Failed'],
    ['that it was cut off', [...whole.slice(0, 3), boot('Gone')], 'Failed'],
    ['that another was here since', [boot('Overtaken')], 'Failed'],
    [
      'that a source failed',
      [...whole.slice(0, 4), output(SCAN.replace('sources 0 0', 'sources 100 1'))],
      'Incomplete',
    ],
  ] as const)('gives the lease back where the guest says %s', async (_, answers, result) => {
    const { work, draft } = scanning({}, answers);
    expect(await scanned(work)).toBe(result);
    expect(draft.status.lease).toBeUndefined();
    expect(draft.status.updates?.complete).toBe(result === 'Incomplete' ? false : undefined);
  });

  it('leaves the step where it is when the connection breaks, and another may have the lease', async () => {
    const { work, draft } = scanning({}, [boot('Never')]);
    await expect(scanned(work)).rejects.toThrow(GuestFailure);
    await abandoned(work);
    expect(draft.status).toMatchObject({ leaseGeneration: 7, steps: [{ id: 'scan-7', phase: 'Claimed' }] });
    expect(draft.status.lease).toBeUndefined();
    await abandoned(work);
  });
});
