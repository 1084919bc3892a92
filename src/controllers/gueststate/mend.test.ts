import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OrderedRemedy } from '../../api/remedy.ts';
import type { Progress } from '../../guest/run/carryout.ts';
import type { Verdict } from '../../guest/run/step.ts';
import { desired } from '../../guest/settings/settings.fixtures.ts';
import { Sessions } from '../../guest/transport/sessions.ts';
import type { Draft } from './draft.ts';
import { type HandSettings, Hands } from './hands.ts';
import { GuestMemory } from './memory.ts';
import { mend, remedyDue } from './mend.ts';
import { GuestMetrics } from './metrics.ts';
import type { Parts } from './parts.ts';
import type { Work } from './putright.ts';

const AT = '2026-11-29T03:00:00Z';
const ordered: OrderedRemedy = {
  ...{ change: { name: 'remedy-1', uid: 'c0ffee' }, action: 'RestartService', unit: 'shop' },
  until: '2026-11-29T03:10:00Z',
};
const lease = { holder: 'us', purpose: 'Remedy', generation: 7, since: AT, until: AT };
const fence = { generation: 7, bootId: 'b' };

/** A fake: hands whose step is so far. */
class PlayedHands extends Hands {
  readonly begun: string[] = [];
  readonly #progress: Progress;
  readonly #output: string;
  readonly #can: boolean;

  constructor(progress: Progress, { output = '', can = true } = {}) {
    super(new Sessions(), {} as HandSettings);
    this.#progress = progress;
    this.#output = output;
    this.#can = can;
  }

  override canMend(): boolean {
    return this.#can;
  }

  override async mend(...[, , , step]: Parameters<Hands['mend']>): Promise<Progress> {
    if (step.mayBegin()) this.begun.push(step.id);
    return this.#progress;
  }

  override async outputOf(): Promise<string> {
    return this.#output;
  }

  override async mendAtOnce() {
    this.begun.push('at once');
    return { outcome: 'Done', says: '5 MiB were freed' } as const;
  }

  override stepsFolderOf(): string {
    return '/steps';
  }
}

async function mended(hands: PlayedHands, status: GuestStateStatus = {}, now = AT, what = ordered) {
  const told: string[] = [];
  const metrics = new GuestMetrics(new Registry(), { held: 1, holds: () => true });
  const clock = { now: () => new Date(now), monotonic: () => 0, sleep: async () => {} };
  const work = {
    ...{ parts: { hands, clock, metrics, identity: 'us' } as Partial<Parts>, desired, memory: new GuestMemory() },
    ...{ tell: (reason: string, message: string) => told.push(`${reason}: ${message}`) },
    ...{ reachable: {}, record: { metadata: { creationTimestamp: AT } } },
  } as unknown as Work;
  const writes: GuestStateStatus[] = [];
  const draft: Draft = { status, write: async () => void writes.push(draft.status) };
  const result = await mend(work, what, draft);
  return { result, status: draft.status, told, writes };
}

const finished = (exitCode: number): Progress => {
  const verdict: Verdict = { kind: 'Finished', exitCode };
  return { state: 'Ended', verdict, bootId: 'b' };
};

