/** Opponents written in Go, tuned as their documentation advises. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, KubeObject } from '../../testbed/client/client.ts';
import { freePorts } from '../../testbed/process/ports.ts';
import { FLEET_NAMESPACE, orderOf } from '../workload.ts';
import { type Contestant, IN_FLIGHT, managedVMs, type RootKind, startProgram } from './contestant.ts';
import type { Template } from './template.ts';

/** What the operator makes is in go/controllerruntime. */
export function controllerRuntime(template: Template, folder: string): Contestant {
  return {
    name: 'controller-runtime',
    roots: managedVMs,
    async start(bench) {
      const [port = 0] = await freePorts(1);
      return startProgram(bench, {
        name: 'controller-runtime',
        command: [join(folder, 'controllerruntime')],
        environment: { BENCH_IN_FLIGHT: `${IN_FLIGHT}`, BENCH_HEALTH_PORT: `${port}` },
        template: { children: template.children, status: template.status },
        readyURL: `http://127.0.0.1:${port}/readyz`,
      });
    },
  };
}

const instances: RootKind = {
  path: `/apis/kro.run/v1alpha1/namespaces/${FLEET_NAMESPACE}/benchvms`,
  resource: 'benchvms',
  order: name => ({ ...orderOf(name), apiVersion: 'kro.run/v1alpha1', kind: 'BenchVM' }),
};

/** More than this machine can do: no limit of its own, and as many workers as the others have requests in flight. */
const UNLIMITED = '100000';
const kroFlags = {
  'client-qps': UNLIMITED,
  'client-burst': UNLIMITED,
  'dynamic-controller-concurrent-reconciles': `${IN_FLIGHT}`,
  'dynamic-controller-rate-limiter-rate-limit': UNLIMITED,
  'dynamic-controller-rate-limiter-burst-limit': UNLIMITED,
  'zap-log-level': 'error',
};

export function kro(template: Template, folder: string): Contestant {
  return {
    name: 'kro',
    roots: instances,
    async start(bench) {
      const [health = 0, metrics = 0] = await freePorts(2);
      await installKinds(bench.client, folder);
      const addresses = {
        'health-probe-bind-address': `127.0.0.1:${health}`,
        'metrics-bind-address': `127.0.0.1:${metrics}`,
      };
      const flags = Object.entries({ ...kroFlags, ...addresses }).map(([name, value]) => `--${name}=${value}`);
      const running = await startProgram(bench, {
        name: 'kro',
        command: [join(folder, 'controller'), ...flags],
        environment: { KUBE_NAMESPACE: 'steward-system' },
        readyURL: `http://127.0.0.1:${health}/readyz`,
      });
      try {
        await activate(bench.client, template);
      } catch (error) {
        await running.stop();
        throw error;
      }
      return running;
    },
  };
}

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const graphPath = '/apis/kro.run/v1alpha1/resourcegraphdefinitions';

async function installKinds(client: Client, folder: string): Promise<void> {
  for (const file of (await readdir(folder)).filter(each => each.endsWith('.json'))) {
    await client.create(crdPath, JSON.parse(await readFile(join(folder, file), 'utf8')) as object);
  }
  await eventually('kro’s kinds are served', async () => {
    await client.get(graphPath);
    return true;
  });
}

type Graph = { readonly status?: { readonly state?: string; readonly conditions?: readonly object[] } };

async function activate(client: Client, template: Template): Promise<void> {
  await client.create(graphPath, graphOf(template));
  await eventually('kro’s graph is active', async () => {
    const { status } = await client.get<Graph>(`${graphPath}/benchvm`);
    if (status?.state !== 'Active') throw new Error(JSON.stringify(status));
    return true;
  });
  await eventually('instances are served', async () => {
    await client.get(instances.path);
    return true;
  });
}

/** The same children; whose they are is kro's own affair. */
function graphOf(template: Template): object {
  const resources = template.children.map((child, index) => {
    const { ownerReferences: _, ...metadata } = child.metadata;
    const text = JSON.stringify({ ...child, metadata })
      .replaceAll('@name@', `\${schema.metadata.name}`)
      .replaceAll('@uid@', `\${schema.metadata.uid}`);
    return { id: `child${index}`, template: JSON.parse(text) as KubeObject };
  });
  const disk = { name: 'string', size: 'string', reclaimPolicy: 'string' };
  return {
    ...{ apiVersion: 'kro.run/v1alpha1', kind: 'ResourceGraphDefinition', metadata: { name: 'benchvm' } },
    spec: {
      schema: {
        ...{ apiVersion: 'v1alpha1', kind: 'BenchVM' },
        types: { Disk: disk, PolicyRef: { kind: 'string', name: 'string' } },
        spec: {
          ...{ serviceLevel: 'string', operatingSystem: 'string', disks: '[]Disk', backupPolicyRef: 'PolicyRef' },
        },
      },
      resources,
    },
  };
}

async function eventually(what: string, attempt: () => Promise<true>): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`not after 60 s: ${what}`, { cause: error });
      await sleep(100);
    }
  }
}
