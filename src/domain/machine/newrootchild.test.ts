import { expect, it } from 'vitest';
import type { NewRoot } from '../../api/newroot.ts';
import { managedVM, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { machineChildren } from './children.ts';
import type { OfMachine } from './facts.ts';

const AFTER = 'shop-db-root-n1';

type Play = { readonly phase?: NewRoot['phase']; readonly reclaimPolicy?: string; readonly seen?: object };

/** The DataVolume that is wanted beside the root disk, and whether it goes with the order. */
function beside({ phase = 'Making', reclaimPolicy = 'Retain', seen = {} }: Play) {
  const newRoot = {
    ...{ phase, change: { name: 'chg', uid: 'c0ffee' }, operation: 'Migration', operatingSystem: 'debian-14' },
    ...{ before: { claim: 'shop-db-root', uid: 'a0' }, after: { claim: AFTER } },
  } as NewRoot;
  const image = { http: { url: 'https://images.example/debian-14.qcow2' } };
  const facts = {
    machine: {
      ...{ claims: new Map(), holds: new Map([['root', { standing: 'ours', claim: 'shop-db-root', taken: false }]]) },
      live: {
        dataVolumes: [],
        liveDataVolumes: new Map(),
        livePVCs: new Map(),
        keys: undefined,
        virtualMachine: undefined,
      },
      newRoot: { operatingSystem: operatingSystem({ image }), ...seen },
    },
  } as unknown as OfMachine;
  const order = { ...managedVM({ disks: [{ name: 'root', size: '30Gi', reclaimPolicy }] }), status: { newRoot } };
  const { apply } = machineChildren({ managedVM: order, operatingSystem: operatingSystem(), facts, now: new Date() });
  return apply.find(child => 'object' in child && !('apiVersion' in child) && child.object.metadata.name === AFTER);
}

it('MO-2, GE-11: a new root disk is made of the image of its system, as large as ordered, and owned as the disk that it becomes', () => {
  expect(beside({})).toMatchObject({
    ownerReference: false,
    object: {
      kind: 'DataVolume',
      spec: {
        source: { http: { url: 'https://images.example/debian-14.qcow2' } },
        storage: { resources: { requests: { storage: '30Gi' } } },
      },
    },
  });
  expect(beside({ reclaimPolicy: 'Delete' })).toMatchObject({ ownerReference: true });
  expect(beside({ phase: 'Stopping' })).toBeDefined();
});

it.each<[string, Play]>([
  ['once it is the disk', { phase: 'Exchanging' }],
  ['where it came to nothing', { phase: 'Failed' }],
  ['where its system is not in the catalogue any more', { seen: { operatingSystem: undefined } }],
  ['where its claim is there without it: what holds data is not filled again', { seen: { after: 'b0' } }],
])('MO-2: is not asked for %s', (_, play) => {
  expect(beside(play)).toBeUndefined();
});
