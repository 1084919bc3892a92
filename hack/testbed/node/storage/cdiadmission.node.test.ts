import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyAll } from '../../client/apply.ts';
import type { Client, KubeObject } from '../../client/client.ts';
import { CommandFailed, run } from '../../process/command.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { adminClient } from '../realnode.fixtures.ts';

const cdi = 'cdi.kubevirt.io/v1beta1';

let bed: TestBed;
let client: Client;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: ['storage', 'cdi'] });
  client = await adminClient(bed);
  const source = { source: { pvc: { namespace: 'images', name: 'debian' } } };
  await applyAll(client, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'images' } }]);
  await applyAll(client, [
    { apiVersion: cdi, kind: 'DataSource', metadata: { name: 'debian', namespace: 'images' }, ...{ spec: source } },
    ...tenantRights,
  ]);
});
afterAll(async () => {
  await client?.close();
  await bed?.stop();
});

const rbac = 'rbac.authorization.k8s.io';
const metadata = { name: 'tenant', namespace: 'default' };
/** A tenant may order disks in his namespace. */
const tenantRights = [
  {
    ...{ apiVersion: `${rbac}/v1`, kind: 'Role', metadata },
    rules: [{ apiGroups: ['cdi.kubevirt.io'], resources: ['datavolumes'], verbs: ['get', 'create'] }],
  },
  {
    ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'tenant' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'anna' }],
  },
] as unknown as readonly KubeObject[];

it('refuses on a real node too who may not clone from where the image lies', async () => {
  const volume = {
    ...{ apiVersion: cdi, kind: 'DataVolume', metadata: { name: 'clone', namespace: 'default' } },
    spec: {
      sourceRef: { kind: 'DataSource', name: 'debian', namespace: 'images' },
      storage: { resources: { requests: { storage: '1Gi' } } },
    },
  };
  const create = (...as: string[]) =>
    run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, 'create', '-f', '-', ...as], {
      input: JSON.stringify(volume),
    });
  const refusal = await create('--as', 'anna').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CommandFailed);
  expect(String(refusal)).toContain('User anna has insufficient permissions in clone source namespace images');
  await create();
});
