import { describe, expect, test } from 'vitest';
import type { LiveObject } from './child.ts';
import { isRetained, mayAdoptDisk, renderDisks } from './disks.ts';
import { managedVMOf, operatingSystemOf } from './rendering.fixtures.ts';

const UID = '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11';
const nothing = { liveDataVolumes: new Map(), livePVCs: new Map() };

const order = (...disks: Record<string, unknown>[]) =>
  managedVMOf({
    serviceLevel: 'Admin',
    operatingSystem: 'debian-13',
    disks: [{ name: 'root', size: '20Gi' }, ...disks],
  });

describe('the disks of a ManagedVM', () => {
  test('each disk is a DataVolume: root from the catalogue, the others blank', () => {
    const { dataVolumes, growth } = renderDisks({
      managedVM: order({ name: 'data', size: '1024Gi', storageClass: 'fast', reclaimPolicy: 'Delete' }),
      operatingSystem: operatingSystemOf(),
      ...nothing,
    });
    const labels = { 'managed.systems/managed-vm': 'shop-db' };
    expect(dataVolumes.map(disk => disk.object)).toEqual([
      {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataVolume',
        metadata: {
          name: 'shop-db-root',
          namespace: 'acme',
          labels: { ...labels, 'managed.systems/disk': 'root', 'managed.systems/reclaim-policy': 'Retain' },
        },
        spec: {
          sourceRef: { kind: 'DataSource', name: 'debian-13', namespace: 'golden' },
          storage: { resources: { requests: { storage: '20Gi' } } },
        },
      },
      {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataVolume',
        metadata: {
          name: 'shop-db-data',
          namespace: 'acme',
          labels: { ...labels, 'managed.systems/disk': 'data', 'managed.systems/reclaim-policy': 'Delete' },
        },
        spec: {
          source: { blank: {} },
          storage: { resources: { requests: { storage: '1Ti' } }, storageClassName: 'fast' },
        },
      },
    ]);
    expect(growth).toEqual([]);
  });

  test('a retained disk has no owner that could take it along; one to be deleted has', () => {
    const { dataVolumes } = renderDisks({
      managedVM: order({ name: 'data', size: '1Gi', reclaimPolicy: 'Delete' }),
      operatingSystem: operatingSystemOf(),
      ...nothing,
    });
    expect(dataVolumes.map(disk => disk.ownerReference)).toEqual([false, true]);
    expect(dataVolumes.map(disk => isRetained(disk.object))).toEqual([true, false]);
  });

  test.each([
    [
      { registry: { url: 'docker://registry.example/debian:13' } },
      { registry: { url: 'docker://registry.example/debian:13' } },
    ],
    [
      { http: { url: 'https://images.example/debian.qcow2' } },
      { http: { url: 'https://images.example/debian.qcow2' } },
    ],
  ])('an image at %j is imported from there', (image, source) => {
    const { dataVolumes } = renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf({ image }),
      ...nothing,
    });
    expect(dataVolumes[0]?.object.spec).toMatchObject({ source });
  });

  test('a root disk that is a container image has no DataVolume', () => {
    const operatingSystem = operatingSystemOf({ image: { containerDisk: { image: 'registry.example/debian:13' } } });
    expect(renderDisks({ managedVM: order(), operatingSystem, ...nothing }).dataVolumes).toEqual([]);
  });

  test('the spec of a DataVolume that exists is never fought over: it is immutable', () => {
    const live = dataVolume('root', '10Gi');
    const { dataVolumes } = renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf({ image: { http: { url: 'https://images.example/newer.qcow2' } } }),
      liveDataVolumes: new Map([['root', live]]),
      livePVCs: new Map(),
    });
    expect(dataVolumes[0]?.object.spec).toEqual(live.spec);
    expect(dataVolumes[0]?.object.metadata.labels).toMatchObject({ 'managed.systems/reclaim-policy': 'Retain' });
  });
});

