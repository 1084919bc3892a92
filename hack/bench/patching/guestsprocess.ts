/** The process of the played guests (playedguests.ts), as the bench speaks to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { GuestKeys } from '../../../test/integration/support/guestbed.ts';
import type { Order, Told } from './playedguests.ts';
import type { Way } from './ways.ts';

export class PlayedGuests {
  readonly port: number;
  /** In so many the package manager runs now. */
  busy = 0;
  #installs: readonly number[] | undefined;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.on('message', (told: Told) => {
      if ('busy' in told) this.busy = told.busy;
      if ('installs' in told) this.#installs = told.installs;
    });
  }

  static async start({ provider, host }: GuestKeys, ways: readonly Way[]): Promise<PlayedGuests> {
    const child = fork(join(import.meta.dirname, 'playedguests.ts'), {
      env: {
        ...{ PATH: process.env.PATH, NODE_NO_WARNINGS: '1', GUEST_WAYS: ways.map(({ name }) => name).join() },
        ...{ GUEST_HOST_KEY: host.privateKey, GUEST_PUBLIC_KEY: provider.publicKey },
      },
    });
    const [told] = (await once(child, 'message')) as [{ readonly port: number }];
    return new PlayedGuests(child, told.port);
  }

  finish(whose: 'all but late' | 'late'): void {
    this.#order({ finish: whose });
  }

  /** How often each has installed packages. */
  async installs(): Promise<readonly number[]> {
    this.#order({ tell: 'installs' });
    while (this.#installs === undefined) await once(this.#child, 'message');
    return this.#installs;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #order(order: Order): void {
    this.#child.send(order);
  }
}
