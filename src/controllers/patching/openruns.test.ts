import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { patchRunOf } from '../../domain/patching/patchrun.fixtures.ts';
import { type Clock, systemClock } from '../../runtime/api/clock.ts';
import { startScriptedServer } from '../../runtime/http/scriptedserver.ts';
import { Transport } from '../../runtime/http/transport.ts';
import { OpenRuns } from './openruns.ts';
import type { Run } from './store.ts';

const log = pino({ enabled: false });
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function run(name: string, version: number, phase?: 'Patching'): Run {
  const made = patchRunOf(phase && { phase }, name);
  return { ...made, metadata: { ...made.metadata, name, uid: name, resourceVersion: `${version}` } };
}
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const end = line('BOOKMARK', {
  metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
});

/** Runs of which those are ours that are not called `theirs`, by a server that answers a watch with `status` and `initial`. */
async function watching(initial: string, status = 200, clock: Clock = systemClock) {
  const asked: URLSearchParams[] = [];
  let send = (_: string) => {};
  const server = await startScriptedServer((_request, response, { searchParams }) => {
    asked.push(searchParams);
    response.statusCode = status;
    response.write(initial);
    if (status !== 200) response.end();
    send = text => void response.write(text);
  });
  const transport = new Transport({
    connection: { server: server.url, credentials: async () => ({ headers: {} }) },
    userAgent: 'test',
  });
  const isOurs = ({ metadata }: Run) => metadata.name !== 'theirs';
  const runs = new OpenRuns({ policyUid: 'p', namespaces: [], isOurs, transport, clock, log });
  const ending = new AbortController();
  cleanups.push(
    () => server.close(),
    () => transport.close(),
    () => ending.abort(),
  );
  return { runs, asked, known: runs.start(ending.signal), send: (text: string) => send(text) };
}

const key = (name: string) => ({ namespace: 'proving', name });
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

describe('the open runs of a policy', () => {
  it('are asked for by one watch: of this policy, without those that have a verdict', async () => {
    const { runs, asked, known } = await watching(line('ADDED', run('a', 1)) + line('ADDED', run('b', 2)) + end);
    await known;
    expect(runs.all.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.get('fieldSelector')).toMatch(/^spec\.policy\.uid=p,.*status\.phase!=Succeeded/);
  });

  it('are those of this shard alone, whenever they come', async () => {
    const { runs, known, send } = await watching(line('ADDED', run('theirs', 1)) + line('ADDED', run('a', 2)) + end);
    await known;
    send(line('ADDED', run('theirs', 10)) + line('ADDED', run('b', 11)));
    await eventually(() => runs.get(key('b')) !== undefined);
    expect(runs.all.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('are as we have written them, until somebody else has written later', async () => {
    const { runs, known, send } = await watching(line('ADDED', run('a', 1)) + end);
    await known;
    runs.wrote(run('a', 20, 'Patching'));
    expect(runs.get(key('a'))?.status?.phase).toBe('Patching');
    send(line('MODIFIED', run('a', 10)) + line('ADDED', run('b', 11)));
    await eventually(() => runs.get(key('b')) !== undefined);
    expect(runs.get(key('a'))?.status?.phase).toBe('Patching');
    send(line('DELETED', run('a', 21)));
    await eventually(() => runs.get(key('a')) === undefined);
  });

  it('are not waited for where the API server refuses to tell them', async () => {
    const status = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden' });
    const { known } = await watching(status, 403, { ...systemClock, sleep: async () => {} });
    await expect(known).rejects.toMatchObject({ status: 403 });
  });
});
