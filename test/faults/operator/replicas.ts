/** Two replicas as processes of their own under one Lease, and what the audit log says that each of them wrote. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTail, type Call, isWrite, whatOf } from '../../../hack/testbed/client/audit.ts';
import { type Case, endOf, type Outcome } from '../cases.ts';
import { HOME } from '../cluster/bed.ts';
import type { Live } from '../cluster/world.ts';
import { act, prepare } from '../lives.ts';
import type { FaultRun } from '../run.ts';
import { type Program, startProgram } from './program.ts';

const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${HOME}/leases/steward`;
/** Its statuses rest for 2 s between writes. */
const QUIET_MS = 2_500;
const NAMES = ['faults-first', 'faults-second'] as const;

export type Pair = {
  readonly first: Program;
  readonly second: Program;
  /** Resolves when the first has written so many times since the operations were asked for, or nothing more happens. */
  readonly firstWrote: (count: number) => Promise<void>;
};

export type PairFault = {
  readonly name: string;
  /** Happens to the first, which leads, while it works off the operations; the second is ready. */
  readonly happens: (pair: Pair, run: FaultRun) => Promise<Blow>;
  /** Whether the first may go on leading. */
  readonly keeps?: boolean;
};

/** What was done to the first, and what is wrong with how it took it. */
export type Blow = {
  /** Wall clock, ms: after this the first may write nothing. */
  readonly deadline: number;
  readonly failures: readonly string[];
};

/** Runs the operations under two replicas; the end must be the fault-free one, and their writes must not mix. */
export async function underTwo(run: FaultRun, fault: PairFault, cases: readonly Case[]): Promise<Outcome[]> {
  if (cases.length === 0) return [];
  const began = performance.now();
  const scopes = await run.scopes(cases.length);
  const each = cases.map((one, index) => ({ one, scope: scopes[index] ?? '' }));
  for (const { one, scope } of each) run.label(scope, one.name);
  const ends = new Map(each.map(({ one, scope }) => [scope, endOf(run, one)]));
  const programs: Program[] = [];
  try {
    const first = await replica(run, NAMES[0]);
    programs.push(first);
    await run.until('the first leads', async () => (await holder(run)) === first.name);
    const second = await replica(run, NAMES[1]);
    programs.push(second);
    await Promise.all(each.map(({ one, scope }) => prepare(run.bed.client, one.operation, scope)));
    await run.converge(new Map(each.map(({ one, scope }) => [scope, run.reference(one.operation).baseline])));
    await run.quiet(QUIET_MS);
    const [firstTail, secondTail] = await Promise.all([tail(run, first), tail(run, second)]);
    const written: Call[] = [];
    const look = async () => void written.push(...(await firstTail.look()).filter(isWrite));
    const firstWrote = async (count: number) => {
      const changes = { count: run.world.changes, at: performance.now() };
      while (written.length < count && performance.now() - changes.at < QUIET_MS) {
        await sleep(5);
        await look();
        if (run.world.changes !== changes.count)
          Object.assign(changes, { count: run.world.changes, at: performance.now() });
      }
    };
    await Promise.all(each.map(({ one, scope }) => act(run.bed.client, one.operation, scope)));
    const { deadline, failures } = await fault.happens({ first, second, firstWrote }, run);
    const wrong = await run.converge(ends, 2 * run.limitMs);
    if (wrong.size === 0) await run.quiet(QUIET_MS);
    const later = wrong.size === 0 ? await run.converge(ends, 2_000) : wrong;
    await look();
    const taken = (await secondTail.look()).filter(isWrite);
    const mixed = mixture(written, taken, deadline, fault.keeps === true);
    run.progress(
      `${cases.length} cases in ${((performance.now() - began) / 1000).toFixed(1)} s: ${fault.name}; ` +
        `${written.length} writes by the first, ${taken.length} by the second`,
    );
    return each.map(({ one: { name }, scope }) => {
      const failure = [...failures, ...mixed, ...(later.has(scope) ? [`in ${scope}: ${later.get(scope)}`] : [])];
      return failure.length === 0 ? { name } : { name, failure: failure.join('; ') };
    });
  } finally {
    await Promise.all(programs.map(program => program.stop()));
    await run.bed.client.delete(LEASE).catch(() => undefined);
  }
}

/** Cases of a fault: every operation. */
export function casesOfPair({ name }: PairFault, operations: readonly Case['operation'][]): Case[] {
  return operations.map(operation => ({ operation, name: `${operation}, ${name}` }));
}

function replica(run: FaultRun, name: string): Promise<Program> {
  return startProgram(run.bed, name, { mutant: run.mutant });
}

async function holder(run: FaultRun): Promise<unknown> {
  const lease = await run.bed.client.get<Live>(LEASE).catch(() => undefined);
  return (lease?.spec as { readonly holderIdentity?: unknown } | undefined)?.holderIdentity;
}

function tail(run: FaultRun, { user }: Program): Promise<AuditTail> {
  return AuditTail.fromNow(run.bed.auditLog, user);
}

/** Nothing by the first after its deadline or after the other's first; nothing by the other while the first leads on. */
function mixture(first: readonly Call[], second: readonly Call[], deadline: number, keeps: boolean): string[] {
  const at = ({ requestReceivedTimestamp }: Call) => Date.parse(requestReceivedTimestamp);
  const told = (calls: readonly Call[]) => calls.slice(0, 5).map(whatOf).join(', ');
  if (keeps) return second.length === 0 ? [] : [`a replica wrote that did not lead: ${told(second)}`];
  const began = Math.min(Number.POSITIVE_INFINITY, ...second.map(at));
  const late = first.filter(call => at(call) > deadline);
  const mixed = first.filter(call => at(call) > began);
  return [
    ...(late.length === 0 ? [] : [`${late.length} writes by the first after its time: ${told(late)}`]),
    ...(mixed.length === 0 ? [] : [`${mixed.length} writes by the first after the other began: ${told(mixed)}`]),
  ];
}
