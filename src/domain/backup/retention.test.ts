import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TierPoints, VanishedPoint } from '../../api/managedvm.ts';
import { backedUpVM, backupOf, backupPolicyOf, bounds, storageLocationOf } from './backup.fixtures.ts';
import { type BackupPlan, backupPlan } from './backupplan.ts';
import type { ComplianceFacts } from './compliancefacts.ts';
import { type Retention, retentionOf } from './retention.ts';
import { retentionMet } from './retentionmet.ts';
import type { VeleroBackup } from './velero.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const END = Date.parse('2027-01-01T00:00:00Z');
/** From when on runs count, of a tier that is first seen at the beginning. */
const COUNTED = BEGIN + 10 * MINUTE;

/** A tier, not as cron has it: at some minute of some hours on some days, by the clock of a zone. */
type Clock = {
  readonly name: string;
  readonly minute: number;
  readonly hours: readonly number[];
  readonly days: { readonly ofMonth: readonly number[] } | { readonly ofWeek: readonly number[] } | 'all';
  readonly retention: number;
};
type Promised = {
  readonly zone: string;
  readonly objective: number;
  readonly tiers: readonly Clock[];
  readonly failsEvery: number;
};

/** A run of a tier as the clock on the wall has it; `skipped`: clocks went over it, and Velero makes up for it when they have. */
type Run = { readonly at: number; readonly skipped: boolean };

