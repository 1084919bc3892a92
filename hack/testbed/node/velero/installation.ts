/** What Velero's own installer puts into the cluster, for the node of the test bed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../client/client.ts';
import type { ObjectStore } from '../../objectstore/objectstore.ts';
import { run } from '../../process/command.ts';
import { BUCKET, NAMESPACE, profileOf } from '../../velero/objects.ts';
import { oftener } from '../../velero/server.ts';
import { imageNames } from './images.ts';

/** Pods reserve nothing here: the node is small, and guests need it. */
const unbound = ['cpu-request', 'mem-request', 'cpu-limit', 'mem-limit'].map(each => `--velero-pod-${each}=0`);

type Container = { readonly args: readonly string[] };
type Workload = KubeObject & {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
};

/**
 * Account, Deployment, DaemonSet of node agents, key to the bucket and place for backups, as `velero install` prints them. `program`: path of velero;
 * `kubeconfig`: which it asks for although it prints only. The kinds are there already.
 */
export async function installation(program: string, kubeconfig: string, store: ObjectStore): Promise<KubeObject[]> {
  const work = await mkdtemp(join(tmpdir(), 'steward-velero-'));
  try {
    const secret = join(work, 'cloud');
    await writeFile(secret, profileOf(store), { mode: 0o600 });
    const place = `region=${store.region},s3ForcePathStyle=true,s3Url=${store.endpoint}`;
    const args = [
      ...['install', '--dry-run', '--output=json', `--namespace=${NAMESPACE}`, '--features=EnableCSI'],
      ...['--provider=aws', `--bucket=${BUCKET}`, `--backup-location-config=${place}`, `--secret-file=${secret}`],
      ...[`--image=${imageNames.velero}`, `--plugins=${imageNames.s3},${imageNames.kubevirt}`],
      // Privileged for disks that are block devices; what is snapshotted is copied to the store, unless a Backup says otherwise.
      ...[
        '--use-node-agent',
        '--privileged-node-agent',
        '--default-snapshot-move-data',
        '--use-volume-snapshots=false',
      ],
      ...unbound,
    ];
    const printed = await run(program, args, { env: { ...process.env, HOME: work, KUBECONFIG: kubeconfig } });
    const { items } = JSON.parse(printed) as { readonly items: readonly KubeObject[] };
    return items.filter(({ kind }) => kind !== 'CustomResourceDefinition').map(hastened);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The installer has no flag for how often the server looks. */
function hastened(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment') return object;
  const { spec, ...rest } = object as Workload;
  const { template } = spec;
  const [server] = template.spec.containers;
  const containers = [{ ...server, args: [...server.args, ...oftener] }];
  return {
    ...rest,
    spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } },
  } as KubeObject;
}
