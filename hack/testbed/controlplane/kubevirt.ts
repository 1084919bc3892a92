/** KubeVirt without its operator: virt-api and virt-controller as plain processes, and what the operator would have installed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { Installation } from '../build/installation.ts';
import { versions } from '../build/versions.ts';
import { apply, applyAll } from '../client/apply.ts';
import { ApiError, type Client, type KubeObject } from '../client/client.ts';
import { freePorts } from '../process/ports.ts';
import { until } from '../process/until.ts';
import type { ControlPlane } from './controlplane.ts';

/** Off by default in this version of KubeVirt; a managed VM needs them. */
const featureGates = [
  'Snapshot',
  'VMExport',
  'RebootPolicy',
  'IncrementalBackup',
  'ExpandDisks',
  'DeclarativeHotplugVolumes',
];

const namespace = 'kubevirt';
const kubevirtPath = `/apis/kubevirt.io/v1/namespaces/${namespace}/kubevirts/kubevirt`;

/** Installs what KubeVirt's operator would, apart from what names an address; its CRDs must be served. */
export async function plantKubeVirt(client: Client, installation: Installation): Promise<void> {
  // No webhook is registered yet: it would have to be asked for each of a hundred instance types.
  const manifests = await Promise.all([manifest(installation, 'instancetypes'), manifest(installation, 'roles')]);
  await Promise.all([configure(client), applyAll(client, manifests.flat())]);
}

/** What KubeVirt has to know where VMs really run. */
export type RealLauncher = {
  /** Image of virt-launcher, which the node has and nobody can pull. */
  readonly image: string;
  /** An address of this process's machine that Pods reach. */
  readonly address: string;
};

/** Starts both programs; returns when KubeVirt's webhooks refuse a wrong VirtualMachine. */
export async function startKubeVirt(
  bed: ControlPlane,
  client: Client,
  installation: Installation,
  launcher?: RealLauncher,
): Promise<void> {
  const [apiPort = 0, controllerPort = 0] = await freePorts(2);
  if (launcher !== undefined) {
    await client.patch('merge', kubevirtPath, { spec: { configuration: emulation } });
    await publishMetrics(client, { address: launcher.address, port: controllerPort });
  }
  const { certificates } = bed;
  const authority = await readFile(join(certificates, 'authority.crt'), 'utf8');
  const { virtApi, virtController } = installation.servers;
  bed.start('virt-api', virtApi, [
    ...common(await bed.kubeconfig('virtApi'), apiPort),
    ...pair('tls', join(certificates, 'virt-api')),
    ...pair('handler', join(certificates, 'virt-handler-client')),
  ]);
  bed.start('virt-controller', virtController, [
    ...common(await bed.kubeconfig('virtController'), controllerPort, launcher?.address),
    ...pair('prom', join(certificates, 'virt-controller')),
    // Played images are such that no container is ever started from.
    `--launcher-image=${launcher?.image ?? `played/virt-launcher:${versions.kubevirt}`}`,
    `--exporter-image=played/virt-exportserver:${versions.kubevirt}`,
  ]);
  // Registered only when it answers: kube-apiserver tries an API that does not ever more seldom.
  await untilHealthy(bed, apiPort, authority);
  const place = { port: apiPort, caBundle: Buffer.from(authority).toString('base64') };
  const webhooks = await manifest<WebhookConfiguration>(installation, 'webhooks');
  await Promise.all([
    registerSubresources(client, await manifest<ApiService>(installation, 'apiservices'), place),
    applyAll(
      client,
      webhooks.map(each => pointedAt(each, place)),
    ),
  ]);
  const subresources = () => client.get('/apis/subresources.kubevirt.io/v1');
  await Promise.all([until('KubeVirt’s subresource API', subresources, bed.died), untilRefusing(bed, client)]);
}

/** Where virt-api is, and the authority that signed its certificate, in base64. */
type Place = { readonly port: number; readonly caBundle: string };
type ApiService = KubeObject & { readonly spec: { readonly service: object } };
type Webhook = { readonly clientConfig: { readonly service?: { readonly path?: string } } };
type WebhookConfiguration = KubeObject & { readonly webhooks: readonly Webhook[] };

async function manifest<Kind extends KubeObject>({ kubevirtManifests }: Installation, name: string): Promise<Kind[]> {
  return JSON.parse(await readFile(join(kubevirtManifests, `${name}.json`), 'utf8')) as Kind[];
}

