import { isDeepStrictEqual } from 'node:util';
import { BackupStorageLocation, ServerStatusRequest } from '../api/upstream.ts';
import { type Heartbeat, heard, veleroObstacle } from '../domain/backup/heartbeat.ts';
import { isNamedAsStatusRequest } from '../domain/backup/serverstatusrequest.ts';
import type * as velero from '../domain/backup/velero.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import type { PolledSource, Reader } from '../runtime/pass/controller.ts';
import type { Settings } from './settings.ts';

/** The cache is asked, not the cluster: an answer comes every five minutes, and silence is told after ten. */
const EVERY_MS = 15_000;

/** What Velero's server says of itself, as far as it has been asked. */
export type VeleroHeartbeat = {
  readonly now: () => Heartbeat;
  /** Names the objects to which it matters when Velero falls silent, speaks again, or loses a plug-in; one for each controller. */
  source<T extends KubeObject>(concerns: (object: T) => boolean): PolledSource<T>;
};

/** Only in memory: who starts anew asks anew. */
export function veleroHeartbeatOf({ veleroNamespace: namespace }: Pick<Settings, 'veleroNamespace'>): VeleroHeartbeat {
  let heartbeat: Heartbeat = {};

  const obstacles = (read: Reader, now: Date) =>
    read.list<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, { namespace }).flatMap(location => {
      const obstacle = veleroObstacle(heartbeat, location, now);
      return obstacle ? [{ location: location.metadata.name, obstacle }] : [];
    });

  return {
    now: () => heartbeat,
    source: concerns => {
      let told: unknown = [];
      return {
        ...{ name: 'heartbeat of Velero', everyMs: EVERY_MS },
        ask: async (now, _, { read }) => {
          const requests = read.list<velero.ServerStatusRequest & KubeObject>(ServerStatusRequest, { namespace });
          heartbeat = heard(
            heartbeat,
            requests.filter(request => isNamedAsStatusRequest(undefined, request)),
          );
          const before = told;
          told = obstacles(read, now);
          return isDeepStrictEqual(before, told) ? () => false : concerns;
        },
      };
    },
  };
}
