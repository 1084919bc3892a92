/** A Restore with one fault, in a namespace of its own, under one operator with others; and what must be so whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRestored, type RestorePhase, type RestoreStep } from '../../../src/api/restore.ts';
import { type Clock, systemClock } from '../../../src/runtime/api/clock.ts';
import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import { type Any, verdictOf } from '../../integration/support/api.ts';
import { instantOf, playBackup } from '../../integration/support/playedbackup.ts';
import type { PlayedRestore } from '../../integration/support/playedrestore.ts';
import type { Outcome } from '../cases.ts';
import type { Interception, WriteFate } from '../interception.ts';
import type { Ground, Holds, Running } from './ground.ts';
import type { Had } from './guard.ts';

type Deed = (ground: Ground, scope: string) => Promise<unknown>;

export type RestoreCase = {
  readonly name: string;
  /** Its policy and VM, where they differ. */
  readonly order?: { readonly policy?: object; readonly vm?: object };
  /** What the store says of the volumes in its backup. */
  readonly inStore?: Holds;
  /** Fields of the Backup's status, or what else happens to it. Default: a good one. */
  readonly backup?: {
    readonly status?: object;
    readonly labels?: Readonly<Record<string, string>>;
    readonly location?: string;
    readonly does?: Deed;
  };
  /** What the VM says of its backups before the restore. Default: that all is well. */
  readonly says?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly velero?: PlayedRestore;
  /** What becomes of each write of the operator about this namespace, from the order on. */
  readonly write?: (number: number, info: CallInfo) => WriteFate;
  /** Happens when the order has come to a phase, or a step, before anything else is written for it. */
  readonly meanwhile?: { readonly at: RestorePhase | RestoreStep; readonly does: Deed };
  /** It ends by a term alone, which begins at a phase or step: who sees that has a clock so far ahead. Milliseconds. */
  readonly term?: { readonly from: RestorePhase | RestoreStep; readonly ms: number };
  /** `gone`: the order itself is deleted. */
  readonly ends: 'Succeeded' | 'Unproven' | 'Failed' | 'gone';
  /** What its message says. */
  readonly why?: RegExp;
  /** What the tester takes away itself. */
  readonly takes?: readonly ('backup' | 'claim' | 'volume')[];
  /** What the VM says of itself in the end. Default: that it runs. */
  readonly ready?: RegExp;
  /** What is wrong in the end besides. */
  readonly check?: (ground: Ground, scope: string, had: Had) => Promise<string | undefined>;
};

/** Cases that are prepared, ordered and awaited together. */
const BATCH = 30;

type Task = { readonly one: RestoreCase; readonly scope: string; readonly had: Had; readonly met: () => boolean };

export type How = {
  /** The operator ends when every fault has taken place, and another finishes the work. */
  readonly crash?: boolean;
  /** Orders, and sees it done by operators of its own. */
  readonly carriedOut?: (scopes: readonly string[]) => Promise<void>;
};

export async function runRestores(ground: Ground, cases: readonly RestoreCase[], how: How = {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let first = 0; first < cases.length; first += BATCH)
    outcomes.push(...(await runBatch(ground, cases.slice(first, first + BATCH), how)));
  return outcomes;
}

async function runBatch(ground: Ground, cases: readonly RestoreCase[], how: How): Promise<Outcome[]> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const first = await ground.launch();
  const tasks = await prepared(ground, cases, first);
  ground.say(`${cases.length} VMs are backed up (${seconds()} s)`);
  const last = await carriedOut(ground, tasks, first, how);
  const scopes = tasks.map(({ scope }) => scope);
  const untidy = await ground.lacking(scopes, scope => leftOver(ground, scope).length === 0, 20_000);
  // What is right may not stay so.
  await sleep(1_000);
  const outcomes = await Promise.all(
    tasks.map(async task => {
      const { one, scope } = task;
      const wrong = [...(await wrongWith(ground, task)), ...(untidy.includes(scope) ? leftOver(ground, scope) : [])];
      if (wrong.length === 0) return { name: one.name, idle: !task.met() };
      const journal = [first, last].flatMap(({ interception }) => interception.journal(scope)).slice(-10);
      return { name: one.name, failure: [`in ${scope}: ${wrong.join('; ')}`, ...journal].join('\n      ') };
    }),
  );
  await ground.remove(scopes);
  await last.steward.stop();
  ground.say(`${cases.length} cases in ${seconds()} s: ${cases[0]?.name} …`);
  return outcomes;
}