describe('growth of a disk', () => {
  const grow = (dv: LiveObject, pvc: LiveObject) =>
    renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map([['root', dv]]),
      livePVCs: new Map([['root', pvc]]),
    }).growth.map(({ object, ownerReference }) => ({ ...object, ownerReference }));

  const grown = (storage: string) => [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'shop-db-root', namespace: 'acme' },
      spec: { resources: { requests: { storage } } },
      ownerReference: false,
    },
  ];

  test('a block claim grows to what is ordered, and nothing but its size is ours', () => {
    expect(grow(dataVolume('root', '10Gi'), claim('10Gi', 'Block'))).toEqual(grown('20Gi'));
  });

  test('a file system claim also gets the share that CDI sets aside, or the disk in it would be smaller than ordered', () => {
    expect(grow(dataVolume('root', '10Gi'), claim('11Gi', 'Filesystem'))).toEqual(grown('21788Mi'));
  });

  test('a claim that has grown stays wanted at its size: nothing is written twice', () => {
    expect(grow(dataVolume('root', '10Gi'), claim('21788Mi', 'Filesystem'))).toEqual(grown('21788Mi'));
  });

  test('a claim that someone made larger is not shrunk', () => {
    expect(grow(dataVolume('root', '10Gi'), claim('30Gi', 'Block'))).toEqual(grown('30Gi'));
  });

  test.each([
    ['a disk as large as it was made', dataVolume('root', '20Gi'), claim('20Gi', 'Filesystem')],
    ['a claim that is not bound yet', dataVolume('root', '10Gi'), claim('10Gi', 'Block', 'Pending')],
    [
      "another owner's disk",
      dataVolume('root', '10Gi', { 'managed.systems/owner-name': 'shop-web', 'managed.systems/owner-uid': 'other' }),
      claim('10Gi', 'Block'),
    ],
    ['a claim whose size is not to be read', dataVolume('root', '10Gi'), claim('a lot', 'Block')],
  ])('%s is left alone', (_case, dv, pvc) => {
    expect(grow(dv, pvc)).toEqual([]);
  });

  test('only the claim that belongs to the DataVolume is taken for it', () => {
    const { growth } = renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map([['root', dataVolume('root', '10Gi')]]),
      livePVCs: new Map([['root', claim('10Gi', 'Block')]]),
    });
    expect(growth[0]?.adopt(claim('10Gi', 'Block'))).toBe(true);
    const foreign = { ...claim('10Gi', 'Block'), metadata: { name: 'shop-db-root' } };
    expect(growth[0]?.adopt(foreign)).toBe(false);
  });
});

describe('a disk left behind by an earlier ManagedVM', () => {
  const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }, { uid: 'new' });
  const left = dataVolume('root', '10Gi');
  const labelled = (labels: Record<string, string>) => dataVolume('root', '10Gi', labels);

  test('of the same namespace and name is taken up again', () => {
    expect(mayAdoptDisk(left, managedVM)).toBe(true);
  });

  test.each<[string, LiveObject]>([
    ['another name', labelled({ 'managed.systems/owner-name': 'shop-web' })],
    ['another namespace', labelled({ 'managed.systems/owner-namespace': 'beta' })],
    ['another kind', labelled({ 'managed.systems/owner-kind': 'Restore' })],
    ['a disk that goes with its VM', labelled({ 'managed.systems/reclaim-policy': 'Delete' })],
    ['nobody of ours', { ...left, metadata: { name: 'shop-db-root' } }],
    ['a deletion in progress', { ...left, metadata: { ...left.metadata, deletionTimestamp: '2026-11-23T09:00:00Z' } }],
    [
      'an owner that still holds it',
      { ...left, metadata: { ...left.metadata, ownerReferences: [{ kind: 'ManagedVM', name: 'shop-db' }] } },
    ],
  ])('is not taken from %s', (_case, live) => {
    expect(mayAdoptDisk(live, managedVM)).toBe(false);
  });
});

function dataVolume(disk: string, storage: string, labels: Record<string, string> = {}): LiveObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name: `shop-db-${disk}`,
      labels: {
        'managed.systems/owner-kind': 'ManagedVM',
        'managed.systems/owner-namespace': 'acme',
        'managed.systems/owner-name': 'shop-db',
        'managed.systems/owner-uid': UID,
        'managed.systems/disk': disk,
        'managed.systems/reclaim-policy': 'Retain',
        ...labels,
      },
    },
    spec: { source: { blank: {} }, storage: { resources: { requests: { storage } } } },
  };
}

function claim(storage: string, volumeMode: string, phase = 'Bound'): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'shop-db-root', ownerReferences: [{ kind: 'DataVolume', name: 'shop-db-root' }] },
    spec: { resources: { requests: { storage } }, volumeMode },
    status: { phase },
  };
}
