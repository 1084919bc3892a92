/** What a ServiceReport says of itself: pure. */
import type { ServiceReport, ServiceReportStatus } from '../../api/servicereport.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { dayIn, startOfDay } from '../time/day.ts';
import { dayAfter, nextStep } from './nextday.ts';

/** What a closed month came to, as its second line says. */
export type MonthSums = NonNullable<ServiceReportStatus['promises']> & { readonly breaches: number };

export type ReportFacts = {
  readonly report: ServiceReport;
  /** Why what is due is not done yet, in sentences; as far as somebody has looked. */
  readonly waits: readonly string[];
  /** Of a closed month; undefined: it has not been read again yet. */
  readonly sums: MonthSums | undefined;
  readonly now: Date;
};

export type ReportAssessment = {
  readonly status: Omit<ServiceReportStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge: Date | undefined;
};

export function assessReport({ report, waits, sums, now }: ReportFacts): ReportAssessment {
  const { spec, metadata, status: before } = report;
  const step = nextStep(spec);
  const today = dayIn(spec.timeZone, now);
  const phase = spec.closed !== undefined ? 'Closed' : today.startsWith(spec.month) ? 'Open' : 'Closing';
  const days = spec.days?.length ?? 0;
  const late = (spec.days ?? []).filter(({ missing }) => missing !== undefined);
  const gone = late.map(({ day, missing }) => `${day} was closed without ${missing} of its sources.`);
  const missing = phase === 'Closed' ? gone : [...waits, ...gone];
  const isDue = step.step === 'CloseDay' && step.due <= now;
  const known = sums ?? (before?.promises && { ...before.promises, breaches: before.breaches ?? 0 });
  return {
    status: {
      ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
      ...{ phase, days },
      ...(phase !== 'Closed' && { today }),
      ...(missing.length > 0 && { missing: missing.slice(0, 64).map(each => each.slice(0, 300)) }),
      ...(phase === 'Closed' && known && { promises: promisesIn(known), breaches: known.breaches }),
    },
    conditions: [readiness(phase, { days, waits, isDue, closedAt: spec.closed?.at, month: spec.month })],
    nextEdge: phase === 'Closed' ? undefined : edge(step, today, spec.timeZone, now),
  };
}

function promisesIn({ kept, broken, unproven }: MonthSums): NonNullable<ServiceReportStatus['promises']> {
  return { kept, broken, unproven };
}

type Standing = {
  readonly days: number;
  readonly waits: readonly string[];
  readonly isDue: boolean;
  readonly closedAt: string | undefined;
  readonly month: string;
};

function readiness(phase: string, { days, waits, isDue, closedAt, month }: Standing): ConditionInput {
  const of = `${days} ${days === 1 ? 'day of it is' : 'days of it are'} closed`;
  if (phase === 'Closed')
    return { type: 'Ready', status: 'True', reason: 'Closed', message: `${month} was closed at ${closedAt}; ${of}.` };
  if (isDue && waits.length > 0)
    return {
      type: 'Ready',
      status: 'False',
      reason: 'SourceMissing',
      message: `${of}. ${waits.join(' ')}`.slice(0, 1024),
    };
  const message = phase === 'Open' ? `${month} goes on; ${of}.` : `${month} is over; ${of}, and the rest follows.`;
  return { type: 'Ready', status: 'True', reason: phase, message };
}

/** The next day, and when the one that waits is due. */
function edge(step: ReturnType<typeof nextStep>, today: string, timeZone: string, now: Date): Date {
  const tomorrow = startOfDay(dayAfter(today), timeZone);
  return step.step === 'CloseDay' && step.due > now && step.due < tomorrow ? step.due : tomorrow;
}

/** What the second line of a closed month says; undefined where that is no summary. */
export function sumsIn(lines: readonly string[]): MonthSums | undefined {
  const said = JSON.parse(lines[1] ?? 'null') as { promises?: Record<string, unknown>; breaches?: unknown } | null;
  const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);
  if (said?.promises === undefined) return undefined;
  const { kept, broken, unproven } = said.promises;
  return { kept: whole(kept), broken: whole(broken), unproven: whole(unproven), breaches: whole(said.breaches) };
}
