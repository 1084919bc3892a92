import { describe, expect, test } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { LiveObject } from '../contract/child.ts';
import { managedVMOf, operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { renderDisks } from './disks.ts';
import { diskSources } from './disksource.ts';

const order = (source: object, name = 'data') =>
  managedVMOf({
    ...{ serviceLevel: 'Admin', operatingSystem: 'any' },
    disks: name === 'root' ? [{ name, size: '5Gi', source }] : [{ name: 'root' }, { name, size: '5Gi', source }],
  });
const claimOf = (name: string, uid: string): LiveObject => ({
  ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, uid, namespace: 'acme' } },
});
const permitted = {
  ...{ storageLocations: [], instanceTypes: [], metadataPrefixes: [], hardware: [] },
  imageSources: ['https://images.example/*', 'docker://registry.example/tools:1'],
};
const other = { status: { disks: [{ name: 'root', claim: 'web-root', claimUID: 'u7' }] } } as unknown as ManagedVM;
const claims = [claimOf('golden', 'u1'), claimOf('web-root', 'u7')];

function resolved(source: object, change: object = {}) {
  const facts = {
    claim: (name: string) => claims.find(({ metadata }) => metadata.name === name),
    managedVM: (name: string) => (name === 'web' ? other : undefined),
    permitted,
    ...change,
  };
  return diskSources(order(source), facts).get('data');
}

describe('MO-1: what a new disk is filled with', () => {
  test.each<[string, object, object]>([
    [
      'a copy of exactly that claim',
      { claim: { name: 'golden', uid: 'u1' } },
      { pvc: { namespace: 'acme', name: 'golden' } },
    ],
    ['a snapshot', { snapshot: { name: 'before' } }, { snapshot: { namespace: 'acme', name: 'before' } }],
    [
      'a disk of another ManagedVM',
      { managedVM: { name: 'web', disk: 'root' } },
      { pvc: { namespace: 'acme', name: 'web-root' } },
    ],
    [
      'an image that is permitted',
      { http: { url: 'https://images.example/a/tools.iso' } },
      { http: { url: 'https://images.example/a/tools.iso' } },
    ],
    [
      'an image of a registry that is permitted',
      { registry: { url: 'docker://registry.example/tools:1' } },
      { registry: { url: 'docker://registry.example/tools:1' } },
    ],
  ])('%s', (_what, source, expected) => {
    expect(resolved(source)).toEqual({ source: expected });
  });

  test.each<[string, object, string, object?]>([
    ['another claim of that name', { claim: { name: 'golden', uid: 'u2' } }, 'DiskSourceChanged'],
    ['a claim that is not there', { claim: { name: 'gone', uid: 'u1' } }, 'DiskSourceMissing'],
    ['a disk that the other VM has not', { managedVM: { name: 'web', disk: 'logs' } }, 'DiskSourceMissing'],
    ['a VM that is not there', { managedVM: { name: 'nobody', disk: 'root' } }, 'DiskSourceMissing'],
    [
      'an address that is not on the list',
      { http: { url: 'https://169.254.169.254/latest' } },
      'ImageSourceNotPermitted',
    ],
    ['one that climbs out of it', { http: { url: 'https://images.example/../x' } }, 'ImageSourceNotPermitted'],
    ['one with a login in it', { http: { url: 'https://images.example/@evil.example/' } }, 'ImageSourceNotPermitted'],
    [
      'any while the list is not known',
      { http: { url: 'https://images.example/x' } },
      'NamespaceNotObserved',
      { permitted: undefined },
    ],
  ])('never %s', (_what, source, reason, change) => {
    expect(resolved(source, change)?.problem).toMatchObject({ reason });
  });

  test('a disk is not made empty while its source is missing, and keeps what it has once made', () => {
    const source = { claim: { name: 'golden', uid: 'u2' } };
    const managedVM = order(source);
    const sources = new Map([['data', resolved(source) ?? { source: {} }]]);
    const nothing = { liveDataVolumes: new Map(), livePVCs: new Map() };
    const input = { managedVM, operatingSystem: operatingSystemOf(), sources };
    const names = (dataVolumes: ReturnType<typeof renderDisks>['dataVolumes']) =>
      dataVolumes.map(({ object }) => object.metadata.name);
    expect(names(renderDisks({ ...input, ...nothing }).dataVolumes)).toEqual(['shop-db-root']);
    const made = { ...claimOf('shop-db-data', 'd'), kind: 'DataVolume', spec: { source: { pvc: {} } } };
    const live = { ...nothing, liveDataVolumes: new Map([['data', made]]) };
    expect(renderDisks({ ...input, ...live }).dataVolumes[1]?.object.spec).toEqual(made.spec);
  });

  test('a root disk with a source is no container image', () => {
    const image = { containerDisk: { image: 'registry.example/disk:1' } };
    const source = { http: { url: 'https://images.example/x' } };
    const managedVM = order(source, 'root');
    const sources = new Map([['root', { source: { http: { url: 'https://images.example/x' } } }]]);
    const input = { managedVM, operatingSystem: operatingSystemOf({ image }), sources };
    const [root] = renderDisks({ ...input, liveDataVolumes: new Map(), livePVCs: new Map() }).dataVolumes;
    expect(root?.object.spec).toMatchObject({ source: { http: { url: 'https://images.example/x' } } });
  });
});
