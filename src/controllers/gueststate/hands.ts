import type { DoneRemedy, GuestRemedy } from '../../api/remedy.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';
import { outcomeOf } from '../../guest/remedy/outcome.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import { newNonce } from '../../guest/run/nonce.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import { readStep } from '../../guest/run/steprecords.ts';
import type { Step } from '../../guest/run/stepscripts.ts';
import type { VMLease } from '../../guest/run/vmlease.ts';
import type { Tongue } from '../../guest/tongue.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions, Target } from '../../guest/transport/sessions.ts';
import type { Led } from '../../guest/transport/ways.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import { type Draft, stepWritten } from './draft.ts';
import { type Place, targetAt, type WaySettings } from './target.ts';

/** Where and how guests are worked in; others than the usual only in tests. */
export type HandSettings = WaySettings & {
  /** How a guest that shall be so is spoken to. */
  readonly tongueOf: (desired: DesiredGuest) => Tongue;
};

/** A step by which something is mended, under whose lease, and where it is written down. */
export type Mending = {
  readonly id: string;
  readonly lease: VMLease;
  readonly draft: Draft;
  readonly mayBegin: () => boolean;
  readonly clock: Clock;
};

/** What is done in guests. All of it throws GuestFailure where a guest is not reached. */
export class Hands {
  readonly #sessions: Sessions;
  readonly #settings: HandSettings;

  constructor(sessions: Sessions, settings: HandSettings) {
    this.#sessions = sessions;
    this.#settings = settings;
  }

  /** As {@link targetAt}. */
  targetAt(
    place: Place,
    keys: readonly [WorkerKeys, ...WorkerKeys[]],
    memory: { led?: Led | undefined },
    now: () => number,
  ): Target {
    return targetAt(place, keys, memory, now, this.#settings);
  }

  /** Looks at a guest that shall be so as the key that has opened it makes it: `desiredBy` is told how many were refused before that one. */
  look(
    target: Target,
    desiredBy: (refusedKeys: number) => DesiredGuest,
    now: Date,
  ): Promise<{ readonly look: Look; readonly desired: DesiredGuest }> {
    return this.#sessions.use(target, async session => {
      const nonce = newNonce();
      const desired = desiredBy(session.refusedKeys);
      const { command, settings, refusal } = this.#settings.tongueOf(desired);
      const answer = await session.run(command, settings.lookScript(desired, nonce, now));
      const look = answer.truncated ? undefined : settings.readLook(answer.stdout, nonce, desired);
      if (look !== undefined) return { look, desired };
      const why = refusal(answer);
      throw new GuestFailure('NotUnderstood', `the guest did not answer as the look does${why && `: ${why}`}`);
    });
  }

  /** Puts settings right by a step of that id, as far as it comes now. */
  heal(
    target: Target,
    desired: DesiredGuest,
    settings: readonly string[],
    step: Pick<Step, 'id' | 'remembered'> & {
      readonly generation: number;
      readonly record: StepRecord | undefined;
      readonly mayBegin: () => boolean;
    },
    write: (record: StepRecord) => Promise<void>,
  ): Promise<Progress> {
    const { id, generation, record, remembered = [], mayBegin } = step;
    const { command, steps, settings: scripts } = this.#settings.tongueOf(desired);
    // The order may have changed since the step was claimed: what it no longer has is not put right any more.
    const known = new Set(scripts.namesOf(desired));
    const script = scripts.healScript(
      desired,
      settings.filter(setting => known.has(setting)),
    );
    return carryOut({ id, script, remembered }, generation, record, {
      ...{ script: text => this.#sessions.run(target, command, text), nonce: newNonce, steps, write, mayBegin },
    });
  }

  /** Whether there is a script for it in guests of this family. */
  canMend(desired: DesiredGuest, remedy: GuestRemedy): boolean {
    return this.#settings.tongueOf(desired).remedyScript(remedy, desired) !== undefined;
  }

  /** Mends something by a step of that id, as far as it comes now, and writes down what is known of it. */
  mend(
    target: Target,
    desired: DesiredGuest,
    remedy: GuestRemedy,
    { id, lease, draft, mayBegin, clock }: Mending,
  ): Promise<Progress> {
    const { command, steps, remedyScript } = this.#settings.tongueOf(desired);
    const { steps: known = [] } = draft.status;
    const stored = known.find(step => step.id === id);
    const step = { id, script: remedyScript(remedy, desired) ?? '', remembered: known.map(each => each.id) };
    return carryOut(step, lease.generation, stored && readStep(stored), {
      ...{ script: text => this.#sessions.run(target, command, text), nonce: newNonce, steps, mayBegin },
      write: record => stepWritten(draft, id, record, clock.now()),
    });
  }

  /** Mends something without a step: for what may be done again and again, where no step can be written down. */
  async mendAtOnce(
    target: Target,
    desired: DesiredGuest,
    remedy: GuestRemedy,
  ): Promise<Pick<DoneRemedy, 'outcome' | 'says'>> {
    const { command, remedyScript } = this.#settings.tongueOf(desired);
    const { stdout, exitCode = 1 } = await this.#sessions.run(
      target,
      command,
      remedyScript(remedy, desired) ?? 'exit 1',
    );
    return outcomeOf({ kind: 'Finished', exitCode }, stdout);
  }

  /** What a step that has ended has printed; undefined: the guest does not say. */
  async outputOf(target: Target, desired: DesiredGuest, id: string): Promise<string | undefined> {
    const { command, steps } = this.#settings.tongueOf(desired);
    const nonce = newNonce();
    return steps.readOutput(await this.#sessions.run(target, command, steps.output(id, nonce)), nonce);
  }

  /** Where a guest that shall be so keeps its steps, for people. */
  stepsFolderOf(desired: DesiredGuest): string {
    return this.#settings.tongueOf(desired).steps.folder;
  }
}
