/**
 * The test bed: a Kubernetes control plane and KubeVirt as real processes on loopback. In the profile `control-plane` there is no node, and
 * what would need one is played in this process (played/); in the profile `node`
 * there is a real one, in a box (node/box/box.ts). `docs/testbed.md` says what is real and what is not.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CrdSet, crdSets } from './build/crds.ts';
import { type Binaries, ensureInstallation } from './build/installation.ts';
import { type Progress, spoken } from './build/progress.ts';
import { startCdiAdmission } from './cdi/admission.ts';
import { accountKubeconfig } from './controlplane/account.ts';
import { startControlPlane } from './controlplane/controlplane.ts';
import { startKubeVirt } from './controlplane/kubevirt.ts';
import { ensureSeed, type Profile, plant } from './controlplane/seed.ts';
import { type BedNode, startNode } from './node/bednode.ts';
import { boxApiPort, insideBox } from './node/box/box.ts';
import { everyPart, type PartName } from './node/parts.ts';
import type { RealNode } from './node/realnode.ts';
import { play } from './played/play.ts';
import { newFolder } from './process/folder.ts';

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
  /** In the profile `node` only. */
  readonly node?: RealNode;
  /** Folders of CRDs, for `kubectl apply --server-side -f`. */
  readonly crds: Readonly<Record<CrdSet, string>>;
  /** Path of a kubeconfig that speaks as a ServiceAccount, with a token good for a day. */
  kubeconfigFor(namespace: string, serviceAccount: string): Promise<string>;
  /** Rejects with the end of its log when a server of the bed dies; never settles otherwise. */
  readonly died: Promise<never>;
  /** Every watch begins anew then, for the new process remembers no event of before. */
  restartApiserver(): Promise<void>;
  /** Ends every process of the bed, and removes its folder if the bed chose it. */
  stop(): Promise<void>;
};

export type TestBedOptions = {
  /** `node` needs a box around this process: `runInBox` of node/box/box.ts. Default `control-plane`. */
  readonly profile?: Profile;
  /** Data folder; a bed started again in one it used before finds its objects. Default: a new one that goes when the bed stops. */
  readonly dir?: string;
  /** Whether virt-api, virt-controller and KubeVirt's objects are there. Default true. */
  readonly kubevirt?: boolean;
  /** CRDs that are there from the start. Default all. */
  readonly crds?: readonly CrdSet[];
  /** Whether node, guests, storage and CDI are played, in the profile `control-plane`. Default true. */
  readonly played?: boolean;
  /** What runs on the real node, in the profile `node`. Default everything, or nothing where `kubevirt` is false. */
  readonly parts?: readonly PartName[];
  readonly onProgress?: Progress;
};

/** Starts a test bed, building what it is made of when that has not been done on this machine. */
export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const { profile = 'control-plane', kubevirt = true, played = true, crds: sets = crdSets } = options;
  const progress = options.onProgress ?? (() => {});
  const real = profile === 'node';
  if (real && !insideBox()) throw new Error('A test bed with a real node needs a box around it: see runInBox.');
  const installation = await ensureInstallation(progress);
  const seed = crdSets.every(set => sets.includes(set)) ? await ensureSeed(installation, profile, progress) : undefined;
  const started = Date.now();
  const own = options.dir === undefined;
  const dir = options.dir === undefined ? await newFolder() : resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const port = real ? boxApiPort() : undefined;
  const plane = await startControlPlane(dir, installation, { seed, node: real, port });
  progress(`Kubernetes answers at ${plane.server} (${spoken(Date.now() - started)})`);

  const client = await plane.client('admin');
  const ending = new AbortController();
  let node: BedNode | undefined;
  const stop = async () => {
    ending.abort();
    await client.close();
    await plane.stop(!own);
    await node?.clean();
    if (own) await rm(dir, { recursive: true, force: true });
  };
  try {
    if (seed === undefined) await plant(client, installation, sets, profile);
    // Not before the CRDs are there: its garbage collector looks for new kinds every 30 s only.
    await plane.startControllerManager();
    if (real) {
      const parts = options.parts ?? (kubevirt ? everyPart : []);
      node = await startNode({ plane, client, installation, dir, signal: ending.signal, progress }, parts);
    } else {
      if (played) await play(plane, sets, ending.signal, join(dir, 'logs', 'played.log'));
      await Promise.all([
        played && sets.includes('cdi') ? startCdiAdmission(plane, client, installation) : undefined,
        kubevirt && sets.includes('kubevirt') ? startKubeVirt(plane, client, installation) : undefined,
      ]);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  progress(`The test bed is ready (${spoken(Date.now() - started)})`);
  return {
    dir,
    adminKubeconfig: await plane.kubeconfig('admin'),
    server: plane.server,
    auditLog: plane.auditLog,
    binaries: installation.binaries,
    ...(node === undefined ? {} : { node: node.real }),
    crds: installation.crds,
    died: plane.died,
    restartApiserver: plane.restartApiserver,
    kubeconfigFor: (namespace, account) => accountKubeconfig(client, plane.server, dir, { namespace, account }),
    stop,
  };
}
