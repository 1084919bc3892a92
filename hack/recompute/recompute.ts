/**
 * Comes from the closed days of a month to its report, by what docs/reports.md says of the format and by nothing of Steward's code: it counts minute by
 * minute where Steward counts stretches. Who has the days checks the report with it, byte for byte (MO-16, GE-8).
 *
 *   node hack/recompute/recompute.ts FOLDER MONTH [SINCE]
 *
 * FOLDER holds the days as they were closed, `YYYY-MM-DD.jsonl`; MONTH is `YYYY-MM`; SINCE the first day of the month on which the contract was served.
 * It prints the report, and on standard error its SHA-256.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';

// biome-ignore lint/suspicious/noExplicitAny: what a file holds, as it says
type Any = any;

const CAUSES = ['PoweredOff', 'Window', 'Change', 'WaitingForCustomer'];
const LISTED = 100;

/** `textOf`: the lines of a day, each with its end; undefined where the day was never closed. */
export function recompute(month: string, since: string, textOf: (day: string) => string | undefined): string[] {
  const days: Any[] = [];
  const gaps: string[] = [];
  for (let day = since; day.startsWith(month); day = dayAfter(day)) {
    const text = textOf(day);
    if (text === undefined) gaps.push(day);
    else days.push(dayOf(day, text));
  }
  const newest = days[days.length - 1];
  if (newest === undefined) throw new Error(`no day of ${month} is closed`);
  const systems = systemsOf(days, gaps.length > 0);
  const objects = objectsOf(days);
  const clocks = days
    .flatMap(({ lines }) => lines.filter((l: Any) => l.line === 'Clock'))
    .map((c: Any) => clockOf(c, objects));
  const { contract, contractUid, customer, billingId, timeZone } = newest.head;
  const report = {
    line: 'Report',
    format: 1,
    ...{ contract, contractUid, customer, billingId, month, since, timeZone, gaps },
    days: days.map(({ day, sha256 }) => ({ day, sha256 })),
    missing: days.flatMap(({ day, head }) => head.missing.map((what: string) => ({ day, what }))),
  };
  const plans = new Set<string>(
    days.flatMap(({ lines }) => lines.filter((l: Any) => l.line === 'Plan').map(canonical)),
  );
  return [
    canonical(report),
    canonical(summaryOf(systems, clocks, objects)),
    ...[...plans].sort(),
    ...systems.map(canonical).sort(),
    ...clocks.map(canonical).sort(),
    ...objects.map(canonical).sort(),
  ];
}

function dayOf(day: string, text: string): Any {
  const lines = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
  return { day, sha256: sha256(text), head: lines[0], lines };
}

/** Day by day in UTC, in which every day has 24 hours. */
function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function systemsOf(days: Any[], hasGaps: boolean): Any[] {
  const found = new Map<string, Any[]>();
  for (const { head, lines } of days)
    for (const system of lines.filter((l: Any) => l.line === 'System')) {
      const plans = lines.filter((l: Any) => l.line === 'Plan');
      found.set(system.uid, [...(found.get(system.uid) ?? []), { head, plans, system }]);
    }
  return [...found.values()].map(of => systemOf(of, hasGaps));
}

