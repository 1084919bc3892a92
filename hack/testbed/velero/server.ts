/** The server of Velero as a process on loopback. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { freePorts } from '../process/ports.ts';
import { type Server, startServer } from '../process/server.ts';
import { until } from '../process/until.ts';
import type { TestBed } from '../testbed.ts';
import { ACCOUNT, NAMESPACE } from './objects.ts';

export type ServerOptions = {
  /** Path of the program. */
  readonly program: string;
  /** Folder of its plug-ins, and of nothing else. */
  readonly plugins: string;
  /** Flags besides those of this file, as `--name=value`: its plug-ins are started with them, and read them only so. */
  readonly flags?: readonly string[];
};

/** Starts the server, and returns when its controllers are about to work. */
export async function startVeleroServer(bed: TestBed, options: ServerOptions): Promise<Server> {
  const work = join(bed.dir, 'velero');
  // Keys to buckets are written below TMPDIR, in files whose names are the same for every Velero of a machine.
  const temporary = join(work, 'tmp');
  await mkdir(temporary, { recursive: true });
  const [metricsPort = 0] = await freePorts(1);
  const metrics = `127.0.0.1:${metricsPort}`;
  const server = startServer({
    name: 'velero',
    program: options.program,
    // `server` comes first: a plug-in is started with whatever follows it.
    args: ['server', ...flags(options.plugins, metrics), ...(options.flags ?? [])],
    // A variable, not a flag: plug-ins look for no other.
    environment: {
      KUBECONFIG: await bed.kubeconfigFor(NAMESPACE, ACCOUNT),
      HOME: work,
      TMPDIR: temporary,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    logFile: join(bed.dir, 'logs', 'velero.log'),
    tether: bed.binaries.tether,
    withGroup: true,
  });
  try {
    await until('velero', () => request(`http://${metrics}/metrics`).then(({ body }) => body.dump()), server.died);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** What it does from time to time, it does often, for nobody wants to wait. */
export const oftener: readonly string[] = [
  '--store-validation-frequency=5s',
  '--backup-sync-period=10s',
  '--garbage-collection-frequency=30s',
  '--item-operation-sync-frequency=1s',
  '--resource-timeout=1m',
  '--concurrent-backups=2',
];

const flags = (plugins: string, metrics: string): readonly string[] => [
  `--namespace=${NAMESPACE}`,
  `--plugin-dir=${plugins}`,
  `--metrics-address=${metrics}`,
  '--profiler-address=',
  '--features=EnableCSI',
  ...oftener,
];
