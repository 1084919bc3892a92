import type { Registry } from 'prom-client';
import type { Problem, ProblemStatus } from '../../api/problem.ts';
import { timeAt } from '../../domain/contract/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { add, summedGauge } from '../summedgauge.ts';

type Open = {
  readonly namespace: string;
  readonly phase: string;
  readonly incidents: number;
  /** Seconds. */
  readonly openedAt: number;
};

export type ProblemMetrics = {
  /** What its status says from now on; one that is closed has no series. */
  record(problem: Problem & KubeObject, status: Pick<ProblemStatus, 'phase' | 'count'>): void;
  forget(uid: string): void;
};

/** Gauges of the Problems that are open, summed by namespace and phase. */
export function problemMetrics(registry: Registry): ProblemMetrics {
  const open = new Map<string, Open>();
  const labelNames = ['namespace', 'phase'];
  const by = (value: (each: Open) => number) => (each: Open) => [
    { labels: { namespace: each.namespace, phase: each.phase }, value: value(each) },
  ];
  const gauge = (name: string, help: string, value: (each: Open) => number, fold = add) =>
    summedGauge(registry, () => open.values(), { ...{ name, help, labelNames, fold }, of: by(value) });
  gauge('steward_problem_open', 'Problems that are not closed.', () => 1);
  gauge('steward_problem_incidents', 'Incidents of Problems that are not closed.', ({ incidents }) => incidents);
  gauge(
    'steward_problem_oldest_timestamp_seconds',
    'When the oldest Problem that is not closed was opened.',
    ({ openedAt }) => openedAt,
    Math.min,
  );
  return {
    record: ({ metadata: { uid = '', namespace = '' }, spec }, { phase, count = 0 }) => {
      const openedAt = timeAt(spec, 'opened', 'at');
      if (phase === undefined || phase === 'Closed' || openedAt === undefined) open.delete(uid);
      else open.set(uid, { namespace, phase, incidents: count, openedAt: openedAt.getTime() / 1000 });
    },
    forget: uid => open.delete(uid),
  };
}