function systemOf(of: Any[], hasGaps: boolean): Any {
  const { kind, namespace, name, uid } = of[of.length - 1].system;
  const total = { there: 0, off: 0 };
  const outages: Any[] = [];
  const noData: Any[] = [];
  const excuses: Any[] = [];
  const periods = new Map<string, Any>();
  const promises = new Map<string, Any>();
  for (const { head, plans, system } of of) {
    const size = head.minutes;
    const excused = marks(
      size,
      system.excused.map((e: Any) => [e.from, e.to]),
    );
    const measured = marks(size, system.measured);
    const bad = marks(size, system.bad);
    const unknown = marks(size, system.noData);
    total.there += count(marks(size, system.there));
    total.off += count(marks(size, system.off));
    const down = bad.map((is, minute) => is && !excused[minute]);
    for (const [from, to] of runs(down)) outages.push(instants(head, from, to));
    for (const [from, to] of system.noData) noData.push(instants(head, from, to));
    for (const { because, from, to, object, approved } of system.excused)
      excuses.push({ ...instants(head, from, to), because, object, approved });
    for (const { level, from, to } of system.levels) {
      const plan = plans.find((p: Any) => p.level === level);
      const key = JSON.stringify([level, plan?.plan, plan?.revision]);
      const period = periods.get(key) ?? {
        ...{ level, plan: plan?.plan ?? '', revision: plan?.revision ?? '', from: head.day },
        target: plan?.spec?.availability?.target ?? '',
        ...{ raw: [0, 0, 0], adjusted: [0, 0, 0], because: new Map<string, number>() },
      };
      period.to = head.day;
      for (let minute = from; minute < to; minute++) {
        if (!measured[minute]) continue;
        const which = unknown[minute] ? 2 : bad[minute] ? 1 : 0;
        period.raw[which]++;
        if (!excused[minute]) period.adjusted[which]++;
        else {
          const is = (cause: string) =>
            system.excused.some((e: Any) => e.because === cause && e.from <= minute && minute < e.to);
          const cause = CAUSES.find(is) ?? '';
          period.because.set(cause, (period.because.get(cause) ?? 0) + 1);
        }
      }
      periods.set(key, period);
    }
    for (const { condition, end, kept, broken, unknown: open } of system.promises) {
      const known = promises.get(condition) ?? { condition, kept: 0, broken: 0, unknown: 0 };
      const sums = { kept: known.kept + kept, broken: known.broken + broken, unknown: known.unknown + open };
      promises.set(condition, { condition, end, ...sums });
    }
  }
  return {
    ...{ line: 'System', kind, namespace, name, uid, days: of.length, ...total },
    periods: [...periods.values()].map(p => periodOf(p, hasGaps)),
    promises: [...promises.values()]
      .sort((a, b) => (a.condition < b.condition ? -1 : 1))
      .map(p => promiseOf(p, hasGaps)),
    ...{ outages: outages.slice(0, LISTED), noData: noData.slice(0, LISTED), excuses: excuses.slice(0, LISTED) },
    notListed: [outages, noData, excuses].reduce((sum, list) => sum + Math.max(0, list.length - LISTED), 0),
  };
}

function periodOf({ level, plan, revision, from, to, target, raw, adjusted, because }: Any, hasGaps: boolean): Any {
  return {
    ...{ level, plan, revision, from, to, target, raw: shares(raw), adjusted: shares(adjusted) },
    excused: CAUSES.filter(cause => because.has(cause)).map(cause => ({ because: cause, minutes: because.get(cause) })),
    verdict: target === '' ? 'NotPromised' : verdictOf(target, adjusted, hasGaps),
  };
}

/** In fractions of whole numbers that no machine rounds. */
function verdictOf(target: string, [good, bad, noData]: number[], hasGaps: boolean): string {
  const all = BigInt((good ?? 0) + (bad ?? 0) + (noData ?? 0));
  if (all === 0n) return 'NotMeasured';
  const [whole, places = ''] = target.split('.');
  const wanted = BigInt(`${whole}${places.padEnd(3, '0')}`) * all;
  if (BigInt(good ?? 0) * 100_000n >= wanted) return hasGaps ? 'Unproven' : 'Kept';
  return BigInt((good ?? 0) + (noData ?? 0)) * 100_000n < wanted ? 'Broken' : 'Unproven';
}

function shares([good = 0, bad = 0, noData = 0]: number[]): Any {
  const all = good + bad + noData;
  const share = (part: number, of: number) => {
    const digits = String((BigInt(part) * 100_000n) / BigInt(of)).padStart(4, '0');
    return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
  };
  return {
    ...{ good, bad, noData },
    ...(good + bad > 0 ? { percent: share(good, good + bad) } : {}),
    ...(all > 0 ? { least: share(good, all), most: share(good + noData, all) } : {}),
  };
}

function promiseOf(sums: Any, hasGaps: boolean): Any {
  const { kept, broken, unknown } = sums;
  if (broken > 0) return { ...sums, verdict: 'Broken' };
  if (unknown > 0) return { ...sums, verdict: 'Unproven' };
  return { ...sums, verdict: kept === 0 ? 'NotPromised' : hasGaps ? 'Unproven' : 'Kept' };
}

