import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXPORTER_PORTS } from '../../../../src/domain/machine/firstboot/exporters.ts';
import { managedVMOf, operatingSystemOf } from '../../../../src/domain/managedvm/rendering.fixtures.ts';
import { renderOverrideRules } from '../../../../src/domain/monitoring/prometheusrules.ts';
import { renderScrape } from '../../../../src/domain/monitoring/scrape.ts';
import { applyAll } from '../../client/apply.ts';
import type { KubeObject } from '../../client/client.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { nodeNetwork } from '../addresses.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { monitoringURLs } from './stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of two APIs, asked for some fields
type Answer = any;

const identity = {
  namespace: 'acme',
  managed_vm: 'shop-db',
  service_level: 'AdvancedMonitoringAndPatching',
  os_family: 'Linux',
};
const managedVM = managedVMOf({
  serviceLevel: identity.service_level,
  operatingSystem: 'debian-13',
  alertThresholds: { memoryPercent: 50, pendingFor: '5s' },
});

let bed: TestBed;
let exporter: Server;
/** Percent of the guest's memory that is in use. */
let memoryInUse = 20;

beforeAll(async () => {
  exporter = createServer((_, response) =>
    response.end(`node_memory_MemTotal_bytes 100\nnode_memory_MemAvailable_bytes ${100 - memoryInUse}\n`),
  );
  exporter.listen(EXPORTER_PORTS.Linux, nodeNetwork.address);
  await once(exporter, 'listening');
  bed = await startTestBed({ profile: 'node', parts: ['monitoring'] });
  const settings = { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' };
  const rules = renderOverrideRules(managedVM, settings);
  const scrape = renderScrape({ managedVM, operatingSystem: operatingSystemOf() });
  const client = await adminClient(bed);
  await applyAll(client, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: identity.namespace } }]);
  await applyAll(client, [...scrape, ...(rules ? [rules] : []), guestAddress()]);
  await client.close();
});
afterAll(async () => {
  exporter?.close();
  await bed?.stop();
});

/** The guest is played by this process, so its address is added by hand to those of the rendered Service. */
function guestAddress(): KubeObject {
  const endpoints = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'shop-db-metrics-played',
      namespace: identity.namespace,
      labels: { 'kubernetes.io/service-name': 'shop-db-metrics', 'managed.systems/managed-vm': 'shop-db' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [nodeNetwork.address], conditions: { ready: true } }],
    ports: [{ name: 'metrics', port: EXPORTER_PORTS.Linux, protocol: 'TCP' }],
  };
  return endpoints;
}

async function ask(url: string): Promise<Answer> {
  return (await fetch(url)).json();
}

function eventually(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 100_000, interval: 500 });
}

async function alerts(): Promise<Answer[]> {
  return ask(`${monitoringURLs.alertmanager}/api/v2/alerts?filter=alertname=ManagedVMMemoryHigh`);
}

describe('prometheus-operator, Prometheus and Alertmanager on the real node', () => {
  it('scrape what a rendered ServiceMonitor describes, with the labels that it gives', async () => {
    await eventually(async () => {
      const { data } = await ask(`${monitoringURLs.prometheus}/api/v1/query?query=up{managed_vm!=""}`);
      expect(data.result.map(({ metric, value }: Answer) => ({ metric, up: value[1] }))).toMatchObject([
        { metric: { ...identity, job: 'shop-db-metrics' }, up: '1' },
      ]);
    });
  });

  it('evaluate what a rendered PrometheusRule describes', async () => {
    await eventually(async () => {
      const { data } = await ask(`${monitoringURLs.prometheus}/api/v1/query?query=managedvm:thresholds_overridden`);
      expect(data.result.map(({ metric }: Answer) => metric)).toMatchObject([
        { namespace: identity.namespace, managed_vm: identity.managed_vm },
      ]);
    });
  });

  it('MO-12: bring an alert to Alertmanager when the guest is past its threshold, and take it back', async () => {
    expect(await alerts()).toEqual([]);
    memoryInUse = 80;
    await eventually(async () => {
      expect(await alerts()).toMatchObject([
        {
          labels: { alertname: 'ManagedVMMemoryHigh', severity: 'warning', ...identity },
          annotations: {
            description: expect.stringContaining('80.0 % of its memory; the threshold of 50 %'),
            runbook_url: 'https://runbooks.example/ManagedVMMemoryHigh.md',
          },
          status: { state: 'active' },
        },
      ]);
    });
    memoryInUse = 20;
    await eventually(async () => expect(await alerts()).toEqual([]));
  });
});
