/**
 * PLAYED, not real: Velero's answer to DownloadRequests (pkg/controller/download_request_controller.go, v1.18.3), and the store that it leads
 * to. Each Backup holds every disk that the ManagedVMs of its namespace have.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { DownloadRequest, VeleroBackup } from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';
import { instantOf } from './playedbackup.ts';

/** What is told of the volumes of a namespace; undefined: the store has no such file. */
type Told = (namespace: string, volumes: readonly Any[]) => readonly Any[] | undefined;

/** Answers until `signal` aborts. */
export async function playStore(api: Api, signal: AbortSignal, told: Told = (_, volumes) => volumes): Promise<void> {
  const server = createServer(async ({ url = '/' }, response) => {
    const infos = await volumesOf(api, url.slice(1), told).catch(() => undefined);
    if (infos === undefined) response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    else response.end(gzipSync(JSON.stringify(infos)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  signal.addEventListener('abort', () => server.close());
  const { port } = server.address() as AddressInfo;
  const requests = new Store<KubeObject & Any>(api.client, pathOf(DownloadRequest, 'velero'));
  requests.onChange(key => {
    const request = requests.get(key);
    if (request === undefined || request.status?.phase !== undefined) return;
    const downloadURL = `http://127.0.0.1:${port}/${request.spec.target.name}`;
    const status = { phase: 'Processed', downloadURL, expiration: instantOf(1 / 6) };
    // It may be gone by now.
    void api.edit(DownloadRequest, 'velero', request.metadata.name, { status }).catch(() => {});
  });
  void requests.follow(signal);
}

async function volumesOf(api: Api, backup: string, told: Told): Promise<readonly Any[] | undefined> {
  const { spec } = await api.get(VeleroBackup, 'velero', backup);
  const [namespace] = spec.includedNamespaces;
  const machines = await api.list(managedVM, namespace);
  const volumes = machines.flatMap(vm =>
    vm.spec.disks.map(({ name }: Any) => ({
      ...{ pvcNamespace: namespace, pvcName: `${vm.metadata.name}-${name}`, backupMethod: 'CSISnapshot' },
      ...{ snapshotDataMoved: false, skipped: false, result: 'succeeded' },
    })),
  );
  return told(namespace, volumes);
}
