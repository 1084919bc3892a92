import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../contract/child.ts';
import { managedVMOf, operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import type { DiskHold } from './diskhold.ts';
import { isRetained, renderDisks } from './disks.ts';

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

/** A claim that storage cannot enlarge, as the resizer leaves it. */
function refused(capacity: string, requested: string): LiveObject {
  const allocatedResourceStatuses = { storage: 'ControllerResizeInfeasible' };
  return {
    ...claim(requested, 'Block'),
    status: { phase: 'Bound', capacity: { storage: capacity }, allocatedResourceStatuses },
  };
}

describe('growth of a disk', () => {
  const grow = (dv: LiveObject | undefined, pvc: LiveObject) =>
    renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map(dv ? [['root', dv]] : []),
      livePVCs: new Map([['root', pvc]]),
      holds: new Map([['root', { standing: 'ours', claim: 'shop-db-root', taken: false }]]),
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
    ['a claim without a DataVolume that is large enough', undefined, claim('21788Mi', 'Filesystem')],
    ['a claim whose size is not to be read', dataVolume('root', '10Gi'), claim('a lot', 'Block')],
  ])('%s is left alone', (_case, dv, pvc) => {
    expect(grow(dv, pvc)).toEqual([]);
  });

  test.each([
    ['to what is ordered', '10Gi', '18Gi', '30Gi', '20Gi'],
    ['to just above what the volume has, the least that Kubernetes takes', '20Gi', '20Gi', '30Gi', '20481Mi'],
    ['also where the volume has more than is ordered', '20Gi', '25Gi', '30Gi', '25601Mi'],
  ])('that storage refused is taken back %s (case 18)', (_, made, capacity, requested, storage) => {
    expect(grow(dataVolume('root', made), refused(capacity, requested))).toEqual(grown(storage));
    expect(grow(undefined, refused(capacity, requested))).toEqual(grown(storage));
  });

  test.each([
    ['was taken back already', refused('20Gi', '20481Mi')],
    ['has grown in the meantime', refused('30Gi', '30Gi')],
    ['is not refused', { ...claim('30Gi', 'Block'), status: { phase: 'Bound', capacity: { storage: '20Gi' } } }],
  ])('a claim that %s keeps its request', (_, pvc) => {
    expect(grow(dataVolume('root', '20Gi'), pvc)).toEqual([]);
  });

  test('a claim grows without its DataVolume, which CDI may have collected', () => {
    expect(grow(undefined, claim('10Gi', 'Block'))).toEqual(grown('20Gi'));
  });

  test('exactly the claim that was looked at is written to', () => {
    const live = claim('10Gi', 'Block');
    const { growth } = renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map(),
      livePVCs: new Map([['root', live]]),
      holds: new Map([['root', { standing: 'ours', claim: 'shop-db-root', taken: false }]]),
    });
    expect(growth[0]?.adopt(live)).toBe(true);
    expect(growth[0]?.adopt({ ...live, metadata: { ...live.metadata, uid: 'another' } })).toBe(false);
  });
});

describe('a disk that is state (design 4)', () => {
  const rendered = (hold: DiskHold, live?: LiveObject) =>
    renderDisks({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map(live ? [['root', live]] : []),
      livePVCs: new Map([['root', claim('10Gi', 'Block')]]),
      holds: new Map([['root', hold]]),
    });
  const memory = { name: 'root', claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-01T00:00:00Z' };

  test.each<[string, DiskHold]>([
    ['that is lost', { standing: 'lost', claim: 'shop-db-root', memory }],
    ['that waits for consent', { standing: 'foreign', claim: 'shop-db-root', uid: 'b', memory }],
    ["that is another order's", { standing: 'held', claim: 'shop-db-root', by: 'shop-web' }],
    ['whose claim is not there yet', { standing: 'awaited', claim: 'restored' }],
    ['of which only the claim is left', { standing: 'ours', claim: 'shop-db-root', taken: false }],
  ])('AP-13: no DataVolume is made for one %s', (_, hold) => {
    expect(rendered(hold).dataVolumes).toEqual([]);
  });

  test('AP-13: nothing of one that is not ours is touched, its DataVolume and size included', () => {
    const hold: DiskHold = { standing: 'foreign', claim: 'shop-db-root', uid: 'b', memory: undefined };
    expect(rendered(hold, dataVolume('root', '10Gi'))).toEqual({ dataVolumes: [], growth: [] });
  });

  test('AP-13: the DataVolume of one that was taken by consent is taken with it; of no other one', () => {
    const adopts = (taken: boolean) => {
      const hold: DiskHold = { standing: 'ours', claim: 'shop-db-root', taken };
      return rendered(hold, dataVolume('root', '10Gi')).dataVolumes[0]?.adopt(dataVolume('root', '10Gi'));
    };
    expect([adopts(true), adopts(false)]).toEqual([true, false]);
  });

  test('MO-1: deletion protection keeps a disk whatever its reclaim policy says', () => {
    const managedVM = managedVMOf({
      ...{ serviceLevel: 'Admin', operatingSystem: 'x', deletionProtection: true },
      disks: [{ name: 'root', reclaimPolicy: 'Delete' }],
    });
    const [root] = renderDisks({ managedVM, operatingSystem: operatingSystemOf(), ...nothing }).dataVolumes;
    expect(root).toMatchObject({ ownerReference: false });
    expect(root && isRetained(root.object)).toBe(true);
  });
});

function dataVolume(disk: string, storage: string): LiveObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name: `shop-db-${disk}`,
      labels: {
        'managed.systems/disk': disk,
        'managed.systems/reclaim-policy': 'Retain',
      },
    },
    spec: { source: { blank: {} }, storage: { resources: { requests: { storage } } } },
  };
}

function claim(storage: string, volumeMode: string, phase = 'Bound'): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'shop-db-root', uid: 'claim-uid' },
    spec: { resources: { requests: { storage } }, volumeMode },
    status: { phase },
  };
}