describe('MO-6: a remedy that the guest worker is told of', () => {
  it('is one step by the id of its change, under the lease of the VM, which is given back with the answer', async () => {
    const hands = new PlayedHands(finished(0), { output: 'noise\nremedy: shop.service was started and runs\n' });
    const { result, status, writes, told } = await mended(hands);
    expect(hands.begun).toEqual(['remedy-c0ffee']);
    expect(writes).toMatchObject([{ lease: { holder: 'us', purpose: 'Remedy' } }]);
    expect({ result, lease: status.lease, remedy: status.remedy, told }).toEqual({
      ...{ result: 'Again', lease: undefined, told: [] },
      remedy: { change: ordered.change, outcome: 'Done', says: 'shop.service was started and runs', at: AT },
    });
  });

  it('tells what was found healthy as that, and a person of what failed', async () => {
    const healthy = await mended(new PlayedHands(finished(10), { output: 'remedy: shop runs\n' }));
    expect(healthy.status.remedy).toMatchObject({ outcome: 'FoundHealthy', says: 'shop runs' });
    const failed = await mended(new PlayedHands(finished(1), { output: 'no word of ours' }));
    expect(failed.status.remedy).toMatchObject({ outcome: 'Failed', says: 'It ended with 1 and said nothing.' });
    expect(failed.told).toEqual([
      'RemedyFailed: RestartService of ChangeRequest remedy-1: It ended with 1 and said nothing.',
    ]);
  });

  it('keeps the words of a guest to one bounded line', async () => {
    const output = `remedy: ${'\u001b[31m'}${'x'.repeat(1000)}\n`;
    const { status } = await mended(new PlayedHands(finished(0), { output }));
    expect(status.remedy?.says.length).toBeLessThanOrEqual(256);
    expect(status.remedy?.says).not.toContain('\u001b');
  });

  it('goes on with a step that runs, and says nothing yet', async () => {
    const steps = [{ id: 'remedy-c0ffee', phase: 'Claimed' as const, fence, at: AT }];
    const { result, status } = await mended(new PlayedHands({ state: 'Running' }), { lease, steps });
    expect({ result, holder: status.lease?.holder, remedy: status.remedy }).toEqual({
      ...{ result: 'Working', holder: 'us', remedy: undefined },
    });
  });

  it('waits for whoever works in the guest, and answers that it was too late when it was', async () => {
    const other = { ...lease, holder: 'steward-patch', purpose: 'Patch' };
    const hands = new PlayedHands(finished(0));
    expect((await mended(hands, { lease: other })).result).toBe('Waiting');
    expect((await mended(hands, { lease: other }, '2026-11-29T03:10:00Z')).status.remedy?.outcome).toBe('NotBegun');
    expect(hands.begun).toEqual([]);
  });

  it('that was cut off or forgotten is not known, and is never begun again (GE-8)', async () => {
    for (const kind of ['CutOff', 'Unknown'] as const) {
      const hands = new PlayedHands({ state: 'Ended', verdict: { kind }, bootId: 'b' });
      expect((await mended(hands)).status.remedy?.outcome).toBe('Unknown');
    }
  });

  it('frees space at once where the disk is so full that no step can be written down, and nothing else is done there', async () => {
    const full: Progress = { state: 'NotRecorded', why: 'NotWritable' };
    const { change, until } = ordered;
    const space: OrderedRemedy = { change, until, action: 'FreeSpace', mountPoint: '/', abovePercent: 90 };
    const freed = await mended(new PlayedHands(full), {}, AT, space);
    expect(freed.status.remedy).toMatchObject({ outcome: 'Done', says: '5 MiB were freed' });
    const service = await mended(new PlayedHands(full));
    expect({ remedy: service.status.remedy, result: service.result }).toEqual({
      remedy: undefined,
      result: 'Fruitless',
    });
    expect(service.status.differences).toMatchObject([{ setting: 'steps' }]);
  });

  it('is not tried in guests in which nothing is mended so', async () => {
    const hands = new PlayedHands(finished(0), { can: false });
    const { status, writes } = await mended(hands);
    expect({ outcome: status.remedy?.outcome, writes }).toEqual({ outcome: 'NotFound', writes: [] });
  });
});

describe('what is due', () => {
  const vm = (paused = false): ManagedVM =>
    ({ spec: paused ? { paused: {} } : {}, status: { remedy: ordered } }) as unknown as ManagedVM;
  const done = { change: ordered.change, outcome: 'Done' as const, says: '', at: AT };
  const step = (id: string) => ({ id, phase: 'Claimed' as const, fence, at: AT });

  it('is what was not answered yet, once nothing else runs in the guest', () => {
    expect(remedyDue(vm(), {})).toEqual(ordered);
    expect(remedyDue(vm(), { remedy: done })).toBeUndefined();
    expect(remedyDue(vm(), { steps: [step('configure-3')] })).toBeUndefined();
  });

  it('is not begun in a VM that is paused, and is followed to its end there', () => {
    expect(remedyDue(vm(true), {})).toBeUndefined();
    expect(remedyDue(vm(true), { steps: [step('remedy-c0ffee')] })).toEqual(ordered);
  });
});
