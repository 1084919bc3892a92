/**
 * The test bed, profile `control-plane`: a Kubernetes control plane and KubeVirt as real processes on loopback, without a node.
 * What would need one is played in this process (playednode.ts, playedhandler.ts, playedstorage.ts, playedcdi.ts); `docs/testbed.md`
 * says what is real and what is not.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { applyAll, applyCrds, readObjects } from './apply.ts';
import { type Binaries, ensureInstallation, type Installation } from './binaries.ts';
import { ensureCertificates, readCredentials } from './certificates.ts';
import type { Client } from './client.ts';
import { type ControlPlane, layout, startControlPlane } from './controlplane.ts';
import { type CrdSet, crdSets } from './crds.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startKubeVirt } from './kubevirt.ts';
import { cdiAdmission, cdiObjects, clusterObjects, nodeStatus } from './objects.ts';
import { play } from './play.ts';
import { nodeName } from './playednode.ts';
import { type Progress, spoken } from './progress.ts';

export type TestBed = {
  /** Data folder of this bed. */
  readonly dir: string;
  /** Path of a kubeconfig with every permission. */
  readonly adminKubeconfig: string;
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** Path of the audit log: one JSON object per line, written before the request is answered, level Metadata for everything. */
  readonly auditLog: string;
  readonly binaries: Binaries;
  /** Folders of CRDs, for `kubectl apply --server-side -f`. */
  readonly crds: Readonly<Record<CrdSet, string>>;
  /** Path of a kubeconfig that speaks as a ServiceAccount, with a token good for a day. */
  kubeconfigFor(namespace: string, serviceAccount: string): Promise<string>;
  /** Rejects with the end of its log when a server of the bed dies; never settles otherwise. */
  readonly died: Promise<never>;
  /** Ends every process of the bed, and removes its folder if the bed chose it. */
  stop(): Promise<void>;
};

export type TestBedOptions = {
  /** Data folder; a bed started again in one it used before finds its objects. Default: a new one that goes when the bed stops. */
  readonly dir?: string;
  /** Whether virt-api, virt-controller and KubeVirt's objects are there. Default true. */
  readonly kubevirt?: boolean;
  /** CRDs that are there from the start. Default all. */
  readonly crds?: readonly CrdSet[];
  /** Whether node, guests, storage and CDI are played. Default true. */
  readonly played?: boolean;
  readonly onProgress?: Progress;
};

/** Starts a test bed, building what it is made of when that has not been done on this machine. */
export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const progress = options.onProgress ?? (() => {});
  const installation = await ensureInstallation(progress);
  const started = Date.now();
  const own = options.dir === undefined;
  const dir = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'steward-testbed-')) : resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { certificates } = layout(dir);
  await ensureCertificates(installation.servers.certificates, certificates);
  const plane = await startControlPlane(dir, installation);
  progress(`Kubernetes answers at ${plane.server} (${spoken(Date.now() - started)})`);

  const ending = new AbortController();
  const stop = async () => {
    ending.abort();
    await plane.stop();
    if (own && !process.env.STEWARD_KEEP_TESTBED) await rm(dir, { recursive: true, force: true });
  };
  try {
    const client = await plane.client('admin');
    await furnish(plane, client, installation, certificates, { options, ending: ending.signal, dir });
    progress(`The test bed is ready (${spoken(Date.now() - started)})`);
    const adminKubeconfig = await plane.kubeconfig('admin');
    return {
      dir,
      adminKubeconfig,
      server: plane.server,
      auditLog: plane.auditLog,
      binaries: installation.binaries,
      crds: installation.crds,
      died: plane.died,
      kubeconfigFor: (namespace, account) => tokenKubeconfig(client, plane.server, dir, { namespace, account }),
      stop: async () => {
        await client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Furnishing = { readonly options: TestBedOptions; readonly ending: AbortSignal; readonly dir: string };

async function furnish(
  plane: ControlPlane,
  client: Client,
  installation: Installation,
  certificates: string,
  { options, ending, dir }: Furnishing,
): Promise<void> {
  const { kubevirt = true, played = true, crds: sets = crdSets } = options;
  const crds = await Promise.all(sets.map(set => readObjects(installation.crds[set])));
  await Promise.all([applyAll(client, clusterObjects), applyCrds(client, crds.flat())]);
  await client.patch('merge', `/api/v1/nodes/${nodeName}/status`, { status: nodeStatus });
  // Only now: its garbage collector looks for new kinds every 30 s only.
  await plane.startControllerManager();
  if (sets.includes('cdi')) await applyAll(client, [...cdiObjects, ...cdiAdmission]);
  if (played) await play(plane, sets, ending, join(dir, 'logs', 'played.log'));
  if (kubevirt) await startKubeVirt(plane, client, installation, certificates);
}

type Account = { readonly namespace: string; readonly account: string };

async function tokenKubeconfig(
  client: Client,
  server: string,
  dir: string,
  { namespace, account }: Account,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } };
  const { status } = (await client.create<object>(path, request)) as { readonly status: { readonly token: string } };
  const { ca } = await readCredentials(layout(dir).certificates, 'admin');
  const file = join(layout(dir).kubeconfigs, `${namespace}.${account}.yaml`);
  await writeKubeconfig(file, server, ca, { token: status.token }, namespace);
  return file;
}
