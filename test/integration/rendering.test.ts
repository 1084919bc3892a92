import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCredentials } from '../../hack/testbed/controlplane/certificates.ts';
import { layout } from '../../hack/testbed/controlplane/controlplane.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import type { Child, RenderInput } from '../../src/domain/contract/child.ts';
import { renderDisks } from '../../src/domain/machine/disks.ts';
import { renderFirstBoot } from '../../src/domain/machine/firstboot/firstboot.ts';
import { renderVirtualMachine } from '../../src/domain/machine/virtualmachine.ts';
import { keys, managedVMOf, operatingSystemOf, windows } from '../../src/domain/managedvm/rendering.fixtures.ts';
import { renderScrape } from '../../src/domain/monitoring/scrape.ts';

const NAMESPACE = 'rendering';

const systems = {
  Debian: { preference: 'debian' },
  Ubuntu: { distribution: 'Ubuntu', version: '24.04', preference: 'ubuntu' },
  'Red Hat': { packageManager: 'dnf', version: '9', preference: 'rhel.9' },
  SUSE: { packageManager: 'zypper', version: '15', preference: 'sles' },
  'Linux without preference': { preference: undefined },
  'Windows with virtio': windows,
  'Windows without virtio': { ...windows, preference: 'windows.2k22' },
  'Windows without preference': { ...windows, preference: undefined },
};

const sizings = {
  'default size': undefined,
  'CPU and memory': { cpu: 4, memory: '8192Mi' },
  'a topology': { cpu: 4, topology: { sockets: 2, cores: 2 } },
  'an instance type': { instanceType: 'u1.medium' },
};

const disks = {
  'one disk': [{ name: 'root' }],
  'three disks': [
    { name: 'root', size: '80Gi', storageClass: 'fast' },
    { name: 'data', size: '100Gi' },
    { name: 'logs', size: '1024Mi', reclaimPolicy: 'Delete' },
  ],
  'disks with devices of their own': [
    { name: 'root', device: { bootOrder: 2, cache: 'none', io: 'native', dedicatedIOThread: true, bus: 'virtio' } },
    {
      ...{ name: 'shared', size: '5Gi', accessMode: 'ReadWriteMany', volumeMode: 'Block' },
      device: { bus: 'scsi', serial: 'WD-1.a_b+c', cache: 'writethrough', blockSize: { logical: 512, physical: 4096 } },
    },
    { name: 'hot', size: '5Gi', hotpluggable: true, device: { cache: 'writeback', io: 'threads' } },
    { name: 'iso', size: '5Gi', adopt: { claim: 'iso' }, cdrom: {}, device: { bootOrder: 1 } },
    { name: 'empty', size: '5Gi', adopt: { claim: 'old' }, cdrom: { ejected: true }, device: { bus: 'scsi' } },
  ],
};

const machines = {
  'EFI, a TPM and a watchdog': {
    ...{ firmware: { type: 'EFI', secureBoot: true, persistent: true }, tpm: 'Persistent', watchdog: 'Reset' },
    ...{ serialConsole: false, graphics: false },
  },
  'BIOS and devices of the node': {
    ...{ firmware: { type: 'BIOS' }, tpm: 'Ephemeral', watchdog: 'Shutdown', nestedVirtualization: true },
    gpus: [{ name: 'b', deviceName: 'nvidia.com/GA102GL_A10' }],
  },
  'EFI that boots anything': { firmware: { type: 'EFI' } },
};

