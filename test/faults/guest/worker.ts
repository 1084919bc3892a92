/** A worker with one task: its connection, its lease, its record and its step, all by the code of `steward guest`. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { carryOut } from '../../../src/guest/run/carryout.ts';
import { ROOT_SHELL } from '../../../src/guest/run/rootshell.ts';
import { shellSteps } from '../../../src/guest/run/scripts.ts';
import type { Verdict } from '../../../src/guest/run/step.ts';
import type { Step } from '../../../src/guest/run/stepscripts.ts';
import { type Leased, takeLease } from '../../../src/guest/run/vmlease.ts';
import type { Dial } from '../../../src/guest/transport/dial.ts';
import { GuestFailure } from '../../../src/guest/transport/failure.ts';
import { DEFAULT_LIMITS } from '../../../src/guest/transport/limits.ts';
import { Session } from '../../../src/guest/transport/session.ts';
import { Conflict, type Entry, type Ledger } from './ledger.ts';
import type { Place } from './place.ts';

export type WorkerOptions = {
  readonly name: string;
  readonly place: Place;
  readonly ledger: Ledger;
  readonly step: Step;
  readonly dial?: Dial;
  /** What its clock says; it may be wrong. */
  readonly now?: () => Date;
  /** Called around each thing that it does to the world, by its number from 1; what it does not return from has not happened, or not been heard of. */
  readonly fate?: (moment: 'before' | 'after', number: number) => void | Promise<void>;
};

/** Milliseconds between two questions after a step that runs: a real guest may be rebooting. */
const POLL = { scripted: 20, real: 1_000 };

/** How often a worker begins anew before it gives up. */
const PASSES = 500;

/** Takes the VM's lease, whoever holds it, and brings the step to its verdict; undefined where somebody else has overtaken it. */
export async function work(options: WorkerOptions): Promise<Verdict | undefined> {
  const { ledger, step, name } = options;
  let done = 0;
  const act = async <Result>(deed: () => Result | Promise<Result>): Promise<Result> => {
    done += 1;
    const number = done;
    await options.fate?.('before', number);
    const result = await deed();
    await options.fate?.('after', number);
    return result;
  };
  const found = ledger.read();
  const when = { now: options.now?.() ?? new Date(), unchangedMs: Number.POSITIVE_INFINITY, first: 1 };
  const { lease, leaseGeneration = 0 } =
    takeLease(leasedIn(found), { holder: name, purpose: 'Configuration' }, when) ?? {};
  if (lease === undefined) return undefined;
  const { generation } = lease;
  try {
    let entry = await act(() => ledger.write({ ...found, lease, leaseGeneration }));
    const world = (session: Session) => ({
      script: (text: string) => act(() => session.run(options.place.ground ? '/bin/sh' : ROOT_SHELL, text)),
      write: async (record: NonNullable<Entry['step']>) => {
        entry = await act(() => ledger.write({ ...entry, step: record }));
      },
      nonce: () => randomBytes(8).toString('hex'),
      steps: shellSteps(options.place.ground),
    });
    for (let pass = 0; pass < PASSES; pass += 1) {
      const progress = await connected(options, session => carryOut(step, generation, entry.step, world(session)));
      if (progress?.state === 'Ended') return progress.verdict;
      if (progress?.state === 'Overtaken') return undefined;
      await sleep(options.place.ground ? POLL.scripted : POLL.real);
    }
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
  throw new Error(`no verdict after ${PASSES} passes`);
}

function leasedIn({ lease, leaseGeneration = 0 }: Entry): Leased {
  return { ...(lease && { lease }), leaseGeneration };
}

/** A lost connection is no end of the work: the next pass makes a new one. */
async function connected<Result>(
  { dial, place }: WorkerOptions,
  use: (session: Session) => Promise<Result>,
): Promise<Result | undefined> {
  let session: Session | undefined;
  try {
    session = await Session.open(dial ?? place.dial, place.login, DEFAULT_LIMITS);
    return await use(session);
  } catch (error) {
    if (error instanceof GuestFailure && error.reason !== 'HostKeyMismatch') return undefined;
    throw error;
  } finally {
    session?.close();
  }
}
