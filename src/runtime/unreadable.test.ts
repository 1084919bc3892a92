import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from './api/clock.ts';
import type { KubeObject } from './api/object.ts';
import { startScriptedServer } from './http/scriptedserver.ts';
import { startOperator } from './operator.ts';
import { type ControllerDefinition, defineController, type Reader } from './pass/controller.ts';

const group = { version: 'v1', namespaced: true };
const Widget = { ...group, group: 'x.example', kind: 'Widget', plural: 'widgets' };
const Gadget = { ...group, group: 'y.example', kind: 'Gadget', plural: 'gadgets' };

/** Time as it is, but without waiting. */
const hasty: Clock = { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(1, signal) };
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const end = line('BOOKMARK', {
  metadata: { resourceVersion: '10', annotations: { 'k8s.io/initial-events-end': 'true' } },
});
const definition = (name: string) =>
  line('ADDED', { metadata: { name, uid: name, resourceVersion: '5', generation: 1 } });
const widget = (namespace: string) =>
  line('ADDED', {
    ...{ apiVersion: 'x.example/v1', kind: 'Widget' },
    metadata: { name: 'w', namespace, uid: `w-${namespace}`, resourceVersion: '6' },
  });
const gadgetOf = (name: string): KubeObject => ({
  ...{ apiVersion: 'y.example/v1', kind: 'Gadget', metadata: { name, namespace: 'b' } },
});

/** Gadgets in the namespace `far` of Widgets in a namespace that this operator does not serve. */
const ELSEWHERE = 20;
const childrenElsewhere = Array.from({ length: ELSEWHERE }, (_, index) => {
  const owner = { kind: 'Widget', namespace: 'other', name: `w${index}`, uid: `o${index}` };
  const labels = Object.fromEntries(Object.entries(owner).map(([key, value]) => [`me.example/owner-${key}`, value]));
  const metadata = { name: `g${index}`, namespace: 'far', uid: `g${index}`, resourceVersion: '7', labels };
  return line('ADDED', { apiVersion: 'y.example/v1', kind: 'Gadget', metadata });
}).join('');

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

/** An operator that makes Gadgets of Widgets, in namespaces a and b, on a server of which a test says what it refuses. */
async function start(
  refuse: (path: string) => number | undefined,
  more: Partial<ControllerDefinition<KubeObject>> = {},
) {
  const streams = new Map<string, () => void>();
  const server = await startScriptedServer((_request, response, { pathname, searchParams }) => {
    const status = refuse(pathname);
    if (status !== undefined) {
      response.writeHead(status).end(JSON.stringify({ reason: 'Forbidden', message: `no right to read ${pathname}` }));
    } else if (!searchParams.has('watch')) response.writeHead(404).end('{"reason":"NotFound"}');
    else {
      response.flushHeaders();
      streams.set(pathname, () => response.end());
      if (pathname.includes('customresourcedefinitions'))
        response.write(definition('widgets.x.example') + definition('gadgets.y.example'));
      const namespace = /namespaces\/(.)\/widgets/.exec(pathname)?.[1];
      if (namespace !== undefined && searchParams.has('sendInitialEvents')) response.write(widget(namespace));
      if (pathname.includes('/namespaces/far/gadgets')) response.write(childrenElsewhere);
      if (searchParams.has('sendInitialEvents')) response.write(end);
    }
  });
  const passes: string[] = [];
  const seen: { read: Reader | undefined } = { read: undefined };
  const registry = new Registry();
  const operator = await startOperator({
    connection: { server: server.url, credentials: async () => ({ headers: {} }) },
    ...{
      name: 'me',
      prefix: 'me.example',
      namespaces: ['a', 'b'],
      clock: hasty,
      registry,
      log: pino({ level: 'silent' }),
    },
    controllers: [
      defineController<KubeObject>({
        ...{ name: 'widget', kind: Widget, owns: [{ kind: Gadget }], watches: [] },
        reconcile: async ({ object, read }) => {
          seen.read = read;
          passes.push(object.metadata.namespace ?? '');
        },
        ...more,
      }),
    ],
  });
  cleanups.push(async () => {
    await operator.stop();
    await server.close();
  });
  const cut = (path: string) => streams.get(path)?.();
  return { operator, server, passes, seen, registry, cut };
}

const gadgetsInB = (path: string) => path.includes('/namespaces/b/gadgets');

