import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManagedVM } from '../api/managedvm.ts';
import { managedVM } from '../domain/managedvm/assessment.fixtures.ts';
import { ALERTS_QUERY } from '../domain/monitoring/guestalerts.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { createReader } from '../runtime/cache/reader.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from '../runtime/http/scriptedserver.ts';
import type { Asked } from '../runtime/pass/controller.ts';
import { alertWatchOf } from './alertwatch.ts';

const { signal } = new AbortController();
/** At which it does not look. */
const cluster: Asked = {
  read: createReader('test', new Map()),
  list: async () => [],
  listAll: async () => [],
  monotonic: () => 0,
};
const at = (minutes: number) => new Date(Date.parse('2026-11-24T12:00:00Z') + minutes * 60_000);
const policy: KubeObject = { apiVersion: 'a', kind: 'ClusterPatchPolicy', metadata: { name: 'standard' } };

function vm(monitored: 'True' | 'Unknown' = 'True'): ManagedVM {
  const condition = {
    type: 'Monitored',
    status: monitored,
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-11-24T00:00:00Z',
  };
  const ordered = managedVM();
  return { ...ordered, status: { ...ordered.status, conditions: [condition] } };
}
const firing = (alertname: string, began: Date) =>
  ['began', 'firing'].map(of => ({
    metric: { of, alertname, namespace: 'acme', managed_vm: 'shop-db' },
    value: [1, of === 'began' ? String(began.getTime() / 1000) : '1'],
  }));
const vector = (result: readonly unknown[]) =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });

let server: ScriptedServer;
let answer: Handler;
beforeEach(async () => {
  answer = (_, response) => response.end(vector([]));
  server = await startScriptedServer((...args) => answer(...args));
});
afterEach(() => server.close());

function start() {
  const watch = alertWatchOf({
    ...{ url: server.url, intervalMs: 30_000, toleranceMs: 300_000 },
    ...{ bearerTokenFile: undefined, caFile: undefined },
  });
  const [source] = watch.polls;
  if (source === undefined) throw new Error('nobody asks');
  return { ...watch, asked: async (minute: number) => (await source.ask(at(minute), signal, cluster))(policy) };
}

describe('alerts about guests, asked of Prometheus (MO-11)', () => {
  it('are not asked for before a ring waits for them, and then by one query for all VMs', async () => {
    const { asked, alertsOn } = start();
    expect(await asked(0)).toBe(false);
    expect(server.requests).toEqual([]);
    expect(alertsOn(vm(), at(0))).toBe('Prometheus has not answered yet');
    expect(await asked(1)).toBe(true);
    expect(server.requests).toEqual([`GET /api/v1/query?${new URLSearchParams({ query: ALERTS_QUERY })}`]);
    expect(alertsOn(vm(), at(1))).toEqual([]);
  });

  it('concern policies where another answer came, and nobody while nothing changes', async () => {
    const { asked, alertsOn } = start();
    alertsOn(vm(), at(0));
    expect(await asked(0)).toBe(true);
    expect(await asked(1)).toBe(false);
    answer = (_, response) => response.end(vector(firing('ManagedVMDown', at(1))));
    expect(await asked(2)).toBe(true);
    expect(alertsOn(vm(), at(2))).toEqual([{ alert: 'ManagedVMDown', began: at(1), firing: true }]);
  });

  it('are not known where Prometheus has not answered for its tolerance, which concerns policies too', async () => {
    const { asked, alertsOn } = start();
    alertsOn(vm(), at(0));
    await asked(0);
    answer = (_, response) => response.writeHead(503).end();
    expect(await asked(4)).toBe(false);
    expect(alertsOn(vm(), at(4))).toEqual([]);
    expect(await asked(6)).toBe(true);
    expect(alertsOn(vm(), at(6))).toBe(
      'Prometheus has not answered since 2026-11-24T12:00:00Z (it answers with status 503)',
    );
  });

  it('are not known of a VM that is not monitored, nor where nobody is asked', async () => {
    const { asked, alertsOn } = start();
    alertsOn(vm(), at(0));
    await asked(0);
    expect(alertsOn(vm('Unknown'), at(1))).toBe('ManagedVM acme/shop-db is not known to be monitored');
    const nobody = alertWatchOf(undefined);
    expect(nobody.polls).toEqual([]);
    expect(nobody.alertsOn(vm(), at(0))).toMatch(/not told where Prometheus is/);
  });
});
