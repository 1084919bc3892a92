/** Class 12: the operator as a process of its own, on a bed of its own, under orders that come and go for a long time. */
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../../../hack/bench/process.ts';
import { lastWords } from '../../../hack/testbed/process/lastwords.ts';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import type { Outcome } from '../cases.ts';
import { type Bed, startBed } from '../cluster/bed.ts';
import { type Program, startProgram } from '../operator/program.ts';
import { type Churn, makeRoom, remaining, wave } from './churn.ts';
import { type Inside, lookInside } from './inspector.ts';
import { flatness, type Tolerance } from './slope.ts';

export type SoakSettings = {
  readonly seconds: number;
  readonly churn: Churn;
  /** Number of a mutation of the operator. */
  readonly mutant?: number | undefined;
  readonly say: (line: string) => void;
};

export const SOAK = { id: 12, title: 'churn soak: start empty, stop empty' };
export const CHURN: Readonly<Record<'quick' | 'full', Churn>> = {
  quick: { rate: 8, lives: 16, stateMs: 250 },
  full: { rate: 3, lives: 45, stateMs: 1_500 },
};

type Sample = Inside & { readonly rss: number; readonly files: number; readonly sockets: number };
type Measure = {
  readonly what: string;
  readonly of: (sample: Sample) => number;
  readonly tolerance: Tolerance;
  readonly unit?: 'MB';
};

const MB = 1e6;
/** The transport opens as many for calls, when there are as many at once, and keeps them for 45 s: no wave is like the other. */
const CONNECTIONS = 36;
/** What is looked at between waves, when the cluster is empty. An object that is not let go of shows in the entries first. */
const MEASURES: readonly Measure[] = [
  { what: 'heap after collection', of: ({ heap }) => heap, tolerance: { absolute: MB / 2, share: 0.02 }, unit: 'MB' },
  { what: 'resident memory', of: ({ rss }) => rss, tolerance: { absolute: 12 * MB, share: 0.1 }, unit: 'MB' },
  { what: 'entries of maps and sets', of: ({ entries }) => entries, tolerance: { absolute: 20, share: 0 } },
  { what: 'open files', of: ({ files }) => files, tolerance: { absolute: CONNECTIONS, share: 0 } },
  { what: 'sockets', of: ({ sockets }) => sockets, tolerance: { absolute: CONNECTIONS, share: 0 } },
  { what: 'timers and handles', of: handles, tolerance: { absolute: 3, share: 0 } },
];
const OTHERS = [
  'the cluster is empty after each wave',
  'the operator has neither ended nor been restarted',
  'series of Events are bounded',
] as const;
const MOST_SERIES = 1_000;
const LEAST_SAMPLES = 4;
/** Between the end of a wave and the look: statuses that rest are written, watches have told all. */
const SETTLE_MS = 1_000;

export function soakNames(): string[] {
  return [...MEASURES.map(({ what }) => `${what}: flat`), ...OTHERS];
}

export async function soak(settings: SoakSettings): Promise<Outcome[]> {
  const bed = await startBed(() => {});
  try {
    return await soakOn(bed, settings);
  } finally {
    await bed.stop();
  }
}

async function soakOn(bed: Bed, { seconds, churn, mutant, say }: SoakSettings): Promise<Outcome[]> {
  const [port = 0] = await freePorts(1);
  await makeRoom(bed.client, churn);
  const program = await startProgram(bed, 'faults-soak', { mutant, node: [`--inspect=127.0.0.1:${port}`] });
  const samples: Sample[] = [];
  const began = performance.now();
  const minutes = () => ((performance.now() - began) / 60_000).toFixed(1);
  const problems: string[] = [];
  let lives = 0;
  try {
    while (performance.now() - began < seconds * 1000 || samples.length < LEAST_SAMPLES) {
      await wave(bed.client, churn);
      lives += churn.lives;
      await sleep(SETTLE_MS);
      samples.push(await sample(program, port));
      if (samples.length % 10 === 1) say(`soak, ${minutes()} min, ${lives} lives: ${spoken(samples.at(-1))}`);
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const left = problems.length === 0 ? await remaining(bed.client) : [];
  const alive = program.alive();
  say(`soak, ${minutes()} min, ${lives} lives: ${spoken(samples.at(-1))}`);
  await program.stop();
  const warm = samples.slice(warmAfter(samples.length));
  const series = Math.max(0, ...samples.map(each => each.series));
  const failures: Readonly<Record<(typeof OTHERS)[number], string | undefined>> = {
    'the cluster is empty after each wave': problems[0] ?? (left.length > 0 ? `${left.length} objects` : undefined),
    'the operator has neither ended nor been restarted': alive ? undefined : await lastWords(program.logFile),
    'series of Events are bounded': series > MOST_SERIES ? `${series} are kept` : undefined,
  };
  return [
    ...MEASURES.map(measure => judge(measure, warm)),
    ...OTHERS.map(name => (failures[name] === undefined ? { name } : { name, failure: failures[name] })),
  ];
}

/** The first waves fill what is filled once: code that gets compiled, connections, metrics. That takes eight minutes, of 20 s a wave. */
function warmAfter(samples: number): number {
  return Math.max(1, Math.floor((samples - LEAST_SAMPLES) / 2));
}

function judge({ what, of, tolerance, unit }: Measure, samples: readonly Sample[]): Outcome {
  const { first, last, flat } = flatness(samples.map(of), tolerance);
  const name = `${what}: flat`;
  if (flat && samples.length > 0) return { name };
  const plain = (value: number) => (unit === 'MB' ? `${(value / MB).toFixed(1)} MB` : `${value}`);
  const all = samples.map(each => plain(of(each))).join(', ');
  return { name, failure: `from ${plain(first)} to ${plain(last)} (medians of quarters): ${all}` };
}

function handles({ resources }: Sample): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function spoken(sample: Sample | undefined): string {
  if (sample === undefined) return 'no sample';
  const { heap, rss, entries, series, files, sockets } = sample;
  return (
    `heap ${(heap / MB).toFixed(1)} MB, resident ${(rss / MB).toFixed(0)} MB, ${entries} entries, ${series} series, ` +
    `${files} files, ${sockets} sockets, ${handles(sample)} handles`
  );
}

async function sample({ pid }: Program, port: number): Promise<Sample> {
  const inside = await lookInside(port);
  const { nowMB } = await memoryOf(pid);
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder);
  const targets = await Promise.all(files.map(file => readlink(`${folder}/${file}`).catch(() => '')));
  const sockets = targets.filter(target => target.startsWith('socket:')).length;
  return { ...inside, rss: nowMB * MB, files: files.length, sockets };
}
