import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import { newNonce } from '../../guest/run/nonce.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import type { Step } from '../../guest/run/stepscripts.ts';
import type { Tongue } from '../../guest/tongue.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions, Target } from '../../guest/transport/sessions.ts';
import type { Led } from '../../guest/transport/ways.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import { type Place, targetAt, type WaySettings } from './target.ts';

/** Where and how guests are worked in; others than the usual only in tests. */
export type HandSettings = WaySettings & {
  /** How a guest that shall be so is spoken to. */
  readonly tongueOf: (desired: DesiredGuest) => Tongue;
};

/** What is done in guests. Nothing here writes to the cluster; all of it throws GuestFailure where a guest is not reached. */
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

  /** Where a guest that shall be so keeps its steps, for people. */
  stepsFolderOf(desired: DesiredGuest): string {
    return this.#settings.tongueOf(desired).steps.folder;
  }
}
