/** virt-handler on the real node: KubeVirt's own DaemonSet, with the certificates its operator would have issued. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, applyAll } from '../../client/apply.ts';
import type { Client, KubeObject, List } from '../../client/client.ts';
import type { Condition } from '../../client/conditions.ts';
import { virtHandlerManifests } from './kubevirtnode.ts';

const namespace = 'kubevirt';

/** Names of the Secrets the DaemonSet mounts, and the bed's certificate for each. */
const secrets = {
  'kubevirt-virt-handler-certs': 'virt-handler-client',
  'kubevirt-virt-handler-server-certs': 'virt-handler-server',
  'kubevirt-virt-handler-migration-client-certs': 'virt-handler-client',
  'kubevirt-virt-handler-vsock-client-certs': 'virt-handler-client',
} as const;

export type VirtHandlerParts = {
  /** Folder of the artifact `kubevirtNode`. */
  readonly programs: string;
  /** Folder of the bed's certificates. */
  readonly certificates: string;
};

/** Installs virt-handler; the node must have its image. Returns at once: see {@link untilNodeTakesVms}. */
export async function installVirtHandler(client: Client, parts: VirtHandlerParts): Promise<void> {
  await Promise.all([
    trustBed(client, parts.certificates),
    ...Object.entries(secrets).map(([name, certificate]) =>
      applyCertificate(client, name, join(parts.certificates, certificate)),
    ),
  ]);
  await applyAll(client, await virtHandlerManifests(parts.programs));
}

/** Returns when the scheduler may put VMs on the node. Throws after two minutes. */
export function untilNodeTakesVms(client: Client, node: string): Promise<void> {
  return eventually(`Node ${node} does not take VMs`, async () => {
    const { metadata } = await client.get<KubeObject>(`/api/v1/nodes/${node}`);
    return metadata.labels?.['kubevirt.io/schedulable'] === 'true';
  });
}

const pods = `/api/v1/namespaces/${namespace}/pods`;
type Pod = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } };

/** Kills virt-handler without giving it time, and returns when the one its DaemonSet puts in its place is ready. Throws after two minutes. */
export async function restartVirtHandler(client: Client): Promise<void> {
  const handlers = async () => {
    const { items } = await client.get<List<Pod>>(`${pods}?labelSelector=kubevirt.io%3Dvirt-handler`);
    return items;
  };
  const killed = (await handlers()).map(({ metadata }) => metadata.name);
  await Promise.all(killed.map(name => client.delete(`${pods}/${name}`, 0)));
  await eventually('virt-handler does not come back', async () =>
    (await handlers()).some(pod => !killed.includes(pod.metadata.name) && isReady(pod)),
  );
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(each => each.type === 'Ready' && each.status === 'True') ?? false;
}

async function eventually(complaint: string, reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`${complaint} within two minutes.`);
    await sleep(200);
  }
}

/** The ConfigMap by which KubeVirt's components trust each other. */
async function trustBed(client: Client, certificates: string): Promise<void> {
  const bundle = await readFile(join(certificates, 'authority.crt'), 'utf8');
  const metadata = { name: 'kubevirt-ca', namespace };
  await apply(client, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca-bundle': bundle } } as KubeObject);
}

async function applyCertificate(client: Client, name: string, path: string): Promise<void> {
  const [certificate, key] = await Promise.all(['crt', 'key'].map(end => readFile(`${path}.${end}`, 'utf8')));
  const stringData = { 'tls.crt': certificate, 'tls.key': key };
  const metadata = { name, namespace };
  await apply(client, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata,
    stringData,
  } as KubeObject);
}
