/**
 * The real Velero beside a test bed of the profile `control-plane`: its server with the plug-ins for S3 and KubeVirt, and an object store.
 * What needs a node does not run: hooks in Pods, and the node agent that moves data.
 */
import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { type ObjectStore, startObjectStore } from '../objectstore/objectstore.ts';
import { run } from '../process/command.ts';
import type { Server } from '../process/server.ts';
import { until } from '../process/until.ts';
import type { TestBed } from '../testbed.ts';
import { BUCKET, installation, NAMESPACE } from './objects.ts';
import { kubevirtPlugin, velero } from './parts.ts';
import { type ServerOptions, startVeleroServer } from './server.ts';

export type Velero = {
  readonly store: ObjectStore;
  /** Folder in which the objects of its bucket lie as files. */
  readonly bucket: string;
  /** Ends the server as a crash does. */
  kill(): Promise<void>;
  /** Starts it after {@link kill}. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type VeleroOptions = Pick<ServerOptions, 'flags'> & {
  /** Folder of the object store, which may hold the backups of another cluster; default: one of its own. */
  readonly store?: string;
  /** Whether the plug-in for KubeVirt is there. Default true. */
  readonly kubevirt?: boolean;
};

/** Folders of the programs; builds what the cache lacks. */
export function buildVelero(progress: Progress): Promise<Readonly<Record<'velero' | 'kubevirtPlugin', string>>> {
  return ensureArtifacts({ tools: artifacts.tools, velero, kubevirtPlugin }, progress);
}

/** Installs it, and returns when backups have a place to go: a Schedule that is made before fails for good. */
export async function startVelero(bed: TestBed, progress: Progress, options: VeleroOptions = {}): Promise<Velero> {
  const built = await buildVelero(progress);
  const work = join(bed.dir, 'velero');
  const plugins = [
    join(built.velero, 'velero-plugin-for-aws'),
    ...(options.kubevirt === false ? [] : [join(built.kubevirtPlugin, 'kubevirt-velero-plugin')]),
  ];
  const how: ServerOptions = {
    program: join(built.velero, 'velero'),
    plugins: await linked(plugins, join(work, 'plugins')),
    ...(options.flags && { flags: options.flags }),
  };
  const store = await startObjectStore(options.store ?? join(work, 'store'), bed.binaries);
  let server: Server | undefined;
  const stop = async () => {
    await server?.stop();
    await store.stop();
  };
  try {
    const bucket = await store.createBucket(BUCKET);
    await kubectl(bed, ['apply', '--server-side', '--filename', '-'], JSON.stringify(installation(store)));
    server = await startVeleroServer(bed, how);
    await until('the place for backups', () => requireAvailable(bed), server.died, 60);
    return {
      ...{ store, bucket, stop },
      kill: async () => server?.stop(0),
      start: async () => {
        server = await startVeleroServer(bed, how);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A folder with nothing but links to programs. */
async function linked(programs: readonly string[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const program of programs) await symlink(program, join(folder, basename(program)));
  return folder;
}

async function requireAvailable(bed: TestBed): Promise<void> {
  const path = '{.status.phase}';
  const phase = await kubectl(bed, ['get', 'backupstoragelocation', 'default', `--output=jsonpath=${path}`]);
  if (phase !== 'Available') throw new Error(`BackupStorageLocation default is ${phase || 'not validated yet'}`);
}

function kubectl(bed: TestBed, args: readonly string[], input = ''): Promise<string> {
  return run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, '--namespace', NAMESPACE, ...args], { input });
}