describe('what the API server refuses to show', () => {
  test.each([
    ['a right is missing in one namespace', 403],
    ['its conversion webhook is down', 500],
  ])('does not hold up the rest: %s', async (_, status) => {
    const { operator, passes, seen } = await start(path => (gadgetsInB(path) ? status : undefined));
    await eventually(() => passes.includes('a'));
    expect([operator.ready(), operator.live(), operator.leading()]).toEqual([true, true, true]);
    expect(seen.read?.state(Gadget, 'a')).toBe('served');
    expect(seen.read?.state(Gadget, 'b')).toBe('unreadable');
    expect(seen.read?.state(Gadget)).toBe('unreadable');
    expect(seen.read?.available(Gadget, 'a')).toBe(true);
    expect(seen.read?.refusal(Gadget, 'a')).toBeUndefined();
    expect(seen.read?.refusal(Gadget, 'b')).toMatchObject({
      status,
      message: 'no right to read /apis/y.example/v1/namespaces/b/gadgets',
    });
  });

  test('is not written: the outcome says why, in the words of the API server', async () => {
    const outcomes: unknown[] = [];
    const { server } = await start(path => (gadgetsInB(path) ? 403 : undefined), {
      reconcile: async ({ object, apply }) => {
        if (object.metadata.namespace === 'b') outcomes.push(...(await apply([gadgetOf('g')])));
      },
    });
    await eventually(() => outcomes.length > 0);
    expect(outcomes).toMatchObject([
      {
        action: 'failed',
        error: { reason: 'KindNotReadable', message: 'no right to read /apis/y.example/v1/namespaces/b/gadgets' },
      },
    ]);
    expect(server.requests.filter(request => !request.startsWith('GET'))).toEqual([]);
  });

  test('is looked at again as soon as it can be read', async () => {
    let refused = true;
    const { passes, seen } = await start(path => (gadgetsInB(path) && refused ? 403 : undefined));
    await eventually(() => passes.includes('b'));
    passes.length = 0;
    refused = false;
    await eventually(() => passes.includes('b'));
    expect(seen.read?.state(Gadget, 'b')).toBe('served');
  });

  test('is no longer believed when a right is taken away while it is watched', async () => {
    let refused = false;
    const { operator, passes, seen, registry, cut } = await start(path =>
      gadgetsInB(path) && refused ? 403 : undefined,
    );
    await eventually(() => passes.includes('b'));
    passes.length = 0;
    refused = true;
    cut('/apis/y.example/v1/namespaces/b/gadgets');
    await eventually(() => passes.includes('b'));
    expect(seen.read?.state(Gadget, 'b')).toBe('unreadable');
    expect(operator.ready()).toBe(true);
    expect(await registry.getSingleMetricAsString('me_kind_unreadable')).toContain(
      'me_kind_unreadable{group="y.example",kind="Gadget",namespace="b"} 1',
    );
  });

  test.each([500, 429, 503])(
    'is not what an API server in trouble (%i) shows for a moment of what was watched',
    async status => {
      let refusals = 0;
      const { passes, seen, cut } = await start(path => {
        if (!gadgetsInB(path) || passes.length === 0 || refusals === 5) return undefined;
        refusals += 1;
        return status;
      });
      await eventually(() => passes.includes('b'));
      passes.length = 0;
      passes.push('watched');
      cut('/apis/y.example/v1/namespaces/b/gadgets');
      await eventually(() => refusals === 5);
      expect(seen.read?.state(Gadget, 'b')).toBe('served');
      expect(passes).toEqual(['watched']);
    },
  );

  test('is not installed only where the API server says so: without a right to read CRDs the kinds speak for themselves', async () => {
    const { operator, passes, seen } = await start(path =>
      path.includes('customresourcedefinitions') ? 403 : path.includes('gadgets') ? 404 : undefined,
    );
    await eventually(() => passes.includes('a') && passes.includes('b'));
    expect(operator.ready()).toBe(true);
    expect(seen.read?.state(Widget)).toBe('served');
    expect(seen.read?.state(Gadget)).toBe('missing');
  });

  test('suspends the passes over objects that cannot be read any more', async () => {
    let refused = false;
    const { passes, cut } = await start(path => (refused && path.includes('/namespaces/b/widgets') ? 403 : undefined));
    await eventually(() => passes.includes('b'));
    passes.length = 0;
    refused = true;
    cut('/apis/x.example/v1/namespaces/b/widgets');
    cut('/apis/y.example/v1/namespaces/b/gadgets');
    await eventually(() => passes.includes('a'));
    expect(passes).not.toContain('b');
  });

  test('is nothing to lead with: an operator that may read nothing at all is not ready', async () => {
    const { operator, server } = await start(() => 403);
    await eventually(() => server.requests.length > 20);
    expect([operator.ready(), operator.live(), operator.leading()]).toEqual([false, true, false]);
  });

  test('is nobody to look after: children of owners in a namespace that is not served cost no request and no retry (runtime/t11_foreign)', async () => {
    const { server, passes, registry } = await start(() => undefined, { owns: [{ kind: Gadget, namespace: 'far' }] });
    const sum = async (name: string) => {
      const metric = await registry.getSingleMetric(name)?.get();
      return metric?.values.reduce((total, { value }) => total + value, 0) ?? 0;
    };
    while ((await sum('controller_runtime_reconcile_total')) < ELSEWHERE + 2 || !passes.includes('b'))
      await new Promise(resolve => setImmediate(resolve));
    expect(server.requests.filter(request => !request.includes('watch=true'))).toEqual([]);
    expect(await sum('workqueue_retries_total')).toBe(0);
  });

  test('of a namespace that is not watched nothing is known', async () => {
    const { passes, seen } = await start(() => undefined);
    await eventually(() => passes.length > 0);
    expect(seen.read?.state(Gadget, 'elsewhere')).toBe('unreadable');
    expect(seen.read?.refusal(Gadget, 'elsewhere')?.message).toBe('gadgets in namespace elsewhere are not watched');
  });
});
