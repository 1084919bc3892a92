/** Closes a day of a Contract: pure, of what is recorded, what was measured, and what was agreed (MO-16, GE-8). What is closed never changes. */
import { instant } from '../contract/condition.ts';
import { textAt } from '../contract/json.ts';
import { canonicalJson } from '../record/canonicaljson.ts';
import type { Entry, Facts } from '../record/entry.ts';
import { lastFacts, type Part, partsOf, type Span, stretchesWhere, valuesOver } from './course.ts';
import { excusesOf, type Histories, vmsOf } from './excuses.ts';
import {
  type ClockEnd,
  type DayHeader,
  FORMAT,
  type ObjectDay,
  type PlanLine,
  type PromiseState,
  type Stretch,
  SYSTEM_KINDS,
  type SystemDay,
} from './format.ts';
import { type History, historiesIn, type Range } from './history.ts';
import { byText } from './order.ts';
import { common, joined, minutesIn, without } from './stretches.ts';

/** What was measured of a system, whenever it is said to be there; undefined: nothing was. */
export type Measured = { readonly bad: readonly Stretch[]; readonly noData: readonly Stretch[] } | undefined;

export type DayFacts = {
  readonly contract: {
    readonly name: string;
    readonly uid: string;
    readonly customer: string;
    readonly billingId: string;
  };
  readonly day: string;
  readonly timeZone: string;
  readonly span: Span;
  readonly closedAt: Date;
  /** Hash of the day before; zeros where there is none. */
  readonly previous: string;
  readonly stream: string;
  /** All records that there are, those after the day too, in their order. */
  readonly entries: readonly Entry[];
  /** Those of the day, and the hash of the last of them. */
  readonly range: Range & { readonly head: string };
  readonly plans: readonly PlanLine[];
  readonly measured: (kind: string, namespace: string, name: string) => Measured;
  /** Whether a level promises that a system of the kind is watched. */
  readonly isWatched: (kind: string, level: string) => boolean;
  readonly promises: Promises;
  /** What could not be read, in sentences. */
  readonly missing: readonly string[];
};

export type Promises = {
  /** Conditions that count as promises of a kind. */
  readonly counted: ReadonlyMap<string, ReadonlySet<string>>;
  /** Reasons of conditions that say that nothing is owed, or that the customer is waited for (GE-4). */
  readonly notOwed: ReadonlySet<string>;
};

/** Kinds of which a report tells what became of them; what they are, docs/reports.md says. */
const TOLD: ReadonlySet<string> = new Set([
  ...['Incident', 'Problem', 'ChangeRequest', 'Approval', 'ServiceRequest', 'PatchRun', 'PatchPolicy'],
  ...['MaintenanceWindow', 'BackupPolicy', 'Restore', 'GuestState', 'Contract', ...SYSTEM_KINDS],
]);

/** The lines of the day. */
export function closeDay(facts: DayFacts): string[] {
  const all = historiesIn(facts.entries, facts.range);
  const byKind = Map.groupBy(all, ({ object }) => object.kind);
  const histories: Histories = kind => byKind.get(kind) ?? [];
  const systems = SYSTEM_KINDS.flatMap(kind => histories(kind).map(history => systemDay(history, histories, facts)));
  const parts = [facts.plans, systems.flat(), all.flatMap(objectDay), histories('Incident').flatMap(clockEnds)];
  return [
    canonicalJson(header(facts)),
    ...parts.flatMap(lines => lines.map(line => canonicalJson(line)).toSorted(byText)),
  ];
}

function header({ contract, day, timeZone, span, closedAt, previous, stream, range, missing }: DayFacts): DayHeader {
  const { first, last, head } = range;
  return {
    ...{ line: 'Day', format: FORMAT, contract: contract.name, contractUid: contract.uid },
    ...{ customer: contract.customer, billingId: contract.billingId, day, timeZone },
    ...{ from: instant(span.from), to: instant(span.to), minutes: span.minutes, closedAt: instant(closedAt) },
    ...{ previous, records: { stream, first, last, head }, missing: [...missing] },
  };
}

