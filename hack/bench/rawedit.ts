/** The limit for an edit that many ManagedVMs feel: the same writes as Steward's, sent by a client that knows them beforehand. */
import { Pool } from 'undici';
import { connect } from '../../src/runtime/http/connection.ts';
import type { KubeObject, List } from '../testbed/client/client.ts';
import type { BenchBed } from './bed.ts';
import { IN_FLIGHT } from './contestants/contestant.ts';
import { FLEET_NAMESPACE, rootPath } from './workload.ts';

const SCHEDULES = '/apis/velero.io/v1/namespaces/velero/schedules';

type Request = { readonly method: 'PATCH' | 'PUT'; readonly path: string; readonly contentType: string; body: string };
type Schedule = KubeObject & { readonly spec: Readonly<Record<string, unknown>> };
type ManagedVM = KubeObject & { readonly status?: { readonly backup?: Readonly<Record<string, unknown>> } };

/** Applies every Schedule with another time and replaces every ManagedVM's status; returns the seconds that took. No operator may run. */
export async function rawEdit({ bed, client, contestant }: BenchBed): Promise<number> {
  const [schedules, machines] = await Promise.all([
    client.get<List<Schedule>>(`${SCHEDULES}?labelSelector=managed.systems/owner-namespace=${FLEET_NAMESPACE}`),
    client.get<List<ManagedVM>>(rootPath),
  ]);
  // Who was ordered after the last operator ended has no status to replace.
  const requests = [
    ...schedules.items.map(applied),
    ...machines.items.filter(({ status }) => status !== undefined).map(replaced),
  ];
  const { kubeconfig } = await contestant();
  const connection = connect({ kubeconfig });
  const { headers, ca } = await connection.credentials();
  const pool = new Pool(bed.server, { connections: IN_FLIGHT, pipelining: 1, allowH2: false, connect: { ca } });
  const began = performance.now();
  const left = requests.values();
  const worker = async () => {
    for (const { contentType, ...request } of left) {
      const answer = await pool.request({ ...request, headers: { ...headers, 'content-type': contentType } });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${request.method} ${request.path}: ${answer.statusCode} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return seconds;
}

function applied({ metadata, spec }: Schedule): Request {
  const { name, namespace, labels, annotations } = metadata;
  return {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    path: `${SCHEDULES}/${name}?fieldManager=steward&force=true`,
    body: JSON.stringify({
      ...{ apiVersion: 'velero.io/v1', kind: 'Schedule' },
      metadata: { name, namespace, labels, annotations: { ...annotations, 'managed.systems/applied-hash': 'raw' } },
      spec: { ...spec, schedule: 'CRON_TZ=Europe/Berlin 45 2 * * *' },
    }),
  };
}

function replaced({ apiVersion, kind, metadata, status }: ManagedVM): Request {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    method: 'PUT',
    contentType: 'application/json',
    path: `${rootPath}/${name}/status?fieldManager=steward`,
    body: JSON.stringify({
      ...{ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } },
      status: { ...status, backup: { ...status?.backup, nextRun: '2000-01-01T00:00:00Z' } },
    }),
  };
}
