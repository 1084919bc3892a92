/** What all classes of faults share: namespaces, the fault-free run that others are compared with, batches, silence. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../hack/testbed/client/client.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { STATUS_INTERVALS } from '../../src/controllers/report.ts';
import { type Bed, namespace } from './cluster/bed.ts';
import { OWN_KINDS } from './cluster/ownkinds.ts';
import { type Live, pathOfSeen, type Seen, World } from './cluster/world.ts';
import { Interception } from './interception.ts';
import { act, OPERATIONS, type Operation, prepare } from './lives.ts';
import type { Launch, LaunchSettings, Refusal, Runtime, Steward } from './operator/launch.ts';
import { differences, explain, type Picture, type PictureOptions, pictureOf } from './picture.ts';
import { type Random, randomOf } from './random.ts';

/** How the fault-free run went. */
export type Reference = {
  readonly baseline: Picture;
  readonly final: Picture;
  /** Writes and watch events that the operation took. */
  readonly writes: number;
  readonly events: number;
};
export type Running = { readonly steward: Steward; readonly interception: Interception };

/** Longest time to an expected state; a case that takes longer has failed. */
export const LIMIT_MS = 45_000;
/** A mutated runtime need not be given that long. */
const MUTANT_LIMIT_MS = 15_000;
const LOOK_MS = 50;
/** No write for this long, and nothing queued: the operator has nothing more to do. */
const STILL_MS = 600;
/** Longer than a status rests: what sums up others is written last. */
export const REFERENCE_STILL_MS = STATUS_INTERVALS.restMs + 500;

export class FaultRun {
  readonly bed: Bed;
  readonly world: World;
  readonly #seed: number;
  /** Drawn anew for each class, so that a class alone meets the same cases as in a whole run. */
  random: Random;
  readonly quick: boolean;
  /** The runtime under test: the real one, or a mutated one. */
  launch: Launch;
  /** An error of that runtime. */
  refusal: Refusal;
  /** Number of the mutation, if it is a mutated one. */
  mutant: number | undefined;
  limitMs = LIMIT_MS;
  references = new Map<Operation, Reference>();
  readonly #free: string[] = [];
  readonly #used = new Set<string>();
  readonly #labels = new Map<string, string>();
  readonly #running = new Set<Running>();
  #made = 0;

  constructor(bed: Bed, { launch, refusal }: Runtime, seed: number, quick: boolean) {
    this.bed = bed;
    this.world = new World(bed.client);
    this.launch = launch;
    this.refusal = refusal;
    this.#seed = seed;
    this.random = randomOf(seed);
    this.quick = quick;
  }

