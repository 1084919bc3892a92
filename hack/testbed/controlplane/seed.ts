/**
 * What every bed begins with. To install sixty CRDs and a hundred instance types takes kube-apiserver longer than all else of a start, so
 * it is done once, and kept in the cache as a folder of etcd data.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, recipeDigest } from '../build/cache.ts';
import { type CrdSet, crdSets } from '../build/crds.ts';
import type { Installation } from '../build/installation.ts';
import type { Progress } from '../build/progress.ts';
import { applyAll, applyCrds, readObjects } from '../client/apply.ts';
import type { Client } from '../client/client.ts';
import { nodeName } from '../played/node.ts';
import { playedClaims, provisioner } from '../played/storage.ts';
import { layout, startControlPlane } from './controlplane.ts';
import { plantKubeVirt } from './kubevirt.ts';
import { cdiAdmission, cdiObjects, clusterObjects, multusCrd, nodeStatus, playedObjects } from './objects.ts';

/** `control-plane` is without a node, which is played; `node` has a real one. */
export type Profile = 'control-plane' | 'node';

/** Installs everything that is the same in every bed of a profile. */
export async function plant(
  client: Client,
  installation: Installation,
  sets: readonly CrdSet[],
  profile: Profile,
): Promise<void> {
  const crds = await Promise.all(sets.map(set => readObjects(installation.crds[set])));
  await Promise.all([
    applyAll(client, clusterObjects),
    applyCrds(client, [...crds.flat(), ...(sets.includes('kubevirt') ? [multusCrd] : [])]),
  ]);
  if (profile === 'control-plane') await plantPlayed(client, sets);
  if (sets.includes('kubevirt')) await plantKubeVirt(client, installation);
}

async function plantPlayed(client: Client, sets: readonly CrdSet[]): Promise<void> {
  await applyAll(client, playedObjects);
  await client.patch('merge', `/api/v1/nodes/${nodeName}/status`, { status: nodeStatus });
  if (sets.includes('cdi')) await applyAll(client, [...cdiObjects(provisioner, playedClaims), ...cdiAdmission]);
}

/** Folder of the etcd data of a bed with all CRD sets. */
export async function ensureSeed(installation: Installation, profile: Profile, progress: Progress): Promise<string> {
  const folder = await cached(`seed-${profile}-${await digest(installation)}`, async partial => {
    progress(`Preparing what every test bed of the profile ${profile} begins with (20 s)`);
    const work = join(partial, 'bed');
    const plane = await startControlPlane(work, installation);
    const client = await plane.client('admin');
    try {
      await plant(client, installation, crdSets, profile);
    } finally {
      await client.close();
      await plane.stop();
    }
    await rename(layout(work).etcd, join(partial, 'etcd'));
    await rm(work, { recursive: true });
  });
  return join(folder, 'etcd');
}

/** The seed depends on the programs, the CRDs, and on what we install with them. */
async function digest({ servers, crds, kubevirtManifests }: Installation): Promise<string> {
  const ours = ['objects.ts', 'kubevirt.ts', 'seed.ts'].map(file => fileURLToPath(new URL(file, import.meta.url)));
  const sources = await Promise.all(ours.map(file => readFile(file, 'utf8')));
  return recipeDigest([servers.etcd, servers.apiserver, ...Object.values(crds), kubevirtManifests, ...sources]);
}
