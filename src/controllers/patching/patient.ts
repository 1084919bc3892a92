import type { Logger } from 'pino';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { PatchRunStatus } from '../../api/patchrun.ts';
import { byBothRecords, lastOf, nextOf, type RunAct } from '../../domain/patching/run.ts';
import { withBegun, withEnd, withReason, withVerdict } from '../../domain/patching/runstatus.ts';
import { familyOf } from '../../guest/packages/families.ts';
import type { PackageFamily } from '../../guest/packages/family.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import { newNonce } from '../../guest/run/nonce.ts';
import type { Ground } from '../../guest/run/scripts.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import { openStep, readStep, type StoredStep, withStep } from '../../guest/run/steprecords.ts';
import { firstGeneration, giveBack, isHeldBy, renewLease, takeLease, type VMLease } from '../../guest/run/vmlease.ts';
import { tongueOf } from '../../guest/tongues.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions, Target } from '../../guest/transport/sessions.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { isConflict, isTransient } from '../../runtime/api/errors.ts';
import type { ObjectKey } from '../../runtime/api/object.ts';
import { GuestMemory } from '../gueststate/memory.ts';
import { type SightParts, sightOf } from './guest.ts';
import { scriptOf, statusAfter, stepIdOf } from './steps.ts';
import type { Record, Run } from './store.ts';

const PURPOSE = 'Patch';
/** Between two looks at a step that runs, and at a guest that cannot be worked in. Milliseconds. */
const POLL_MS = 3_000;
const HINDERED_MS = 10_000;

export type PatientParts = SightParts & {
  /** Unique per process: the holder of leases. */
  readonly identity: string;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether Windows guests are worked in (ADR 0134). */
  readonly windows: boolean;
  /** Where steps work in the guest; others than the usual only in tests. */
  readonly ground?: Ground | undefined;
  readonly families?: typeof familyOf;
};

/** What came of one pass over a run: it is over, or when to look again. */
type Pass = 'Over' | { readonly againMs: number };
type Due = Extract<RunAct, { act: 'carryOut' }>;
type Ask = Extract<RunAct, { act: 'ask' }>;

/** One run in one guest, followed from wherever it stands to its verdict. Whoever comes after a crash at any place goes on from there. */
export class Patient {
  readonly #key: ObjectKey;
  /** Of the ManagedVM. */
  readonly #uid: string;
  readonly #parts: PatientParts;
  readonly #memory = new GuestMemory();
  /** Why the guest was not reached the last time. */
  #unreached: string | undefined;

  constructor({ metadata, spec }: Run, parts: PatientParts) {
    this.#key = { namespace: metadata.namespace ?? '', name: metadata.name };
    this.#uid = spec.managedVM.uid;
    this.#parts = parts;
  }

