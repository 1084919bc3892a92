import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Condition } from '../../../src/api/common.ts';
import { ManagedVMSpec } from '../../../src/api/managedvm.ts';
import { managedVMMetrics } from '../../../src/controllers/managedvm/metrics.ts';
import type { Observed } from '../../../src/domain/machine/observed.ts';
import { ConditionSeries } from '../../../src/runtime/observe/conditionseries.ts';
import { startMetricsServer } from '../../../src/runtime/observe/metricsserver.ts';
import { OpenRegistry } from '../../../src/runtime/observe/registry.ts';
import { atMost } from '../checks.ts';
import { memoryOf } from '../process.ts';
import { FLEET_NAMESPACE, fleetNames, orderOf } from '../workload.ts';
import type { ScaleRow } from './row.ts';

const COUNT = 50_000;
const READERS = 10;
/** So that each is given a text of its own where one is rendered for each. */
const PAUSE_MS = 1_500;
const host = '127.0.0.1';

export const metrics: ScaleRow = {
  id: 'metrics',
  figure: 'ten slow readers of `/metrics`',
  before: '718 MB',
  goal: 'no growth',
  how: 'the metrics port in this process with the series of 50 000 ManagedVMs; resident memory while ten readers ask, one after the other, and do not read, beside that while ten ask and read',
  async measure(say) {
    const registry = seriesOf(COUNT);
    const bytes = Buffer.byteLength(await registry.metrics());
    const server = await startMetricsServer({ port: 0, host, registry });
    const reading = await peakMB(() => read(server.port));
    say(`the text has ${(bytes / 1e6).toFixed(1)} MB; while ten read it, ${reading.toFixed(0)} MB are resident`);
    const sockets: Socket[] = [];
    const notReading = await peakMB(async () => {
      sockets.push(await slowReader(server.port));
    });
    for (const socket of sockets) socket.destroy();
    await server.close();
    const growth = Math.round(notReading - reading);
    return {
      seen: `${(bytes / 1e6).toFixed(0)} MB of text; ${Math.round(reading)} MB resident while ten read, ${Math.round(notReading)} MB while ten do not`,
      checks: [atMost('MB more than with ten that read', growth, 25)],
    };
  },
};

/** Greatest resident memory seen while ten act one after the other, garbage collected between them. */
async function peakMB(act: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  for (let reader = 0; reader < READERS; reader += 1) {
    await act();
    await sleep(PAUSE_MS);
    globalThis.gc?.();
    peak = Math.max(peak, (await memoryOf(process.pid)).nowMB);
  }
  return peak;
}

/** As Prometheus does, but that it throws away what it gets. */
async function read(port: number): Promise<void> {
  const headers = { 'accept-encoding': 'gzip' };
  const [response] = (await once(get({ host, port, path: '/metrics', headers }), 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
}

async function slowReader(port: number): Promise<Socket> {
  const socket = connect(port, host).pause();
  socket.on('error', () => {});
  await new Promise(resolve => socket.once('connect', resolve));
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

/** What is exported of a monitored fleet. */
function seriesOf(count: number): OpenRegistry {
  const registry = new OpenRegistry();
  const [gauges, conditions] = [managedVMMetrics(registry), new ConditionSeries('steward_condition')];
  registry.add(conditions);
  for (const name of fleetNames(count)) {
    const metadata = { name, namespace: FLEET_NAMESPACE, uid: name };
    const object = { apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedVM', metadata };
    gauges.record({ ...object, spec: ManagedVMSpec.parse(orderOf(name).spec) }, RUNNING);
    conditions.record(object, CONDITIONS);
  }
  return registry;
}

/** As much as the series tell of it. */
const RUNNING = { operatingSystem: { spec: { family: 'Linux' } }, virtualMachine: {} } as Observed;
const CONDITIONS = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Supported',
  'Provisioned',
  'AgentConnected',
  'Monitored',
  'Available',
  'BackupCompliant',
  'SLACompliant',
].map(
  (type): Condition => ({
    type,
    status: 'True',
    reason: 'AsOrdered',
    message: '',
    lastTransitionTime: '2026-11-28T00:00:00Z',
  }),
);
