/**
 * The children of one ManagedVM and its status exactly as Steward sends them, with `@name@` and `@uid@` in place of the ManagedVM's own:
 * every contestant writes the same objects.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import type { KubeObject } from '../../testbed/client/client.ts';
import type { BenchBed } from '../bed.ts';
import { CHILDREN_EACH, orderOf, rootPath } from '../workload.ts';
import { startRecordedSteward } from './recordedsteward.ts';

export type Template = {
  /** As Steward sends them: all but the keys by server-side apply. */
  readonly requests: readonly Request[];
  /** The same objects, for who applies them. */
  readonly children: readonly KubeObject[];
  readonly status: Readonly<Record<string, unknown>>;
};
export type Request = Pick<CallInfo, 'method' | 'path' | 'contentType'> & { readonly body: string };

const NAME = 'bench-template';
const LIMIT_MS = 60_000;

/** Runs Steward's own controllers until they have written everything for one ManagedVM, which stays. */
export async function recordTemplate(bench: BenchBed): Promise<Template> {
  const { sent, stop } = await startRecordedSteward(bench);
  try {
    const uid = await order(bench);
    await written(sent);
    return templateOf(sent, uid);
  } finally {
    await stop();
  }
}

async function order({ client }: BenchBed): Promise<string> {
  const root: KubeObject = await client.create(rootPath, orderOf(NAME));
  return root.metadata.uid ?? '';
}

const isStatus = ({ path }: CallInfo) => path.startsWith(`${rootPath}/${NAME}/status`);

async function written(sent: readonly CallInfo[]): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!sent.some(isStatus)) {
    if (performance.now() > deadline) throw new Error('Steward has not written a status within a minute');
    await sleep(50);
  }
}

function templateOf(sent: readonly CallInfo[], uid: string): Template {
  const status = sent.find(isStatus)?.body ?? '';
  const requests = sent.slice(0, sent.findIndex(isStatus)).filter(info => isChild(info, uid));
  if (requests.length !== CHILDREN_EACH)
    throw new Error(`${requests.length} children were written: ${sent.map(({ path }) => path)}`);
  const general = (text: string) => text.replaceAll(NAME, '@name@').replaceAll(uid, '@uid@');
  const bodies = requests.map(({ body = '' }) => general(body));
  return {
    requests: requests.map(({ method, path, contentType }, index) => {
      return { method, contentType, path: general(path), body: bodies[index] ?? '' };
    }),
    children: bodies.map(unguarded),
    status: (JSON.parse(general(status)) as { status: Record<string, unknown> }).status,
  };
}

/** Each child names its owner in its labels; the finalizer and what belongs to others does not. */
function isChild({ path, body = '' }: CallInfo, uid: string): boolean {
  return (
    !path.startsWith(rootPath) && !path.includes('/events') && body.includes(`"managed.systems/owner-uid":"${uid}"`)
  );
}

/** Without the resourceVersion that makes Steward's apply a creation only. */
function unguarded(body: string): KubeObject {
  const { metadata, ...rest } = JSON.parse(body) as KubeObject;
  const { resourceVersion: _, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
