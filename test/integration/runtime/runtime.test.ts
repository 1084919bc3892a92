import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Call, CRD, until } from './support/cluster.ts';
import { streamFaults } from './support/faults.ts';
import {
  CONFIG_MAP,
  FAR,
  FINALIZER,
  GADGET,
  isIdle,
  PREFIX,
  REACH_LABEL,
  SECRET,
  WIDGET,
  type Widget,
} from './support/widget.ts';
import { WidgetCluster } from './support/widgetcluster.ts';

let cluster: WidgetCluster;

beforeAll(async () => {
  cluster = await WidgetCluster.start();
});
afterEach(() => cluster.endOperators());
afterAll(() => cluster.stop());

async function widget(namespace: string, name: string, spec: Widget['spec']): Promise<void> {
  await cluster.create(WIDGET, { metadata: { namespace, name }, spec });
}

const READ = ['get', 'list', 'look'];

function writes(calls: readonly Call[]): string[] {
  return calls
    .filter(({ verb }) => !READ.includes(verb))
    .map(call => `${call.verb} ${call.resource} ${call.namespace}/${call.name}`);
}

function reads(calls: readonly Call[]): string[] {
  return calls
    .filter(({ verb }) => READ.includes(verb))
    .map(call => `${call.verb} ${call.resource} ${call.namespace}/${call.name}`);
}

