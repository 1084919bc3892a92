/**
 * What must hold of the year, by code that shares nothing with what decided it: it reads the diary, which says what happened and what was told, and reckons
 * by itself. Only agreed numbers (agreed.ts) are common to both.
 */
import {
  FEES,
  HOUR as HOURLY,
  LEVELS,
  type Level,
  PATCH_RUN,
  RECOVERY_POINT_HOURS,
  SECOND_PRICES_FROM,
  TIMES,
} from './agreed.ts';
import { berlin, coreSeconds, dateOf, dayOf, HOUR, instantOf, MINUTE, weekdayOf } from './civil.ts';
import type { ChangeDiary, Diary, IncidentDiary, PlainWindow, SystemDiary } from './diary.ts';

export type Found = { readonly violations: readonly string[]; readonly checked: Readonly<Record<string, number>> };

/** Looks at everything; `end`: until when the diary was kept. */
export function invariantsOf(diary: Diary, year: number, end: number): Found {
  const violations: string[] = [];
  const checked: Record<string, number> = {};
  const check = (what: string, holds: boolean, says: () => string) => {
    checked[what] = (checked[what] ?? 0) + 1;
    if (!holds) violations.push(`${what}: ${says()}`);
  };
  for (const system of diary.systems.values()) patchesInWindows(diary, system, check);
  for (const incident of diary.incidents.values()) clocks(diary, incident, check);
  for (const backup of diary.backups.values())
    for (const { at, inTime } of backup.told) {
      const newest = backup.good.findLast(start => start <= at);
      const isYoung = newest !== undefined && at - newest <= RECOVERY_POINT_HOURS * HOUR;
      check('backups are told as they lie', isYoung === inTime, () => `${backup.system} at ${iso(at)}`);
    }
  for (const change of diary.changes.values()) agreedChanges(change, check);
  breaches(diary, check);
  money(diary, year, end, check);
  return { violations, checked };
}

type Check = (what: string, holds: boolean, says: () => string) => void;

const iso = (at: number) => new Date(at * 1000).toISOString();

/** No patch outside a window: the install not in its reserve either. */
function patchesInWindows(diary: Diary, system: SystemDiary, check: Check): void {
  const window = diary.windows.find(({ name }) => name === system.window);
  if (window === undefined) throw new Error(`no window ${system.window}`);
  for (const { at, step, run } of system.changed) {
    const length = step === 'install' ? window.minutes - window.reserve : window.minutes;
    check('no patch outside a window', isOpen(window, at, length), () => `${step} of ${run} began at ${iso(at)}`);
    const level = system.acts.filter(act => act.at <= at).findLast(act => act.level !== undefined)?.level;
    check('no patch of what nobody has ordered', level !== undefined, () => `${run} at ${iso(at)}`);
  }
  const installs = Map.groupBy(
    system.changed.filter(({ step }) => step !== 'rollback'),
    ({ run, step }) => `${run} ${step}`,
  );
  for (const [of, times] of installs)
    check('nothing is done twice in a guest', times.length === 1, () => `${of}: ${times.length} times`);
}

function isOpen({ weekday, hour, minute, closed }: PlainWindow & object, at: number, minutes: number): boolean {
  const { day } = berlin(at);
  return [day - 1, day].some(each => {
    if (weekdayOf(each) !== weekday) return false;
    const opens = instantOf(each, hour * HOUR + minute * MINUTE);
    const last = berlin(opens + minutes * MINUTE - 1).day;
    const isClosed = closed.some(({ from, to }) => dayOf(from) <= last && each <= dayOf(to));
    return !isClosed && at >= opens && at < opens + minutes * MINUTE;
  });
}

type State = 'Open' | 'Waiting' | 'Over';

function nextState(state: State, what: string): State {
  if (what === 'Cleared') return 'Over';
  if (what === 'Fired') return 'Open';
  if (what === 'Waiting' && state === 'Open') return 'Waiting';
  return what === 'Answered' && state === 'Waiting' ? 'Open' : state;
}

/** Which stretches count for each clock, by what people and sensors did. */
function stretches({ acts }: IncidentDiary, until: number) {
  const response: [number, number][] = [];
  const resolution: [number, number][] = [];
  const waits: [number, number][] = [];
  let state: State = 'Open';
  let since = acts[0]?.at ?? 0;
  let isBegun = false;
  let isWanted = false;
  const begin = (at: number) => {
    if (!isBegun) response.push([acts[0]?.at ?? 0, at]);
    isBegun = true;
  };
  for (const { at, what } of acts.slice(1).filter(act => act.at <= until)) {
    if (what === 'Taken' || what === 'Waiting' || what === 'Resolved') {
      if (state !== 'Over') begin(at);
    }
    if (what === 'Waiting') isWanted = true;
    if (what === 'Answered') isWanted = false;
    const next = nextState(state, what);
    if (next === 'Over' && state !== 'Over') begin(at);
    if (next === state) continue;
    if (state === 'Open') resolution.push([since, at]);
    if (state === 'Waiting') waits.push([since, at]);
    [state, since] = [next, at];
    // Whoever is still waited for when the alarm comes again is waited for from then on.
    if (what === 'Fired' && isWanted) state = 'Waiting';
  }
  if (!isBegun) response.push([acts[0]?.at ?? 0, until]);
  if (state === 'Open') resolution.push([since, until]);
  if (state === 'Waiting') waits.push([since, until]);
  return { response, resolution, waits, state };
}

