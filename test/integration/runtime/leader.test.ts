import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NotLeader } from '../../../src/runtime/api/errors.ts';
import type { Intercept } from '../../../src/runtime/http/transport.ts';
import { LEASE } from '../../../src/runtime/leader/lease.ts';
import { until } from './support/cluster.ts';
import { CONFIG_MAP, type Running, WIDGET } from './support/widget.ts';
import { WidgetCluster } from './support/widgetcluster.ts';

let cluster: WidgetCluster;

beforeAll(async () => {
  cluster = await WidgetCluster.start();
});
afterEach(() => cluster.endOperators());
afterAll(() => cluster.stop());

const TIMES = { durationMs: 3000, renewDeadlineMs: 2000, retryMs: 400 };

async function start(name: string, identity: string, intercept?: Intercept): Promise<Running> {
  const lease = { namespace: 'default', name, identity, ...TIMES };
  return cluster.readyOperator({ lease, ...(intercept && { intercept }) });
}

async function widget(ns: string, name: string): Promise<void> {
  await cluster.create(WIDGET, { metadata: { namespace: ns, name }, spec: { parts: { a: {} } } });
}

function served(ns: string, name: string): Promise<boolean> {
  return cluster.get(CONFIG_MAP, ns, `${name}-a`).then(child => child !== undefined);
}

async function writesOf(operator: Running): Promise<number> {
  return (await cluster.calls(operator.userAgent)).filter(({ verb }) => !['get', 'list', 'look'].includes(verb)).length;
}

async function holder(name: string): Promise<string | undefined> {
  const lease = await cluster.get(LEASE, 'default', name);
  return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
}

describe('leader election on a real API server', () => {
  test('a standby is ready, writes nothing, and takes over at once when the leader stops', async () => {
    const ns = await cluster.namespace('handover');
    const first = await start('handover', 'first');
    await until('first leads', first.leading);
    const second = await start('handover', 'second');
    await widget(ns, 'one');
    await until('one is served', () => served(ns, 'one'));
    expect(second.leading()).toBe(false);
    expect(await writesOf(second)).toBe(0);
    await first.stop();
    expect(await holder('handover')).not.toBe('first');
    await until('second leads within 2 s', second.leading, 2000);
    await widget(ns, 'two');
    await until('two is served', () => served(ns, 'two'));
  });

  test('a leader that cannot renew writes nothing after its deadline and ends; the other one takes over', async () => {
    const ns = await cluster.namespace('partition');
    let cut = false;
    const first = await start('partition', 'first', {
      call: (info, send) => (cut && info.path.includes('/leases') ? Promise.reject(new Error('no route')) : send()),
      stream: (info, deliver) => chunk => {
        if (!(cut && info.path.includes('/leases'))) deliver(chunk);
      },
    });
    await until('first leads', first.leading);
    const second = await start('partition', 'second');
    cut = true;
    expect(await first.stopped).toBeInstanceOf(NotLeader);
    expect(first.live()).toBe(false);
    const written = await writesOf(first);
    await until('second leads', second.leading);
    await widget(ns, 'one');
    await until('one is served', () => served(ns, 'one'));
    expect(await writesOf(first)).toBe(written);
  });

  test('a leader whose lease is deleted keeps it; one whose lease is stolen ends', async () => {
    const first = await start('taken', 'first');
    await until('first leads', first.leading);
    const second = await start('taken', 'second');
    const lease = await cluster.get(LEASE, 'default', 'taken');
    if (lease !== undefined) await cluster.delete(LEASE, lease);
    await until('the lease is there again', async () => (await holder('taken')) === 'first');
    await until('first leads', first.leading);
    expect(second.leading()).toBe(false);
    await cluster.patch(LEASE, 'default', 'taken', { spec: { holderIdentity: 'thief' } });
    expect(await first.stopped).toBeInstanceOf(NotLeader);
    await until('second leads when the thief does not renew', second.leading);
  });

  test('a leader whose event loop stands still beyond its deadline writes nothing when it goes on', async () => {
    const ns = await cluster.namespace('blocked');
    const first = await start('blocked', 'first');
    await until('first leads', first.leading);
    await widget(ns, 'one');
    await until('one is served', () => served(ns, 'one'));
    const before = await writesOf(first);
    const creating = widget(ns, 'two');
    const end = performance.now() + TIMES.renewDeadlineMs + 500;
    while (performance.now() < end);
    expect(first.leading()).toBe(false);
    expect(await first.stopped).toBeInstanceOf(NotLeader);
    await creating;
    expect(await writesOf(first)).toBe(before);
    expect(await served(ns, 'two')).toBe(false);
  });
});