describe('the runtime on a real API server', () => {
  test('a new object costs its finalizer, one write per child, one status, and no GET', async () => {
    const ns = await cluster.namespace('counts');
    const operator = await cluster.readyOperator();
    await widget(ns, 'w', { parts: { a: { x: '1' }, b: { y: '2' } }, secret: 'hush', far: 'away' });
    await cluster.done(ns, 'w');
    await cluster.idle(operator);
    const calls = await cluster.calls(operator.userAgent);
    expect(writes(calls).sort()).toEqual([
      'patch configmaps counts/w-a',
      'patch configmaps counts/w-b',
      'patch configmaps far/w-counts-far',
      'patch secrets counts/w',
      'patch widgets counts/w',
      'update widgets/status counts/w',
    ]);
    // The finalizer before any child, the status after all of them.
    expect(writes(calls).at(0)).toBe('patch widgets counts/w');
    expect(writes(calls).at(-1)).toBe('update widgets/status counts/w');
    expect(reads(calls)).toEqual([]);
    expect(calls.every(({ code }) => code < 400)).toBe(true);
    const part = await cluster.get(CONFIG_MAP, ns, 'w-a');
    expect(part?.metadata.ownerReferences).toMatchObject([{ kind: 'Widget', name: 'w', controller: true }]);
    expect(part?.metadata.labels?.[`${PREFIX}/owner-name`]).toBe('w');
    expect((await cluster.get(WIDGET, ns, 'w'))?.metadata.finalizers).toEqual([FINALIZER]);
  });

  test('a label of the operator comes with the finalizer in one write, comes back when taken, and goes when it is not due', async () => {
    const ns = await cluster.namespace('labelled');
    const operator = await cluster.readyOperator();
    const labels = async () => (await cluster.get(WIDGET, ns, 'w'))?.metadata.labels;
    await cluster.create(WIDGET, {
      metadata: { namespace: ns, name: 'w', labels: { theirs: 'kept' } },
      spec: { far: 'away' },
    });
    await cluster.done(ns, 'w');
    await cluster.idle(operator);
    expect(await labels()).toEqual({ theirs: 'kept', [REACH_LABEL]: 'far' });
    const calls = writes(await cluster.calls(operator.userAgent));
    expect(calls.filter(call => call === 'patch widgets labelled/w')).toHaveLength(1);
    await cluster.patch(WIDGET, ns, 'w', { metadata: { labels: { [REACH_LABEL]: null } } });
    await until('the label is back', async () => (await labels())?.[REACH_LABEL] === 'far');
    await cluster.patch(WIDGET, ns, 'w', { spec: { far: null } });
    await until('the label is gone', async () => (await labels())?.[REACH_LABEL] === undefined);
    expect(await labels()).toEqual({ theirs: 'kept' });
  });

  test('a second identical apply and a restart of the operator cost no write', async () => {
    const ns = await cluster.namespace('quiet');
    const first = await cluster.readyOperator();
    await widget(ns, 'w', { parts: { a: { x: '1' } }, secret: 'hush', far: 'away' });
    await cluster.done(ns, 'w');
    await cluster.idle(first);
    const before = writes(await cluster.calls(first.userAgent)).length;
    await cluster.patch(WIDGET, ns, 'w', { metadata: { labels: { touched: 'yes' } } });
    await until('the edit was seen', () => isIdle(first, 3));
    await cluster.idle(first);
    expect(writes(await cluster.calls(first.userAgent)).length).toBe(before);
    await cluster.end(first);
    const second = await cluster.readyOperator();
    await cluster.idle(second);
    const calls = await cluster.calls(second.userAgent);
    expect(writes(calls)).toEqual([]);
    expect(reads(calls).filter(read => !read.startsWith('look secrets'))).toEqual([]);
    expect(new Set(reads(calls)).size).toBe(reads(calls).length);
  });

  test('a child that someone edits, deletes or takes the labels from is healed, and foreign fields stay', async () => {
    const ns = await cluster.namespace('healed');
    const operator = await cluster.readyOperator();
    await widget(ns, 'w', { parts: { a: { x: '1' } }, far: 'away' });
    await cluster.done(ns, 'w');
    await cluster.idle(operator);
    await cluster.patch(CONFIG_MAP, ns, 'w-a', {
      data: { x: 'wrong', theirs: 'kept' },
      metadata: { labels: { theirs: 'kept' } },
    });
    await until('the edit is healed', async () => (await data(ns, 'w-a')).x === '1');
    const healed = await cluster.get(CONFIG_MAP, ns, 'w-a');
    expect(healed).toMatchObject({ data: { x: '1', theirs: 'kept' }, metadata: { labels: { theirs: 'kept' } } });
    for (const [space, name] of [
      [ns, 'w-a'],
      [FAR, 'w-healed-far'],
    ] as const) {
      const live = await cluster.get(CONFIG_MAP, space, name);
      const labels = Object.fromEntries(Object.keys(live?.metadata.labels ?? {}).map(label => [label, null]));
      await cluster.patch(CONFIG_MAP, space, name, { metadata: { labels } });
      await until('the labels are back', async () => {
        const again = await cluster.get(CONFIG_MAP, space, name);
        return again?.metadata.labels?.[`${PREFIX}/owner-name`] === 'w' && again.metadata.uid === live?.metadata.uid;
      });
      if (live !== undefined) await cluster.delete(CONFIG_MAP, live);
      await until(
        'it is there again',
        async () => (await cluster.get(CONFIG_MAP, space, name))?.metadata.uid !== undefined,
      );
    }
    const status = await cluster.patch(WIDGET, ns, 'w', { status: { children: 99 } }, 'status');
    expect(status.status).toMatchObject({ children: 99 });
    await until('the status is healed', async () => (await cluster.done(ns, 'w')).status?.children === 2);
  });

  test('what is no longer wanted goes: fields by apply, children by prune, and back again for A→B→A', async () => {
    const ns = await cluster.namespace('pruned');
    const operator = await cluster.readyOperator();
    const a = { parts: { one: { x: '1', y: '2' }, two: { z: '3' } }, secret: 'hush', far: 'away' };
    await widget(ns, 'w', a);
    await cluster.done(ns, 'w');
    const first = await picture(ns);
    await cluster.patch(WIDGET, ns, 'w', {
      spec: { parts: { one: { x: '1', y: null }, two: null }, secret: null, far: null },
    });
    await cluster.done(ns, 'w');
    expect(await picture(ns)).toEqual({ 'ConfigMap pruned/w-one': { x: '1' } });
    await cluster.patch(WIDGET, ns, 'w', { spec: a });
    await cluster.done(ns, 'w');
    expect(await picture(ns)).toEqual(first);
    await cluster.idle(operator);
  });

  test('an object that is not ours is never taken over, is reported, and its name is used when it is free', async () => {
    const ns = await cluster.namespace('foreign');
    const theirs = await cluster.create(CONFIG_MAP, {
      metadata: { namespace: ns, name: 'w-a' },
      data: { x: 'theirs' },
    });
    await cluster.create(SECRET, { metadata: { namespace: ns, name: 'w' }, data: { content: 'dGhlaXJz' } });
    const operator = await cluster.readyOperator();
    await widget(ns, 'w', { parts: { a: { x: '1' }, b: {} }, secret: 'hush' });
    expect((await cluster.done(ns, 'w')).status?.failed).toEqual(['ConfigMap w-a: NotOurs', 'Secret w: NotOurs']);
    await cluster.idle(operator);
    expect(await cluster.get(CONFIG_MAP, ns, 'w-a')).toMatchObject({
      metadata: { resourceVersion: theirs.metadata.resourceVersion },
    });
    expect((await cluster.get(SECRET, ns, 'w'))?.data).toEqual({ content: 'dGhlaXJz' });
    expect(await cluster.get(CONFIG_MAP, ns, 'w-b')).toBeDefined();
    await cluster.delete(CONFIG_MAP, theirs);
    await cluster.patch(WIDGET, ns, 'w', { spec: { secret: null } });
    await until('the name is ours', async () => (await data(ns, 'w-a')).x === '1');
    expect((await cluster.done(ns, 'w')).status?.failed).toEqual([]);
    expect(await cluster.get(SECRET, ns, 'w')).toBeDefined();
  });

  test('a kind whose CRD is missing is waited for, picked up when it appears and survived when it goes', async () => {
    const ns = await cluster.namespace('crds');
    const operator = await cluster.readyOperator();
    await widget(ns, 'w', { parts: { a: {} }, gadget: 'big' });
    expect((await cluster.done(ns, 'w')).status?.failed).toEqual(['Gadget w: KindMissing']);
    expect(await cluster.get(CONFIG_MAP, ns, 'w-a')).toBeDefined();
    for (const _round of [1, 2]) {
      await cluster.install(GADGET);
      await until('the gadget is there', async () => (await cluster.get(GADGET, ns, 'w')) !== undefined);
      await until('nothing fails', async () => (await cluster.done(ns, 'w')).status?.failed?.toString() === '');
      await cluster.delete(CRD, { apiVersion: '', kind: '', metadata: { name: 'gadgets.test.example.com' } });
      await until(
        'it is reported',
        async () => (await cluster.done(ns, 'w')).status?.failed?.toString() === 'Gadget w: KindMissing',
      );
      await until(
        'the CRD is gone',
        async () => (await cluster.get(CRD, '', 'gadgets.test.example.com')) === undefined,
      );
    }
    expect(operator.ready()).toBe(true);
    await cluster.idle(operator);
  });

  test('a deletion that the watch did not tell is found by the new list after 410', async () => {
    const ns = await cluster.namespace('expired');
    const faults = streamFaults('/configmaps');
    const operator = await cluster.readyOperator({ intercept: faults.intercept });
    await widget(ns, 'w', { parts: { a: { x: '1' } } });
    await cluster.done(ns, 'w');
    await cluster.idle(operator);
    faults.deaf = true;
    const child = await cluster.get(CONFIG_MAP, ns, 'w-a');
    if (child !== undefined) await cluster.delete(CONFIG_MAP, child);
    expect(await cluster.get(CONFIG_MAP, ns, 'w-a')).toBeUndefined();
    faults.deaf = false;
    faults.say({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } });
    await until('the child is back', async () => (await cluster.get(CONFIG_MAP, ns, 'w-a')) !== undefined);
  });

  test('deletion waits for what lives elsewhere; an owner that lost its finalizer leaves nothing behind', async () => {
    const ns = await cluster.namespace('deleted');
    const operator = await cluster.readyOperator();
    for (const name of ['w', 'stripped']) await widget(ns, name, { parts: { a: {} }, far: 'away' });
    for (const name of ['w', 'stripped']) await cluster.done(ns, name);
    await cluster.idle(operator);
    const [w] = (await cluster.list(WIDGET, ns)).filter(({ metadata }) => metadata.name === 'w');
    if (w !== undefined) await cluster.delete(WIDGET, w);
    await until('the widget is gone', async () => (await cluster.get(WIDGET, ns, 'w')) === undefined);
    expect(await cluster.get(CONFIG_MAP, FAR, 'w-deleted-far')).toBeUndefined();
    await cluster.end(operator);
    const stripped = await cluster.patch(WIDGET, ns, 'stripped', { metadata: { finalizers: null } });
    await cluster.delete(WIDGET, stripped);
    expect(await cluster.get(CONFIG_MAP, FAR, 'stripped-deleted-far')).toBeDefined();
    await cluster.readyOperator();
    await until(
      'the orphan is gone',
      async () => (await cluster.get(CONFIG_MAP, FAR, 'stripped-deleted-far')) === undefined,
    );
  });

  test('with a list of namespaces, objects elsewhere are neither read nor served', async () => {
    const [inside, outside] = [await cluster.namespace('inside'), await cluster.namespace('outside')];
    const operator = await cluster.readyOperator({ namespaces: [inside, FAR] });
    for (const ns of [outside, inside]) await widget(ns, 'w', { parts: { a: { x: '1' } }, far: 'away' });
    await cluster.done(inside, 'w');
    await cluster.patch(CONFIG_MAP, inside, 'w-a', { data: { x: 'wrong' } });
    await until('the child is healed', async () => (await data(inside, 'w-a')).x === '1');
    const calls = await cluster.calls(operator.userAgent);
    expect(calls.filter(({ namespace }) => namespace === outside)).toEqual([]);
    expect(await cluster.list(CONFIG_MAP, outside).then(found => found.filter(o => o.metadata.name === 'w-a'))).toEqual(
      [],
    );
  });

  async function data(namespace: string, name: string): Promise<Record<string, string>> {
    return ((await cluster.get(CONFIG_MAP, namespace, name))?.data ?? {}) as Record<string, string>;
  }

  /** Children of a namespace's widgets by name, with their content. */
  async function picture(ns: string): Promise<Record<string, unknown>> {
    const objects = await Promise.all([
      cluster.list(CONFIG_MAP, ns),
      cluster.list(CONFIG_MAP, FAR),
      cluster.list(SECRET, ns),
    ]);
    const [near = [], far = [], secrets = []] = objects;
    const rows = [
      ...near.map(object => ['ConfigMap', object] as const),
      ...far
        .filter(({ metadata }) => metadata.labels?.[`${PREFIX}/owner-namespace`] === ns)
        .map(o => ['ConfigMap', o] as const),
      ...secrets.map(object => ['Secret', object] as const),
    ];
    const ours = rows.filter(([, { metadata }]) => metadata.labels?.[`${PREFIX}/owner-kind`] === 'Widget');
    return Object.fromEntries(ours.map(([kind, o]) => [`${kind} ${o.metadata.namespace}/${o.metadata.name}`, o.data]));
  }
});
