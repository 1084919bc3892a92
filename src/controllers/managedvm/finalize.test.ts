import { describe, expect, it } from 'vitest';
import { managedVM as managedVMKind } from '../../api/managedvm.ts';
import * as upstream from '../../api/upstream.ts';
import { dataVolumeName, keySecretName, scheduleName } from '../../domain/contract/child.ts';
import { managedVM, UID } from '../../domain/managedvm/assessment.fixtures.ts';
import type { KubeObject, ObjectMeta, ResourceKind } from '../../runtime/api/object.ts';
import { apiVersionOf } from '../../runtime/api/object.ts';
import type { KindState } from '../../runtime/cache/kindview.ts';
import { labelled, marked } from '../../runtime/children/ownership.ts';
import { OpenRegistry } from '../../runtime/observe/registry.ts';
import { Reporter } from '../report.ts';
import { readSettings } from '../settings.ts';
import { MARKS, ownershipOf } from '../whose.ts';
import type { Context } from './context.ts';
import { finalize } from './finalize.ts';
import { managedVMMetrics } from './metrics.ts';
import { ownedKinds, READINGS } from './readings.ts';

const settings = readSettings({}, 'host');
const disks = [
  { name: 'root', reclaimPolicy: 'Delete' },
  { name: 'data', size: '5Gi' },
];
const order = (finalizers: string[] = []) => {
  const one = managedVM({ disks });
  const metadata = { ...one.metadata, deletionTimestamp: '2026-11-23T12:00:00Z', finalizers };
  return { ...one, metadata } as typeof one & KubeObject;
};

/** A child as Steward makes it, or what became of it. */
function child(kind: ResourceKind, name: string, labels: Record<string, string>, change: Partial<ObjectMeta> = {}) {
  const namespace = change.namespace ?? 'acme';
  const desired = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, namespace, labels } };
  const referring = labels['managed.systems/reclaim-policy'] !== 'Retain';
  const made = marked(MARKS, kind, order(), labelled(MARKS, managedVMKind, order(), desired, referring));
  return { ...made, metadata: { ...made.metadata, uid: `${namespace}-${kind.kind}-${name}`, ...change } };
}
const disk = (name: string, reclaimPolicy: string, change: Partial<ObjectMeta> = {}) =>
  child(
    upstream.DataVolume,
    dataVolumeName(order(), name),
    { 'managed.systems/disk': name, 'managed.systems/reclaim-policy': reclaimPolicy },
    change,
  );
const machine = (change: Partial<ObjectMeta> = {}) => child(upstream.VirtualMachine, 'shop-db', {}, change);
const keys = child(upstream.Secret, keySecretName(UID), {}, { namespace: settings.keys.namespace });
const schedule = child(
  upstream.VeleroSchedule,
  scheduleName(order(), 'daily'),
  { 'managed.systems/backup-tier': 'daily' },
  { namespace: settings.veleroNamespace },
);
/** As clones and restores leave it. */
const copied = (of: KubeObject, change: Partial<ObjectMeta>): KubeObject => {
  const { name, namespace = '', labels = {}, annotations = {} } = of.metadata;
  return { ...of, metadata: { name, namespace, labels, annotations, uid: 'copy', ...change } };
};

/** What a finalize did to a cluster in which every deletion is carried out at once. */
async function deletionOf(objects: readonly KubeObject[], { finalizers = [] as string[], unreadable = '' } = {}) {
  const live = new Set(objects);
  const destroyed: string[] = [];
  const told: string[] = [];
  const ownership = ownershipOf(ownedKinds(READINGS, settings));
  const indexed = (kind: string, index: string) =>
    ownership.kinds.every(
      each => each.kind.kind !== kind || each.read === 'named' || each.indexes?.[index] !== undefined,
    );
  const read = {
    state: ({ kind }: ResourceKind): KindState => (kind === unreadable ? 'unreadable' : 'served'),
    refusal: () => undefined,
    byIndex: ({ kind }: ResourceKind, index: string) => {
      if (!indexed(kind, index)) throw new TypeError(`${kind} has no index ${index}`);
      return [...live].filter(object => object.kind === kind);
    },
  };
  const context = {
    ...{ object: order(finalizers), now: new Date('2026-11-23T12:00:01Z'), read },
    status: async ({ waitingFor }: { waitingFor?: readonly { object: string }[] }) =>
      told.push(...(waitingFor ?? []).map(({ object }) => `waits for ${object}`)) > 0,
    event: (_: string, reason: string, message: string) => told.push(`${reason}: ${message}`),
    deleteChild: async (object: KubeObject) => {
      live.delete(object);
      destroyed.push(`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`);
    },
  } as unknown as Context;
  const registry = new OpenRegistry();
  const parts = { reporter: new Reporter(registry), metrics: managedVMMetrics(registry) };
  const result = await finalize(context, { ...parts, ownership });
  return { done: result.done === true, destroyed, told };
}

const everything = [machine(), disk('root', 'Delete'), disk('data', 'Retain'), keys, schedule];

describe('a deletion (design 4)', () => {
  it('takes what is its own, and leaves kept disks with the keys of their guest', async () => {
    const { done, destroyed, told } = await deletionOf(everything);
    expect(destroyed).toEqual([
      `Schedule velero/${schedule.metadata.name}`,
      'VirtualMachine acme/shop-db',
      'DataVolume acme/shop-db-root',
    ]);
    expect(done).toBe(true);
    expect(told).toEqual([
      'LeftAlone: What bears the labels of this ManagedVM and is not to be deleted stays: DataVolume shop-db-data.',
    ]);
  });

  it('ends the keys with the last disk', async () => {
    const { destroyed } = await deletionOf([machine(), disk('root', 'Delete'), keys]);
    expect(destroyed.at(-1)).toBe(`Secret steward-keys/managedvm-${UID}`);
  });

  it.each([
    ['a restore into another namespace', copied(disk('root', 'Delete'), { namespace: 'acme-drill' })],
    ['a clone by KubeVirt', copied(machine(), { name: 'shop-db-clone' })],
    ['a clone with a finalizer of somebody', copied(machine(), { name: 'clone', finalizers: ['example.com/held'] })],
    ['a disk restored in place', copied(disk('root', 'Delete'), {})],
    ['an exported manifest under another name', { ...disk('root', 'Delete', { name: 'mine' }) }],
    ['a Schedule copied by hand', copied(schedule, { name: 'mine' })],
  ])('neither touches nor waits for %s', async (_, copy) => {
    const { done, destroyed } = await deletionOf([copy, keys]);
    expect(done).toBe(true);
    expect(destroyed.filter(name => !name.startsWith('Secret'))).toEqual([]);
  });

  it('lets everything live on with --cascade=orphan', async () => {
    const { done, destroyed, told } = await deletionOf(everything, { finalizers: ['orphan'] });
    expect([done, destroyed]).toEqual([true, []]);
    expect(told).toMatchObject([expect.stringContaining('VirtualMachine shop-db, DataVolume shop-db-root')]);
  });

  it('lets everything live on that was orphaned before it looked', async () => {
    const orphaned = everything.map(object => copied(object, {}));
    expect(await deletionOf(orphaned)).toMatchObject({ done: true, destroyed: [] });
  });

  it('does not end while a kind cannot be read: its objects may live', async () => {
    const { done, destroyed, told } = await deletionOf([disk('root', 'Delete')], { unreadable: 'VirtualMachine' });
    expect([done, destroyed]).toEqual([false, []]);
    expect(told).toContain('waits for VirtualMachine acme/*');
  });
});
