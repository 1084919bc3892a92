import type { Reading, Readings } from '../application/advice.ts';
import { ADVISED, WINDOWS_LAST } from '../application/advicerules.ts';
import type { Watched } from '../application/watched.ts';
import { listAt, textAt } from '../contract/json.ts';
import { heard, type Knowledge, knowingNothing, labelled, missed } from '../monitoring/prometheuswatch.ts';

/** What Prometheus has seen of the performance of one application. */
export type SeenPerformance = {
  /** Whether it was asked for long enough to say that something is missing. */
  readonly decided: boolean;
  /** Since when it has not answered, and why. */
  readonly silence?: Knowledge['silence'];
  readonly readings: Readings;
  /** Indicators that are told now. */
  readonly firing: readonly string[];
};

/** Milliseconds between two questions. */
export const ADVICE_INTERVAL_MS = 10 * 60_000;
/** A reading that two questions in a row have not brought is gone. */
const TOLERANCE_MS = 2.5 * ADVICE_INTERVAL_MS;

const BY = 'by (namespace, managed_vm, application, advisor)';

/** One query for all applications: instant vector, its label `of` says what a series shows. */
export const ADVICE_QUERY = [
  labelled('peak', `max ${BY} (max_over_time(${ADVISED.used}[15m]))`),
  labelled('lasting', `max ${BY} (${lastOf(ADVISED.lasting)})`),
  labelled('exhausted', `min ${BY} (${lastOf(ADVISED.exhaustedAt)})`),
  labelled('capacity', `max ${BY} (${ADVISED.capacity})`),
  labelled('unusual', `max ${BY} (${lastOf(ADVISED.unusual)})`),
  labelled('usual', `max ${BY} (${lastOf(ADVISED.usual)})`),
  labelled(
    'firing',
    'max by (namespace, managed_vm, application, indicator) (ALERTS{alertname="ManagedApplicationIndicator",alertstate="firing"})',
  ),
].join('\nor ');

function lastOf(recorded: string): string {
  return `last_over_time(${recorded}[${WINDOWS_LAST}])`;
}

/** What all answers so far amount to. */
export type AdviceKnowledge = {
  readonly watch: Knowledge;
  /** By `namespace/managed_vm/application`. */
  readonly applications: ReadonlyMap<string, Pick<SeenPerformance, 'readings' | 'firing'>>;
};

export function knowingNoAdvice(now: Date): AdviceKnowledge {
  return { watch: knowingNothing(now), applications: new Map() };
}

/** After an answer, with all its series. */
export function heardOfAdvice(before: AdviceKnowledge, answer: readonly unknown[], now: Date): AdviceKnowledge {
  const series = answer.flatMap(seriesIn);
  const seen = new Set(series.filter(({ of }) => of === 'peak').map(({ key, advisor }) => `${key}/${advisor}`));
  const watch = heard(before.watch, seen, now, TOLERANCE_MS);
  const applications = new Map<string, { readings: Map<string, Reading>; firing: string[] }>();
  const at = (key: string) => {
    const known = applications.get(key) ?? { readings: new Map<string, Reading>(), firing: [] };
    applications.set(key, known);
    return known;
  };
  for (const [key, { readings }] of before.applications)
    for (const [advisor, reading] of readings)
      if (watch.seen.has(`${key}/${advisor}`)) at(key).readings.set(advisor, reading);
  for (const [key, advisor, reading] of readingsIn(series)) at(key).readings.set(advisor, reading);
  for (const { key, of, indicator } of series) if (of === 'firing') at(key).firing.push(indicator);
  return { watch, applications };
}

/** After a question without a usable answer. What was seen stays until that is too long ago. */
export function missedAdvice(before: AdviceKnowledge, why: string, now: Date): AdviceKnowledge {
  const watch = missed(before.watch, why, now, TOLERANCE_MS);
  return watch === before.watch ? before : { watch, applications: new Map() };
}

export function seenOf(
  { watch, applications }: AdviceKnowledge,
  { namespace, vm, application }: Watched,
): SeenPerformance {
  const { readings = new Map(), firing = [] } = applications.get(`${namespace}/${vm}/${application}`) ?? {};
  return { decided: watch.decided, silence: watch.silence, readings, firing };
}

type Series = {
  readonly of: string;
  readonly key: string;
  readonly advisor: string;
  readonly indicator: string;
  readonly sample: number;
};

function seriesIn(series: unknown): readonly Series[] {
  const label = (name: string) => textAt(series, 'metric', name) ?? '';
  const sample = Number(listAt(series, 'value')[1]);
  const key = `${label('namespace')}/${label('managed_vm')}/${label('application')}`;
  return Number.isFinite(sample)
    ? [{ of: label('of'), key, advisor: label('advisor'), indicator: label('indicator'), sample }]
    : [];
}

/** A reading is what has a peak: the rest can be of series that go on by themselves for a while. */
function readingsIn(series: readonly Series[]): readonly (readonly [key: string, advisor: string, reading: Reading])[] {
  const samples = new Map(series.map(({ of, key, advisor, sample }) => [`${of} ${key} ${advisor}`, sample]));
  return series
    .filter(({ of }) => of === 'peak')
    .flatMap(({ key, advisor, sample }) => {
      const reading = readingOf(sample, what => samples.get(`${what} ${key} ${advisor}`));
      return reading === undefined ? [] : [[key, advisor, reading] as const];
    });
}

function readingOf(peak: number, sampleOf: (of: string) => number | undefined): Reading | undefined {
  const [lasting, exhausted, capacity] = [sampleOf('lasting'), sampleOf('exhausted'), sampleOf('capacity')];
  const [unusual, usual] = [sampleOf('unusual'), sampleOf('usual')];
  if (lasting === undefined) return undefined;
  const day = exhausted === undefined ? undefined : dayOf(exhausted);
  return {
    ...{ percent: percentOf(lasting), peak: percentOf(peak) },
    ...(day && { exhausted: day }),
    ...(capacity !== undefined && { capacity }),
    ...(unusual !== undefined &&
      usual !== undefined && { unusual: { percent: percentOf(unusual), usualPercent: percentOf(usual) } }),
  };
}

/** A guest decides what its exporter says: nothing of it is more than all, or less than nothing. */
function percentOf(share: number): number {
  return Math.floor(Math.min(1, Math.max(0, share)) * 100 + 1e-6);
}

/** The day of an instant in UTC, within the years that anybody plans for. */
function dayOf(seconds: number): Date | undefined {
  return seconds > 0 && seconds < Date.UTC(2200, 0) / 1000
    ? new Date(Math.floor(seconds / 86_400) * 86_400_000)
    : undefined;
}
