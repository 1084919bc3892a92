/** What the runs of a contest say, contestant by contestant, against the raw client of the same rounds. */
import type { Run, Setting } from '../measure.ts';
import { type Spread, spreadOf } from './statistics.ts';

export type Standing = Setting & {
  readonly contestant: string;
  readonly runs: number;
  /** Time divided by the raw client's time in the same round. */
  readonly ratio: Spread;
  readonly seconds: Spread;
  readonly writesEach: Spread;
  readonly readsEach: Spread;
  readonly cpuMsPerCall: Spread;
  readonly memoryMB: { readonly ready: number; readonly after: number; readonly peak: number };
};

/** `rounds`: of each round the runs of every contestant; those without a raw client's run say nothing. */
export function standingsOf(rounds: readonly (readonly Run[])[], raw: string): Standing[] {
  const compared = rounds.flatMap(round => {
    return round.flatMap(run => {
      const limit = round.find(other => other.contestant === raw && isSameSetting(other, run));
      return limit === undefined ? [] : [{ run, ratio: run.seconds / limit.seconds }];
    });
  });
  const groups = Map.groupBy(compared, ({ run }) => `${run.count} ${run.webhooks} ${run.contestant}`);
  return [...groups.values()].map(group => {
    const of = (value: (run: Run) => number) => spreadOf(group.map(({ run }) => value(run)));
    const [first] = group;
    if (first === undefined) throw new Error('a group without runs');
    const { contestant, count, webhooks } = first.run;
    return {
      ...{ contestant, count, webhooks, runs: group.length },
      ratio: spreadOf(group.map(({ ratio }) => ratio)),
      seconds: of(run => run.seconds),
      writesEach: of(run => run.writes / run.count),
      readsEach: of(run => run.reads / run.count),
      cpuMsPerCall: of(run => (1000 * run.cpuSeconds) / (run.writes + run.reads)),
      memoryMB: {
        ready: of(run => run.memoryMB.ready).median,
        after: of(run => run.memoryMB.after).median,
        peak: of(run => run.memoryMB.peak).median,
      },
    };
  });
}

export function isSameSetting(a: Setting, b: Setting): boolean {
  return a.count === b.count && a.webhooks === b.webhooks;
}

/** A table in Markdown, which reads well in a terminal too. */
export function tableOf(standings: readonly Standing[]): string {
  const head = [
    ...['ManagedVMs', 'KubeVirt’s webhooks', 'contestant', 'runs', 'time ÷ raw client', 'writes each', 'reads each'],
    ...['CPU ms per call', 'memory MB: ready, after, peak'],
  ];
  const rows = standings.map(each => [
    ...[`${each.count}`, each.webhooks ? 'yes' : 'no', each.contestant, `${each.runs}`],
    ...[spelled(each.ratio, 2), spelled(each.writesEach, 2), spelled(each.readsEach, 2), spelled(each.cpuMsPerCall, 2)],
    [each.memoryMB.ready, each.memoryMB.after, each.memoryMB.peak].map(value => value.toFixed(0)).join(', '),
  ]);
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** `1.08 (1.05–1.12)`, or the number alone where all are the same. */
export function spelled({ median, least, most }: Spread, digits: number): string {
  const [m, l, h] = [median, least, most].map(value => value.toFixed(digits));
  return l === h ? `${m}` : `${m} (${l}–${h})`;
}
