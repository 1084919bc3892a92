/** What a DataVolume is to be filled with. */
import type { DataSource } from '../../cdi/datasources.ts';
import type { DataVolume, NamedClaim } from '../../cdi/datavolume.ts';

/** Raw images by the name a DataVolume calls them: a registry's without `docker://`, a web server's by its whole address. */
export type Images = Readonly<Record<string, string>>;

export type Source =
  | { readonly kind: 'blank' }
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'claim'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'unsupported'; readonly message: string };

type DataSourceOf = (key: string) => DataSource | undefined;

export function sourceOf({ spec, metadata }: DataVolume, dataSource: DataSourceOf): Source {
  const { namespace = '' } = metadata;
  if (spec.sourceRef !== undefined) {
    const claim = claimOf(`${spec.sourceRef.namespace ?? namespace}/${spec.sourceRef.name}`, dataSource);
    return claim === undefined
      ? unsupported('The DataSource names no PVC.')
      : { kind: 'claim', namespace: claim.namespace ?? namespace, name: claim.name };
  }
  const { blank, registry, http, pvc } = spec.source ?? {};
  if (blank !== undefined) return { kind: 'blank' };
  if (registry?.url !== undefined) return { kind: 'image', name: registry.url.replace(/^docker:\/\//, '') };
  if (http !== undefined) return { kind: 'image', name: http.url };
  if (pvc !== undefined) return { kind: 'claim', namespace: pvc.namespace ?? namespace, name: pvc.name };
  return unsupported('Sources are registry, http, pvc and blank in this test bed.');
}

/** The claim that a DataSource leads to, also by way of another DataSource; CDI follows one such reference, too. */
export function claimOf(key: string, dataSource: DataSourceOf, mayRefer = true): NamedClaim | undefined {
  const source = dataSource(key)?.spec.source;
  if (source?.pvc !== undefined) return { namespace: key.split('/')[0] ?? '', ...source.pvc };
  if (source?.dataSource === undefined || !mayRefer) return undefined;
  return claimOf(`${source.dataSource.namespace}/${source.dataSource.name}`, dataSource, false);
}

function unsupported(message: string): Source {
  return { kind: 'unsupported', message: `Unable to process data: ${message}` };
}

/** CDI's words for an image that is not there. */
export function notFound(name: string): string {
  if (/^https?:/.test(name)) {
    return 'Unable to process data: Unable to connect to http data source: expected status code 200, got 404. Status: 404 Not Found';
  }
  const [, repository, tag = 'latest'] = /^(.*?)(?::([^/:]+))?$/.exec(name) ?? [];
  return (
    'Unable to process data: Unable to transfer source data to scratch space: Failed to read registry image: ' +
    `Could not create image reference: Error reading manifest ${tag} in ${repository}: manifest unknown`
  );
}

/** CDI's words for an image that does not fit. */
export function tooLarge(image: bigint, disk: bigint): string {
  return (
    `Unable to process data: Virtual image size ${image} is larger than the reported available storage ${disk}. ` +
    'A larger PVC is required.'
  );
}
