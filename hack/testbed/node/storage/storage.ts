/**
 * Storage of the node profile: folders of this machine as volumes, and disks with real bytes in them.
 *
 * The provisioner does what external-provisioner and external-resizer do. CDI is stood in for, because none of its servers can be built
 * from published modules: DataVolumes and DataSources are led through their life here (datavolumes.ts, datasources.ts, importer.ts)
 * without importer Pods, scratch space and conversion of image formats.
 */
import { mkdir } from 'node:fs/promises';
import type { Client } from '../../client.ts';
import { DataSources } from '../../datasources.ts';
import { isReadable } from '../../datavolumeclaim.ts';
import { DataVolumes } from '../../datavolumes.ts';
import { Provisioner } from '../../provisioner.ts';
import { keyOf } from '../../store.ts';
import { folderBacking } from './folders.ts';
import { Importer } from './importer.ts';
import { plantStorage } from './objects.ts';
import { claimOf, type Images } from './source.ts';

export type StorageOptions = {
  /** What the provisioner speaks as. */
  readonly provisioner: Client;
  /** What speaks in CDI's place. */
  readonly cdi: Client;
  /** Absolute path of the folder of volumes: `<folder>/<volume>/disk.img`. */
  readonly folder: string;
  /** Name of the Node that can reach the folder. */
  readonly node: string;
  readonly images: Images;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
};

/** Starts it; returns when the StorageClass is there. `ended` settles after `signal` has aborted. */
export async function startStorage(options: StorageOptions): Promise<{ readonly ended: Promise<unknown> }> {
  const { provisioner: client, cdi, folder, node, images, signal, report } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await plantStorage(cdi);
  const provisioner = new Provisioner(client, folderBacking(folder, node));
  const { claims } = provisioner;
  const sources: DataSources = new DataSources(cdi, source => {
    const { namespace, name } = claimOf(keyOf(source), key => sources.get(key)) ?? { name: '' };
    const claim = claims.get(`${namespace}/${name}`);
    return claim !== undefined && isReadable(claim);
  });
  const importer = new Importer(cdi, claims, sources, { folder, images, signal });
  const volumes = new DataVolumes(cdi, claims, sources, importer);
  importer.onProgress = volumes.lookAt;
  claims.onChange(sources.lookAgain);
  const playing = [provisioner.play(signal, report), volumes.play(signal, report), sources.play(signal, report)];
  return { ended: Promise.allSettled(playing) };
}
