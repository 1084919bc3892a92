import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from './support/cluster.ts';
import { callFaults, streamFaults } from './support/faults.ts';
import { CONFIG_MAP, FAR, isIdle, PREFIX, SECRET, WIDGET, type Widget } from './support/widget.ts';
import { WidgetCluster } from './support/widgetcluster.ts';

let cluster: WidgetCluster;

beforeAll(async () => {
  cluster = await WidgetCluster.start();
});
afterEach(() => cluster.endOperators());
afterAll(() => cluster.stop());

const SPEC: Widget['spec'] = { parts: { a: { x: '1' }, b: { y: '2' } }, secret: 'hush', far: 'away' };
/** Finalizer, four children, status. */
const WRITES_TO_CREATE = 6;

async function settled(ns: string): Promise<void> {
  await until(`Widget ${ns}/w is settled`, async () => {
    const widget = await cluster.get(WIDGET, ns, 'w');
    const status = (widget as Widget | undefined)?.status;
    return status?.observedGeneration === widget?.metadata.generation && status?.failed?.toString() === '';
  });
}

/** The whole outcome in a namespace, with generated ids and the namespace's name taken out. */
async function outcome(ns: string): Promise<unknown> {
  const [widgets, near, far, secrets] = await Promise.all([
    cluster.list(WIDGET, ns),
    cluster.list(CONFIG_MAP, ns),
    cluster.list(CONFIG_MAP, FAR),
    cluster.list(SECRET, ns),
  ]);
  const ours = [...near, ...far, ...secrets].filter(
    ({ metadata }) => metadata.labels?.[`${PREFIX}/owner-namespace`] === ns,
  );
  const plain = [...widgets, ...ours].map(({ metadata, data, status }) => {
    const { name, finalizers, labels = {}, ownerReferences } = metadata;
    const marks = Object.keys(labels).sort();
    const owners = ownerReferences?.map(reference => `${reference.kind} ${reference.name}`);
    const { observedGeneration: _, ...said } = (status ?? {}) as Record<string, unknown>;
    return { name, finalizers, marks, owners, data, status: said };
  });
  return JSON.parse(JSON.stringify(plain).replaceAll(ns, 'NS'));
}

async function quietAfter(ns: string, expected: unknown): Promise<void> {
  expect(await outcome(ns)).toEqual(expected);
  const operator = await cluster.operator();
  await cluster.idle(operator);
  const calls = await cluster.calls(operator.userAgent);
  expect(calls.filter(({ verb }) => !['get', 'list', 'look'].includes(verb))).toEqual([]);
  await cluster.endOperators();
}

