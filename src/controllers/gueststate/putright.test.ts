import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Verdict } from '../../guest/run/step.ts';
import { desired } from '../../guest/settings/settings.fixtures.ts';
import { Sessions } from '../../guest/transport/sessions.ts';
import { systemClock } from '../../runtime/api/clock.ts';
import type { Draft } from './draft.ts';
import { type HandSettings, Hands } from './hands.ts';
import { GuestMemory } from './memory.ts';
import { GuestMetrics } from './metrics.ts';
import type { Parts } from './parts.ts';
import { carriedOn, type Work } from './putright.ts';

const AT = '2026-11-29T03:00:00Z';
const lease = { holder: 'a', purpose: 'Configuration', generation: 7, since: AT, until: AT };

/** A fake: hands whose step has ended so. */
class EndedHands extends Hands {
  readonly #verdict: Verdict;
  readonly #told: (mayBegin: boolean) => void;

  constructor(verdict: Verdict, told: (mayBegin: boolean) => void = () => {}) {
    super(new Sessions(), {} as HandSettings);
    this.#verdict = verdict;
    this.#told = told;
  }

  override async heal(...[, , , step]: Parameters<Hands['heal']>): ReturnType<Hands['heal']> {
    this.#told(step.mayBegin());
    return { state: 'Ended', verdict: this.#verdict, bootId: 'a' };
  }
}

/** What a person is told of a step that has ended so. */
async function told(verdict: Verdict): Promise<readonly string[]> {
  return worked(new EndedHands(verdict), 'configure-7');
}

async function worked(hands: Hands, id: string): Promise<readonly string[]> {
  const events: string[] = [];
  const metrics = new GuestMetrics(new Registry(), { held: 1, holds: () => true });
  const parts = { hands, clock: systemClock, metrics } as Partial<Parts> as Parts;
  const tell = (reason: string, message: string) => events.push(`${reason}: ${message}`);
  const work = { parts, desired, memory: new GuestMemory(), tell, reachable: {}, record: {} } as unknown as Work;
  const draft: Draft = { status: { lease }, write: async () => undefined };
  expect(await carriedOn(work, lease, id, ['exporter'], draft)).toBe('Again');
  return events;
}

it('a step that was cut off, or of which nobody knows whether it ran, is told, and that it is never begun again (GE-8)', async () => {
  expect(await told({ kind: 'CutOff' })).toEqual([
    'StepCutOff: Step configure-7 began in the guest and left no result. It is never begun again; what still differs is put right by another.',
  ]);
  expect(await told({ kind: 'Unknown' })).toEqual([
    'StepUnknown: Whether step configure-7 ran is not known: the guest has booted since and does not remember it. It is never begun again; what still differs is put right by another.',
  ]);
});

it('a step of another purpose that its holder has left is never begun by whoever looks after settings (GE-8)', async () => {
  expect(await told({ kind: 'Withdrawn' })).toEqual([
    'StepWithdrawn: Step configure-7 had not begun in the guest, and whoever claimed it works there no more. It never begins.',
  ]);
  const asked: boolean[] = [];
  for (const id of ['patch-1a-install', 'configure-7'])
    await worked(new EndedHands({ kind: 'CutOff' }, may => asked.push(may)), id);
  expect(asked).toEqual([false, true]);
});

it('a step that ran to its end is no news, whatever it came to', async () => {
  for (const exitCode of [0, 1]) expect(await told({ kind: 'Finished', exitCode })).toEqual([]);
});
