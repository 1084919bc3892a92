import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyAll } from '../client/apply.ts';
import { Client, type KubeObject } from '../client/client.ts';
import { readCredentials } from '../controlplane/certificates.ts';
import { layout } from '../controlplane/controlplane.ts';
import { CommandFailed, run } from '../process/command.ts';
import { startTestBed, type TestBed } from '../testbed.ts';

const cdi = 'cdi.kubevirt.io/v1beta1';
const tenant = { namespace: 'acme' };
const cloner = 'system:serviceaccount:acme:cloner';
const requests = { storage: '1Gi' };

let bed: TestBed;

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false });
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'test');
  await applyAll(client, [named('Namespace', 'acme'), named('Namespace', 'images')]);
  await client.close();
  await apply(dataSource('debian', { pvc: { namespace: 'images', name: 'debian' } }));
  await apply(dataSource('snapshot', { snapshot: { namespace: 'images', name: 'debian' } }));
  await grant('acme', { resources: ['datavolumes'], verbs: ['get', 'create', 'patch'] });
});
afterAll(() => bed?.stop());

function named(kind: string, name: string, rest: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name }, ...rest } as KubeObject;
}

function dataSource(name: string, source: object): object {
  return { apiVersion: cdi, kind: 'DataSource', metadata: { name, namespace: 'images' }, spec: { source } };
}

function volume(name: string, spec: object, annotations = {}): object {
  return { apiVersion: cdi, kind: 'DataVolume', metadata: { name, ...tenant, annotations }, spec };
}

const storage = { resources: { requests } };
const clone = (name: string, source = 'debian') =>
  volume(name, { sourceRef: { kind: 'DataSource', name: source, namespace: 'images' }, storage });

function kubectl(words: string, input?: object): Promise<string> {
  const args = ['--kubeconfig', bed.adminKubeconfig, ...words.split(' ')];
  return run(bed.binaries.kubectl, args, input === undefined ? {} : { input: JSON.stringify(input) });
}

const apply = (object: object, as = '') => kubectl(`apply -f -${as === '' ? '' : ` --as ${as}`}`, object);

/** The words of the refusal; empty when the object is taken. */
async function refusal(object: object, as = ''): Promise<string> {
  try {
    await apply(object, as);
    return '';
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
}

async function grant(namespace: string, rule: object): Promise<void> {
  const metadata = { name: 'cloner', namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await apply({ apiVersion, kind: 'Role', metadata, rules: [{ apiGroups: ['cdi.kubevirt.io'], ...rule }] });
  await apply({
    ...{ apiVersion, kind: 'RoleBinding', metadata },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'cloner' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: cloner }],
  });
}

describe('CDI stood in for', () => {
  it('lets nobody clone from a namespace where he has no create on datavolumes/source, from a claim or a snapshot', async () => {
    const why = `denied the request:  User ${cloner} has insufficient permissions in clone source namespace images`;
    expect(await refusal(clone('from-claim'), cloner)).toContain(why);
    expect(await refusal(clone('from-snapshot', 'snapshot'), cloner)).toContain(why);
    expect(await refusal(volume('blank', { source: { blank: {} }, storage }), cloner)).toBe('');
  });

  it('asks for the right at each change of the clone too, whoever makes it', async () => {
    await apply(clone('made-by-another'));
    const label = `label dv made-by-another -n acme changed=yes --as ${cloner}`;
    await expect(kubectl(label)).rejects.toThrow('insufficient permissions');
  });

  it('lets who has the right clone, and marks the clone with a token', async () => {
    await grant('images', { resources: ['datavolumes/source'], verbs: ['create'] });
    await vi.waitFor(() => apply(clone('allowed'), cloner), { timeout: 30_000, interval: 200 });
    const { metadata } = JSON.parse(await kubectl('get dv allowed -n acme -o json'));
    expect(metadata.annotations).toHaveProperty(['cdi.kubevirt.io/storage.clone.token']);
  });

  it.each([
    ['a source that is not there', clone('nothing', 'none'), 'datasources.cdi.kubevirt.io "none" not found'],
    ['no source', volume('empty', { storage }), 'either Source or SourceRef'],
    [
      'less than 1 MiB',
      volume('small', { source: { blank: {} }, storage: { resources: { requests: { storage: '100Ki' } } } }),
      'at least 1MiB',
    ],
    [
      'a registry without its scheme',
      volume('plain', { source: { registry: { url: 'images.example/debian:13' } }, storage }),
      'Invalid source URL',
    ],
  ])('refuses a DataVolume of %s', async (_, object, why) => {
    expect(await refusal(object)).toContain(why);
  });

  it('refuses a DataVolume beside a claim of its name, unless it is to take it over', async () => {
    const claim = named('PersistentVolumeClaim', 'taken', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests } },
    });
    await apply({ ...claim, metadata: { name: 'taken', ...tenant } });
    const blank = { source: { blank: {} }, storage };
    expect(await refusal(volume('taken', blank))).toContain('Destination PVC acme/taken already exists');
    expect(await refusal(volume('taken', blank, { 'cdi.kubevirt.io/allowClaimAdoption': 'true' }))).toBe('');
  });
});