function systemDay(history: History, histories: Histories, facts: DayFacts): SystemDay[] {
  const { span, isWatched, measured: measuredOf, promises } = facts;
  const { kind, name, namespace = '', uid } = history.object;
  const parts = partsOf(history, span);
  const there = stretchesWhere(parts, () => true);
  if (there.length === 0) return [];
  const levels = valuesOver(parts, each => text(each['spec.serviceLevel'])).map(({ value, from, to }) => ({
    level: value,
    from,
    to,
  }));
  const watched = joined(
    levels.flatMap(({ level, from, to }) => (isWatched(kind, level) ? [[from, to] as Stretch] : [])),
  );
  const seen = measuredOf(kind, namespace, name);
  const noData = seen === undefined ? watched : common(watched, seen.noData);
  const bad = without(common(watched, seen?.bad ?? []), noData);
  const system = { kind, namespace, name, uid };
  const vms = vmsOf(lastFacts(history)).flatMap(vm =>
    histories('ManagedVM').flatMap(({ object }) =>
      object.namespace === namespace && object.name === vm
        ? [{ kind: 'ManagedVM', namespace, name: vm, uid: object.uid }]
        : [],
    ),
  );
  const excused = excusesOf([system, ...vms], histories, span);
  return [
    {
      ...{ line: 'System' as const, kind: kind as SystemDay['kind'], namespace, name, uid, there, levels },
      off: stretchesWhere(parts, each => each['spec.powerState'] === 'Stopped'),
      ...{
        measured: watched,
        bad,
        noData,
        excused: excused.filter(({ from, to }) => common(there, [[from, to]]).length > 0),
      },
      promises: promiseStates(kind, parts, promises),
    },
  ];
}

function promiseStates(kind: string, parts: readonly Part[], { counted, notOwed }: Promises): PromiseState[] {
  const names = new Set(parts.flatMap(({ facts }) => Object.keys(facts).filter(name => name.startsWith('condition.'))));
  return [...names].toSorted(byText).flatMap(name => {
    const condition = name.slice('condition.'.length);
    if (counted.get(kind)?.has(condition) !== true) return [];
    const minutes = (status: string) =>
      minutesIn(
        stretchesWhere(parts, facts => {
          const [is, reason = ''] = String(facts[name] ?? '').split(' ');
          return is === status && !notOwed.has(reason);
        }),
      );
    const end = text(parts.findLast(({ facts }) => facts[name] !== undefined)?.facts[name]) ?? '';
    return [{ condition, end, broken: minutes('False'), unknown: minutes('Unknown'), kept: minutes('True') }];
  });
}

/** Objects that a record of the day is about; and changes that wait for the customer, for they are decisions that he owes (GE-4). */
function objectDay(history: History): ObjectDay[] {
  const { object, told } = history;
  if (!TOLD.has(object.kind)) return [];
  const isSystem = SYSTEM_KINDS.some(kind => kind === object.kind);
  const news = told.filter(({ entry }) => entry.what !== 'Standing' && (!isSystem || isOrder(entry)));
  const facts = lastFacts(history);
  const [first, last] = [news[0], news.at(-1)];
  if (first === undefined && !waitsForCustomer(facts)) return [];
  const persons = new Set(news.flatMap(({ entry }) => textAt(entry, 'who', 'person') ?? []));
  return [
    {
      ...{
        line: 'Object' as const,
        kind: object.kind,
        namespace: object.namespace ?? '',
        name: object.name,
        uid: object.uid,
      },
      ...{ first: first?.entry.at ?? '', last: last?.entry.at ?? '' },
      what: [...new Set(news.map(({ entry }) => entry.what))],
      persons: [...persons].toSorted(byText),
      facts: isSystem ? ordersIn(news.map(({ entry }) => entry)) : facts,
    },
  ];
}

/** Of systems only what was ordered otherwise is told here: how they fare, their own lines say. */
function isOrder({ what, after = {}, before = {} }: Entry): boolean {
  return what !== 'Changed' || Object.keys({ ...before, ...after }).some(name => name.startsWith('spec.'));
}

function ordersIn(entries: readonly Entry[]): Facts {
  const after = entries.flatMap(entry => Object.entries((entry.after ?? {}) as Facts));
  return Object.fromEntries(after.filter(([name]) => name.startsWith('spec.')));
}

function waitsForCustomer(facts: Facts): boolean {
  const whom = (facts['status.waitingFor'] as { whom?: unknown } | undefined)?.whom;
  return Array.isArray(whom) && whom.includes('Customer');
}

/** Told when it is first recorded: of what was recorded before the day, nothing. */
function clockEnds(history: History): ClockEnd[] {
  const { object, told, before } = history;
  const ends: ClockEnd[] = [];
  let known: Facts = before ?? {};
  for (const { entry, facts } of told) {
    if (facts === undefined) continue;
    for (const clock of ['response', 'resolution'] as const) {
      const outcome = outcomeOf(clock, facts);
      if (outcome === undefined || outcome === outcomeOf(clock, known)) continue;
      const target = textAt(facts[`status.${clock}`], 'target') ?? '';
      const { name, namespace = '', uid } = object;
      ends.push({ line: 'Clock', namespace, incident: name, uid, clock, outcome, target, at: entry.at });
    }
    known = facts;
  }
  return ends;
}

function outcomeOf(clock: 'response' | 'resolution', facts: Facts): ClockEnd['outcome'] | undefined {
  const said = facts[`status.${clock}`] as { breached?: unknown; state?: unknown } | undefined;
  if (said?.breached === true) return 'Breached';
  const isOver = said?.state === 'Stopped' && (clock === 'response' || facts['status.phase'] === 'Closed');
  return isOver ? 'Kept' : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