function clocks(diary: Diary, incident: IncidentDiary, check: Check): void {
  const system = diary.systems.get(incident.system);
  const detected = incident.acts[0]?.at ?? 0;
  const level = system?.acts.filter(({ at }) => at <= detected).findLast(act => act.level !== undefined)?.level;
  const count = level === 'AdvancedMonitoringAndPatching' ? (from: number, to: number) => to - from : coreSeconds;
  const sum = (parts: readonly (readonly [number, number])[]) =>
    parts.reduce((all, [from, to]) => all + count(from, to), 0);
  for (const { at, phase, priority = '', response, resolution } of incident.told) {
    if (level === 'Admin') {
      check('no clock where no times are promised', response === undefined, () => `${incident.uid} at ${iso(at)}`);
      continue;
    }
    const found = stretches(incident, at);
    const [answer = 0, mend = 0] = TIMES[priority] ?? [];
    for (const [name, clock, parts, minutes] of [
      ['response', response, found.response, answer],
      ['resolution', resolution, found.resolution, mend],
    ] as const) {
      const elapsed = sum(parts);
      const says = () =>
        `${name} of ${incident.uid} (${level}, ${priority}) at ${iso(at)}: ${JSON.stringify(clock)}, reckoned ${elapsed} s of ${minutes} min`;
      check('clocks promise what was agreed', clock !== undefined && secondsIn(clock.target) === minutes * 60, says);
      if (clock === undefined) continue;
      check(
        'clocks count what was the provider’s',
        clock.elapsed === undefined || secondsIn(clock.elapsed) === elapsed,
        says,
      );
      check('breaches are told as they are', clock.breached === elapsed > minutes * 60, says);
    }
    const isWaiting = found.state === 'Waiting';
    check(
      'no clock runs in a pause',
      !isWaiting || (resolution?.state !== 'Running' && resolution?.due === undefined),
      () => `${incident.uid} at ${iso(at)}: ${phase}, ${JSON.stringify(resolution)}`,
    );
  }
}

function secondsIn(duration: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(hours) * HOUR + Number(minutes) * 60 + Number(seconds);
}

/** No work before the customer's own person has agreed to this very plan, after a refusal, or outside of its window. */
function agreedChanges({ uid, begun, window, decisions, plans }: ChangeDiary, check: Check): void {
  if (begun === undefined) return;
  const plan = plans.findLast(({ at }) => at <= begun)?.plan;
  const own = decisions.filter(({ at, by, plan: of }) => at <= begun && by === 'anna' && of === plan);
  check(
    'no change that nobody has agreed to',
    own.some(({ decision }) => decision === 'Approve'),
    () => `${uid} began at ${iso(begun)}`,
  );
  check('no change that was refused', own.at(-1)?.decision !== 'Reject', () => `${uid} began at ${iso(begun)}`);
  check(
    'no change outside its window',
    window.from <= begun && begun < window.to,
    () => `${uid} began at ${iso(begun)}`,
  );
}

/** Each breach in exactly one report, that of the month in which it was told first, and no other. */
function breaches(diary: Diary, check: Check): void {
  const told = new Map<string, string[]>();
  for (const { contract, month, breaches: all } of diary.reports)
    for (const breach of all) told.set(breach, [...(told.get(breach) ?? []), `${contract} ${month}`]);
  const closed = new Set(diary.reports.map(({ contract, month }) => `${contract} ${month}`));
  const happened = new Set<string>();
  for (const { uid, system, told: looks } of diary.incidents.values())
    for (const clock of ['response', 'resolution'] as const) {
      const at = looks.find(look => look[clock]?.breached)?.at;
      if (at === undefined) continue;
      const report = `${diary.systems.get(system)?.contract} ${monthOf(at)}`;
      happened.add(`${uid} ${clock}`);
      const found = told.get(`${uid} ${clock}`) ?? [];
      const expected = closed.has(report) ? [report] : [];
      check(
        'each breach is in exactly one report',
        String(found) === String(expected),
        () => `${clock} of ${uid} is in ${found.length} (${found}), expected in ${expected}`,
      );
    }
  for (const breach of told.keys()) check('no report tells a breach that was none', happened.has(breach), () => breach);
}