/** Independent of our cron: each local time is looked up in the zone by itself. */
function runsByTheClock({ minute, hours, days }: Clock, zone: string): readonly Run[] {
  const found: Run[] = [];
  for (
    let date = Temporal.PlainDate.from('2025-12-31');
    date.year < 2027 || date.dayOfYear < 3;
    date = date.add({ days: 1 })
  ) {
    const fires =
      days === 'all' ||
      ('ofMonth' in days ? days.ofMonth.includes(date.day) : days.ofWeek.includes(date.dayOfWeek % 7));
    if (!fires) continue;
    for (const hour of hours) {
      const local = date.toPlainDateTime({ hour, minute });
      const [earlier, later] = (['earlier', 'later'] as const).map(disambiguation =>
        local.toZonedDateTime(zone, { disambiguation }),
      );
      if (earlier === undefined || later === undefined) continue;
      const skipped = !earlier.toPlainDateTime().equals(local);
      if (skipped) found.push({ at: earlier.getTimeZoneTransition('next')?.epochMilliseconds ?? 0, skipped });
      else
        found.push(
          ...new Set([earlier, later].map(each => each.epochMilliseconds)).values().map(at => ({ at, skipped })),
        );
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}

/** A point of the simulated Velero: from its start to its term, and then until the collector has come round. */
type Point = {
  readonly tier: string;
  readonly start: number;
  readonly term: number;
  readonly collected: number;
  readonly backup: VeleroBackup;
};

function simulated({ zone, tiers, failsEvery }: Promised): readonly Point[] {
  return tiers.flatMap(tier =>
    runsOnce(tier, zone)
      .filter(({ at }, index) => at > BEGIN && at < END && !fails(index, failsEvery))
      .map(({ at }) => pointOf(tier, at + ((at / MINUTE) % 50) * 1000)),
  );
}

const fails = (index: number, every: number): boolean => every > 0 && index % every === every - 1;

/** Made once: a year has thousands of them. */
const vm = backedUpVM();
const made = backupOf('made', undefined, {}, vm);

function pointOf({ name, retention }: Pick<Clock, 'name' | 'retention'>, start: number): Point {
  const term = start + retention * HOUR;
  const [startTimestamp, expiration] = [start, term].map(time => new Date(time).toISOString());
  const labels = { ...made.metadata.labels, 'managed.systems/backup-tier': name };
  const backup: VeleroBackup = {
    ...made,
    metadata: { ...made.metadata, name: `${name}-${start}`, uid: `${name}-${start}`, labels },
    spec: { ...made.spec, ttl: `${retention}h0m0s` },
    status: { ...made.status, ...(startTimestamp && { startTimestamp }), ...(expiration && { expiration }) },
  };
  return { tier: name, start, term, collected: Math.ceil(term / HOUR) * HOUR + 30 * MINUTE, backup };
}

const circumstances = {
  ...{ storageDefect: () => undefined, diskDefect: () => undefined, isInspected: () => true },
};

type Remembered = { readonly tiers: readonly TierPoints[]; readonly vanished: readonly VanishedPoint[] };

/** One look of Steward at what is there. */
function look(
  promised: Promised,
  there: readonly Point[],
  at: number,
  before: Remembered,
  maximum?: number,
): Retention & { verdict: string } {
  const now = new Date(at);
  const backup = { policy: 'daily', tiers: [...before.tiers], vanished: [...before.vanished] };
  const facts: ComplianceFacts = {
    managedVM: { ...vm, status: { ...vm.status, backup } },
    policy: policyOf(promised, maximum),
    ...{ policyKindInstalled: true, veleroAvailable: true, bounds, permitted: ['default'], schedules: [] },
    ...{ storageLocation: () => storageLocationOf('Available'), backups: [], contents: () => undefined, now },
    machine: { holds: new Map(), virtualMachineInstance: undefined },
  };
  // Schedules stay: to look five years ahead for the longest gap anew each day is no part of this.
  const plan = planOf(facts.policy?.spec ?? backupPolicyOf().spec);
  const retention = retentionOf(facts, plan, {
    own: there.map(each => each.backup),
    inspections: new Map(),
    circumstances: { ...circumstances, now },
  });
  const { status, reason } = retentionMet(facts, plan, retention);
  return { ...retention, verdict: `${status} ${reason}` };
}

const policies = new WeakMap<Promised, ReturnType<typeof backupPolicyOf>>();

function policyOf(promised: Promised, maximum?: number): ReturnType<typeof backupPolicyOf> {
  const known = policies.get(promised);
  if (known) return known;
  const tiers = promised.tiers.map(({ name, minute, hours, days, retention }) => {
    const ofMonth = days !== 'all' && 'ofMonth' in days ? days.ofMonth.join(',') : '*';
    const ofWeek = days !== 'all' && 'ofWeek' in days ? days.ofWeek.join(',') : '*';
    return { name, schedule: `${minute} ${hours.join(',')} ${ofMonth} * ${ofWeek}`, retention: `${retention}h` };
  });
  const kept = maximum === undefined ? {} : { retention: { maximum: `${maximum}h` } };
  const policy = backupPolicyOf({
    ...{ tiers, timeZone: promised.zone, recoveryPointObjective: `${promised.objective}h` },
    ...kept,
  });
  policies.set(promised, policy);
  return policy;
}

const plans = new WeakMap<object, BackupPlan>();

function planOf(spec: Parameters<typeof backupPlan>[0]): BackupPlan {
  const plan = plans.get(spec) ?? backupPlan(spec, bounds, new Date(BEGIN));
  plans.set(spec, plan);
  return plan;
}

const NOTHING: Remembered = { tiers: [], vanished: [] };
const STEP = 43 * HOUR + 11 * MINUTE;

/** Looks all year round; `there`: what of the simulated points is there at an instant. */
function year(
  promised: Promised,
  there: (points: readonly Point[], at: number) => readonly Point[],
  each: (at: number, seen: ReturnType<typeof look>, points: readonly Point[]) => void,
  maximum?: number,
): void {
  const points = simulated(promised);
  let before: Remembered = NOTHING;
  for (let at = BEGIN; at < END; at += STEP) {
    const seen = look(promised, there(points, at), at, before, maximum);
    each(at, seen, points);
    before = seen;
  }
}

const standing = (points: readonly Point[], at: number): readonly Point[] =>
  points.filter(({ start, collected }) => start <= at && at < collected);

/** What a tier wants, has and lacks, counted anew from the clock alone. */
function counted({ zone, objective, failsEvery }: Promised, tier: Clock, points: readonly Point[], at: number) {
  const runs = runsOnce(tier, zone);
  const oldest = Math.max(COUNTED, at - tier.retention * HOUR);
  const wanted = runs.filter(run => !run.skipped && run.at > oldest && run.at <= at - objective * HOUR);
  return {
    wanted: wanted.length,
    had: points.filter(({ tier: name, start, term }) => name === tier.name && start <= at && at < term).length,
    missing: wanted.filter(run => fails(runs.indexOf(run), failsEvery) && !madeUp(runs, run)).length,
  };
}

/** A run that failed leaves its gap to one that Velero makes up for, before the next that counts. */
function madeUp(runs: readonly Run[], run: Run): boolean {
  const next = runs[runs.indexOf(run) + 1];
  return next?.skipped === true;
}

const known = new WeakMap<Clock, readonly Run[]>();
function runsOnce(tier: Clock, zone: string): readonly Run[] {
  const runs = known.get(tier) ?? runsByTheClock(tier, zone);
  known.set(tier, runs);
  return runs;
}

const daily = { name: 'daily', minute: 30, hours: [2], days: 'all', retention: 720 } as const satisfies Clock;
const monthly = { name: 'monthly', minute: 0, hours: [4], days: { ofMonth: [1] }, retention: 8760 } as const;
const berlin: Promised = { zone: 'Europe/Berlin', objective: 50, tiers: [daily, monthly], failsEvery: 0 };

const samples: readonly (readonly [string, Promised])[] = [
  ['daily at half past two and monthly, in Berlin, where that time is skipped and comes twice', berlin],
  [
    'every four hours and weekly in the hour that New York has twice',
    {
      ...{ zone: 'America/New_York', objective: 6, failsEvery: 0 },
      tiers: [
        { name: 'hours', minute: 0, hours: [0, 4, 8, 12, 16, 20], days: 'all', retention: 168 },
        { name: 'weekly', minute: 30, hours: [1], days: { ofWeek: [0] }, retention: 2160 },
      ],
    },
  ],
  [
    'on Lord Howe Island, where clocks change by half an hour',
    {
      ...{ zone: 'Australia/Lord_Howe', objective: 50, failsEvery: 0 },
      tiers: [
        { name: 'skipped', minute: 15, hours: [2], days: 'all', retention: 240 },
        { name: 'twice', minute: 45, hours: [1], days: 'all', retention: 240 },
      ],
    },
  ],
  [
    'on working days and once a year, in UTC',
    {
      ...{ zone: 'UTC', objective: 80, failsEvery: 0 },
      tiers: [
        { name: 'working', minute: 0, hours: [22], days: { ofWeek: [1, 2, 3, 4, 5] }, retention: 360 },
        { name: 'quarters', minute: 0, hours: [0], days: { ofMonth: [15] }, retention: 17_520 },
      ],
    },
  ],
];

const anyPolicy: fc.Arbitrary<Promised> = fc.record({
  zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC'),
  objective: fc.integer({ min: 1, max: 60 }),
  failsEvery: fc.constantFrom(0, 0, 3, 11),
  tiers: fc.tuple(
    fc.record({
      ...{
        name: fc.constant('one'),
        minute: fc.constantFrom(0, 15, 30, 45),
        retention: fc.integer({ min: 30, max: 900 }),
      },
      hours: fc
        .uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 })
        .map(hours => hours.sort((a, b) => a - b)),
      days: fc.constant('all' as const),
    }),
    fc.record({
      ...{ name: fc.constant('two'), minute: fc.constantFrom(0, 30), retention: fc.integer({ min: 1000, max: 9000 }) },
      hours: fc.constantFrom([1], [2], [23]),
      days: fc.constantFrom({ ofWeek: [0] }, { ofWeek: [1, 5] }, { ofMonth: [1, 15] }, { ofMonth: [31] }),
    }),
  ),
});