  /** Begins the random choices of a class. */
  draw(id: number): void {
    this.random = randomOf(this.#seed + 1_000_003 * id);
  }

  /** From now on the operator is this one. */
  use({ launch, refusal, mutant }: Runtime, limitMs = MUTANT_LIMIT_MS): void {
    this.launch = launch;
    this.refusal = refusal;
    this.mutant = mutant;
    this.limitMs = limitMs;
  }

  /** Takes everything away by force, when an operator may have left anything. */
  async purge(): Promise<void> {
    await this.stopAll();
    const remove = async (seen: Seen) => {
      const path = pathOfSeen(seen);
      if (seen.object.metadata.finalizers)
        await this.bed.client.patch('merge', path, { metadata: { finalizers: null } });
      await this.bed.client.delete(path);
    };
    await this.until('nothing is left', async () => {
      const left = [...this.world.byScope().values()].flat();
      await Promise.allSettled(left.map(remove));
      return left.length === 0;
    });
    this.#release();
  }

  /** Cases were asked for by name. */
  targeted = false;
  /** A line for who waits. */
  progress: (line: string) => void = () => {};

  get silenceSeconds(): number {
    return this.quick ? 3 : 60;
  }

  /** All cases, or in a quick run a sample of them. */
  chosen<T>(cases: readonly T[], sample = 12): T[] {
    return this.quick ? this.random.sample(cases, sample) : [...cases];
  }

  /** Case namespaces nobody uses. */
  async scopes(count: number): Promise<string[]> {
    while (this.#free.length < count) {
      const names = Array.from({ length: Math.min(20, count - this.#free.length) }, () => {
        this.#made += 1;
        return `f-${String(this.#made).padStart(4, '0')}`;
      });
      await Promise.all(names.map(name => this.bed.client.create('/api/v1/namespaces', namespace(name))));
      this.#free.push(...names);
    }
    const taken = this.#free.splice(0, count);
    for (const scope of taken) this.#used.add(scope);
    return taken;
  }

  /** Namespaces in which something may be that has not been looked at for silence. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** Remembers whose namespace it is, for a report long after. */
  label(scope: string, name: string): void {
    this.#labels.set(scope, name);
  }

  labelOf(scope: string): string {
    return `${scope} (${this.#labels.get(scope) ?? 'of no case'})`;
  }

  /** `prepare` is called before the operator has a first chance to write. */
  async start(
    settings: Partial<LaunchSettings> = {},
    prepare: (interception: Interception) => void = () => {},
    launch: Launch = this.launch,
  ): Promise<Running> {
    const interception = new Interception(uid => this.#scopeOfUid(uid));
    prepare(interception);
    const steward = await launch({
      ...{ kubeconfig: this.bed.kubeconfig, intercept: interception.intercept, ...settings },
    });
    const running = { steward, interception };
    this.#running.add(running);
    void steward.stopped.then(() => this.#running.delete(running));
    await this.until('the operator is ready', () => steward.ready());
    return running;
  }

  /** Ends every operator that a failed case may have left. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map(({ steward }) => steward.stop()));
  }

  picture(scope: string, options?: PictureOptions): Picture {
    const former = this.world.ownersIn(scope);
    return pictureOf(scope, this.world.byScope().get(scope) ?? [], { former, ...options });
  }

  /**
   * The same with objects of ours as the API server reads them now: another schema changes what is told of an object, and no watch tells it.
   */
  async freshPicture(scope: string): Promise<Picture> {
    const seen = this.world.byScope().get(scope) ?? [];
    const now = seen.map(async each => {
      const own = each.object.apiVersion?.startsWith('managed.systems/') === true;
      return own ? { ...each, object: await this.bed.client.get<Live>(pathOfSeen(each)) } : each;
    });
    return pictureOf(scope, await Promise.all(now), { former: this.world.ownersIn(scope) });
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, limitMs = this.limitMs): Promise<void> {
    const end = performance.now() + limitMs;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
      await sleep(LOOK_MS);
    }
  }

  /** How long hundreds of namespaces take is the machine's: the time is limited in which they do not become fewer. */
  async #untilNone(what: string, left: () => number): Promise<void> {
    for (let before = left(); before > 0; before = left()) await this.until(what, () => left() < before);
  }

  /** The operator has worked off everything and writes no more. */
  async still({ steward, interception }: Running, forMs = STILL_MS): Promise<void> {
    await this.until(
      'the operator is still',
      async () => interception.quietForMs > forMs && (await steward.idle()) && this.#worldQuietFor(forMs),
    );
  }

  /** Nothing in the cluster changes any more: for who runs as a process of its own. */
  async quiet(forMs: number): Promise<void> {
    await this.until('nothing changes', () => this.#worldQuietFor(forMs));
  }

  #seen = { changes: -1, at: 0 };
  #worldQuietFor(ms: number): boolean {
    if (this.world.changes !== this.#seen.changes) this.#seen = { changes: this.world.changes, at: performance.now() };
    return performance.now() - this.#seen.at > ms;
  }

  /** The fault-free run of every operation. A new operator looks at each state once more before it counts as settled. */
  async refer(operations: readonly Operation[] = OPERATIONS): Promise<void> {
    const scopes = await this.scopes(operations.length);
    let running = await this.start();
    const each = async (work: (operation: Operation, scope: string) => Promise<void>) => {
      await Promise.all(operations.map((operation, index) => work(operation, scopes[index] ?? '')));
      await this.still(running, REFERENCE_STILL_MS);
      await this.until('the garbage collector is done', () => scopes.every(scope => !this.world.hasOrphan(scope)));
    };
    const renewed = async () => {
      await running.steward.stop();
      running = await this.start();
      await this.until('all is looked at', async () => (await running.steward.passes()) >= operations.length);
      await this.still(running, REFERENCE_STILL_MS);
      return scopes.map(scope => this.picture(scope));
    };
    await each((operation, scope) => prepare(this.bed.client, operation, scope));
    const baselines = await renewed();
    for (const scope of scopes) running.interception.arm(scope, {});
    await each((operation, scope) => act(this.bed.client, operation, scope));
    const counts = scopes.map(scope => running.interception.count(scope));
    const finals = await renewed();
    for (const [index, operation] of operations.entries()) {
      const { writes = 0, events = 0 } = counts[index] ?? {};
      const [baseline = [], final = []] = [baselines[index], finals[index]];
      this.references.set(operation, { baseline, final, writes, events });
    }
    await this.clean(running);
    await running.steward.stop();
  }

  reference(operation: Operation): Reference {
    const reference = this.references.get(operation);
    if (reference === undefined) throw new Error(`no fault-free run of ${operation}`);
    return reference;
  }

  /** Waits until every scope shows what it should; says which do not, and how they differ. */
  async converge(
    expected: ReadonlyMap<string, Picture>,
    limitMs = this.limitMs,
    options?: PictureOptions,
  ): Promise<Map<string, string>> {
    let waiting = [...expected.keys()];
    let looked = -1;
    const end = performance.now() + limitMs;
    const differing = (scope: string) => {
      const { sights, reading = (line: string) => line } = options ?? {};
      const sight = sights?.get(scope) ?? (() => true);
      const read = (picture: Picture) => picture.filter(sight).map(reading);
      return differences(read(expected.get(scope) ?? []), read(this.picture(scope, options)));
    };
    while (waiting.length > 0 && performance.now() < end) {
      if (looked !== this.world.changes) {
        looked = this.world.changes;
        waiting = waiting.filter(scope => differing(scope).length > 0);
      }
      if (waiting.length > 0) await sleep(LOOK_MS);
    }
    return new Map(waiting.map(scope => [scope, explain(differing(scope)).join('\n      ')]));
  }

  /** Deletes everything in every used namespace, and sees it go; what stays is an orphan. */
  async clean({ steward }: Running): Promise<void> {
    const ours = new Set(OWN_KINDS.map(({ kind }) => kind));
    const remove = async (which: (kind: string) => boolean) => {
      const seen = [...this.world.byScope().values()].flat().filter(({ kind }) => which(kind));
      await Promise.all(
        seen.map(each =>
          this.bed.client.delete(pathOfSeen(each)).catch((error: unknown) => {
            if (!(error instanceof ApiError && error.status === 404)) throw error;
          }),
        ),
      );
    };
    await remove(kind => kind === 'ManagedVM');
    await this.#untilNone('every ManagedVM is gone', () => this.world.count(managedVM.kind));
    await remove(kind => ours.has(kind));
    // A retained disk outlives its ManagedVM on purpose.
    await remove(kind => kind === 'DataVolume');
    await this.#untilNone('nothing is left behind', () => this.world.byScope().size).catch((error: unknown) => {
      const left = [...this.world.byScope().values()]
        .flat()
        .map(({ kind, object }) => `${kind} ${object.metadata.name}`);
      throw new Error(`orphans: ${left.join(', ')}`, { cause: error });
    });
    await this.until('the operator is idle', () => steward.idle());
    this.#release();
  }

  #release(): void {
    this.#free.push(...this.#used);
    this.#used.clear();
    this.#labels.clear();
  }

  #scopeOfUid(uid: string): string | undefined {
    return this.world.scopeOfOwner(uid);
  }
}
