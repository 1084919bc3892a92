/** The one control plane of a fault run: no node, no webhooks, every CRD; its servers can be killed and started again in place. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ensureInstallation } from '../../../hack/testbed/build/installation.ts';
import type { Progress } from '../../../hack/testbed/build/progress.ts';
import { applyAll, applyCrds } from '../../../hack/testbed/client/apply.ts';
import type { Client, KubeObject } from '../../../hack/testbed/client/client.ts';
import { accountKubeconfig, makeAlmighty, userOf } from '../../../hack/testbed/controlplane/account.ts';
import { type ControlPlane, startControlPlane } from '../../../hack/testbed/controlplane/controlplane.ts';
import { ensureSeed } from '../../../hack/testbed/controlplane/seed.ts';
import { newFolder } from '../../../hack/testbed/process/folder.ts';
import { freePorts } from '../../../hack/testbed/process/ports.ts';

const CRDS = join(import.meta.dirname, '../../../crds');

export type Bed = {
  readonly client: Client;
  /** Kubeconfig of an administrator; good for every start of the servers. */
  readonly kubeconfig: string;
  /** Host and port of kube-apiserver. */
  readonly port: number;
  /** Folder for whatever goes with the bed. */
  readonly dir: string;
  /** One JSON object per request, written before it is answered. */
  readonly auditLog: string;
  /** `tether PARENT COMMAND…` becomes COMMAND, which ends with the process PARENT. */
  readonly tether: string;
  /** Kubeconfig of a ServiceAccount of the operator's namespace that may do everything: in the audit log it has a name of its own. */
  account(name: string): Promise<Account>;
  /** SIGKILL to etcd and kube-apiserver, then both again over the same data and on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type Account = {
  readonly kubeconfig: string;
  /** As the audit log names it. */
  readonly user: string;
};

/** Where the operator keeps its Lease. */
export const HOME = 'steward-system';
/** Where it keeps the keys of guests. */
export const KEYS = 'steward-keys';

export async function startBed(progress: Progress): Promise<Bed> {
  const installation = await ensureInstallation(progress);
  const seed = await ensureSeed(installation, 'control-plane', progress);
  const dir = await newFolder();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const [port = 0] = await freePorts(1);
  const start = () => startControlPlane(dir, installation, { seed, port });
  let plane: ControlPlane = await start();
  const client = await plane.client('admin');
  const stop = async () => {
    await client.close();
    await plane.stop(false);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await applyCrds(client, await ourCrds());
    await applyAll(client, [namespace(HOME), namespace(KEYS), storageLocation]);
    // Not before the CRDs are there: its garbage collector looks for new kinds every 30 s only.
    await plane.startControllerManager();
  } catch (error) {
    await stop();
    throw error;
  }
  const restart = async () => {
    await plane.stop(false);
    plane = await start();
    await plane.startControllerManager();
  };
  return {
    ...{ client, port, dir, restart, stop },
    kubeconfig: await plane.kubeconfig('admin'),
    auditLog: plane.auditLog,
    tether: installation.binaries.tether,
    account: async name => {
      const account = { namespace: HOME, account: name };
      await makeAlmighty(client, account);
      return { kubeconfig: await accountKubeconfig(client, plane.server, dir, account), user: userOf(account) };
    },
  };
}

export async function ourCrds(): Promise<KubeObject[]> {
  const files = (await readdir(CRDS)).filter(file => file.endsWith('.yaml'));
  return Promise.all(files.map(async file => parse(await readFile(join(CRDS, file), 'utf8')) as KubeObject));
}

export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

const storageLocation: KubeObject & Record<string, unknown> = {
  apiVersion: 'velero.io/v1',
  kind: 'BackupStorageLocation',
  metadata: { name: 'default', namespace: 'velero' },
  spec: { provider: 'aws', objectStorage: { bucket: 'backups' } },
  status: { phase: 'Available' },
};
