import type { Logger } from 'pino';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { PatchRunStatus } from '../../api/patchrun.ts';
import { lastOf } from '../../domain/patching/attempts.ts';
import { byBothRecords, type GuestStep, hasBegunChange, nextOf, type RunAct } from '../../domain/patching/run.ts';
import { withBegun, withEnd, withReason, withRestartPending, withVerdict } from '../../domain/patching/runstatus.ts';
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
import { type Seen, type Sight, type SightParts, sightOf } from './guest.ts';
import type { OpenRuns } from './openruns.ts';
import { scriptOf, statusAfter, stepIdOf } from './steps.ts';
import type { Record, Run } from './store.ts';

const PURPOSE = 'Patch';
/** Between two looks at a step that runs, and at a guest that cannot be worked in: the latter grows up to the longest. Milliseconds. */
const POLL_MS = 3_000;
const HINDERED_MS = 10_000;
const LONGEST_HINDERED_MS = 60_000;
/** So many looks at such a guest before the next are further apart. */
const EACH = 6;
/** Steps that change nothing in the guest. */
const ONLY_READS: readonly GuestStep[] = ['preflight', 'plan', 'verify', 'recheck', 'backcheck'];

/** Steps after which a reboot may be due. */
const DECIDES_REBOOT: readonly GuestStep[] = ['plan', 'verify'];

