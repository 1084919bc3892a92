/** A real object store with the interface of S3 (versitygw on a folder), for whatever writes to a bucket. */

import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { signed } from '../../../src/runtime/http/sigv4.ts';
import type { Binaries } from '../build/installation.ts';
import { freePorts } from '../process/ports.ts';
import { startServer } from '../process/server.ts';
import { until } from '../process/until.ts';

export type ObjectStore = {
  /** `http://address:port`, for path-style addresses. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes a bucket where there is none of that name, and tells in which folder its objects lie as files. */
  createBucket(name: string): Promise<string>;
  /** Rejects with the end of its log when it dies; never settles otherwise. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
};

const KEY = { accessKeyId: 'steward', secretAccessKey: 'not-a-secret' };
const REGION = 'us-east-1';

/** Starts one in a folder of its own, which may hold the objects of a former one; `address`: where it listens, for Pods do not reach loopback. */
export async function startObjectStore(dir: string, binaries: Binaries, address = '127.0.0.1'): Promise<ObjectStore> {
  const [objects, metadata] = [join(dir, 'objects'), join(dir, 'metadata')];
  for (const each of [objects, metadata]) await mkdir(each, { recursive: true });
  const [port = 0] = await freePorts(1);
  const endpoint = `http://${address}:${port}`;
  const server = startServer({
    name: 'versitygw',
    program: binaries.versitygw,
    // Metadata beside the objects, for not every file system has the attributes that it would keep them in.
    args: ['--port', `${address}:${port}`, '--region', REGION, '--quiet', 'posix', '--sidecar', metadata, objects],
    environment: { ROOT_ACCESS_KEY_ID: KEY.accessKeyId, ROOT_SECRET_ACCESS_KEY: KEY.secretAccessKey },
    logFile: join(dir, 'versitygw.log'),
    tether: binaries.tether,
  });
  const ask = (method: string, path: string) => statusOf(method, new URL(path, endpoint));
  try {
    await until('versitygw', () => ask('GET', '/').then(expected(200)), server.died);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    ...{ endpoint, region: REGION, ...KEY, died: server.died },
    // Not a folder made by hand: to the store that is no bucket.
    createBucket: async name => {
      // 409: it is there already.
      await ask('PUT', `/${name}`).then(expected(200, 409));
      return join(objects, name);
    },
    stop: () => server.stop(),
  };
}

const expected =
  (...wanted: readonly number[]) =>
  (status: number) => {
    if (!wanted.includes(status)) throw new Error(`versitygw answers with status ${status}`);
  };

function statusOf(method: string, url: URL): Promise<number> {
  const headers = signed({ method, url, headers: {}, body: '' }, KEY, REGION, new Date());
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers }, answer => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    call.once('error', reject).end();
  });
}
