import { describe, expect, it } from 'vitest';
import { managedVM, UID } from '../../domain/managedvm/assessment.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { KubeObject, ObjectKey, ResourceKind } from '../../runtime/api/object.ts';
import type { Asked, Reader } from '../../runtime/pass/controller.ts';
import { shardLease } from '../gueststate/shards.ts';
import { guestWorkersOf } from './guestworkers.ts';

const INTERVAL_MS = 600_000;
const shop = managedVM() as ReturnType<typeof managedVM> & KubeObject;
const other = { ...shop, metadata: { ...shop.metadata, name: 'shop-web' } };
const unwatched = { ...shop, metadata: { ...shop.metadata, name: 'shop-new' } };

const record = (name: string, worker: string) => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'GuestState', metadata: { name, namespace: 'acme' } },
  ...{ spec: { managedVM: UID }, status: { worker } },
});
const lease = (name: string, renewTime: string, spec: object = {}): KubeObject => ({
  ...{
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'steward-system', uid: name },
  },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime, ...spec },
});

/** Workers whose Leases a test plays; each step is a list, so many minutes after the last. */
function played(records = [record('shop-db', 'steward-guest-0'), record('shop-web', 'steward-guest-1')]) {
  const workers = guestWorkersOf({ namespace: 'steward-system', guestIntervalMs: INTERVAL_MS });
  let [now, lists] = [0, 0];
  let answer: () => readonly KubeObject[] = () => [];
  const read = {
    get: (_: ResourceKind, { name }: ObjectKey) => records.find(({ metadata }) => metadata.name === name),
    list: () => records,
  } as Partial<Reader> as Reader;
  const asked: Asked = {
    ...{ read, listAll: async () => [], monotonic: () => now },
    list: async () => {
      lists += 1;
      return answer();
    },
  };
  const step = async (minutes: number, leases: readonly KubeObject[] | Error) => {
    now += minutes * 60_000;
    answer = () => {
      if (leases instanceof Error) throw leases;
      return leases;
    };
    const concerns = await workers.source.ask(new Date(0), new AbortController().signal, asked);
    return [shop, other, unwatched].filter(concerns).map(({ metadata }) => metadata.name);
  };
  return { workers, step, lists: () => lists };
}

describe('whether guest workers live', () => {
  it('is asked by one list, ten times an interval, and not where nobody looks into a guest', async () => {
    const { workers, step, lists } = played([]);
    await step(0, []);
    expect([lists(), workers.source.everyMs]).toEqual([0, 60_000]);
    const some = played();
    await some.step(0, []);
    expect(some.lists()).toBe(1);
  });

  it('concerns the VMs of a shard when its standing changes, and nobody while it does not', async () => {
    const { workers, step } = played();
    const [first, second] = [shardLease(0), shardLease(1)];
    const told = [
      await step(0, [lease(first, 't1'), lease(second, 't1')]),
      await step(1, [lease(first, 't2'), lease(second, 't2')]),
      await step(1, [lease(first, 't3'), lease(second, 't3')]),
      await step(20, [lease(first, 't4'), lease(second, 't3')]),
      await step(1, [lease(first, 't5'), lease(second, 't3')]),
      await step(1, [lease(first, 't6'), lease(second, 't3')]),
    ];
    expect(told).toEqual([[], ['shop-db', 'shop-web'], [], [], ['shop-web'], []]);
    expect([first, second].map(name => workers.standingOf(name))).toEqual(['held', 'lost']);
    expect(await step(1, [lease(first, 't7'), lease(second, 't9')])).toEqual(['shop-web']);
    expect(workers.standingOf(second)).toBe('held');
  });

  it('is told by nothing but the Leases of shards, and never by the clock of who writes them', async () => {
    const { workers, step } = played();
    const strange = ['steward', 'steward-guest-', 'steward-guest-00000', 'steward-guest-0x'];
    await step(0, [lease('steward-guest-0', '2099-01-01T00:00:00Z'), ...strange.map(name => lease(name, 'a'))]);
    await step(1, [lease('steward-guest-0', '2000-01-01T00:00:00Z'), ...strange.map(name => lease(name, 'b'))]);
    expect(workers.standingOf('steward-guest-0')).toBe('held');
    await step(21, [lease('steward-guest-0', '2000-01-01T00:00:00Z'), ...strange.map(name => lease(name, 'c'))]);
    expect(workers.standingOf('steward-guest-0')).toBe('lost');
    for (const name of strange) expect(workers.standingOf(name)).toBe('lost');
  });

  it('is not known where the Leases cannot be read for two intervals, and then in the words of the API server', async () => {
    const { workers, step } = played();
    const leases = [lease('steward-guest-0', 't1')];
    const refused = new ApiError(403, 'Forbidden', 'leases is forbidden');
    await step(0, leases);
    expect(await step(1, refused)).toEqual([]);
    expect(workers.unreadable()).toEqual([]);
    expect(await step(20, refused)).toEqual(['shop-db', 'shop-web']);
    expect(workers.unreadable()).toMatchObject([
      { kind: 'Lease', namespace: 'steward-system', why: 'leases is forbidden' },
    ]);
    await step(1, [lease('steward-guest-0', 't2')]);
    expect([workers.unreadable(), workers.standingOf('steward-guest-0')]).toEqual([[], 'held']);
  });

  it('is over at once for a Lease that was given back, and lasts no longer than that of a mortal', async () => {
    const { workers, step } = played();
    await step(0, [lease('steward-guest-0', 't1', { leaseDurationSeconds: 1e9 })]);
    await step(1, [lease('steward-guest-0', 't2', { leaseDurationSeconds: 1e9 })]);
    await step(22, [lease('steward-guest-0', 't2', { leaseDurationSeconds: 1e9 })]);
    expect(workers.standingOf('steward-guest-0')).toBe('lost');
    await step(1, [lease('steward-guest-0', 't3')]);
    await step(1, [lease('steward-guest-0', 't4', { holderIdentity: '' })]);
    await step(20, [lease('steward-guest-0', 't4', { holderIdentity: '' })]);
    expect(workers.standingOf('steward-guest-0')).toBe('lost');
  });
});