function pair(use: string, path: string): string[] {
  return [`--${use}-cert-file=${path}.crt`, `--${use}-key-file=${path}.key`];
}

function common(kubeconfig: string, port: number, address = '127.0.0.1'): string[] {
  return [`--kubeconfig=${kubeconfig}`, `--listen=${address}`, `--port=${port}`, '-v=2'];
}

/** QEMU computes what a processor would; a node of few processors takes many VMs, most of which do nothing. */
const emulation = {
  imagePullPolicy: 'IfNotPresent',
  developerConfiguration: { useEmulation: true, cpuAllocationRatio: 100 },
};

/** Lets Prometheus find virt-controller, which is no Pod here, as it finds the rest of KubeVirt: by the label of a Service. */
async function publishMetrics(client: Client, { address, port }: { address: string; port: number }): Promise<void> {
  const metadata = {
    name: 'virt-controller-metrics',
    namespace,
    labels: { 'kubevirt.io': 'virt-controller', 'prometheus.kubevirt.io': 'true' },
  };
  const spec = { clusterIP: 'None', ports: [{ name: 'metrics', port: 443, targetPort: port }] };
  await apply(client, { apiVersion: 'v1', kind: 'Service', metadata, spec } as KubeObject);
  const subsets = [{ addresses: [{ ip: address }], ports: [{ name: 'metrics', port }] }];
  await apply(client, { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets } as KubeObject);
}

/** KubeVirt reads its configuration only from a KubeVirt object that is deployed, and the architecture from its status. */
async function configure(client: Client): Promise<void> {
  await apply(client, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace },
    spec: { configuration: { developerConfiguration: { featureGates } } },
  } as KubeObject);
  const status = {
    phase: 'Deployed',
    defaultArchitecture: 'amd64',
    observedKubeVirtVersion: versions.kubevirt,
    targetKubeVirtVersion: versions.kubevirt,
    conditions: [
      { type: 'Available', status: 'True', reason: 'AllComponentsReady', message: 'All components are ready.' },
    ],
  };
  await client.patch('merge', `${kubevirtPath}/status`, { status });
}

async function untilHealthy(bed: ControlPlane, port: number, ca: string): Promise<void> {
  const dispatcher = new Agent({ connect: { ca } });
  await until(
    'virt-api',
    async () => {
      const { statusCode, body } = await request(`https://127.0.0.1:${port}/healthz`, { dispatcher });
      await body.dump();
      if (statusCode !== 200) throw new Error(`virt-api answers ${statusCode}`);
    },
    bed.died,
  );
  await dispatcher.close();
}

/** Makes kube-apiserver pass requests for KubeVirt's subresources on to virt-api. */
async function registerSubresources(
  client: Client,
  services: readonly ApiService[],
  { port, caBundle }: Place,
): Promise<void> {
  // A Service that is only another name for loopback: kube-apiserver goes to that name and the port of the APIService.
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'virt-api', namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  };
  await apply(client, service);
  for (const each of services) {
    const spec = { ...each.spec, service: { ...each.spec.service, port }, caBundle };
    const registered = { ...each, apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', spec };
    await apply(client, registered);
  }
}

function pointedAt(configuration: WebhookConfiguration, { port, caBundle }: Place): KubeObject {
  const webhooks = configuration.webhooks.map(webhook => ({
    ...webhook,
    clientConfig: { url: `https://127.0.0.1:${port}${webhook.clientConfig.service?.path ?? ''}`, caBundle },
  }));
  return { ...configuration, webhooks } as KubeObject;
}

/** A VirtualMachine whose disk has no volume is well-formed for the CRD and wrong for KubeVirt: only its webhook refuses it. */
const wrongMachine = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'wrong', namespace: 'default' },
  spec: {
    runStrategy: 'Halted',
    template: {
      spec: { domain: { memory: { guest: '64Mi' }, devices: { disks: [{ name: 'disk', disk: { bus: 'virtio' } }] } } },
    },
  },
};

async function untilRefusing(bed: ControlPlane, client: Client): Promise<void> {
  await until(
    'KubeVirt’s webhook',
    async () => {
      try {
        await client.dryRun('/apis/kubevirt.io/v1/namespaces/default/virtualmachines', wrongMachine);
      } catch (error) {
        if (error instanceof ApiError && error.message.includes('denied the request')) return;
        throw error;
      }
      throw new Error('a wrong VirtualMachine was let through');
    },
    bed.died,
  );
}