export type PatientParts = SightParts & {
  readonly runs: Pick<OpenRuns, 'get' | 'wrote'>;
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

/**
 * One run in one guest, followed from wherever it stands to its verdict. Whoever comes after a crash at any place goes on from there.
 * Everything is read anew, without a cache, after anything that was not expected, and before a step that changes the guest is claimed or a start
 * is sent again. Else what was read or written last is gone by: it only leads to questions to the guest, and to writes that are refused where
 * it is of the past.
 */
export class Patient {
  readonly #key: ObjectKey;
  readonly #vm: ObjectKey;
  /** Of the ManagedVM. */
  readonly #uid: string;
  readonly #parts: PatientParts;
  readonly #memory = new GuestMemory();
  /** The guest as it was read, and its record as it was read or written last; undefined: all is to be read anew. */
  #seen: Seen | undefined;
  /** Whether it was read in this pass. */
  #anew = false;
  /** Why the guest was not reached the last time. */
  #unreached: string | undefined;
  /** Looks in a row at a guest that could not be worked in. */
  #hindered = 0;
  #told: AbortSignal | undefined;

  constructor({ metadata, spec }: Run, parts: PatientParts) {
    this.#key = { namespace: metadata.namespace ?? '', name: metadata.name };
    this.#vm = { namespace: this.#key.namespace, name: spec.managedVM.name };
    this.#uid = spec.managedVM.uid;
    this.#parts = parts;
  }

  /**
   * Resolves when the run has its verdict, or `signal` aborts: then nothing more is sent, what runs in the guest runs on, and the lease is given
   * back, so that whoever comes next need not wait for it to lapse.
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    this.#told = signal;
    while (!signal.aborted) {
      const pass = await this.#pass();
      if (pass === 'Over') return;
      await clock.sleep(pass.againMs, signal);
    }
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.#release();
    } catch (error) {
      log.warn({ run: this.#key.name, error: (error as Error).message }, 'the lease of the VM lapses');
    }
  }

  async #pass(): Promise<Pass> {
    const { log } = this.#parts;
    try {
      return await this.#advance();
    } catch (error) {
      this.#seen = undefined;
      if (error instanceof GuestFailure) this.#failed(error);
      else if (!isConflict(error) && !isTransient(error)) throw error;
      log.debug({ run: this.#key.name, error: (error as Error).message }, 'looked at again');
      return isConflict(error) ? { againMs: 0 } : this.#later();
    }
  }

  /** All is read anew then. */
  #later(): Pass {
    this.#seen = undefined;
    this.#hindered += 1;
    return { againMs: Math.min(HINDERED_MS * Math.ceil(this.#hindered / EACH), LONGEST_HINDERED_MS) };
  }

  #failed({ reason }: GuestFailure): void {
    this.#unreached = `the guest was not reached (${reason})`;
    // Keys that did not open it are read anew.
    if (reason === 'LoginRefused' || reason === 'HostKeyMismatch') this.#parts.keyring.forget(this.#uid);
  }

  /** Decides by what is known, and does one thing. */
  async #advance(): Promise<Pass> {
    const { store, runs } = this.#parts;
    this.#anew = this.#seen === undefined;
    const told = this.#anew ? undefined : runs.get(this.#key);
    const run = told ?? (await store.run(this.#key));
    if (run === undefined) {
      await this.#release();
      return 'Over';
    }
    const sight = this.#seen ?? (await sightOf(run, this.#memory, this.#parts));
    if ('record' in sight) this.#seen = sight;
    return this.#act(run, sight);
  }

  async #act(run: Run, sight: Sight): Promise<Pass> {
    const act = nextOf(run, this.#hindranceOf(run, sight), this.#now());
    switch (act.act) {
      case 'nothing':
        await this.#release();
        return 'Over';
      case 'end':
        await this.#conclude(run, act);
        await this.#release();
        return 'Over';
      case 'wait': {
        if (this.#unreached === undefined) return this.#later();
        // A guest that was not reached is tried again once it has been told.
        this.#unreached = undefined;
        return this.#act(run, sight);
      }
      case 'ask':
        return this.#ask(run, act, sight);
      case 'carryOut': {
        if (!('record' in sight)) return this.#later();
        const held = await this.#leased(sight.record);
        if (held === undefined) return this.#later();
        return this.#carryOut(run, act, this.#draft(held), sight.target);
      }
    }
  }

  /** Whatever the operator does about it, nobody else works in the guest meanwhile. */
  async #ask(run: Run, { step, why }: Ask, sight: Sight): Promise<Pass> {
    const held = 'record' in sight ? await this.#leased(sight.record) : undefined;
    if (lastOf(run, step) !== undefined) return { againMs: POLL_MS };
    // In a guest that is not there nobody else can be at work either.
    if ('record' in sight && held === undefined) return this.#later();
    const { identity: worker } = this.#parts;
    const begun = withBegun(run.status, { step, attempt: 1, worker }, this.#now());
    await this.#write(run, why === undefined ? begun : withReason(begun, why));
    return { againMs: POLL_MS };
  }

  #hindranceOf(run: Run, sight: Sight): string | undefined {
    if (run.spec.packageManager === 'WindowsUpdate' && !this.#parts.windows)
      return 'Steward is not told to work in Windows guests (guest.windows)';
    if (!('record' in sight)) return sight.hindrance;
    const { lease } = sight.record.status ?? {};
    const other = lease !== undefined && lease.holder !== this.#parts.identity;
    if (other && this.#takenFrom(sight.record) === undefined) return `another works in the guest (${lease.purpose})`;
    const occupation = hasBegunChange(run) ? undefined : sight.occupation;
    return occupation ?? this.#unreached;
  }

  #familyOf({ spec }: Run): PackageFamily {
    return (this.#parts.families ?? familyOf)(spec.packageManager);
  }

  async #conclude(run: Run, { phase, message }: Extract<RunAct, { act: 'end' }>): Promise<void> {
    const { log } = this.#parts;
    await this.#write(run, withVerdict(run.status, { phase, message }, this.#now()));
    log.info({ run: this.#key.name, namespace: this.#key.namespace, phase }, 'run ended');
  }

  async #release(): Promise<void> {
    const { store, identity } = this.#parts;
    const record = this.#seen?.record ?? (await store.record(this.#vm));
    if (record !== undefined && isHeldBy(record.status ?? {}, identity))
      await this.#writeRecord(record, giveBack(record.status ?? {}));
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
    const { identity, clock } = this.#parts;
    const { status = {} } = record;
    const { lease } = status;
    if (lease !== undefined && isHeldBy(status, identity) && !again) {
      const unchangedMs = this.#memory.leaseUnchangedMs(lease, clock.monotonic());
      const renewed = renewLease(lease, { now: clock.now(), unchangedMs });
      return renewed === lease ? record : this.#writeRecord(record, { ...status, lease: renewed });
    }
    const taken = this.#takenFrom(record, again);
    return taken === undefined ? undefined : this.#writeRecord(record, { ...status, ...taken });
  }

  async #carryOut(run: Run, due: Due, draft: Draft, target: Target): Promise<Pass> {
    const id = stepIdOf(run, due.step, due.attempt);
    const open = openStep(draft.steps);
    if (open !== undefined && open.id !== id) return this.#seeToItsEnd(run, open, draft, target);
    const stored = draft.steps.find(step => step.id === id);
    const noted = lastOf(run, due.step);
    const what = byBothRecords(noted?.attempt === due.attempt, stored !== undefined);
    const isChange = what === 'Begin' && !ONLY_READS.includes(due.step);
    if ((what === 'Forgotten' || isChange) && !this.#anew) return this.#afresh();
    switch (what) {
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

  /** What comes next needs all of it as it is now. */
  #afresh(): Pass {
    this.#seen = undefined;
    return { againMs: 0 };
  }

  /** What another has claimed and left is not ours to begin: it runs to its end, or never does. */
  async #seeToItsEnd(run: Run, open: StoredStep, draft: Draft, target: Target): Promise<Pass> {
    const progress = await carryOut({ id: open.id, script: '' }, draft.lease.generation, readStep(open), {
      ...this.#world(run, target),
      write: record => draft.write(open.id, record),
      mayBegin: () => false,
    });
    this.#unreached = undefined;
    if (progress.state === 'Ended') return { againMs: 0 };
    return progress.state === 'Running' ? { againMs: POLL_MS } : this.#later();
  }

  async #follow(read: Run, due: Due, stored: StoredStep | undefined, draft: Draft, target: Target): Promise<Pass> {
    const family = this.#familyOf(read);
    const { step, until } = due;
    // By what was kept a step that is claimed is followed, and no start of it is sent again.
    const mayStart = this.#anew || stored === undefined;
    const id = stepIdOf(read, step, due.attempt);
    const from = new Date(read.spec.occurrence.start);
    let run = read;
    const world = {
      ...this.#world(read, target),
      mayBegin: () => mayStart && this.#now() >= from && this.#now() < until,
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
        const pending = this.#seen?.restartPending ?? false;
        await this.#write(run, DECIDES_REBOOT.includes(due.step) ? withRestartPending(after, pending) : after);
        this.#hindered = 0;
        return { againMs: 0 };
      }
      case 'Running':
        if (!this.#anew) this.#hindered = 0;
        return { againMs: POLL_MS };
      case 'Waiting':
        // A start of ours may be under way: under a lease taken anew none of before passes.
        if (this.#now() < due.until) return this.#later();
        await this.#leased(draft.record, true);
        return this.#afresh();
      case 'NotRecorded':
        this.#unreached = `the guest cannot write down what it is told to do (${progress.why})`;
        return this.#later();
      case 'NotBegun':
      case 'Overtaken':
        return this.#later();
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
    const script = async (text: string) => {
      if (this.#told?.aborted) throw new GuestFailure('ConnectionLost', 'told to end');
      return sessions.run(target, command, text);
    };
    return { script, nonce: newNonce, steps };
  }

  #noted(run: Run, { step, attempt }: Due, bootId: string): PatchRunStatus {
    return withBegun(run.status, { step, attempt, bootId, worker: this.#parts.identity }, this.#now());
  }

  async #write(run: Run, status: PatchRunStatus): Promise<Run> {
    const { store, runs } = this.#parts;
    const written = await store.writeRun(run, status);
    runs.wrote(written);
    return written;
  }

  async #writeRecord(record: Record, status: GuestStateStatus): Promise<Record> {
    const written = await this.#parts.store.writeRecord(record, status);
    if (this.#seen !== undefined) this.#seen = { ...this.#seen, record: written };
    return written;
  }

  #draft(record: Record): Draft {
    return new Draft(record, (read, status) => this.#writeRecord(read, status), this.#parts.clock);
  }

  #now(): Date {
    return this.#parts.clock.now();
  }
}

/** The record of the guest, which is written step by step: each write is of the version that the one before made. */
class Draft {
  record: Record;
  readonly lease: VMLease;
  readonly #write: (read: Record, status: GuestStateStatus) => Promise<Record>;
  readonly #clock: Clock;

  constructor(record: Record, write: (read: Record, status: GuestStateStatus) => Promise<Record>, clock: Clock) {
    const { lease } = record.status ?? {};
    if (lease === undefined) throw new TypeError('a guest is worked in under a lease');
    this.record = record;
    this.lease = lease;
    this.#write = write;
    this.#clock = clock;
  }

  get steps(): readonly StoredStep[] {
    return this.record.status?.steps ?? [];
  }

  async write(id: string, record: StepRecord): Promise<void> {
    const steps = [...withStep(this.steps, id, record, this.#clock.now())];
    this.record = await this.#write(this.record, { ...this.record.status, steps });
  }
}
