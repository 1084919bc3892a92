import { type Contract, ContractSpec, contract } from '../../api/contract.ts';
import { type RecordPage, recordPage } from '../../api/recordpage.ts';
import { type ReportPage, reportPage } from '../../api/reportpage.ts';
import { type ServicePlan, ServicePlanSpec, servicePlan } from '../../api/serviceplan.ts';
import { type ServiceReport, type ServiceReportSpec, serviceReport } from '../../api/servicereport.ts';
import { streamName } from '../../domain/record/streamname.ts';
import { type MonthSums, sumsIn } from '../../domain/report/assess.ts';
import { closing } from '../../domain/report/closing.ts';
import { type ClosedPages, monthOfPages } from '../../domain/report/monthofpages.ts';
import { nextStep } from '../../domain/report/nextday.ts';
import { recordsOfDay } from '../../domain/report/recordsofday.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { Asked, PolledSource } from '../../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from '../contracts.ts';
import type { Settings } from '../settings.ts';
import { sightsOf } from './sights.ts';

type Stored = ServiceReport & KubeObject;
type Page = ReportPage & KubeObject;

/** What a report is to be given next: pages, and what it then says of them. */
export type Prepared = {
  /** For a report that has exactly so many closed days, and is not closed. */
  readonly days: number;
  /** Pages that were written before, by a pass that ended halfway; no report knows them. */
  readonly drafts: readonly KubeObject[];
  readonly closes?: ClosedPages | undefined;
  /** What is missing, in sentences; where nothing is closed yet, it is waited for. */
  readonly waits: readonly string[];
};

export type PreparingSettings = Pick<Settings, 'prometheus'> & {
  /** Where the records lie. */
  readonly recordNamespace: string;
  /** How often it is looked whether something is due; default 30 s. */
  readonly everyMs?: number;
};

const EVERY_MS = 30_000;

const agreedIn = readOnce(ContractSpec);
const saidBy = readOnce(ServicePlanSpec);

/** Gathers what the days and months of reports are closed from. It writes nothing: what it finds is kept for the pass over the report. */
export class Preparing {
  readonly #settings: PreparingSettings;
  /** By UID of the report. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(settings: PreparingSettings) {
    this.#settings = settings;
  }

  get source(): PolledSource<Stored> {
    return {
      name: 'what days are closed from',
      everyMs: this.#settings.everyMs ?? EVERY_MS,
      ask: (now, signal, asked) => this.#ask(now, signal, asked),
    };
  }

  /** Undefined: nothing has been found for the report as it is now. */
  of({ metadata: { uid = '' }, spec }: Stored): Prepared | undefined {
    const prepared = this.#prepared.get(uid);
    return prepared?.days === (spec.days?.length ?? 0) && spec.closed === undefined ? prepared : undefined;
  }

  /** What a month came to whose closing was prepared here; undefined: of one that was closed before. */
  sumsOf({ metadata: { uid = '' } }: Stored): MonthSums | undefined {
    const closes = this.#prepared.get(uid)?.closes;
    return closes?.month && sumsIn(closes.pages.flatMap(({ lines }) => lines));
  }

  forget(uid: string): void {
    this.#prepared.delete(uid);
  }

  /** One step of each report that has something due. */
  async #ask(now: Date, signal: AbortSignal, asked: Asked): Promise<(report: Stored) => boolean> {
    const news = new Set<string>();
    for (const report of asked.read.list<Stored>(serviceReport)) {
      if (signal.aborted) break;
      const { uid = '' } = report.metadata;
      const prepared = await this.#prepare(report, now, signal, asked).catch(
        (error: unknown): Prepared => ({
          ...{ days: report.spec.days?.length ?? 0, drafts: [] },
          waits: [`What it is closed from cannot be read: ${messageOf(error)}.`],
        }),
      );
      const before = this.#prepared.get(uid);
      if (prepared === undefined) continue;
      this.#prepared.set(uid, prepared);
      if (prepared.closes !== undefined || before?.waits.join() !== prepared.waits.join()) news.add(uid);
    }
    return ({ metadata: { uid = '' } }) => news.has(uid);
  }

  async #prepare(report: Stored, now: Date, signal: AbortSignal, asked: Asked): Promise<Prepared | undefined> {
    const step = nextStep(report.spec);
    if (step.step === 'None' || (step.step === 'CloseDay' && now < step.due)) return undefined;
    const pages = await pagesOfMonth(report.spec, asked);
    const known = new Set((report.spec.days ?? []).map(({ day }) => day));
    const drafts = pages.filter(({ spec }) => spec.day === undefined || !known.has(spec.day));
    const base = { days: known.size, drafts };
    if (step.step === 'CloseMonth')
      return {
        ...base,
        ...monthOfPages(
          report.spec,
          pages.map(({ spec }) => spec),
          now,
        ),
      };
    const agreed = agreementOf(report.spec, asked);
    const records = recordsOfDay(await this.#records(report.spec, asked), step.after, step.span.to);
    const sights = await sightsOf(this.#settings.prometheus, agreed?.namespaces ?? [], step.span, signal);
    return { ...base, ...closing({ report: report.spec, step, agreed, records, sights, now }) };
  }

  async #records({ contract: { name } }: ServiceReportSpec, asked: Asked) {
    return recordsIn(
      streamName({ kind: contract.kind, name }, () => undefined),
      this.#settings.recordNamespace,
      asked,
    );
  }
}

/** Pages of a stream that are still in the cluster. */
export async function recordsIn(stream: string, namespace: string, asked: Asked) {
  const found = await asked.listAll(recordPage, { namespace, fieldSelector: `spec.stream=${stream}` });
  return found.map(each => (each as RecordPage & KubeObject).spec);
}

async function pagesOfMonth({ contract: { name }, month }: ServiceReportSpec, asked: Asked): Promise<readonly Page[]> {
  const fieldSelector = `spec.contract=${name},spec.month=${month}`;
  return (await asked.listAll(reportPage, { fieldSelector })) as readonly Page[];
}

/** What is agreed with the customer now; undefined: this very Contract is not there, or cannot be read. */
function agreementOf({ contract: { name, uid } }: ServiceReportSpec, { read }: Asked) {
  const stored = read.get<Contract & KubeObject>(contract, { namespace: '', name });
  const { spec } = stored === undefined ? { spec: undefined } : agreedIn(stored.spec);
  if (stored === undefined || spec === undefined || stored.metadata.uid !== uid) return undefined;
  return {
    ...{ spec, begun: stored.status?.plans ?? [], namespaces: namespacesOf(stored) },
    plan: (plan: string) => {
      const found = read.get<ServicePlan & KubeObject>(servicePlan, { namespace: '', name: plan });
      return found && saidBy(found.spec);
    },
  };
}
