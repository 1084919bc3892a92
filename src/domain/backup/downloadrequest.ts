import type { Child } from '../contract/child.ts';
import type { DownloadRequest, VeleroBackup } from './velero.ts';

const TARGET = 'BackupVolumeInfos';
const PREFIX = 'steward-';

/** Asks Velero where the volume information of a backup lies. */
export function renderDownloadRequest({ metadata: { name, uid = '' } }: VeleroBackup, namespace: string): Child {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'DownloadRequest',
    metadata: { name: `${PREFIX}${uid}`, namespace },
    spec: { target: { kind: TARGET, name } },
  };
}

/** Whether an object has the name of a request of ours: for whom it is, its labels say. */
export function isNamedAsRequest(_: unknown, { metadata }: { readonly metadata: { readonly name: string } }): boolean {
  return metadata.name.startsWith(PREFIX);
}

/** A request that Velero has answered: the Backup that it asks for, and where that one's volume information can be got. */
export type Answered = { readonly backup: { readonly name: string; readonly uid: string }; readonly url: URL };

/** Undefined: it is not one of ours, or has no answer that could be followed yet. */
export function answeredRequest({ metadata, spec, status }: DownloadRequest): Answered | undefined {
  const { kind, name } = spec?.target ?? {};
  const url = URL.parse(status?.downloadURL ?? '');
  if (!isNamedAsRequest(undefined, { metadata }) || kind !== TARGET || name === undefined) return undefined;
  if (status?.phase !== 'Processed' || url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return { backup: { name, uid: metadata.name.slice(PREFIX.length) }, url };
}
