/** Nights on which clocks change in Berlin: which runs count, and when the objective breaks. The operator is the real one; its clock is set. */
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { systemClock } from '../../../src/runtime/api/clock.ts';
import { type Any, conditionOf, verdictOf } from '../../integration/support/api.ts';
import { playBackup } from '../../integration/support/playedbackup.ts';
import type { Outcome } from '../cases.ts';
import type { Ground } from './ground.ts';

/** Half past two does not come on 28 March 2027, and comes twice on 31 October. */
const tiers = [{ name: 'nightly', schedule: '30 2 * * *', retention: '96h' }];
const policy = { tiers, recoveryPointObjective: '50h', timeZone: 'Europe/Berlin' };
/** Kept in 364 days of the year, and not over the night that has no half past two: 47 hours lie between its neighbours. */
const tooStrict = { ...policy, recoveryPointObjective: '30h' };

type Look = {
  readonly name: string;
  /** Which of the VMs. */
  readonly of: 'lenient' | 'short';
  /** What it must say; undefined: that is so. */
  readonly wrong: (vm: Any) => string | undefined;
};
type Moment = {
  /** What the operator's clock says when it starts. */
  readonly at: string;
  /** Starts of backups that there are by then and were not before, of both VMs, or of the first alone. */
  readonly backups?: readonly string[];
  readonly backupsOfFirst?: readonly string[];
  readonly looks: readonly Look[];
};

const next = (at: string) => (vm: Any) =>
  vm.status.backup?.nextRun === at ? undefined : `the next run is ${vm.status.backup?.nextRun}`;
const deadline = (at: string) => (vm: Any) =>
  vm.status.backup?.deadline === at ? undefined : `the deadline is ${vm.status.backup?.deadline}`;
const reads = (type: string, wanted: string) => (vm: Any) =>
  verdictOf(vm, type) === wanted ? undefined : `${type} is ${verdictOf(vm, type)}: ${conditionOf(vm, type)?.message}`;
const points = (wanted: number, had: number, missing: number) => (vm: Any) => {
  const [tier] = vm.status.backup?.tiers ?? [];
  const found = [tier?.wanted, tier?.had, tier?.missing].join();
  return found === [wanted, had, missing].join() ? undefined : `wanted, had and missing are ${found}`;
};
const look = (name: string, wrong: Look['wrong'], of: Look['of'] = 'lenient'): Look => ({ name, of, wrong });

/** In the order of time: what was remembered at one is there at the next. */
const MOMENTS: readonly Moment[] = [
  {
    at: '2027-03-26T12:00:00Z',
    looks: [
      look(
        'before the night without half past two, the next run is that of the night before',
        next('2027-03-27T01:30:00Z'),
      ),
    ],
  },
  {
    at: '2027-03-28T00:59:00Z',
    backups: ['2027-03-27T01:30:20Z'],
    looks: [
      look(
        'in the night without half past two no run is announced: the next is a day later, by summer time',
        next('2027-03-29T00:30:00Z'),
      ),
      look(
        'the objective counts elapsed hours over the change: its deadline is fifty hours after the start',
        deadline('2027-03-29T03:30:20Z'),
      ),
    ],
  },
  {
    at: '2027-03-29T03:29:00Z',
    looks: [
      look(
        'fifty hours are not over by elapsed time, though by the wall they are',
        reads('RPOMet', 'True/RecoveryPointGood'),
      ),
    ],
  },
  {
    at: '2027-03-29T03:31:00Z',
    looks: [
      look('a minute after fifty elapsed hours the objective is broken', reads('RPOMet', 'False/RecoveryPointTooOld')),
    ],
  },
  {
    at: '2027-03-30T12:00:00Z',
    backups: ['2027-03-29T00:30:10Z', '2027-03-30T00:30:10Z'],
    looks: [
      look('the next night heals it', reads('RPOMet', 'True/RecoveryPointGood')),
      look('no point is missed of a run that never came', points(1, 3, 0)),
    ],
  },
  {
    at: '2027-10-31T00:40:00Z',
    backups: ['2027-10-29T00:30:10Z', '2027-10-30T00:30:10Z', '2027-10-31T00:30:10Z'],
    looks: [look('between the two half past twos the next run is the second one', next('2027-10-31T01:30:00Z'))],
  },
  {
    at: '2027-10-31T02:00:00Z',
    backupsOfFirst: ['2027-10-31T01:30:10Z'],
    looks: [
      look('after both the next run is a day later, by winter time', next('2027-11-01T01:30:00Z')),
      look('the objective counts from the second', deadline('2027-11-02T03:30:10Z')),
      look('where the second failed, from the first', deadline('2027-11-02T02:30:10Z'), 'short'),
    ],
  },
  {
    at: '2027-11-02T12:00:00Z',
    backups: ['2027-11-01T01:30:10Z', '2027-11-02T01:30:10Z'],
    looks: [
      look('a point of each of the two is kept', reads('RetentionMet', 'True/PointsKept')),
      look(
        'where the second failed a point is missing, though one of that night is there',
        reads('RetentionMet', 'False/RetentionShort'),
        'short',
      ),
    ],
  },
];

