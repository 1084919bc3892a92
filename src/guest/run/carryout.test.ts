import { describe, expect, it } from 'vitest';
import type { Answer } from '../transport/session.ts';
import { carryOut } from './carryout.ts';
import { shellSteps } from './scripts.ts';
import type { StepRecord } from './step.ts';

const BOOT = '11111111-1111-1111-1111-111111111111';
const step = { id: 'configure-7', script: 'true' };

/** A guest that answers with these words in turn, and a record; both tell in which order they were used. */
function world(...answers: readonly string[]) {
  const told: string[] = [];
  const rest = [...answers];
  const said = (stdout: string, exitCode = 0): Answer => ({
    ...{ exitCode, signal: undefined, stdout, stderr: '', truncated: false },
  });
  return {
    told,
    script: (text: string) => {
      told.push(text.includes('base64 -d') ? 'begin' : 'ask');
      const answer = rest.shift();
      const exit = /^exit (\d+)$/.exec(answer ?? '')?.[1];
      return Promise.resolve(exit === undefined ? said(`welcome\nn0nce ${BOOT} ${answer}\n`) : said('', Number(exit)));
    },
    write: (record: StepRecord) => {
      told.push(`write ${record.phase}`);
      return Promise.resolve();
    },
    nonce: () => 'n0nce',
    steps: shellSteps(),
  };
}

const claimed = (generation: number): StepRecord => ({ phase: 'Claimed', fence: { generation, bootId: BOOT } });

describe('a step that is carried out', () => {
  it('is claimed in the record before its start is sent, and ended in it (GE-8)', async () => {
    const guest = world('Never', 'Never', 'Begun', 'Finished 0');
    const progress = await carryOut(step, 7, undefined, guest);
    expect(progress).toEqual({ state: 'Ended', verdict: { kind: 'Finished', exitCode: 0 }, bootId: BOOT });
    expect(guest.told).toEqual(['ask', 'write Claimed', 'ask', 'begin', 'ask', 'write Ended']);
  });

  it('is started at most once in a pass, though it is not seen to have begun', async () => {
    const guest = world('Never', 'Begun', 'Never');
    expect(await carryOut(step, 7, claimed(7), guest)).toEqual({ state: 'Running' });
    expect(guest.told).toEqual(['ask', 'begin', 'ask']);
  });

  it('is not started where its claim could not be written', async () => {
    const guest = { ...world('Never'), write: () => Promise.reject(new Error('conflict')) };
    await expect(carryOut(step, 7, undefined, guest)).rejects.toThrow('conflict');
    expect(guest.told).toEqual(['ask']);
  });

  it('goes on where another has left it, under a claim of its own where it has not begun', async () => {
    const guest = world('Never', 'Never', 'Begun', 'Running');
    expect(await carryOut(step, 8, claimed(7), guest)).toEqual({ state: 'Running' });
    expect(guest.told).toEqual(['ask', 'write Claimed', 'ask', 'begin', 'ask']);
  });

  it('is left alone by one whom the guest knows to be overtaken', async () => {
    const guest = world('Overtaken');
    expect(await carryOut(step, 7, claimed(7), guest)).toEqual({ state: 'Overtaken' });
    expect(guest.told).toEqual(['ask']);
  });

  it('is cut off where it began, runs no more, and left no result', async () => {
    expect(await carryOut(step, 8, claimed(7), world('Gone'))).toEqual({
      ...{ state: 'Ended', verdict: { kind: 'CutOff' }, bootId: BOOT },
    });
  });

  it('is not claimed once it is too late for it, and what was claimed and never began is withdrawn (MO-3)', async () => {
    const late = { mayBegin: () => false };
    const unclaimed = world('Never');
    expect(await carryOut(step, 7, undefined, { ...unclaimed, ...late })).toEqual({ state: 'NotBegun' });
    expect(unclaimed.told).toEqual(['ask']);
    const withdrawn = world('Never');
    const ended = { state: 'Ended', verdict: { kind: 'Withdrawn' }, bootId: BOOT };
    expect(await carryOut(step, 8, claimed(7), { ...withdrawn, ...late })).toEqual(ended);
    expect(withdrawn.told).toEqual(['ask', 'write Ended']);
  });

  it('is not withdrawn under the lease that claimed it, whose start may still be under way', async () => {
    const guest = { ...world('Never'), mayBegin: () => false };
    expect(await carryOut(step, 7, claimed(7), guest)).toEqual({ state: 'Waiting' });
    expect(guest.told).toEqual(['ask']);
  });

  it('is followed to its end however late it is', async () => {
    const guest = { ...world('Running'), mayBegin: () => false };
    expect(await carryOut(step, 8, claimed(7), guest)).toEqual({ state: 'Running' });
    const finished = { ...world('Finished 0'), mayBegin: () => false };
    expect(await carryOut(step, 8, claimed(7), finished)).toMatchObject({ verdict: { kind: 'Finished' } });
  });

  it.each([
    ['73', 'NoFolder'],
    ['74', 'NotWritable'],
    ['75', 'Locked'],
  ])('has not begun where the guest cannot write it down, and says why: exit status %s', async (status, why) => {
    const asked = world(`exit ${status}`);
    expect(await carryOut(step, 7, undefined, asked)).toEqual({ state: 'NotRecorded', why });
    expect(asked.told).toEqual(['ask']);
    const begun = world('Never', `exit ${status}`);
    expect(await carryOut(step, 7, claimed(7), begun)).toEqual({ state: 'NotRecorded', why });
    expect(begun.told).toEqual(['ask', 'begin']);
    await expect(carryOut(step, 7, undefined, world('exit 1'))).rejects.toMatchObject({ reason: 'NotUnderstood' });
  });

  it('says nothing of a guest that says what no script of ours does', async () => {
    await expect(carryOut(step, 7, claimed(7), world('Finished $(reboot)'))).rejects.toMatchObject({
      reason: 'NotUnderstood',
    });
  });
});