function objectsOf(days: Any[]): Any[] {
  const found = new Map<string, Any>();
  for (const { lines } of days)
    for (const object of lines.filter((l: Any) => l.line === 'Object')) {
      const before = found.get(object.uid);
      const isSystem = object.kind === 'ManagedVM' || object.kind === 'ManagedApplication';
      found.set(object.uid, {
        ...object,
        first: before?.first || object.first,
        last: object.last || before?.last || '',
        what: [...new Set([...(before?.what ?? []), ...object.what])],
        persons: [...new Set([...(before?.persons ?? []), ...object.persons])].sort(),
        facts: isSystem ? { ...before?.facts, ...object.facts } : object.facts,
      });
    }
  return [...found.values()];
}

function clockOf(clock: Any, objects: Any[]): Any {
  const facts = objects.find(({ uid }) => uid === clock.uid)?.facts ?? {};
  const of = (path: string[]) => told(facts, path) ?? '';
  return {
    ...clock,
    subject: `${of(['spec.subject', 'kind'])} ${of(['spec.subject', 'name'])}`,
    priority: of(['spec.rating', 'priority']),
    cause: of(['spec.handling', 'resolution', 'cause']),
  };
}

/** A field may be told with the one that it is in, or under its own path. */
function told(facts: Any, path: string[]): string | undefined {
  const [first = '', ...rest] = path;
  const longer = rest[0] === undefined ? undefined : told(facts, [`${first}.${rest[0]}`, ...rest.slice(1)]);
  if (longer !== undefined) return longer;
  const found = rest.reduce((value, name) => value?.[name], facts[first]);
  return typeof found === 'string' ? found : undefined;
}

function summaryOf(systems: Any[], clocks: Any[], objects: Any[]): Any {
  const promises = { kept: 0, broken: 0, unproven: 0, of: 0 };
  const verdicts = systems.flatMap(s => [...s.periods, ...s.promises].map(({ verdict }) => verdict));
  for (const verdict of [...verdicts, ...clocks.map(({ outcome }) => outcome)]) {
    if (verdict === 'Kept') promises.kept++;
    if (verdict === 'Broken' || verdict === 'Breached') promises.broken++;
    if (verdict === 'Unproven') promises.unproven++;
  }
  promises.of = promises.kept + promises.broken + promises.unproven;
  const owed = objects.filter(({ kind, what, facts }) => {
    const whom = facts['status.waitingFor']?.whom;
    return kind === 'ChangeRequest' && !what.includes('Gone') && Array.isArray(whom) && whom.includes('Customer');
  });
  return {
    ...{ line: 'Summary', promises, systems: systems.length },
    incidents: objects.filter(({ kind }) => kind === 'Incident').length,
    breaches: clocks.filter(({ outcome }) => outcome === 'Breached').length,
    decisions: owed.map(({ namespace, name, facts }) => ({
      ...{ namespace, change: name, title: facts['spec.title'] ?? '' },
      ...{ what: facts['status.waitingFor'].what ?? '', until: facts['status.waitingFor'].until ?? '' },
    })),
  };
}

function marks(size: number, stretches: number[][]): boolean[] {
  return Array.from({ length: size }, (_, minute) =>
    stretches.some(([from = 0, to = 0]) => from <= minute && minute < to),
  );
}

function count(marked: boolean[]): number {
  return marked.filter(Boolean).length;
}

function runs(marked: boolean[]): [number, number][] {
  const found: [number, number][] = [];
  marked.forEach((is, minute) => {
    const last = found[found.length - 1];
    if (is && last?.[1] === minute) last[1] = minute + 1;
    else if (is) found.push([minute, minute + 1]);
  });
  return found;
}

function instants({ from }: Any, begin: number, end: number): Any {
  const at = (minute: number) => new Date(Date.parse(from) + minute * 60_000).toISOString().replace('.000Z', 'Z');
  return { from: at(begin), to: at(end) };
}

/** RFC 8785, of texts, whole numbers, lists and objects. */
function canonical(value: Any): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value)
    .filter(name => value[name] !== undefined)
    .sort();
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

if (import.meta.main) {
  const [folder, month, since = `${month}-01`] = argv.slice(2);
  if (folder === undefined || month === undefined) {
    stderr.write('usage: recompute FOLDER MONTH [SINCE]\n');
    exit(2);
  }
  const fileOf = (day: string) => join(folder, `${day}.jsonl`);
  const lines = recompute(month, since, day =>
    existsSync(fileOf(day)) ? readFileSync(fileOf(day), 'utf8') : undefined,
  );
  const text = lines.map(line => `${line}\n`).join('');
  stdout.write(text);
  stderr.write(`${sha256(text)}\n`);
}
