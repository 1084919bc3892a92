import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Problem } from '../../api/problem.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { problemMetrics } from './metrics.ts';

const problem = (uid: string, at: string) =>
  ({
    kind: 'Problem',
    metadata: { name: uid, namespace: 'acme', uid },
    spec: { opened: { at } },
  }) as unknown as Problem & KubeObject;

it('MO-15: metrics tell how many Problems are open, and nothing of those that are closed or gone', async () => {
  const registry = new Registry();
  const { record, forget } = problemMetrics(registry);
  const lines = async () => (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'));
  const [first, second] = [problem('a', '2026-12-01T12:00:00Z'), problem('b', '2026-12-02T12:00:00Z')];
  record(first, { phase: 'Open', count: 3 });
  record(second, { phase: 'Open', count: 4 });
  const of = '{namespace="acme",phase="Open"}';
  expect(await lines()).toEqual([
    `steward_problem_open${of} 2`,
    `steward_problem_incidents${of} 7`,
    `steward_problem_oldest_timestamp_seconds${of} ${Date.parse('2026-12-01T12:00:00Z') / 1000}`,
  ]);
  record(first, { phase: 'Closed', count: 3 });
  forget('b');
  expect(await lines()).toEqual([]);
});