describe('the runtime when things fail', () => {
  let expected: unknown;

  beforeAll(async () => {
    const ns = await cluster.namespace('fault-free');
    await cluster.operator();
    await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
    await settled(ns);
    await cluster.endOperators();
    expected = await outcome(ns);
  });

  for (let k = 0; k <= WRITES_TO_CREATE; k += 1) {
    test(`killed after write ${k} of a creation: the next process ends in the same state`, async () => {
      const ns = await cluster.namespace(`killed-${k}`);
      let dead = false;
      const intercept = callFaults((info, write) => {
        dead ||= write > k;
        return dead && info.method !== 'GET' ? 'drop' : 'pass';
      });
      const first = await cluster.operator({ intercept });
      await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
      if (k < WRITES_TO_CREATE) await until('it is dead', () => dead);
      else await settled(ns);
      await first.stop();
      await cluster.operator();
      await settled(ns);
      await cluster.endOperators();
      await quietAfter(ns, expected);
    });

    test(`the answer to write ${k + 1} of a creation is lost: same state, nothing twice`, async () => {
      const ns = await cluster.namespace(`lost-${k}`);
      await cluster.operator({ intercept: callFaults((_info, write) => (write === k + 1 ? 'lose' : 'pass')) });
      await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
      await settled(ns);
      await cluster.endOperators();
      await quietAfter(ns, expected);
    });

    test(`killed after write ${k} of a deletion: the next process completes it`, async () => {
      const ns = await cluster.namespace(`deleted-${k}`);
      await cluster.operator();
      const widget = await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
      await settled(ns);
      await cluster.endOperators();
      let writes = 0;
      const first = await cluster.operator({
        intercept: callFaults((info, write) => {
          writes = write;
          return write > k && info.method !== 'GET' ? 'drop' : 'pass';
        }),
      });
      await cluster.delete(WIDGET, widget);
      await until('it is dead or done', async () => writes > k || (await cluster.get(WIDGET, ns, 'w')) === undefined);
      await first.stop();
      await cluster.operator();
      await until('everything is gone', async () => ((await outcome(ns)) as unknown[]).length === 0);
    });
  }

  for (const [name, status, headers] of [
    ['429 with Retry-After', 429, { 'retry-after': '1' }],
    ['429 without Retry-After', 429, {}],
    ['500', 500, {}],
    ['503', 503, {}],
  ] as const) {
    test(`${name} for every request, reads and writes, is retried without loss`, async () => {
      const ns = await cluster.namespace(`refused-${status}-${Object.keys(headers).length}`);
      let refusals = 0;
      await cluster.operator({
        intercept: callFaults(() => {
          refusals += 1;
          return refusals <= 20 ? { status, headers, body: '{"message":"not now"}' } : 'pass';
        }),
      });
      await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
      await settled(ns);
      await cluster.endOperators();
      await quietAfter(ns, expected);
    });
  }

  test('watches that lag behind our own writes cost no second write (read your own writes)', async () => {
    const ns = await cluster.namespace('lag');
    const operator = await cluster.operator({
      intercept: {
        stream: (_info, deliver) => chunk => {
          setTimeout(() => deliver(chunk), 300);
        },
      },
    });
    await until('it is ready', operator.ready);
    await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
    await settled(ns);
    await cluster.patch(WIDGET, ns, 'w', { spec: { parts: { a: { x: '9' } } } });
    await settled(ns);
    const widgets = await cluster.list(WIDGET, '');
    await until('the operator is idle', () => isIdle(operator, widgets.length + 2));
    const calls = await cluster.calls(operator.userAgent);
    const writes = calls.filter(
      ({ verb, namespace }) => !['get', 'look'].includes(verb) && namespace !== 'far' && namespace === ns,
    );
    expect(writes.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`).sort()).toEqual([
      'patch configmaps w-a',
      'patch configmaps w-a',
      'patch configmaps w-b',
      'patch secrets w',
      'patch widgets w',
      'update widgets/status w',
      'update widgets/status w',
    ]);
    expect(writes.every(({ code }) => code < 400)).toBe(true);
  });

  test('watch events that come twice, and watches that are cut at any byte, change nothing', async () => {
    const ns = await cluster.namespace('cut');
    const cuts = new Map<string, number>();
    await cluster.operator({
      intercept: {
        stream: ({ path }, deliver) => {
          const kind = path.split('?')[0] ?? '';
          let chunks = 0;
          return chunk => {
            chunks += 1;
            const cut = cuts.get(kind) ?? 0;
            if (chunks === 2 && cut < 2) {
              cuts.set(kind, cut + 1);
              deliver(chunk.subarray(0, chunk.length >> 1));
              throw new Error('cut');
            }
            deliver(chunk);
            if (chunk.at(-1) === 10 && chunk.at(0) === 123) deliver(chunk);
          };
        },
      },
    });
    await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
    await settled(ns);
    for (let i = 0; i < 10; i += 1) {
      await cluster.patch(WIDGET, ns, 'w', { spec: { parts: { a: { x: String(i) } } } });
      const child = await cluster.get(CONFIG_MAP, ns, 'w-b');
      if (child !== undefined) await cluster.delete(CONFIG_MAP, child);
    }
    await cluster.patch(WIDGET, ns, 'w', { spec: SPEC });
    await settled(ns);
    await until('the child is back', async () => (await cluster.get(CONFIG_MAP, ns, 'w-b')) !== undefined);
    await until('every watch was cut', () => cuts.size >= 2);
    await cluster.endOperators();
    await quietAfter(ns, expected);
  });

  test('a store frozen before a delete and recreate of the same name harms neither the new object nor us', async () => {
    const ns = await cluster.namespace('frozen');
    const faults = streamFaults('/configmaps');
    const operator = await cluster.operator({ intercept: faults.intercept });
    await until('it is ready', operator.ready);
    await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
    await settled(ns);
    faults.deaf = true;
    const child = await cluster.get(CONFIG_MAP, ns, 'w-a');
    if (child === undefined) throw new Error('no child');
    await cluster.delete(CONFIG_MAP, child);
    await cluster.create(CONFIG_MAP, { metadata: { namespace: ns, name: 'w-a' }, data: { x: 'theirs' } });
    await cluster.patch(WIDGET, ns, 'w', { spec: { parts: { a: { x: '2' } } } });
    await until('it is reported', async () => {
      const status = (await cluster.get(WIDGET, ns, 'w'))?.status as { failed?: string[] } | undefined;
      return (
        status?.failed?.toString() === 'ConfigMap w-a: NotOurs' ||
        status?.failed?.toString() === 'ConfigMap w-a: Conflict'
      );
    });
    await cluster.patch(WIDGET, ns, 'w', { spec: { parts: { a: null } } });
    await until('the edit is seen', async () => (await cluster.get(CONFIG_MAP, ns, 'w-b')) !== undefined);
    expect((await cluster.get(CONFIG_MAP, ns, 'w-a'))?.data).toEqual({ x: 'theirs' });
  });

  test('stopping leaves no connection, timer or request behind', async () => {
    const ns = await cluster.namespace('stopped');
    const before = process.getActiveResourcesInfo().filter(kind => kind.includes('TCP') || kind === 'Timeout').length;
    const operator = await cluster.operator();
    await cluster.create(WIDGET, { metadata: { namespace: ns, name: 'w' }, spec: SPEC });
    await settled(ns);
    expect(operator.live()).toBe(true);
    await cluster.endOperators();
    expect(operator.live()).toBe(false);
    await expect(operator.stopped).resolves.toBeUndefined();
    await until('everything is closed', () => {
      const now = process.getActiveResourcesInfo().filter(kind => kind.includes('TCP') || kind === 'Timeout').length;
      // The test's own client keeps its connections, and until() its timer.
      return now <= before + 2;
    });
  });
});
