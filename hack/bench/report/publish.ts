/** Writes docs/benchmarks.md between its marks, and the plots and figures beside it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { versions } from '../../testbed/build/versions.ts';
import { kroVersion } from '../contestants/artifacts.ts';
import type { Run, Setting } from '../measure.ts';
import { replaceSection } from './page.ts';
import { drawn, type Series } from './plot.ts';
import { isSameSetting, type Standing, spelled, tableOf } from './standings.ts';

const docs = join(import.meta.dirname, '../../../docs');

export type Result = {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runs: readonly Run[];
  readonly standings: readonly Standing[];
};

export function resultOf(command: string, runs: readonly Run[], standings: readonly Standing[]): Result {
  const [cpu] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return {
    ...{ command, runs, standings, date: new Date().toISOString() },
    machine: `${cpus().length} cores (${cpu?.model.trim()}), ${memory}, Linux ${release()}`,
    versions: { Node: process.version, Kubernetes: versions.kubernetes, KubeVirt: versions.kubevirt, kro: kroVersion },
  };
}

/** What earlier benches measured of other settings stays: a contest of 10 000 need not repeat that of 100. */
export async function publish(result: Result): Promise<void> {
  await mkdir(join(docs, 'benchmarks'), { recursive: true });
  const file = (name: string) => join(docs, 'benchmarks', name);
  const earlier = JSON.parse(await readFile(file('result.json'), 'utf8')) as Result[];
  const results = [...withoutSettingsOf(result, earlier), result];
  const standings = results.flatMap(each => each.standings).toSorted(bySetting);
  await writeFile(file('result.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(file('time.svg'), timePlot(standings));
  await writeFile(file('memory.svg'), memoryPlot(standings));
  await replaceSection('npm run bench', sectionOf(results, standings));
}

/** The earlier results less the settings that were measured anew, and less those of which nothing is left. */
export function withoutSettingsOf(result: Result, earlier: readonly Result[]): Result[] {
  const isOther = (setting: Setting) => !result.runs.some(run => isSameSetting(run, setting));
  return earlier
    .map(each => ({ ...each, runs: each.runs.filter(isOther), standings: each.standings.filter(isOther) }))
    .filter(({ runs }) => runs.length > 0);
}

function bySetting(a: Standing, b: Standing): number {
  return Number(a.webhooks) - Number(b.webhooks) || a.count - b.count;
}

function sectionOf(results: readonly Result[], standings: readonly Standing[]): string {
  return [
    ...results.map(originOf),
    '',
    tableOf(standings),
    '',
    ...standings.map(standing => `- ${inSeconds(standing)}`),
    '',
    '![Time against the number of ManagedVMs](benchmarks/time.svg)',
    '',
    '![Memory against the number of ManagedVMs](benchmarks/memory.svg)',
    '',
  ].join('\n');
}

function originOf({ command, date, machine, versions: used, runs }: Result): string {
  const loads = runs.map(({ load }) => load);
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map(load => load.toFixed(1));
  const spoken = Object.entries(used).map(([name, version]) => `${name} ${version}`);
  return [
    `- Command: \`${command}\``,
    `  - Date: ${date}`,
    `  - Machine: ${machine}; one-minute load average before each run between ${least} and ${most}`,
    `  - Versions: ${spoken.join(', ')}`,
  ].join('\n');
}

function inSeconds({ contestant, count, webhooks, seconds, runs }: Standing): string {
  const hooked = webhooks ? ' with KubeVirt’s webhooks' : '';
  return `${contestant}, ${count} ManagedVMs${hooked}: ${spelled(seconds, 1)} s in ${runs} runs`;
}

function timePlot(standings: readonly Standing[]): string {
  const series = seriesOf(standings, ({ seconds }) => seconds.median);
  return drawn({
    title: 'Until all children and statuses are written',
    xLabel: 'ManagedVMs',
    yLabel: 'seconds',
    series,
  });
}

function memoryPlot(standings: readonly Standing[]): string {
  const series = seriesOf(standings, ({ memoryMB }) => memoryMB.after);
  return drawn({ title: 'Resident memory afterwards', xLabel: 'ManagedVMs', yLabel: 'MB', series });
}

/** Without KubeVirt's webhooks, which are a contestant of their own. */
function seriesOf(standings: readonly Standing[], y: (standing: Standing) => number): Series[] {
  const groups = Map.groupBy(
    standings.filter(({ webhooks }) => !webhooks),
    ({ contestant }) => contestant,
  );
  return [...groups].map(([name, own]) => {
    const points = own.map(standing => ({ x: standing.count, y: y(standing) }));
    return { name, points: points.toSorted((a, b) => a.x - b.x) };
  });
}
