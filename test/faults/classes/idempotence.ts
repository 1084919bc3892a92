import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { OWN_KINDS } from '../cluster/ownkinds.ts';
import { pathOfSeen } from '../cluster/world.ts';
import { OPERATIONS } from '../lives.ts';
import { FOREIGN_KEY } from '../picture.ts';
import type { FaultRun, Running } from '../run.ts';

const OURS = new Set(OWN_KINDS.map(({ kind }) => kind));
const TIMES = 3;
const TOUCHED = 'touched by somebody';
const RESTARTED = 'after a restart';
const LISTED = 'after every list was made anew';
const WAYS = [TOUCHED, RESTARTED, LISTED];

/** Each object is looked at again, by the same process and by a new one: the second pass writes nothing. */
export const idempotence: FaultClass = {
  id: 14,
  title: 'every pass twice',
  names: () => namesOf(casesOf(TIMES)).flatMap(name => [name, ...WAYS.map(way => `${name} ${way}`)]),
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    const others = new Set(run.used);
    const chosen = run.chosen(
      casesOf(run.quick ? 1 : TIMES).filter(({ name }) => only(name)),
      9,
    );
    outcomes.push(...(await runCases(run, chosen)));
    const scopes = [...run.used].filter(scope => !others.has(scope));
    outcomes.push(...(await again(run, scopes, TOUCHED, running => touch(run, running, scopes))));
    outcomes.push(...(await again(run, scopes, RESTARTED, () => Promise.resolve())));
    outcomes.push(...(await again(run, scopes, LISTED, async ({ interception }) => interception.relist())));
    return outcomes;
  },
};

function casesOf(times: number): Case[] {
  return Array.from({ length: times }, (_, time) =>
    OPERATIONS.map(operation => ({ operation, name: `${operation} (${time + 1})` })),
  ).flat();
}

async function again(
  run: FaultRun,
  scopes: readonly string[],
  how: string,
  disturb: (running: Running) => Promise<void>,
): Promise<Outcome[]> {
  const running = await run.start({}, interception => {
    for (const scope of scopes) interception.arm(scope, {});
  });
  await run.until('every object has been looked at', async () => (await running.steward.passes()) >= scopes.length);
  await run.still(running);
  await disturb(running);
  await run.still(running);
  const outcomes = scopes.map(scope => {
    const { writes } = running.interception.count(scope);
    const name = `${run.labelOf(scope)} ${how}`;
    if (writes === 0) return { name };
    return { name, failure: [`${writes} writes`, ...running.interception.journal(scope)].join('\n      ') };
  });
  await running.steward.stop();
  return outcomes;
}

/** A change that means nothing to us starts a pass over every object. */
async function touch(run: FaultRun, { steward }: Running, scopes: readonly string[]): Promise<void> {
  const before = await steward.passes();
  const all = scopes.flatMap(scope => run.world.byScope().get(scope) ?? []);
  const own = all.filter(({ kind }) => OURS.has(kind));
  const patch = { metadata: { annotations: { [FOREIGN_KEY]: 'touched' } } };
  await Promise.all(own.map(seen => run.bed.client.patch('merge', pathOfSeen(seen), patch)));
  await run.until('each has been looked at', async () => (await steward.passes()) >= before + own.length / 2);
}
