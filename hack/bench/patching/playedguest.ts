/**
 * PLAYED: one guest as the runner of patches meets it by SSH. It reads the scripts of src/guest/run/scripts.ts and keeps their rules: a fence that
 * only rises, a boot, steps that begin once. What the package manager says is scripted.
 */
import { randomUUID } from 'node:crypto';
import { type Blocker, type Installed, install, preflight, readBack, scan } from './aptanswers.ts';
import type { WayName } from './ways.ts';

const DAY_S = 86_400;

type Step = { readonly output: string; running: boolean; done: boolean };

/** What the guest does about a script: `cut`: the connection breaks, before or after. */
export type Reaction = { readonly text: string; readonly exitCode: number } | 'cut';

const NOTHING: Reaction = { text: '', exitCode: 127 };

export class PlayedGuest {
  readonly way: WayName;
  /** Whether it waits for a reboot once packages are installed. */
  readonly #reboots: boolean;
  readonly #onBusy: () => void;
  readonly #now: () => number;
  readonly #steps = new Map<string, Step>();
  readonly #cut = new Set<string>();
  #boot = randomUUID() as string;
  #generation = 0;
  #installed: Installed = 'no';
  #rebootPending = false;
  /** How often packages were installed: more than once is never right. */
  installs = 0;
  /** It does not come back. */
  down = false;

  /** `now`: its clock, in milliseconds since 1970. */
  constructor(way: WayName, reboots: boolean, onBusy: () => void, now = Date.now) {
    this.way = way;
    this.#now = now;
    this.#reboots = reboots || way === 'late' || way === 'hangs';
    this.#onBusy = onBusy;
  }

  /** Its package manager runs. */
  get busy(): boolean {
    return [...this.#steps.values()].some(({ running }) => running);
  }

  /** What its package manager does comes to its end, or what happens to the guest meanwhile. */
  finish(): void {
    for (const [id, step] of this.#steps) {
      if (!step.running) continue;
      step.running = false;
      step.done = this.way !== 'rebooted';
      if (stepOf(id) !== 'install') continue;
      if (this.way === 'rebooted') {
        this.#installed = 'half';
        this.#boot = randomUUID();
        continue;
      }
      this.#installed = this.way === 'postinst' ? 'half' : 'yes';
      this.#rebootPending = this.#reboots;
    }
  }

  run(script: string): Reaction {
    const [, nonce, outputOf] = /^printf '%s ' (\S+); head -c \d+ \S+\/([\w-]+)\/output /m.exec(script) ?? [];
    if (nonce !== undefined && outputOf !== undefined)
      return { text: `${nonce} ${base64(this.#steps.get(outputOf)?.output ?? '')}\n`, exitCode: 0 };
    const [, id, generation] = /^id=(\S+); generation=(\d+);/m.exec(script) ?? [];
    const [, word] = /^say\(\) \{ echo "(\S+) \$boot/m.exec(script) ?? [];
    if (id === undefined || word === undefined) return NOTHING;
    const asked = script.includes('say Gone');
    const said = asked ? this.#asked(id, Number(generation)) : this.#begin(id, Number(generation), script);
    return said === 'cut' ? said : { text: `${word} ${this.#boot} ${said}\n`, exitCode: 0 };
  }

  #asked(id: string, generation: number): string {
    if (generation < this.#generation) return 'Overtaken';
    this.#generation = generation;
    const step = this.#steps.get(id);
    if (step === undefined) return 'Never';
    if (step.done) return 'Finished 0';
    return step.running ? 'Running' : 'Gone';
  }

  #begin(id: string, generation: number, script: string): string {
    const [, boot] = /\[ "\$boot" = ([0-9a-f-]+) \]/.exec(script) ?? [];
    const [, from, until] = /\[ "\$now" -ge (\d+) \] && \[ "\$now" -lt (\d+) \]/.exec(script) ?? [];
    const now = this.#now() / 1000 + (this.way === 'clock' ? DAY_S : 0);
    const isDue = from === undefined || (now >= Number(from) && now < Number(until));
    if (generation < this.#generation || boot !== this.#boot || !isDue) return 'Refused';
    if (this.#steps.has(id)) return 'Known';
    const name = stepOf(id);
    // Once for each step, and of every second one before it was begun.
    const cuts = this.way === 'cut' && !this.#cut.has(name);
    this.#cut.add(name);
    if (cuts && this.#cut.size % 2 === 1) return 'cut';
    this.#carryOut(id, name);
    return cuts ? 'cut' : 'Begun';
  }

  #carryOut(id: string, name: string): void {
    // What is long in a real guest lasts until `finish`: so all are in it at once.
    const running = name === 'install' || (name === 'preflight' && BLOCKERS.has(this.way));
    this.#steps.set(id, { output: this.#outputOf(name), running, done: name !== 'reboot' && !running });
    if (name === 'reboot') this.#goDown();
    if (!running) return;
    if (name === 'install') this.installs += 1;
    this.#onBusy();
  }

  #goDown(): void {
    this.#boot = randomUUID();
    this.#rebootPending = false;
    this.down = this.way === 'hangs';
  }

  #outputOf(name: string): string {
    switch (name) {
      case 'preflight':
        return preflight(BLOCKERS.get(this.way));
      case 'plan':
        return scan();
      case 'install':
        return install(this.way === 'gone' ? 'gone' : this.way === 'postinst' ? 'failed' : 'well');
      default:
        return readBack(this.#installed, { gone: this.way === 'gone', reboot: this.#rebootPending });
    }
  }
}

const BLOCKERS = new Map<WayName, Blocker>([
  ['locked', 'locked'],
  ['full', 'full'],
  ['repository', 'repository'],
]);

/** `patch-<run>-<step>-<attempt>`. */
function stepOf(id: string): string {
  return id.split('-')[2] ?? '';
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
