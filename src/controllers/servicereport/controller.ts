import { contract } from '../../api/contract.ts';
import { reportPage, reportPageName } from '../../api/reportpage.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import { reportName, type ServiceReport, serviceReport } from '../../api/servicereport.ts';
import { assessReport, sumsIn } from '../../domain/report/assess.ts';
import type { ClosedPages } from '../../domain/report/monthofpages.ts';
import { nextMonth } from '../../domain/report/nextday.ts';
import { isAlreadyExists } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject, type ResourceKind } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type ReconcileContext } from '../../runtime/pass/controller.ts';
import { reportRecord, STATUS_INTERVALS } from '../report.ts';
import type { Preparing } from './preparing.ts';

type Stored = ServiceReport & KubeObject;
type Pass = ReconcileContext<Stored>;

/** Until the cache has what was written. Milliseconds. */
const SOON_MS = 100;

/** Closes the days of a report, then the month, each once; and opens the report of the next month (MO-16, GE-1, GE-8). */
export function serviceReportController(preparing: Preparing): ControllerDefinition<Stored> {
  return defineController<Stored>({
    name: 'servicereport',
    kind: serviceReport,
    statusIntervals: STATUS_INTERVALS,
    owns: [],
    // Read where a day is closed, and no reason to look again.
    watches: [contract, servicePlan].map(kind => ({ kind, part: () => true, toKeys: () => [] })),
    polls: [preparing.source],
    forget: uid => preparing.forget(uid),
    reconcile: async context => {
      const { object, now } = context;
      const prepared = preparing.of(object);
      if (prepared?.closes !== undefined) {
        for (const draft of prepared.drafts) await context.deleteObject(reportPage, draft);
        await close(context, prepared.closes);
        return { requeueAt: new Date(now.getTime() + SOON_MS) };
      }
      await openNext(context);
      const assessment = assessReport({
        report: object,
        waits: prepared?.waits ?? [],
        sums: preparing.sumsOf(object),
        now,
      });
      await reportRecord(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

/** Pages first: what a report does not name is a draft, and is written anew. In the version that was looked at. */
async function close({ object, create, mergePatch, event }: Pass, { pages, day, month }: ClosedPages): Promise<void> {
  for (const spec of pages) await create(reportPage, made(reportPage, reportPageName(spec), spec));
  if (day !== undefined)
    await mergePatch(serviceReport, object, { spec: { days: [...(object.spec.days ?? []), day] } });
  if (month === undefined) return;
  await mergePatch(serviceReport, object, { spec: { closed: month } });
  const sums = sumsIn(pages.flatMap(({ lines }) => lines));
  const kept =
    sums && `${sums.kept} of ${sums.kept + sums.broken + sums.unproven} promises kept, ${sums.breaches} breaches`;
  event('Normal', 'Closed', `${object.spec.month} is closed: ${kept}; SHA-256 ${month.sha256}.`);
}

/** Days go on whether the month before is closed yet or not. */
async function openNext({ object, read, create }: Pass): Promise<void> {
  const { contract: of, timeZone } = object.spec;
  const next = nextMonth(object.spec);
  if (next === undefined) return;
  const name = reportName(of.name, next.month);
  if (read.get(serviceReport, { namespace: '', name }) !== undefined) return;
  await create(serviceReport, made(serviceReport, name, { contract: of, timeZone, ...next })).catch(
    (error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    },
  );
}

/** An object of the cluster. */
export function made(kind: ResourceKind, name: string, spec: object): KubeObject {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name }, spec };
}
