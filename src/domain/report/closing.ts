/** Whether a day can be closed, and the pages that it then is: pure. */

import { ServiceLevel } from '../../api/common.ts';
import type { BegunPlan, ContractSpec } from '../../api/contract.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import type { DayEntry, ServiceReportSpec } from '../../api/servicereport.ts';
import { agreed as agreedAs } from '../contract/agreed.ts';
import { planOn } from '../contract/plans.ts';
import type { Readable } from '../contract/readable.ts';
import { entitlements } from '../contract/service-levels.ts';
import { NOT_OWED } from '../contract/unreadable.ts';
import { cooperationReasons, countedConditions } from '../managedvm/conditions.ts';
import { PROMISES } from '../managedvm/promises.ts';
import { COUNTED } from '../policies/applicationstatus.ts';
import type { Facts } from '../record/entry.ts';
import { factOf } from '../record/facts.ts';
import { closeDay, type DayFacts, type Promises } from './day.ts';
import type { PlanLine } from './format.ts';
import type { ClosedPages } from './monthofpages.ts';
import type { NextStep } from './nextday.ts';
import { pagesOf } from './pages.ts';
import type { RecordsOfDay } from './recordsofday.ts';

/** What is agreed with the customer of the report. */
export type Agreed = {
  readonly spec: ContractSpec;
  readonly begun: readonly BegunPlan[];
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
};

export type ClosingFacts = {
  readonly report: ServiceReportSpec;
  readonly step: Extract<NextStep, { step: 'CloseDay' }>;
  /** Undefined: it is not there any more, or cannot be read. */
  readonly agreed: Agreed | undefined;
  readonly records: RecordsOfDay;
  readonly sights: Pick<DayFacts, 'measured'> & { readonly missing: readonly string[] };
  readonly now: Date;
};

/** Minutes and clocks take the place of these two. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(['Available', 'IncidentsInTime']);

const PROMISED: Promises = {
  counted: new Map([
    ['ManagedVM', new Set(Object.keys(countedConditions(PROMISES)).filter(name => !TOLD_OTHERWISE.has(name)))],
    ['ManagedApplication', new Set(COUNTED.filter(name => !TOLD_OTHERWISE.has(name)))],
  ]),
  notOwed: new Set([...NOT_OWED, ...cooperationReasons(PROMISES), 'WaitingForCustomer']),
};

/** Nothing is closed before its sources are there, or three days have passed: then it is closed without them, and says so. */
export function closing(facts: ClosingFacts): { readonly closes?: ClosedPages; readonly waits: readonly string[] } {
  const { report, step, agreed, records, sights, now } = facts;
  if (agreed === undefined)
    return {
      waits: [
        `Contract ${report.contract.name} of uid ${report.contract.uid} cannot be read: who is served, and how, nobody can say.`,
      ],
    };
  const quiet = records.isWhole ? [] : [`The record writer has recorded nothing since ${step.day} ended.`];
  const missing = [...records.missing, ...quiet, ...sights.missing];
  // Who has no Prometheus will have none in three days.
  const isHopeless =
    missing.length > 0 &&
    missing.every(each => each.startsWith('No Prometheus') || each.includes('have left the cluster'));
  if (missing.length > 0 && !isHopeless && now < step.atLast) return { waits: missing };
  const lines = closeDay(dayFacts(facts, agreed, missing));
  const of = { contract: report.contract.name, month: report.month, day: step.day };
  const pages = pagesOf(of, lines, now);
  const entry: DayEntry = {
    ...{ day: step.day, sha256: pages[0]?.sha256 ?? '', pages: pages.length, last: records.range.last },
    ...(missing.length > 0 && { missing: missing.length }),
  };
  return { closes: { pages, day: entry }, waits: [] };
}

function dayFacts(
  { report, step, records, sights, now }: ClosingFacts,
  agreed: Agreed,
  missing: readonly string[],
): DayFacts {
  const { name, uid } = report.contract;
  const { customer, billingId } = agreed.spec;
  return {
    contract: { name, uid, customer, billingId },
    ...{ day: step.day, timeZone: report.timeZone, span: step.span, previous: step.previous, closedAt: now },
    ...{ stream: `contract-${name}`, entries: records.entries, range: records.range },
    plans: plansOn(agreed, step.day),
    measured: sights.measured,
    isWatched,
    promises: PROMISED,
    missing,
  };
}

/** Every level that an application has promises that it works (AP-5). */
function isWatched(kind: string, level: string): boolean {
  if (kind === 'ManagedApplication') return true;
  const known = ServiceLevel.safeParse(level).data;
  return known !== undefined && entitlements(known).monitoring;
}

function plansOn({ spec, begun, plan }: Agreed, day: string): PlanLine[] {
  return ServiceLevel.options.flatMap(level => {
    const entry = planOn(spec.plans, level, day);
    if (entry === undefined) return [];
    const { plan: said, revision = '' } = agreedAs(entry, plan(entry.plan), begun);
    const told = said && (factOf(said) as Facts);
    return [
      { line: 'Plan' as const, level, plan: entry.plan, revision, from: entry.from, ...(told && { spec: told }) },
    ];
  });
}
