import { randomBytes } from 'node:crypto';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';
import { PROVIDER_USER } from '../../domain/machine/firstboot/users.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import { ROOT_SHELL } from '../../guest/run/rootshell.ts';
import type { Ground, Step } from '../../guest/run/scripts.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import { type Dial, dialAddress } from '../../guest/transport/dial.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions, Target } from '../../guest/transport/sessions.ts';
import { dialInTurn, type Led } from '../../guest/transport/ways.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import type { Machine } from './portforward.ts';

/** How a guest's settings are looked at and put right: the scripts of src/guest/settings. */
export type SettingScripts = {
  /** The settings that there are for an order. */
  readonly namesOf: (desired: DesiredGuest) => readonly string[];
  readonly lookScript: (desired: DesiredGuest, nonce: string, now: Date) => string;
  readonly readLook: (output: string, nonce: string, desired: DesiredGuest) => Look | undefined;
  readonly healScript: (desired: DesiredGuest, settings: readonly string[]) => string;
};

/** Where and how guests are worked in; others than the usual only in tests. */
export type HandSettings = {
  readonly port: number;
  readonly scripts: SettingScripts;
  readonly ground?: Ground | undefined;
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
      const { lookScript, readLook } = this.#settings.scripts;
      const desired = desiredBy(session.refusedKeys);
      const answer = await session.run(ROOT_SHELL, lookScript(desired, nonce, now));
      const look = answer.truncated ? undefined : readLook(answer.stdout, nonce, desired);
      if (look === undefined) throw new GuestFailure('NotUnderstood', 'the guest did not answer as the look does');
      return { look, desired };
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
    const { namesOf, healScript } = this.#settings.scripts;
    // The order may have changed since the step was claimed: what it no longer has is not put right any more.
    const known = new Set(namesOf(desired));
    const script = healScript(
      desired,
      settings.filter(setting => known.has(setting)),
    );
    return carryOut({ id, script, remembered }, generation, record, {
      script: text => this.#sessions.run(target, ROOT_SHELL, text),
      nonce: newNonce,
      ...(this.#settings.ground && { ground: this.#settings.ground }),
      write,
    });
  }
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
