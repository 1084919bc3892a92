/**
 * A stand-in for CDI, as a part of a bed with a real node, because none of CDI's servers can be built from published modules: DataVolumes
 * and DataSources are led through their life here (cdi/datavolumes.ts, cdi/datasources.ts, importer.ts), and their claims' volumes filled, without
 * importer Pods, scratch space and conversion of image formats.
 */

import { DataSources } from '../../cdi/datasources.ts';
import { isReadable } from '../../cdi/datavolumeclaim.ts';
import { DataVolumes } from '../../cdi/datavolumes.ts';
import type { Client } from '../../client/client.ts';
import { keyOf, Store } from '../../client/store.ts';
import { type Claim, claimsPath } from '../../played/provisioner.ts';
import { Importer } from './importer.ts';
import { plantCdi } from './objects.ts';
import { claimOf, type Images } from './source.ts';

export type CdiOptions = {
  /** What speaks in CDI's place. */
  readonly client: Client;
  /** Absolute path of the folder of volumes. */
  readonly folder: string;
  readonly images: Images;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
};

/** Starts it; returns when a DataVolume may be ordered. `ended` settles after `signal` has aborted. */
export async function startCdi(options: CdiOptions): Promise<{ readonly ended: Promise<unknown> }> {
  const { client, folder, images, signal, report } = options;
  await plantCdi(client);
  const claims = new Store<Claim>(client, claimsPath);
  const sources: DataSources = new DataSources(client, source => {
    const { namespace, name } = claimOf(keyOf(source), key => sources.get(key)) ?? { name: '' };
    const claim = claims.get(`${namespace}/${name}`);
    return claim !== undefined && isReadable(claim);
  });
  const importer = new Importer(client, claims, sources, { folder, images, signal });
  const volumes = new DataVolumes(client, claims, sources, importer);
  importer.onProgress = volumes.lookAt;
  claims.onChange(sources.lookAgain);
  const playing = [claims.follow(signal), volumes.play(signal, report), sources.play(signal, report)];
  return { ended: Promise.allSettled(playing) };
}
