import { randomBytes } from 'node:crypto';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';
import { PROVIDER_USER } from '../../domain/machine/firstboot/users.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import type { Step } from '../../guest/run/stepscripts.ts';
import type { Tongue } from '../../guest/tongue.ts';
import { type Dial, dialAddress } from '../../guest/transport/dial.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions, Target } from '../../guest/transport/sessions.ts';
import { dialInTurn, type Led } from '../../guest/transport/ways.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import type { Machine } from './portforward.ts';

/** Where and how guests are worked in; others than the usual only in tests. */
export type HandSettings = {
  readonly port: number;
  /** How a guest that shall be so is spoken to. */
  readonly tongueOf: (desired: DesiredGuest) => Tongue;
  /** The second way in; absent: none is taken. */
  readonly portForward?: ((machine: Machine, port: number) => Dial) | undefined;
};

/** Where a guest is looked for. */
export type Place = {
  /** UID of the ManagedVM. */
  readonly uid: string;
  /** On the Pod network. */
  readonly address: string;
  /** The instance, where KubeVirt's portforward leads to the same address. */
  readonly forwarded: Machine | undefined;
};

/** What is done in guests. Nothing here writes to the cluster; all of it throws GuestFailure where a guest is not reached. */
export class Hands {
  readonly #sessions: Sessions;
  readonly #settings: HandSettings;

  constructor(sessions: Sessions, settings: HandSettings) {
    this.#sessions = sessions;
    this.#settings = settings;
  }

  /** The guest of a ManagedVM, with its keys in the order in which they are offered. `memory` keeps which way led to it; `now`: steady milliseconds. */
  targetAt(
    { uid, address, forwarded }: Place,
    [first, ...others]: readonly [WorkerKeys, ...WorkerKeys[]],
    memory: { led?: Led | undefined },
    now: () => number,
  ): Target {
    const { providerPrivateKey: privateKey, hostPublicKey: hostKey } = first;
    const otherKeys = others.map(({ providerPrivateKey }) => providerPrivateKey);
    const { port, portForward } = this.#settings;
    const direct = { name: 'Direct', dial: dialAddress(address, port) } as const;
    const second = forwarded && portForward && ({ name: 'PortForward', dial: portForward(forwarded, port) } as const);
    return {
      uid,
      way: `${address} ${port}`,
      dial: dialInTurn(second === undefined ? [direct] : [direct, second], memory, now),
      login: { user: PROVIDER_USER, privateKey, ...(otherKeys.length > 0 && { otherKeys }), hostKey },
    };
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
    step: Pick<Step, 'id' | 'remembered'> & { readonly generation: number; readonly record: StepRecord | undefined },
    write: (record: StepRecord) => Promise<void>,
  ): Promise<Progress> {
    const { id, generation, record, remembered = [] } = step;
    const { command, steps, settings: scripts } = this.#settings.tongueOf(desired);
    // The order may have changed since the step was claimed: what it no longer has is not put right any more.
    const known = new Set(scripts.namesOf(desired));
    const script = scripts.healScript(
      desired,
      settings.filter(setting => known.has(setting)),
    );
    return carryOut({ id, script, remembered }, generation, record, {
      ...{ script: text => this.#sessions.run(target, command, text), nonce: newNonce, steps, write },
    });
  }

  /** Where a guest that shall be so keeps its steps, for people. */
  stepsFolderOf(desired: DesiredGuest): string {
    return this.#settings.tongueOf(desired).steps.folder;
  }
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