  /**
   * Resolves when the run has its verdict, or `signal` aborts: then nothing more is sent, what runs in the guest runs on, and the lease is given
   * back, so that whoever comes next need not wait for it to lapse.
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const pass = await this.#pass();
      if (pass === 'Over') return;
      await clock.sleep(pass.againMs, signal);
    }
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      const run = await store.run(this.#key);
      const record = run && (await store.record({ namespace: this.#key.namespace, name: run.spec.managedVM.name }));
      if (record !== undefined) await this.#release(record);
    } catch (error) {
      log.warn({ run: this.#key.name, error: (error as Error).message }, 'the lease of the VM lapses');
    }
  }

  async #pass(): Promise<Pass> {
    const { log } = this.#parts;
    try {
      return await this.#advance();
    } catch (error) {
      if (error instanceof GuestFailure) this.#failed(error);
      else if (!isConflict(error) && !isTransient(error)) throw error;
      log.debug({ run: this.#key.name, error: (error as Error).message }, 'looked at again');
      return { againMs: isConflict(error) ? 0 : HINDERED_MS };
    }
  }

  #failed({ reason }: GuestFailure): void {
    this.#unreached = `the guest was not reached (${reason})`;
    // Keys that did not open it are read anew.
    if (reason === 'LoginRefused' || reason === 'HostKeyMismatch') this.#parts.keyring.forget(this.#uid);
  }

  /** Reads all anew, decides, and does one thing. */
  async #advance(): Promise<Pass> {
    const { store, clock } = this.#parts;
    const run = await store.run(this.#key);
    if (run === undefined) return 'Over';
    const sight = await sightOf(run, this.#memory, this.#parts);
    const hindrance = this.#hindranceOf(run, sight);
    const act = nextOf(run, hindrance, clock.now());
    switch (act.act) {
      case 'nothing':
        if ('record' in sight) await this.#release(sight.record);
        return 'Over';
      case 'end':
        await this.#conclude(run, act);
        return { againMs: 0 };
      case 'wait': {
        // A guest that was not reached is tried again once it has been told, which has taken its time already.
        const againMs = this.#unreached === undefined ? HINDERED_MS : 0;
        this.#unreached = undefined;
        return { againMs };
      }
      case 'ask':
        return this.#ask(run, act, sight);
      case 'carryOut': {
        if (!('record' in sight)) return { againMs: HINDERED_MS };
        const held = await this.#leased(sight.record);
        if (held === undefined) return { againMs: HINDERED_MS };
        return this.#carryOut(run, act, new Draft(held, this.#parts), sight.target);
      }
    }
  }

  /** Whatever the operator does about it, nobody else works in the guest meanwhile. */
  async #ask(run: Run, { step, why }: Ask, sight: Awaited<ReturnType<typeof sightOf>>): Promise<Pass> {
    const held = 'record' in sight ? await this.#leased(sight.record) : undefined;
    if (lastOf(run, step) !== undefined) return { againMs: POLL_MS };
    // In a guest that is not there nobody else can be at work either.
    if ('record' in sight && held === undefined) return { againMs: HINDERED_MS };
    const { identity: worker } = this.#parts;
    const begun = withBegun(run.status, { step, attempt: 1, worker }, this.#now());
    await this.#write(run, why === undefined ? begun : withReason(begun, why));
    return { againMs: POLL_MS };
  }

  #hindranceOf(run: Run, sight: Awaited<ReturnType<typeof sightOf>>): string | undefined {
    if (run.spec.packageManager === 'WindowsUpdate' && !this.#parts.windows)
      return 'Steward is not told to work in Windows guests (guest.windows)';
    if (!('record' in sight)) return sight.hindrance;
    const { lease } = sight.record.status ?? {};
    const other = lease !== undefined && lease.holder !== this.#parts.identity;
    if (other && this.#takenFrom(sight.record) === undefined) return `another works in the guest (${lease.purpose})`;
    return this.#unreached;
  }

  #familyOf({ spec }: Run): PackageFamily {
    return (this.#parts.families ?? familyOf)(spec.packageManager);
  }

  async #conclude(run: Run, { phase, message }: Extract<RunAct, { act: 'end' }>): Promise<void> {
    const { store, clock, log } = this.#parts;
    await store.writeRun(run, withVerdict(run.status, { phase, message }, clock.now()));
    log.info({ run: this.#key.name, namespace: this.#key.namespace, phase }, 'run ended');
  }

  async #release(record: Record): Promise<void> {
    const { store, identity } = this.#parts;
    const { status = {} } = record;
    if (isHeldBy(status, identity)) await store.writeRecord(record, giveBack(status));
  }

  #takenFrom(record: Record, again = false): Pick<GuestStateStatus, 'lease' | 'leaseGeneration'> | undefined {
    const { identity, clock } = this.#parts;
    const { status = {} } = record;
    if (isHeldBy(status, identity) && !again) return status;
    const unchangedMs = this.#memory.leaseUnchangedMs(status.lease, clock.monotonic());
    const when = { now: clock.now(), unchangedMs, first: firstGeneration(record.metadata.creationTimestamp) };
    return takeLease(status, { holder: identity, purpose: PURPOSE }, when);
  }

  /** The record under our lease, taken or held on; undefined where another holds it. */
  async #leased(record: Record, again = false): Promise<Record | undefined> {
    const { store, identity, clock } = this.#parts;
    const { status = {} } = record;
    const { lease } = status;
    if (lease !== undefined && isHeldBy(status, identity) && !again) {
      const unchangedMs = this.#memory.leaseUnchangedMs(lease, clock.monotonic());
      const renewed = renewLease(lease, { now: clock.now(), unchangedMs });
      return renewed === lease ? record : store.writeRecord(record, { ...status, lease: renewed });
    }
    const taken = this.#takenFrom(record, again);
    return taken === undefined ? undefined : store.writeRecord(record, { ...status, ...taken });
  }

