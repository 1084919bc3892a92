/** The real node: containerd, kubelet, kube-scheduler, kube-proxy and CoreDNS as processes in the box. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../client/client.ts';
import type { Condition } from '../client/conditions.ts';
import type { ControlPlane } from '../controlplane/controlplane.ts';
import type { Server } from '../process/server.ts';
import { until } from '../process/until.ts';
import { nodeNetwork } from './addresses.ts';
import { configureContainerd, importImage } from './containerd.ts';
import type { NodeInstallation } from './installation.ts';
import { configureKubelet } from './kubelet.ts';
import { removeLeftovers } from './leftovers.ts';
import { kill, processesOf } from './processes.ts';
import { announceDns, configureDns, configureProxy } from './services.ts';

type NodeProgram = 'kubelet' | 'containerd' | 'kube-proxy' | 'kube-scheduler' | 'coredns';

export type RealNode = {
  readonly name: string;
  /** Imports an OCI archive (tar) for the node's Pods; they name it with `imagePullPolicy: IfNotPresent`. */
  importImage(archive: string): Promise<void>;
  /** Kills one of the node's programs and starts it again; virt-handler runs in a Pod, where kubelet does that. What containers run goes on. */
  restart(program: NodeProgram | 'virt-handler'): Promise<void>;
};

/** Starts the node and returns when it is Ready. `dir` is the bed's folder. */
export async function startRealNode(
  plane: ControlPlane,
  client: Client,
  installation: NodeInstallation,
  dir: string,
): Promise<RealNode> {
  await removeLeftovers();
  const { programs } = installation;
  const folder = join(dir, 'node');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kubeconfigs = {
    kubelet: await plane.kubeconfig('kubelet'),
    proxy: await plane.kubeconfig('proxy'),
    scheduler: await plane.kubeconfig('scheduler'),
    dns: await plane.kubeconfig('dns'),
  };
  const args: Readonly<Record<NodeProgram, readonly string[]>> = {
    containerd: await configureContainerd(folder, programs.runc),
    kubelet: await configureKubelet(folder, plane.certificates, kubeconfigs.kubelet),
    'kube-proxy': await configureProxy(folder, kubeconfigs.proxy),
    'kube-scheduler': schedulerFlags(kubeconfigs.scheduler),
    coredns: await configureDns(folder, kubeconfigs.dns),
  };
  const running = new Map<NodeProgram, Server>();
  const start = (program: NodeProgram) => {
    running.set(program, plane.supervise(program, programs[program], args[program]));
  };
  start('containerd');
  for (const program of ['kube-scheduler', 'kube-proxy', 'coredns'] as const) start(program);
  const pulling = (archive: string) => importImage(programs.ctr, archive);
  const containerd = async () => {
    await until('containerd', () => pulling(installation.pause), plane.died);
    start('kubelet');
  };
  await Promise.all([containerd(), announceDns(client)]);
  await until('the node', () => requireReady(client), plane.died);
  return {
    name: nodeNetwork.name,
    importImage: pulling,
    async restart(program) {
      if (program === 'virt-handler') {
        for (const pid of await processesOf(program)) kill(pid);
        return;
      }
      await running.get(program)?.stop(0);
      start(program);
    },
  };
}

type Node = { readonly status?: { readonly conditions?: readonly Condition[] } };

async function requireReady(client: Client): Promise<void> {
  const { status } = await client.get<Node>(`/api/v1/nodes/${nodeNetwork.name}`);
  const ready = status?.conditions?.find(condition => condition.type === 'Ready');
  if (ready?.status !== 'True') throw new Error(ready?.message ?? 'kubelet has not said how the node is');
}

function schedulerFlags(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ];
}
