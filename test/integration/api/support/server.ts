import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { applyCrds } from '../../../../hack/testbed/client/apply.ts';
import { Client, type KubeObject } from '../../../../hack/testbed/client/client.ts';
import { readCredentials } from '../../../../hack/testbed/controlplane/certificates.ts';
import { layout } from '../../../../hack/testbed/controlplane/controlplane.ts';
import { startTestBed } from '../../../../hack/testbed/testbed.ts';
import type { KindDefinition } from '../../../../src/api/kind.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Answer = { readonly code: number; readonly message: string; readonly body: unknown };

export type ApiServer = {
  readonly call: (method: Method, path: string, object?: unknown) => Promise<Answer>;
  /** Asks to create without creating, with unknown fields refused. */
  readonly dryRun: (kind: KindDefinition, object: unknown) => Promise<Answer>;
  readonly stop: () => Promise<void>;
};

const strict = 'fieldValidation=Strict&fieldManager=test';

/** Path of a kind's collection; namespaced kinds in namespace `default`. */
export const collection = ({ group, version, namespaced, plural }: KindDefinition): string =>
  `/apis/${group}/${version}/${namespaced ? 'namespaces/default/' : ''}${plural}`;

/** A real kube-apiserver that serves crds/, and nothing else. */
export async function startApiServer(): Promise<ApiServer> {
  const bed = await startTestBed({ kubevirt: false, played: false, crds: [] });
  const credentials = await readCredentials(layout(bed.dir).certificates, 'admin');
  const agent = new Agent({ connect: credentials, connections: 16, pipelining: 1 });
  const call = async (method: Method, path: string, object?: unknown): Promise<Answer> => {
    const { statusCode, body } = await request(`${bed.server}${path}`, {
      method,
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: object === undefined ? null : JSON.stringify(object),
    });
    const answer: unknown = await body.json();
    const message = (answer as { message?: unknown }).message;
    return { code: statusCode, message: typeof message === 'string' ? message : '', body: answer };
  };
  const dryRun = (kind: KindDefinition, object: unknown) =>
    call('POST', `${collection(kind)}?dryRun=All&${strict}`, object);
  const stop = async () => {
    await agent.destroy();
    await bed.stop();
  };
  const client = new Client(bed.server, credentials, 'test');
  try {
    await applyCrds(client, await readCrds());
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await client.close();
  }
  return { call, dryRun, stop };
}

/** The CRDs of our kinds. */
export async function readCrds(): Promise<KubeObject[]> {
  const folder = resolve(import.meta.dirname, '../../../../crds');
  const files = await readdir(folder);
  return Promise.all(files.map(async file => parse(await readFile(join(folder, file), 'utf8')) as KubeObject));
}