/** Orders, and waits for every verdict, or as long as one may take. The operator that runs then. */
async function carriedOut(ground: Ground, tasks: readonly Task[], first: Running, how: How): Promise<Running> {
  if (how.carriedOut !== undefined) {
    await first.steward.stop();
    await how.carriedOut(tasks.map(({ scope }) => scope));
    return ground.launch();
  }
  await Promise.all(tasks.map(({ one, scope }) => ground.orderRestore(scope, one.spec)));
  const [late, inTime] = [tasks.filter(({ one }) => one.term), tasks.filter(({ one }) => !one.term)];
  let running = first;
  if (how.crash === true) {
    const isMet = ({ one, scope }: Task) => isOver(ground, scope, one) || first.interception.met(scope);
    await ground.until('every fault has taken place', () => inTime.every(isMet));
    await first.steward.stop();
    running = await ground.launch();
  }
  await untilOver(ground, inTime);
  return late.length === 0 ? running : ahead(ground, late, running);
}

async function untilOver(ground: Ground, tasks: readonly Task[]): Promise<void> {
  const open = new Map(tasks.map(({ scope, one }) => [scope, one]));
  await ground.lacking([...open.keys()], scope => isOver(ground, scope, open.get(scope)));
}

/** VMs that run, with a backup each, of which they have said what they think; from now on what they have is watched. */
async function prepared(ground: Ground, cases: readonly RestoreCase[], { interception }: Running): Promise<Task[]> {
  const scopes = await ground.order(cases.length, index => cases[index]?.order ?? {});
  await ground.reads(scopes, { Ready: 'True/Running' });
  const tasks = await Promise.all(
    cases.map(async (one, index) => {
      const scope = scopes[index] ?? '';
      if (one.inStore !== undefined) ground.inStore.set(scope, one.inStore);
      if (one.velero !== undefined) ground.atRestore.set(scope, one.velero);
      const { status = {}, labels, does, location } = one.backup ?? {};
      const played = {
        // After the disks were filled: so each must be in it.
        status: { startTimestamp: instantOf(0), completionTimestamp: instantOf(0), ...status },
        ...(labels && { labels }),
        ...(location !== undefined && { storageLocation: location }),
      };
      const backup = await playBackup(ground.api, await ground.scheduleOf(scope), played);
      await ground.until(
        'the backup is there',
        () => ground.guard.backups.get(`velero/${backup.metadata.name}`) !== undefined,
      );
      const had = ground.guard.protect(scope, [backup]);
      ground.guard.wholeExchange(
        scope,
        had.disks.map(({ claim }) => claim.metadata.uid),
      );
      for (const what of one.takes ?? []) ground.guard.release(scope, what);
      await does?.(ground, scope);
      return { one, scope, had, met: armed(ground, one, scope, interception) };
    }),
  );
  const good = { BackupCompliant: 'True/RecoveryPointGood' };
  for (const [wanted, group] of Map.groupBy(tasks, ({ one }) => JSON.stringify(one.says ?? good)))
    await ground.reads(
      group.map(({ scope }) => scope),
      JSON.parse(wanted),
    );
  return tasks;
}

/** Whether the fault has taken place is told afterwards. */
function armed(
  ground: Ground,
  { write, meanwhile }: RestoreCase,
  scope: string,
  interception: Interception,
): () => boolean {
  if (write !== undefined) {
    let began = false;
    let number = 0;
    interception.arm(scope, {
      write: (_, info) => {
        began ||= info.path.includes('/restores/again');
        if (!began) return 'pass';
        number += 1;
        return write(number, info);
      },
    });
    return () => interception.met(scope);
  }
  if (meanwhile === undefined) return () => true;
  let deed: Promise<'pass'> | undefined;
  let isDone = false;
  const reached = [`"phase":"${meanwhile.at}"`, `"name":"${meanwhile.at}"`];
  interception.arm(scope, {
    write: async (_, { path, body = '' }) => {
      if (deed !== undefined) return deed;
      if (!path.includes('/restores/again/status') || !reached.some(text => body.includes(text))) return 'pass';
      deed = whenTold(ground, scope, meanwhile)
        .then(
          () => (isDone = true),
          (error: unknown) => ground.say(`${scope}: ${error}`),
        )
        .then(() => 'pass');
      return 'pass';
    },
  });
  return () => isDone;
}

