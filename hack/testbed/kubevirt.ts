/** KubeVirt without its operator: virt-api and virt-controller as plain processes, and what the operator would have installed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, applyAll } from './apply.ts';
import type { Installation } from './binaries.ts';
import { ApiError, type Client, type KubeObject } from './client.ts';
import type { ControlPlane } from './controlplane.ts';
import { freePorts } from './ports.ts';
import { versions } from './versions.ts';

/** Off by default in this version of KubeVirt; a managed VM needs them. */
const featureGates = ['Snapshot', 'VMExport', 'RebootPolicy', 'IncrementalBackup'];

const namespace = 'kubevirt';

/** Starts both programs once KubeVirt's CRDs are served; returns when its webhooks refuse a wrong VirtualMachine. */
export async function startKubeVirt(
  bed: ControlPlane,
  client: Client,
  installation: Installation,
  certificates: string,
): Promise<void> {
  const [apiPort = 0, controllerPort = 0] = await freePorts(2);
  const authority = await readFile(join(certificates, 'authority.crt'));
  const caBundle = authority.toString('base64');
  const manifest = async (name: string) =>
    JSON.parse(await readFile(join(installation.kubevirtManifests, `${name}.json`), 'utf8')) as KubeObject[];

  const configured = configure(client);
  const { virtApi, virtController } = installation.servers;
  bed.start('virt-api', virtApi, [
    ...common(await bed.kubeconfig('virtApi'), apiPort),
    ...['tls', 'handler'].flatMap(use => pair(use, join(certificates, 'virt-api'))),
  ]);
  bed.start('virt-controller', virtController, [
    ...common(await bed.kubeconfig('virtController'), controllerPort),
    ...pair('prom', join(certificates, 'virt-controller')),
    // Images no container is ever started from.
    `--launcher-image=played/virt-launcher:${versions.kubevirt}`,
    `--exporter-image=played/virt-exportserver:${versions.kubevirt}`,
  ]);
  // Before the webhooks are registered: these would have to be asked for each of a hundred instance types.
  await Promise.all([
    configured,
    applyAll(client, await manifest('instancetypes')),
    applyAll(client, await manifest('roles')),
  ]);
  await untilServing(bed, client, apiPort, { caBundle, services: await manifest('apiservices') });
  await applyAll(
    client,
    (await manifest('webhooks')).map(each => pointedAt(each, apiPort, caBundle)),
  );
  await untilRefusing(bed, client);
}

function pair(use: string, path: string): string[] {
  return [`--${use}-cert-file=${path}.crt`, `--${use}-key-file=${path}.key`];
}

function common(kubeconfig: string, port: number): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1', `--port=${port}`, '-v=2'];
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
  const path = `/apis/kubevirt.io/v1/namespaces/${namespace}/kubevirts/kubevirt/status`;
  await client.patch('merge', path, { status });
}

type Aggregation = { readonly caBundle: string; readonly services: readonly KubeObject[] };

/** Registers the subresource API and waits until kube-apiserver reaches virt-api through it. */
async function untilServing(
  bed: ControlPlane,
  client: Client,
  port: number,
  { caBundle, services }: Aggregation,
): Promise<void> {
  // A Service that is only another name for loopback: kube-apiserver goes to that name and the port of the APIService.
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'virt-api', namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  };
  await apply(client, service as KubeObject);
  for (const each of services as readonly (KubeObject & { readonly spec: { readonly service: object } })[]) {
    const spec = { ...each.spec, service: { ...each.spec.service, port }, caBundle };
    await apply(client, { ...each, apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', spec } as KubeObject);
  }
  await eventually(bed, 'KubeVirt’s subresource API', () => client.get('/apis/subresources.kubevirt.io/v1'));
}

type Webhook = { readonly clientConfig: { readonly service?: { readonly path?: string } } };

function pointedAt(configuration: KubeObject, port: number, caBundle: string): KubeObject {
  const { webhooks } = configuration as KubeObject & { readonly webhooks: readonly Webhook[] };
  const pointed = webhooks.map(webhook => ({
    ...webhook,
    clientConfig: { url: `https://127.0.0.1:${port}${webhook.clientConfig.service?.path ?? ''}`, caBundle },
  }));
  return { ...configuration, webhooks: pointed } as KubeObject;
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
  await eventually(bed, 'KubeVirt’s webhook', async () => {
    try {
      await client.dryRun('/apis/kubevirt.io/v1/namespaces/default/virtualmachines', wrongMachine);
    } catch (error) {
      if (error instanceof ApiError && error.message.includes('denied the request')) return;
      throw error;
    }
    throw new Error('a wrong VirtualMachine was let through');
  });
}

/** Tries until it works; fails when that takes a minute or a server of the bed dies. */
async function eventually(bed: ControlPlane, what: string, attempt: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 60_000;
  const tries = async () => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`${what} does not answer after 60 s`, { cause: error });
      }
      await sleep(100);
    }
  };
  await Promise.race([tries(), bed.died]);
}