/** Three VMs live through the year. */
export async function scheduleNights(ground: Ground): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const policies = [policy, policy, tooStrict];
  let scopes: readonly string[] = [];
  for (const { at, backups = [], backupsOfFirst = [], looks } of MOMENTS) {
    const { steward } = await ground.launch({ clock: clockAt(at) });
    if (scopes.length === 0) {
      scopes = await ground.order(policies.length, index => ({ policy: policies[index] ?? {} }));
      await ground.reads(scopes, { Ready: 'True/Running' });
      outcomes.push(await neverKept(ground, scopes[2] ?? ''));
    }
    for (const [index, scope] of scopes.slice(0, 2).entries())
      for (const start of [...backups, ...(index === 0 ? backupsOfFirst : [])]) await play(ground, scope, start);
    for (const { name, of, wrong } of looks)
      outcomes.push(await seen(ground, scopes[of === 'short' ? 1 : 0] ?? '', name, wrong));
    await steward.stop();
  }
  return outcomes;
}

async function neverKept(ground: Ground, scope: string): Promise<Outcome> {
  const name = 'an objective that only that night breaks is told at once, with the hours of that night';
  const wrong = async () => {
    const found = await ground.api.get(backupPolicy, scope, 'daily');
    const said = conditionOf(found, 'Feasible');
    const is = verdictOf(found, 'Feasible') === 'False/ScheduleCannotMeetRPO' && said?.message.includes('47h');
    return is === true ? undefined : `Feasible is ${verdictOf(found, 'Feasible')}: ${said?.message}`;
  };
  await ground.until(name, async () => (await wrong()) === undefined, 30_000).catch(() => undefined);
  const failure = await wrong();
  return failure === undefined ? { name } : { name, failure };
}

async function seen(ground: Ground, scope: string, name: string, wrong: Look['wrong']): Promise<Outcome> {
  await ground.lacking([scope], () => wrong(ground.vm(scope)) === undefined, 30_000);
  const failure = wrong(ground.vm(scope));
  return failure === undefined ? { name } : { name, failure: `in ${scope}: ${failure}` };
}

async function play(ground: Ground, scope: string, start: string): Promise<void> {
  const schedule = await ground.scheduleOf(scope);
  await playBackup(ground.api, schedule, {
    name: `${schedule.metadata.name}-${start.replaceAll(/[^0-9]/g, '')}`,
    status: {
      ...{ startTimestamp: start, completionTimestamp: start },
      expiration: new Date(Date.parse(start) + 96 * 3_600_000).toISOString(),
    },
  });
}

/** Goes on from that instant. */
function clockAt(instant: string): typeof systemClock {
  const ahead = Date.parse(instant) - Date.now();
  return { ...systemClock, now: () => new Date(Date.now() + ahead) };
}