const networks = {
  'the pod network': [{ name: 'default' }],
  'two networks': [{ name: 'default' }, { name: 'storage', multusNetwork: 'vlan-40' }],
  'no pod network, set by the order': [
    {
      ...{ name: 'lan', multusNetwork: 'vlan-41', addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'], mtu: 9000 },
      dns: { servers: ['10.20.0.53'], search: ['corp.example'] },
    },
  ],
};

const images = {
  'a DataSource': { dataSource: { namespace: 'golden', name: 'image' } },
  'a registry': { registry: { url: 'docker://registry.example/image:1' } },
  'a web server': { http: { url: 'https://images.example/image.qcow2' } },
  'a container disk': { containerDisk: { image: 'registry.example/disk:1' } },
};

let bed: TestBed;
let agent: Agent;

beforeAll(async () => {
  bed = await startTestBed();
  agent = new Agent({ connect: await readCredentials(layout(bed.dir).certificates, 'admin') });
  for (const name of [NAMESPACE, 'golden'])
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  // CDI looks the source of a clone up when it is asked whether it may be cloned.
  for (const name of ['image', 'debian-13', 'windows-2025']) {
    await send('POST', '/apis/cdi.kubevirt.io/v1beta1/namespaces/golden/datasources', {
      ...{ apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataSource', metadata: { name, namespace: 'golden' } },
      spec: { source: { pvc: { namespace: 'golden', name } } },
    });
  }
});

afterAll(async () => {
  await agent?.destroy();
  await bed?.stop();
});

describe('the real webhooks of KubeVirt and the real API server', () => {
  describe.each(Object.entries(systems))('for %s', (_system, system) => {
    const family = 'family' in system ? system.family : 'Linux';
    const levels = ['Admin', 'AdvancedMonitoringAndPatching', ...(family === 'Linux' ? ['MonitoringAndPatching'] : [])];

    test.each(levels)('take every rendering at %s, and leave each field of ours as we wrote it', async serviceLevel => {
      for (const [what, spec, image] of combinations()) {
        const input = {
          plugs: true,
          managedVM: managedVMOf({ serviceLevel, operatingSystem: 'any', ...spec }, { namespace: NAMESPACE }),
          operatingSystem: operatingSystemOf({ ...system, image }),
        };
        for (const child of renderAll(input).filter(isNew)) {
          const { status, body } = await apply(child, true);
          expect({ what, kind: child.kind, status, message: body.message }).toMatchObject({ status: 201 });
          expect(projection(body, child), `${what}: ${child.kind}`).toEqual(child);
        }
      }
    });
  });

  test.each(Object.entries(machines))(
    'take a machine with %s, for amd64 and of a fixed size or an instance type (MO-1)',
    async (what, hardware) => {
      for (const sizing of [{ cpu: 2, memory: '4Gi' }, { instanceType: 'u1.medium' }]) {
        const spec = { serviceLevel: 'Admin', operatingSystem: 'any', hardware, sizing };
        const input = { managedVM: managedVMOf(spec, { namespace: NAMESPACE }), operatingSystem: operatingSystemOf() };
        const child = renderVirtualMachine(input);
        const { status, body } = await apply(child, true);
        expect({ what, sizing, status, message: body.message }).toMatchObject({ status: 201 });
        expect(projection(body, child)).toEqual(child);
      }
    },
  );

  test('take a machine for arm64 (MO-1)', async () => {
    const disks = [{ name: 'root' }, { name: 'iso', size: '1Gi', adopt: { claim: 'iso' }, cdrom: {} }];
    const spec = { serviceLevel: 'Admin', operatingSystem: 'any', disks };
    const operatingSystem = operatingSystemOf({ architecture: 'arm64', preference: undefined });
    const child = renderVirtualMachine({ managedVM: managedVMOf(spec, { namespace: NAMESPACE }), operatingSystem });
    const { status, body } = await apply(child, true);
    expect({ status, message: body.message }).toMatchObject({ status: 201 });
    expect(projection(body, child)).toEqual(child);
  });

  test.each<[string, (vm: Machine) => void, string]>([
    [
      'CPU beside an instance type',
      vm => Object.assign(vm.spec, { instancetype: { name: 'u1.medium' } }),
      'virtualmachine-validator.kubevirt.io',
    ],
    ['a disk without a volume', vm => vm.spec.template.spec.volumes.pop(), 'virtualmachine-validator.kubevirt.io'],
    [
      'running beside runStrategy',
      vm => Object.assign(vm.spec, { running: true }),
      'virtualmachine-validator.kubevirt.io',
    ],
    [
      'less memory than the preference demands',
      vm => Object.assign(vm.spec.template.spec.domain.memory, { guest: '128Mi' }),
      'virtualmachine-validator.kubevirt.io',
    ],
  ])('refuse a rendering that was broken on purpose: %s', async (_what, breakIt, by) => {
    const vm = structuredClone(renderVirtualMachine(order())) as unknown as Machine;
    breakIt(vm);
    const { status, body } = await apply(vm as unknown as Child, true);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.message).toContain(`admission webhook "${by}" denied the request`);
  });

  test.each([
    ['Linux', {}],
    ['Windows', windows],
  ])('make a VMI of a rendered %s VM, and a second apply of the same changes nothing', async (family, system) => {
    const input = order(system, family.toLowerCase());
    for (const child of renderAll(input)) expect((await apply(child)).status).toBe(201);
    const name = family.toLowerCase();
    const instance = await seen(`/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachineinstances`, name);
    const labels = { 'managed.systems/managed-vm': name, 'managed.systems/placement-group': 'shop', team: 'shop' };
    expect(instance).toMatchObject({ metadata: { labels, annotations: { note: 'by hand' } } });
    expect(instance).toHaveProperty('spec.affinity.podAntiAffinity');
    for (const child of renderAll(input)) {
      const { generation, resourceVersion } = (await apply(child, true)).body.metadata;
      const again = (await apply(child)).body.metadata;
      expect(again.generation).toBe(generation);
      // KubeVirt writes the status of its objects into the same resource version.
      if (child.kind !== 'VirtualMachine') expect(again.resourceVersion).toBe(resourceVersion);
    }
  });
});

test('KubeVirt has each field of the walk through its VirtualMachine, fifty at least (MO-1)', async () => {
  const page = await readFile(fileURLToPath(new URL('../../docs/spec/managedvm.md', import.meta.url)), 'utf8');
  const [, walk = ''] = page.split("## KubeVirt's fields");
  const fields = [...walk.matchAll(/^\| `([A-Za-z.0-9]+)` \|/gm)].map(([, field = '']) => field);
  expect(new Set(fields).size).toBeGreaterThanOrEqual(50);
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtualmachines.kubevirt.io';
  const { body } = await request(`${bed.server}${path}`, { dispatcher: agent });
  const { spec } = (await body.json()) as {
    spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
  };
  const schema = spec.versions.find(({ name }) => name === 'v1')?.schema.openAPIV3Schema;
  expect(fields.filter(field => !hasField(schema?.properties?.spec, field.split('.')))).toEqual([]);
});

type Schema = { readonly properties?: Readonly<Record<string, Schema>>; readonly items?: Schema };

function hasField(schema: Schema | undefined, [field, ...rest]: readonly string[]): boolean {
  if (field === undefined) return schema !== undefined;
  return schema !== undefined && hasField((schema.items ?? schema).properties?.[field], rest);
}

type Machine = {
  spec: { template: { spec: { domain: { memory: object }; volumes: unknown[] } } };
};

type Answer = { message?: string; metadata: { resourceVersion: string; generation?: number } };

const asked = new Set<string>();

/** Whether a child has not been asked about: most combinations differ in one of their children only. */
function isNew(child: Child): boolean {
  const text = JSON.stringify(child);
  if (asked.has(text)) return false;
  asked.add(text);
  return true;
}

function* combinations(): Generator<[string, Record<string, unknown>, unknown]> {
  for (const [size, sizing] of Object.entries(sizings))
    for (const [count, disk] of Object.entries(disks))
      for (const [net, network] of Object.entries(networks))
        for (const [source, image] of Object.entries(images))
          yield [
            [size, count, net, source].join(', '),
            { ...(sizing && { sizing }), disks: disk, networks: network },
            image,
          ];
}

function order(system: Record<string, unknown> = {}, name = 'shop-db'): RenderInput {
  return {
    managedVM: managedVMOf(
      {
        ...{ serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'any', disks: disks['one disk'] },
        ...{ placement: { group: 'shop' }, labels: { team: 'shop' }, annotations: { note: 'by hand' } },
      },
      { namespace: NAMESPACE, name },
    ),
    operatingSystem: operatingSystemOf(system),
  };
}

function renderAll(input: RenderInput & { readonly plugs?: boolean }): readonly Child[] {
  return [
    ...renderDisks({ ...input, liveDataVolumes: new Map(), livePVCs: new Map() }).dataVolumes.map(disk => disk.object),
    renderFirstBoot({ ...input, keys }),
    ...renderScrape(input),
    renderVirtualMachine(input),
  ];
}

const PLURALS: Readonly<Record<string, string>> = {
  DataVolume: '/apis/cdi.kubevirt.io/v1beta1/namespaces/%/datavolumes',
  Secret: '/api/v1/namespaces/%/secrets',
  Service: '/api/v1/namespaces/%/services',
  ServiceMonitor: '/apis/monitoring.coreos.com/v1/namespaces/%/servicemonitors',
  VirtualMachine: '/apis/kubevirt.io/v1/namespaces/%/virtualmachines',
};

function apply(child: Child, dryRun = false): Promise<{ status: number; body: Answer }> {
  const path = PLURALS[child.kind]?.replace('%', NAMESPACE);
  const query = `fieldManager=steward&force=true&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
  return send('PATCH', `${path}/${child.metadata.name}?${query}`, child);
}

async function send(method: 'POST' | 'PATCH', path: string, object: unknown) {
  const type = method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json';
  const headers = { 'content-type': type, accept: 'application/json' };
  const options = { method, dispatcher: agent, headers, body: JSON.stringify(object) };
  const { statusCode, body } = await request(`${bed.server}${path}`, options);
  return { status: statusCode, body: (await body.json()) as Answer };
}

/** Waits, by a watch, until an object of that name is there. */
async function seen(collection: string, name: string): Promise<unknown> {
  const path = `${collection}?watch=true&fieldSelector=metadata.name=${name}&timeoutSeconds=60`;
  const { body } = await request(`${bed.server}${path}`, { dispatcher: agent });
  for await (const chunk of body.setEncoding('utf8')) {
    body.destroy();
    return JSON.parse(String(chunk).split('\n')[0] ?? '').object;
  }
  throw new Error(`${name} did not appear in ${collection}`);
}

/** The live object as far as it has the fields of the desired one. */
function projection(live: unknown, desired: unknown): unknown {
  if (Array.isArray(desired) && Array.isArray(live)) {
    return live.map((item, index) => (index in desired ? projection(item, desired[index]) : item));
  }
  if (!isObject(desired) || !isObject(live)) return live;
  return Object.fromEntries(Object.keys(desired).map(key => [key, projection(live[key], desired[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