  async #carryOut(run: Run, due: Due, draft: Draft, target: Target): Promise<Pass> {
    const id = stepIdOf(run, due.step, due.attempt);
    const open = openStep(draft.steps);
    if (open !== undefined && open.id !== id) return this.#seeToItsEnd(run, open, draft, target);
    const stored = draft.steps.find(step => step.id === id);
    const noted = lastOf(run, due.step);
    switch (byBothRecords(noted?.attempt === due.attempt, stored !== undefined)) {
      case 'Forgotten':
        await this.#write(
          run,
          withEnd(run.status ?? { phase: 'Planned' }, due.step, { verdict: 'Unknown' }, this.#now()),
        );
        return { againMs: 0 };
      case 'Note':
        await this.#write(run, this.#noted(run, due, stored?.fence.bootId ?? ''));
        return { againMs: 0 };
      case 'Begin':
      case 'Follow':
        return this.#follow(run, due, stored, draft, target);
    }
  }

  /** What another has claimed and left is not ours to begin: it runs to its end, or never does. */
  async #seeToItsEnd(run: Run, open: StoredStep, draft: Draft, target: Target): Promise<Pass> {
    const progress = await carryOut({ id: open.id, script: '' }, draft.lease.generation, readStep(open), {
      ...this.#world(run, target),
      write: record => draft.write(open.id, record),
      mayBegin: () => false,
    });
    this.#unreached = undefined;
    return { againMs: progress.state === 'Ended' ? 0 : POLL_MS };
  }

  async #follow(read: Run, due: Due, stored: StoredStep | undefined, draft: Draft, target: Target): Promise<Pass> {
    const family = this.#familyOf(read);
    const { step, until } = due;
    const id = stepIdOf(read, step, due.attempt);
    const from = new Date(read.spec.occurrence.start);
    let run = read;
    const world = {
      ...this.#world(read, target),
      mayBegin: () => this.#now() >= from && this.#now() < until,
      write: async (record: StepRecord) => {
        await draft.write(id, record);
        // Nothing is sent before the run says so too, and a run that has its verdict says no more.
        if (record.phase === 'Claimed') run = await this.#write(run, this.#noted(run, due, record.fence.bootId));
      },
    };
    const remembered = draft.steps.map(each => each.id);
    const script = scriptOf(read, step, family);
    const record = stored && readStep(stored);
    const progress = await carryOut(
      { id, script, remembered, within: { from, until } },
      draft.lease.generation,
      record,
      world,
    );
    this.#unreached = undefined;
    return this.#after(run, due, progress, { id, draft, target, family });
  }

  async #after(
    run: Run,
    due: Due,
    progress: Progress,
    { id, draft, target, family }: { id: string; draft: Draft; target: Target; family: PackageFamily },
  ): Promise<Pass> {
    switch (progress.state) {
      case 'Ended': {
        const { verdict, bootId } = progress;
        const output = verdict.kind === 'Finished' ? await this.#outputOf(run, id, target) : undefined;
        const after = statusAfter(run, draft.record, due.step, { verdict, bootId, output }, family, this.#now());
        if (after === undefined) return { againMs: POLL_MS };
        await this.#write(run, after);
        return { againMs: 0 };
      }
      case 'Waiting':
        // A start of ours may be under way: under a lease taken anew none of before passes.
        if (this.#now() >= due.until) await this.#leased(draft.record, true);
        return { againMs: POLL_MS };
      case 'NotRecorded':
        this.#unreached = `the guest cannot write down what it is told to do (${progress.why})`;
        return { againMs: HINDERED_MS };
      case 'Running':
      case 'NotBegun':
      case 'Overtaken':
        return { againMs: POLL_MS };
    }
  }

  async #outputOf(run: Run, id: string, target: Target): Promise<string | undefined> {
    const nonce = newNonce();
    const { script, steps } = this.#world(run, target);
    return steps.readOutput(await script(steps.output(id, nonce)), nonce);
  }

  #world({ spec }: Run, target: Target) {
    const { sessions, ground } = this.#parts;
    const { command, steps } = tongueOf(spec, ground);
    return { script: (text: string) => sessions.run(target, command, text), nonce: newNonce, steps };
  }

  #noted(run: Run, { step, attempt }: Due, bootId: string): PatchRunStatus {
    return withBegun(run.status, { step, attempt, bootId, worker: this.#parts.identity }, this.#now());
  }

  #write(run: Run, status: PatchRunStatus): Promise<Run> {
    return this.#parts.store.writeRun(run, status);
  }

  #now(): Date {
    return this.#parts.clock.now();
  }
}

/** The record of the guest, which is written step by step: each write is of the version that the one before made. */
class Draft {
  record: Record;
  readonly lease: VMLease;
  readonly #parts: Pick<PatientParts, 'store' | 'clock'>;

  constructor(record: Record, parts: Pick<PatientParts, 'store' | 'clock'>) {
    const { lease } = record.status ?? {};
    if (lease === undefined) throw new TypeError('a guest is worked in under a lease');
    this.record = record;
    this.lease = lease;
    this.#parts = parts;
  }

  get steps(): readonly StoredStep[] {
    return this.record.status?.steps ?? [];
  }

  async write(id: string, record: StepRecord): Promise<void> {
    const { store, clock } = this.#parts;
    const steps = [...withStep(this.steps, id, record, clock.now())];
    this.record = await store.writeRecord(this.record, { ...this.record.status, steps });
  }
}