function expectCounted(promised: Promised): void {
  const longest = Math.max(...promised.tiers.map(({ retention }) => retention));
  const wrong: unknown[] = [];
  const check = (at: number, seen: Retention, points: readonly Point[]) => {
    for (const tier of promised.tiers) {
      const { wanted, had, missing } = seen.tiers.find(({ name }) => name === tier.name) ?? {};
      const ours = JSON.stringify({ wanted, had, missing });
      const theirs = JSON.stringify(counted(promised, tier, points, at));
      if (ours !== theirs) wrong.push([new Date(at).toISOString(), tier.name, ours, theirs]);
    }
    if (seen.vanished.length + seen.tooLong.length > 0)
      wrong.push([new Date(at).toISOString(), seen.vanished, seen.tooLong]);
  };
  year(promised, standing, check, longest);
  expect(wrong.slice(0, 3)).toEqual([]);
}

describe('AP-13, GE-14: the points of a simulated year', () => {
  it.each(samples)('equal an independent count: %s', (_, promised) => expectCounted(promised));

  it('equal an independent count under any policy, with runs that fail', () => {
    fc.assert(fc.property(anyPolicy, expectCounted), { seed: 20_261_129, numRuns: 3, endOnFailure: true });
  });

  it('are told when they vanish, as long as they should be there, and no more when they are back', () => {
    const day = (date: string) => Date.parse(`${date}T00:00:00Z`);
    const taken = ({ tier, start }: Point) =>
      tier === 'daily' && start > day('2026-05-01') && start < day('2026-05-04');
    const there = (points: readonly Point[], at: number) =>
      standing(points, at).filter(point => !taken(point) || at < day('2026-05-10') || at > day('2026-05-25'));
    const wrong: unknown[] = [];
    year({ ...berlin }, there, (at, { vanished, verdict }, points) => {
      const away = at >= day('2026-05-10') && at <= day('2026-05-25');
      const expected = away
        ? points
            .filter(point => taken(point))
            .map(({ start }) => start)
            .reverse()
        : [];
      if (vanished.map(({ time }) => Date.parse(time)).join() !== expected.join()) wrong.push([at, vanished]);
      if ((verdict === 'False PointVanished') !== expected.length > 0) wrong.push([at, verdict]);
    });
    expect(wrong).toEqual([]);
  });

  it('are told to the end of their term when they never come back', () => {
    const taken = ({ tier, start }: Point) =>
      tier === 'daily' && start > Date.parse('2026-05-01') && start < Date.parse('2026-05-02');
    const there = (points: readonly Point[], at: number) =>
      standing(points, at).filter(point => !taken(point) || at < Date.parse('2026-05-10'));
    year({ ...berlin }, there, (at, { vanished }, points) => {
      const [gone] = points.filter(taken);
      const told = at >= Date.parse('2026-05-10') && at < (gone?.term ?? 0);
      expect(vanished).toHaveLength(told ? 1 : 0);
    });
  });

  it('are kept too long where nothing is collected any more (GE-14)', () => {
    const uncollected = (points: readonly Point[], at: number) => points.filter(({ start }) => start <= at);
    const over = (points: readonly Point[], at: number) =>
      points.filter(({ start }) => start + 722 * HOUR <= at).length;
    const onlyDaily = { ...berlin, tiers: [daily] };
    year(
      onlyDaily,
      uncollected,
      (at, { tooLong, verdict }, points) => {
        expect(tooLong).toHaveLength(over(points, at));
        if (tooLong.length > 0) expect(verdict).toBe('False PointKeptTooLong');
      },
      720,
    );
  });
});

