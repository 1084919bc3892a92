/**
 * What a step is charged for: its time, less the share of the processors that worked for others meanwhile. Each processor's time is spent on
 * the step, on others or on nothing, so what remains is what the step would have taken alone; where it slept while others worked, it is
 * charged too little, never too much.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** A process as /proc/PID/stat has it; ticks of user and system, with those of the children that it has waited for. */
export type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** Linux tells times to programs in hundredths of a second, whatever the kernel's own clock is (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Undefined for a text that is no line of /proc/PID/stat. A name may hold spaces and brackets, so fields count from its last bracket. */
export function processOf(stat: string): Process | undefined {
  const [before = '', after = ''] = [stat.slice(0, stat.indexOf('(')), stat.slice(stat.lastIndexOf(')') + 2)];
  const fields = after.split(' ').map(Number);
  const [pid, parent] = [Number.parseInt(before, 10), fields[1]];
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  if (Number.isNaN(pid) || parent === undefined || Number.isNaN(ticks)) return undefined;
  return { pid, parent, ticks };
}

/** Ticks of a process and all that descend from it. */
export function ticksBelow(root: number, processes: readonly Process[]): number {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const family = processes.filter(({ pid }) => pid === root);
  for (const { pid } of family) family.push(...(children.get(pid) ?? []));
  return family.reduce((sum, { ticks }) => sum + ticks, 0);
}

/** Ticks that all processors worked or were taken away by a hypervisor, from the first line of /proc/stat. */
export function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softIrq + steal;
}

export type Spent = {
  /** Seconds by the clock. */
  readonly took: number;
  /** Seconds that processors worked for the step. */
  readonly own: number;
  /** Seconds that processors worked for anybody. */
  readonly busy: number;
  readonly processors: number;
};

export function chargeable({ took, own, busy, processors }: Spent): number {
  const others = Math.max(0, busy - own) / processors;
  return Math.max(took - others, Math.min(took, own / processors));
}

/** Follows one step. `look` must be called every few seconds: what a process did since the last look is lost where nobody waited for it. */
export class Meter {
  readonly #root: number;
  readonly #began = performance.now();
  readonly #busyBefore = busyNow();
  /** Of processes that are gone and that no parent has waited for. */
  #gone = 0;
  #ticks = 0;

  constructor(root: number) {
    this.#root = root;
  }

  look(): void {
    const ticks = ticksBelow(this.#root, processes());
    if (ticks < this.#ticks) this.#gone += this.#ticks - ticks;
    this.#ticks = ticks;
  }

  get took(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Where processors are not all ours, as under a quota, others' work on them says nothing, and the clock counts. */
  get charge(): number {
    const processors = availableParallelism();
    if (processors !== cpus().length) return this.took;
    const own = (this.#gone + this.#ticks) / TICKS_PER_SECOND;
    const busy = (busyNow() - this.#busyBefore) / TICKS_PER_SECOND;
    return chargeable({ took: this.took, own, busy, processors });
  }
}

function busyNow(): number {
  return busyTicks(read('/proc/stat'));
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .flatMap(pid => processOf(read(`/proc/${pid}/stat`)) ?? []);
}

/** Empty for a process that ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