async function whenTold(
  ground: Ground,
  scope: string,
  { at, does }: NonNullable<RestoreCase['meanwhile']>,
): Promise<void> {
  await ground.until(`the order has come to ${at}`, () => hasReached(ground, scope, at));
  await does(ground, scope);
}

/** Those whose term ends: seen by an operator whose clock is ahead. */
async function ahead(ground: Ground, late: readonly Task[], before: Running): Promise<Running> {
  let running = before;
  const waits = ({ scope, one }: Task) => one.term !== undefined && hasReached(ground, scope, one.term.from);
  await ground.until('every term has begun', () => late.every(waits));
  const groups = [...Map.groupBy(late, ({ one }) => one.term?.ms ?? 0)];
  for (const [ms, group] of groups.toSorted(([a], [b]) => a - b)) {
    await running.steward.stop();
    running = await ground.launch({ clock: clockAhead(ms) });
    await untilOver(ground, group);
  }
  return running;
}

function hasReached(ground: Ground, scope: string, at: RestorePhase | RestoreStep): boolean {
  const { phase, steps = [] } = ground.restoreOf(scope)?.status ?? {};
  return phase === at || steps.some(({ name }: Any) => name === at);
}

export function clockAhead(ms: number): Clock {
  return { ...systemClock, now: () => new Date(Date.now() + ms) };
}

function isOver(ground: Ground, scope: string, one: RestoreCase | undefined): boolean {
  const order = ground.restoreOf(scope);
  return one?.ends === 'gone' ? order === undefined : isRestored(order?.status?.phase);
}

function told(ground: Ground, scope: string): string {
  const { phase, message } = ground.restoreOf(scope)?.status ?? {};
  return `${phase}: ${message}`;
}

async function wrongWith(ground: Ground, { one, scope, had }: Task): Promise<string[]> {
  const { phase, message = '', disks = [] } = ground.restoreOf(scope)?.status ?? {};
  const wrong = [...ground.guard.harm(scope)];
  if (one.ends === 'gone' ? phase !== undefined : phase !== one.ends) wrong.push(`it stands at ${told(ground, scope)}`);
  if (one.why !== undefined && !one.why.test(message)) wrong.push(`it says: ${message}`);
  const held = (ground.vm(scope)?.status?.disks ?? []).map(({ claimUID }: Any) => claimUID);
  const before = had.disks.map(({ claim }) => claim.metadata.uid);
  const after = disks.map(({ after: claim }: Any) => claim?.uid);
  if (phase === 'Succeeded' && held.join() !== after.join()) wrong.push(`the VM has ${held}, not ${after}`);
  if (phase === 'Failed' && held.join() !== before.join()) wrong.push(`the VM has ${held}, not ${before} as before`);
  const { ready = /^True\/Running$/ } = one;
  const says = () => verdictOf(ground.vm(scope), 'Ready');
  const left = await ground.lacking([scope], () => ready.test(says()), 30_000);
  if (left.length > 0) wrong.push(`the VM is ${says()}, not ${ready.source}`);
  const more = await one.check?.(ground, scope, had);
  return more === undefined ? wrong : [...wrong, more];
}

/** Of a Restore that is over, or gone, nothing stays but what the VM has or may take: no staged claim, and no volume that nothing will ever free. */
function leftOver(ground: Ground, scope: string): string[] {
  const staged = [...ground.guard.claims.all()].filter(
    ({ metadata }) =>
      metadata.namespace === 'velero' &&
      metadata.name.startsWith(`${scope}-`) &&
      metadata.labels?.['example.com/planted'] === undefined,
  );
  const volumes = [...ground.guard.volumes.all()].filter(({ spec, status }) => {
    const { namespace, name = '' } = spec.claimRef ?? {};
    const isOurs = namespace === scope || (namespace === 'velero' && name.startsWith(`${scope}-`));
    return isOurs && (status?.phase !== 'Bound' || spec.persistentVolumeReclaimPolicy !== 'Delete');
  });
  return [
    ...staged.map(({ metadata }) => `claim velero/${metadata.name} is left`),
    ...volumes.map(
      ({ metadata, spec, status }) =>
        `volume ${metadata.name} of ${spec.claimRef.name} is ${status?.phase} and kept (${spec.persistentVolumeReclaimPolicy})`,
    ),
  ];
}
