/** etcd, kube-apiserver and kube-controller-manager: a cluster before it has a node. */
import { constants, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { exists } from '../build/cache.ts';
import type { Installation } from '../build/installation.ts';
import { Client } from '../client/client.ts';
import { nodeNetwork } from '../node/addresses.ts';
import { freePorts } from '../process/ports.ts';
import { type Server, startServer } from '../process/server.ts';
import { superviseServer } from '../process/supervisor.ts';
import { ensureCertificates, type Identity, readCredentials } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export type ControlPlane = {
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** Folder of keys and certificates. */
  readonly certificates: string;
  readonly auditLog: string;
  /** A kubeconfig that speaks as one of the bed's identities. */
  kubeconfig(identity: Identity): Promise<string>;
  client(identity: Identity): Promise<Client>;
  startControllerManager(): Promise<Server>;
  /** Starts another server of this bed, which logs beside the others and ends before them. */
  start(name: string, program: string, args: readonly string[]): Server;
  /** Like start, for a program that is started again when somebody kills it. */
  supervise(name: string, program: string, args: readonly string[]): Server;
  /** Ends kube-apiserver and starts it over the same etcd; returns when it answers. It remembers no event of before. */
  restartApiserver(): Promise<void>;
  /** Rejects when one of the servers dies. */
  readonly died: Promise<never>;
  /** Ends every server; not orderly means at once, for a bed whose data nobody wants. */
  stop(orderly?: boolean): Promise<void>;
};

/** Bed layout below its folder. */
export const layout = (dir: string) => ({
  certificates: join(dir, 'certificates'),
  etcd: join(dir, 'etcd'),
  logs: join(dir, 'logs'),
  kubeconfigs: join(dir, 'kubeconfigs'),
  auditLog: join(dir, 'audit.log'),
  auditPolicy: join(dir, 'audit-policy.yaml'),
});

export type ControlPlaneOptions = {
  /** A folder of etcd data that a bed without any of its own begins with. */
  readonly seed?: string | undefined;
  /** For a real node: kube-apiserver is reached by Pods too, and a node that sends no heartbeats is given up. Default false. */
  readonly node?: boolean;
  /** Port of kube-apiserver. Default: a free one. */
  readonly port?: number | undefined;
};

/** Starts etcd and kube-apiserver and returns when the API answers. */
export async function startControlPlane(
  dir: string,
  installation: Installation,
  { seed, node = false, port }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const { binaries, servers } = installation;
  const paths = layout(dir);
  await ensureCertificates(servers.certificates, paths.certificates);
  if (seed !== undefined && !(await exists(paths.etcd)))
    await cp(seed, paths.etcd, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await Promise.all(
    [paths.etcd, paths.logs, paths.kubeconfigs].map(path => mkdir(path, { recursive: true, mode: 0o700 })),
  );
  const [etcdPort = 0, peerPort = 0, controllerManagerPort = 0, freePort = 0] = await freePorts(4);
  const apiPort = port ?? freePort;
  const server = `https://127.0.0.1:${apiPort}`;

  const running: Server[] = [];
  const death = Promise.withResolvers<never>();
  death.promise.catch(() => {});
  const keep = (started: Server) => {
    running.push(started);
    started.died.catch(death.reject);
    return started;
  };
  const commandOf = (name: string, program: string, args: readonly string[]) => {
    return { name, program, args, tether: binaries.tether, logFile: join(paths.logs, `${name}.log`) };
  };
  const start: ControlPlane['start'] = (...command) => keep(startServer(commandOf(...command)));
  const stop = async (orderly = true) => {
    const [etcd, apiserver, ...others] = running.splice(0);
    const patience = orderly ? 10_000 : 0;
    await Promise.all(others.map(each => each.stop(patience)));
    // kube-apiserver must go before etcd, or it waits a minute for an etcd that is gone.
    await apiserver?.stop(patience);
    await etcd?.stop(patience);
  };

  const kubeconfig = async (identity: Identity) => {
    const path = join(paths.kubeconfigs, `${identity}.yaml`);
    const credentials = await readCredentials(paths.certificates, identity);
    await writeKubeconfig(path, server, credentials.ca, credentials);
    return path;
  };
  const client = async (identity: Identity) =>
    new Client(server, await readCredentials(paths.certificates, identity), `testbed-${identity.toLowerCase()}`);

  const startApiserver = async () => {
    start('kube-apiserver', servers.apiserver, apiserverFlags(dir, etcdPort, apiPort, node));
    await Promise.race([untilReady(await client('admin')), death.promise]);
  };

  try {
    start('etcd', servers.etcd, etcdFlags(paths.etcd, etcdPort, peerPort));
    await writeFile(paths.auditPolicy, stringify(auditPolicy));
    await startApiserver();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    server,
    certificates: paths.certificates,
    auditLog: paths.auditLog,
    kubeconfig,
    client,
    start,
    supervise: (...command) => keep(superviseServer(commandOf(...command))),
    stop,
    died: death.promise,
    async restartApiserver() {
      const [etcd, old, ...others] = running.splice(0);
      await old?.stop(0);
      running.push(...(etcd === undefined ? [] : [etcd]));
      await startApiserver();
      running.push(...others);
    },
    async startControllerManager() {
      const flags = controllerManagerFlags(
        paths.certificates,
        controllerManagerPort,
        await kubeconfig('controllerManager'),
        node,
      );
      return start('kube-controller-manager', servers.controllerManager, flags);
    },
  };
}

/** Seconds on a calm machine; with a large etcd on one where much else runs, minutes. */
const READY_WITHIN_MS = 180_000;

async function untilReady(client: Client): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await client.get('/readyz');
      return await client.close();
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`kube-apiserver is not ready after ${READY_WITHIN_MS / 1000} s`, { cause: error });
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** Every request as one line of JSON, written before the answer goes out, so that a test may count what happened until now. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

function flags(options: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

function etcdFlags(folder: string, clientPort: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return flags({
    name: 'testbed',
    'data-dir': folder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `testbed=${peer}`,
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  });
}

/** Who reaches kube-apiserver, and whom it reaches. */
function reachFlags(certificates: string, node: boolean): Readonly<Record<string, string>> {
  // The Endpoints of the Service `kubernetes` may not be a loopback address, and without a node nothing uses that Service.
  if (!node)
    return { 'bind-address': '127.0.0.1', 'advertise-address': '127.0.0.1', 'endpoint-reconciler-type': 'none' };
  return {
    'bind-address': '0.0.0.0',
    'advertise-address': nodeNetwork.address,
    'kubelet-certificate-authority': join(certificates, 'authority.crt'),
    'kubelet-client-certificate': join(certificates, 'kubeletClient.crt'),
    'kubelet-client-key': join(certificates, 'kubeletClient.key'),
    'kubelet-preferred-address-types': 'InternalIP',
  };
}

function apiserverFlags(dir: string, etcdPort: number, port: number, node: boolean): string[] {
  const { certificates, auditLog, auditPolicy } = layout(dir);
  const file = (name: string) => join(certificates, name);
  return flags({
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'secure-port': port,
    ...reachFlags(certificates, node),
    'service-cluster-ip-range': nodeNetwork.services,
    'allow-privileged': true,
    'authorization-mode': 'RBAC',
    'tls-cert-file': file('apiserver.crt'),
    'tls-private-key-file': file('apiserver.key'),
    'client-ca-file': file('authority.crt'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': file('service-account.pub'),
    'service-account-signing-key-file': file('service-account.key'),
    // Aggregation: KubeVirt's subresources are served by virt-api, which trusts these headers from this client certificate only.
    'requestheader-client-ca-file': file('front-proxy-authority.crt'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': file('front-proxy.crt'),
    'proxy-client-key-file': file('front-proxy.key'),
    'audit-policy-file': auditPolicy,
    'audit-log-path': auditLog,
    'audit-log-mode': 'blocking',
    'audit-log-maxsize': 0,
    'shutdown-delay-duration': '0s',
  });
}

function controllerManagerFlags(certificates: string, port: number, kubeconfig: string, node: boolean): string[] {
  // Nobody sends heartbeats for the played node, so nobody may declare it lost. The real one has its Pods' addresses from elsewhere.
  const off = ['node-ipam-controller', 'node-route-controller'];
  if (!node) off.push('node-lifecycle-controller', 'taint-eviction-controller');
  return flags({
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'leader-elect': false,
    'use-service-account-credentials': true,
    'service-account-private-key-file': join(certificates, 'service-account.key'),
    'root-ca-file': join(certificates, 'authority.crt'),
    controllers: ['*', ...off.map(name => `-${name}`)].join(','),
    'resource-quota-sync-period': '10s',
  });
}