/** Each day of each system is paid for once, at what was agreed for its level; work once; and bills are the sums of that. */
function money(diary: Diary, year: number, end: number, check: Check): void {
  const ids = new Set<string>();
  for (const bill of diary.bills) {
    const days = new Map<string, string>();
    let sum = 0;
    for (const line of bill.lines) {
      sum += cents(line.amount);
      check('no line twice', !ids.has(line.id), () => line.id);
      ids.add(line.id);
      if (line.kind !== 'SystemFee') continue;
      for (const day of line.days.flatMap(datesIn)) {
        const key = `${line.uid} ${day}`;
        check('no day twice', !days.has(key), () => `${bill.contract} ${bill.month} ${key}`);
        days.set(key, line.level ?? '');
      }
    }
    check(
      'bills are the sums of their lines',
      sum === cents(bill.total),
      () => `${bill.contract} ${bill.month}: ${sum}`,
    );
    let due = 0;
    const expected = new Map<string, string>();
    for (const system of diary.systems.values())
      if (system.contract === bill.contract) due += feeOf(system, bill.month, year, end, expected);
    const odd = [...new Set([...days.keys(), ...expected.keys()])].filter(key => days.get(key) !== expected.get(key));
    check(
      'days are those on which systems stood, at their highest level',
      odd.length === 0,
      () =>
        `${bill.contract} ${bill.month}: ${odd
          .slice(0, 3)
          .map(key => `${key} billed ${days.get(key)}, was ${expected.get(key)}`)
          .join('; ')}`,
    );
    const work = workOf(diary, bill.contract, bill.month, year);
    check(
      'money is conserved',
      due + work === sum,
      () => `${bill.contract} ${bill.month}: ${due + work} are due, ${sum} are billed`,
    );
  }
}

const cents = (amount: string) => Math.round(Number(amount.replace('.', '')));

function datesIn(span: string): string[] {
  const [from = '', to = from] = span.split('/');
  return Array.from({ length: dayOf(to) - dayOf(from) + 1 }, (_, index) => dateOf(dayOf(from) + index));
}

function halfOf(date: string, year: number): 0 | 1 {
  return date >= `${year}-${SECOND_PRICES_FROM}` ? 1 : 0;
}

/** By asking for each day which levels the system had in it. */
function feeOf(system: SystemDiary, month: string, year: number, end: number, expected: Map<string, string>): number {
  const setUp = system.acts.find(({ what }) => what === 'SetUp')?.at ?? Number.POSITIVE_INFINITY;
  const gone = system.acts.find(({ what }) => what === 'Gone')?.at ?? end;
  const groups = new Map<string, number>();
  const first = dayOf(`${month}-01`);
  const [y = 0, m = 0] = month.split('-').map(Number);
  const length =
    dayOf(m === 12 ? `${y + 1}-01-01` : `${month.slice(0, 5)}${String(m + 1).padStart(2, '0')}-01`) - first;
  for (let day = first; day < first + length; day++) {
    const [begins, ends] = [instantOf(day, 0), instantOf(day + 1, 0)];
    const [from, to] = [Math.max(begins, setUp), Math.min(ends, gone)];
    if (from >= to) continue;
    const at = system.acts.filter(act => act.level !== undefined);
    const before = at.findLast(act => act.at <= from);
    const levels = [before, ...at.filter(act => act.at > from && act.at < to)].map(act =>
      LEVELS.indexOf(act?.level as Level),
    );
    const level = LEVELS[Math.max(...levels)] ?? 'Admin';
    expected.set(`${system.uid} ${dateOf(day)}`, level);
    const key = `${level} ${halfOf(dateOf(day), year)}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return [...groups].reduce((sum, [key, count]) => {
    const [level = '', half = ''] = key.split(' ');
    const fee = FEES[level as Level][Number(half) === 1 ? 1 : 0];
    return sum + Math.floor((2 * fee * count + length) / (2 * length));
  }, 0);
}

function monthOf(at: number): string {
  return dateOf(berlin(at).day).slice(0, 7);
}

/** What was done in the month: orders at their price once they succeeded, all else by effort. */
function workOf(diary: Diary, contract: string, month: string, year: number): number {
  const isOf = (uid: string) => diary.systems.get(uid)?.contract === contract;
  let sum = 0;
  for (const change of diary.changes.values()) {
    if (!isOf(change.system) || change.done === undefined || monthOf(change.done) !== month) continue;
    if (change.ordered?.service === 'PatchRun') sum += change.succeeded ? PATCH_RUN : 0;
    else sum += byEffort(change.effort ?? 0, change.plans[0]?.at ?? 0, year);
  }
  for (const incident of diary.incidents.values()) {
    const closed = incident.acts.find(({ what }) => what === 'Closed')?.at;
    if (!isOf(incident.system) || closed === undefined || monthOf(closed) !== month) continue;
    const detected = incident.acts[0]?.at ?? 0;
    const level = diary.systems
      .get(incident.system)
      ?.acts.filter(({ at }) => at <= detected)
      .findLast(act => act.level !== undefined)?.level;
    // At Admin nothing is included.
    if (level === 'Admin') sum += byEffort(incident.effort ?? 0, detected, year);
  }
  return sum;
}

function byEffort(effort: number, at: number, year: number): number {
  const rate = HOURLY[halfOf(dateOf(berlin(at).day), year)];
  return Math.floor((2 * rate * effort + HOUR) / (2 * HOUR));
}