describe('AP-13: what is counted when a policy changes', () => {
  const points = simulated(berlin);
  const at = Date.parse('2026-07-01T12:00:00Z');
  const before: Remembered = (() => {
    let remembered: Remembered = NOTHING;
    for (let time = BEGIN; time < at; time += STEP) remembered = look(berlin, standing(points, time), time, remembered);
    return remembered;
  })();
  const change = (tier: Partial<Clock>, later = 0) => {
    const changed: Promised = { ...berlin, tiers: [{ ...daily, ...tier }] };
    const first = look(changed, standing(points, at), at, before);
    return later === 0 ? first : look(changed, standing(points, at + later), at + later, first);
  };

  it('a tier that keeps its backups for longer wants none that had gone before, and misses none when they go at their own term', () => {
    const [told] = change({ retention: 1440 }).tiers;
    expect(told).toMatchObject({ wanted: 28, had: 30, missing: 0 });
    const later = change({ retention: 1440 }, 240 * HOUR);
    expect(later.vanished).toEqual([]);
  });

  it('one that keeps them for less wants fewer at once', () => {
    expect(change({ retention: 240 }).tiers[0]).toMatchObject({ wanted: 8, missing: 0 });
  });

  it.each<[string, Partial<Clock>]>([
    ['another schedule', { hours: [3] }],
    ['another name', { name: 'nightly' }],
  ])('one with %s begins anew', (_, tier) => {
    const seen = change(tier);
    expect(seen.tiers[0]).toMatchObject({ wanted: 0, missing: 0, since: '2026-07-01T12:10:00Z' });
    expect(seen.vanished).toEqual([]);
  });
});

describe('AP-13: a run that failed', () => {
  const nightly: Clock = { ...daily, retention: 240 };
  const promised: Promised = { ...berlin, tiers: [nightly] };
  const isOfThatNight = ({ start }: Pick<Point, 'start'>) =>
    start > Date.parse('2026-05-01T00:00:00Z') && start < Date.parse('2026-05-02T00:00:00Z');
  const verdicts = (more: readonly Point[]) => {
    const seen = new Map<string, string>();
    const there = (points: readonly Point[], at: number) =>
      standing([...points.filter(point => !isOfThatNight(point)), ...more], at);
    year(promised, there, (at, { verdict }) => seen.set(new Date(at).toISOString().slice(0, 10), verdict));
    return seen;
  };
  const short = (more: readonly Point[] = []) =>
    [...verdicts(more)].filter(([, verdict]) => verdict === 'False RetentionShort').map(([day]) => day);

  it('leaves a hole that is told until the term of its point ends, though all runs after it succeed, and no longer', () => {
    const days = short();
    // Wanted from fifty hours after the run on, for ten days after it.
    expect(days.every(day => day >= '2026-05-03' && day <= '2026-05-11')).toBe(true);
    expect(days.length).toBeGreaterThan(2);
    expect(
      [...verdicts([])].every(
        ([day, verdict]) => days.includes(day) || day < '2026-01-04' || verdict === 'True PointsKept',
      ),
    ).toBe(true);
  });

  it('leaves none where it is made up for before the next: whoever starts a backup of that Schedule by hand cures it', () => {
    expect(short([pointOf(nightly, Date.parse('2026-05-01T16:00:00Z'))])).toEqual([]);
  });

  it('and is not made up for by one after the next run, which stands for that one', () => {
    expect(short([pointOf(nightly, Date.parse('2026-05-02T16:00:00Z'))])).toEqual(short());
  });
});
