import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apply } from './client/apply.ts';
import { ApiError, Client, type KubeObject } from './client/client.ts';
import { readCredentials } from './controlplane/certificates.ts';
import { layout } from './controlplane/controlplane.ts';
import { run } from './process/command.ts';
import { startTestBed, type TestBed } from './testbed.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, asked for one field
type Answer = any;

const namespace = 'acme';
const machines = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
const instances = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances`;
const dataVolumes = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes`;
const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;

let bed: TestBed;
let client: Client;

beforeAll(async () => {
  bed = await startTestBed({ onProgress: console.log });
  client = await adminOf(bed);
  await apply(client, object('v1', 'Namespace', namespace));
  await apply(client, object('v1', 'Secret', 'first-boot', { stringData: { userdata: '#cloud-config' } }));
}, 1_800_000);

afterAll(async () => {
  await client?.close();
  await bed?.stop();
});

async function adminOf({ dir, server }: TestBed): Promise<Client> {
  return new Client(server, await readCredentials(layout(dir).certificates, 'admin'), 'test');
}

function object(apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject {
  const place = kind === 'Namespace' ? {} : { namespace };
  return { apiVersion, kind, metadata: { name, ...place }, ...rest };
}

function disk(name: string, storage = '20Gi'): KubeObject {
  const spec = {
    source: { http: { url: 'https://images.example/debian.qcow2' } },
    storage: { resources: { requests: { storage } } },
  };
  return object('cdi.kubevirt.io/v1beta1', 'DataVolume', name, { spec });
}

/** A VirtualMachine as a person would write it by hand, with the disk of the same name. */
function machine(name: string): KubeObject {
  const domain = {
    cpu: { cores: 1, sockets: 2, threads: 1 },
    memory: { guest: '2Gi' },
    devices: {
      disks: [
        { name: 'root', disk: { bus: 'virtio' } },
        { name: 'init', disk: { bus: 'virtio' } },
      ],
      interfaces: [{ name: 'default', masquerade: {} }],
    },
  };
  const volumes = [
    { name: 'root', dataVolume: { name } },
    { name: 'init', cloudInitNoCloud: { secretRef: { name: 'first-boot' } } },
  ];
  const spec = { domain, networks: [{ name: 'default', pod: {} }], volumes, readinessProbe: { guestAgentPing: {} } };
  return object('kubevirt.io/v1', 'VirtualMachine', name, { spec: { runStrategy: 'Always', template: { spec } } });
}

/** Tells the played components what to do wrong; an empty list cures. */
async function misbehave(name: string, ...what: string[]): Promise<void> {
  const path = '/api/v1/namespaces/kube-system/configmaps/played-node';
  const data = { [`${namespace}.${name}`]: what.length > 0 ? what.join(',') : null };
  await client.patch('merge', path, { data }).catch(async (error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'played-node', namespace: 'kube-system' },
      data,
    };
    await client.create('/api/v1/namespaces/kube-system/configmaps', configMap);
  });
}

const get = (path: string) => client.get<Answer>(path);
const condition = (answer: Answer, type: string) =>
  answer.status?.conditions?.find((each: Answer) => each.type === type);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 100 });

const gone = (path: string) => eventually(() => expect(get(path)).rejects.toMatchObject({ status: 404 }));

function running(name: string): Promise<void> {
  return eventually(async () => {
    const vm = await get(`${machines}/${name}`);
    expect(vm.status?.printableStatus).toBe('Running');
    expect(condition(vm, 'Ready')?.status).toBe('True');
    expect(condition(vm, 'AgentConnected')?.status).toBe('True');
  });
}

async function start(name: string): Promise<void> {
  await apply(client, disk(name));
  await apply(client, machine(name));
  await running(name);
}

describe('the control plane', () => {
  it('is Kubernetes of the pinned version, with the subresources of KubeVirt aggregated', async () => {
    expect(await get('/version')).toMatchObject({ gitVersion: 'v1.36.3' });
    expect(await get('/apis/subresources.kubevirt.io/v1')).toMatchObject({
      groupVersion: 'subresources.kubevirt.io/v1',
    });
  });

  it('serves the CRDs of every set', async () => {
    const { items } = await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    const names = items.map((crd: Answer) => crd.metadata.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'virtualmachines.kubevirt.io',
        'datavolumes.cdi.kubevirt.io',
        'schedules.velero.io',
        'datauploads.velero.io',
        'prometheusrules.monitoring.coreos.com',
        'volumesnapshots.snapshot.storage.k8s.io',
      ]),
    );
  });

  it('lets a ServiceAccount do what RBAC grants it and nothing else, and writes both into the audit log at once', async () => {
    await apply(client, object('v1', 'ServiceAccount', 'nobody'));
    const kubeconfig = await bed.kubeconfigFor(namespace, 'nobody');
    const kubectl = (...args: string[]) => run(bed.binaries.kubectl, ['--kubeconfig', kubeconfig, ...args]);
    expect(await kubectl('auth', 'whoami', '-o', 'name')).toBeDefined();
    await expect(kubectl('get', 'secrets')).rejects.toThrow('Forbidden');
    const lines = (await readFile(bed.auditLog, 'utf8')).trimEnd().split('\n');
    const events = lines.map(line => JSON.parse(line) as Answer);
    const refused = events.filter(event => event.user.username === `system:serviceaccount:${namespace}:nobody`);
    expect(refused.map(event => [event.verb, event.objectRef?.resource, event.responseStatus.code])).toContainEqual([
      'list',
      'secrets',
      403,
    ]);
  });

  it.each(['kubectl', 'helm', 'helm3', 'promtool', 'prometheus'] as const)('brings a %s that runs', async name => {
    expect(
      await run(bed.binaries[name], [name.startsWith('prom') ? '--version' : 'version', ...clientOnly(name)]),
    ).toMatch(/\d+\.\d+/);
  });
});

const clientOnly = (name: string) => (name === 'kubectl' ? ['--client'] : []);

describe('KubeVirt', () => {
  it('turns a right VirtualMachine into an instance and a launcher Pod, and the guest runs with its agent connected', async () => {
    await start('right');
    const vmi = await get(`${instances}/right`);
    expect(vmi.status).toMatchObject({ phase: 'Running', nodeName: 'played-node', guestOSInfo: { id: 'debian' } });
    expect(vmi.status.interfaces).toMatchObject([{ name: 'default', ipAddress: expect.stringMatching(/^10\.244\./) }]);
    const pods = await get(`/api/v1/namespaces/${namespace}/pods?labelSelector=kubevirt.io%3Dvirt-launcher`);
    const own = pods.items.filter((pod: Answer) => pod.metadata.annotations['kubevirt.io/domain'] === 'right');
    expect(own).toHaveLength(1);
    expect(own[0].status.phase).toBe('Running');
  });

  it('refuses a wrong one by its own webhook', async () => {
    const wrong = machine('wrong') as Answer;
    wrong.spec.template.spec.domain.devices.disks.push({ name: 'nothing', disk: { bus: 'virtio' } });
    await expect(client.create(machines, wrong)).rejects.toThrow(/denied the request.*nothing/s);
  });

  it('comes to rest: a running machine, also one with a second network, is written to no more', async () => {
    await apply(
      client,
      object('k8s.cni.cncf.io/v1', 'NetworkAttachmentDefinition', 'vlan', { spec: { config: '{}' } }),
    );
    const calm = machine('calm') as Answer;
    calm.spec.template.spec.domain.devices.interfaces.push({ name: 'vlan', bridge: {} });
    calm.spec.template.spec.networks.push({ name: 'vlan', multus: { networkName: 'vlan' } });
    await apply(client, disk('calm'));
    await apply(client, calm);
    await running('calm');
    const version = async () => (await get(`${instances}/calm`)).metadata.resourceVersion;
    let tries = 0;
    // The last report of its start may still be on its way; but the time another disk takes must once pass without any.
    await eventually(async () => {
      const before = await version();
      tries += 1;
      await start(`beside-calm-${tries}`);
      expect(await version()).toBe(before);
    });
  });

  it('runs a Windows machine from an instance type and a preference, with its TPM and EFI state on a disk of its own', async () => {
    await apply(client, object('v1', 'Secret', 'unattend', { stringData: { 'autounattend.xml': '<unattend/>' } }));
    const windows = machine('windows') as Answer;
    windows.spec.instancetype = { kind: 'VirtualMachineClusterInstancetype', name: 'u1.large' };
    windows.spec.preference = { kind: 'VirtualMachineClusterPreference', name: 'windows.2k25.virtio' };
    const { domain, volumes } = windows.spec.template.spec;
    delete domain.cpu;
    delete domain.memory;
    domain.devices.disks = [{ name: 'root' }, { name: 'init', cdrom: { bus: 'sata' } }];
    volumes[1] = { name: 'init', sysprep: { secret: { name: 'unattend' } } };
    await apply(client, disk('windows', '60Gi'));
    await apply(client, windows);
    await running('windows');
    expect((await get(`${instances}/windows`)).status.guestOSInfo.id).toBe('mswindows');
    const { items } = await get(`${claims}?labelSelector=persistent-state-for%3Dwindows`);
    expect(items).toMatchObject([{ status: { phase: 'Bound' } }]);
  });

  it('restarts a machine into a new instance by the restart subresource', async () => {
    await start('restarted');
    const before = (await get(`${instances}/restarted`)).metadata.uid;
    await client.put(`/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachines/restarted/restart`, {});
    await eventually(async () => expect((await get(`${instances}/restarted`)).metadata.uid).not.toBe(before));
    await running('restarted');
  });

  it('gives a running guest more CPU and memory without a restart', async () => {
    await start('grown');
    const domain = { cpu: { sockets: 3 }, memory: { guest: '3Gi' } };
    await client.patch('merge', `${machines}/grown`, { spec: { template: { spec: { domain } } } });
    await eventually(async () => {
      const vmi = await get(`${instances}/grown`);
      expect(vmi.status).toMatchObject({ currentCPUTopology: { sockets: 3 }, memory: { guestCurrent: '3Gi' } });
      expect(condition(vmi, 'HotVCPUChange')).toBeUndefined();
      expect(condition(vmi, 'HotMemoryChange')).toBeUndefined();
    });
    expect(condition(await get(`${machines}/grown`), 'RestartRequired')).toBeUndefined();
  });

  it('deletes a machine and everything that runs for it, but not its disk', async () => {
    await start('deleted');
    await client.delete(`${machines}/deleted`);
    await gone(`${machines}/deleted`);
    await gone(`${instances}/deleted`);
    expect(await get(`${claims}/deleted`)).toMatchObject({ status: { phase: 'Bound' } });
    await client.delete(`${dataVolumes}/deleted`);
    await gone(`${claims}/deleted`);
  });
});

describe('disks', () => {
  it('are claims of the size asked for that grow when the claim does', async () => {
    await apply(client, disk('growing', '1Gi'));
    await eventually(async () => expect((await get(`${dataVolumes}/growing`)).status?.phase).toBe('Succeeded'));
    await client.patch('merge', `${claims}/growing`, { spec: { resources: { requests: { storage: '3Gi' } } } });
    await eventually(async () => expect((await get(`${claims}/growing`)).status.capacity.storage).toBe('3Gi'));
  });

  it('cannot be changed through their DataVolume', async () => {
    await apply(client, disk('fixed', '1Gi'));
    const change = { spec: { storage: { resources: { requests: { storage: '2Gi' } } } } };
    await eventually(() =>
      expect(client.patch('merge', `${dataVolumes}/fixed`, change)).rejects.toThrow('Cannot update DataVolume Spec'),
    );
  });

  it('over quota are refused by kube-apiserver and say so, until the quota allows them', async () => {
    const hard = (count: string) => ({
      spec: { hard: { 'tight.storageclass.storage.k8s.io/persistentvolumeclaims': count } },
    });
    const tight = { ...disk('too-much', '1Gi') } as Answer;
    tight.spec.storage.storageClassName = 'tight';
    await apply(client, object('v1', 'ResourceQuota', 'tight', hard('0')));
    const quota = `/api/v1/namespaces/${namespace}/resourcequotas/tight`;
    await eventually(async () => expect((await get(quota)).status?.hard).toBeDefined());
    await apply(client, tight);
    await eventually(async () => {
      const bound = condition(await get(`${dataVolumes}/too-much`), 'Bound');
      expect(bound).toMatchObject({ status: 'False', reason: 'ErrExceededQuota' });
      expect(bound.message).toContain('exceeded quota: tight');
    });
    await client.patch('merge', quota, hard('5'));
    await eventually(async () => expect(await get(`${claims}/too-much`)).toBeDefined());
  });
});

describe('misbehaviour on request', () => {
  it('ImportFails: the import is tried again and again and says why, until it is cured', async () => {
    await misbehave('unreachable', 'ImportFails');
    await apply(client, disk('unreachable'));
    await eventually(async () => {
      const dv = await get(`${dataVolumes}/unreachable`);
      expect(dv.status).toMatchObject({ phase: 'ImportInProgress' });
      expect(dv.status.restartCount).toBeGreaterThan(1);
      expect(condition(dv, 'Running')).toMatchObject({
        status: 'False',
        reason: 'Error',
        message: expect.stringContaining('404'),
      });
    });
    await misbehave('unreachable');
    await eventually(async () => expect((await get(`${dataVolumes}/unreachable`)).status.phase).toBe('Succeeded'));
  });

  it('AgentLost: the guest runs on without its agent and is not ready, until it is cured', async () => {
    await start('silent');
    await misbehave('silent', 'AgentLost');
    await eventually(async () => {
      const vm = await get(`${machines}/silent`);
      expect(condition(vm, 'AgentConnected')).toBeUndefined();
      expect(condition(vm, 'Ready')?.status).toBe('False');
    });
    await misbehave('silent');
    await running('silent');
  });

  it('VMICrashLoop: every instance fails and the machine says CrashLoopBackOff, until it is cured', async () => {
    await misbehave('crashing', 'VMICrashLoop');
    await apply(client, disk('crashing'));
    await apply(client, machine('crashing'));
    await eventually(async () =>
      expect((await get(`${machines}/crashing`)).status?.printableStatus).toBe('CrashLoopBackOff'),
    );
    await misbehave('crashing');
    await running('crashing');
  });

  it('NeverReady: the launcher Pod never becomes ready, until it is cured', async () => {
    await misbehave('waiting', 'NeverReady');
    await apply(client, disk('waiting'));
    await misbehave('waiting', 'NeverReady');
    await apply(client, machine('waiting'));
    await eventually(async () =>
      expect((await get(`${machines}/waiting`)).status?.printableStatus).toBe('Provisioning'),
    );
    await misbehave('waiting');
    await running('waiting');
  });

  it('DeletionStuck: machine and disk stay while they are held, and go when cured', async () => {
    await start('stuck');
    await misbehave('stuck', 'DeletionStuck');
    await eventually(async () => expect((await get(`${dataVolumes}/stuck`)).metadata.finalizers).toHaveLength(1));
    await client.delete(`${machines}/stuck`);
    await client.delete(`${dataVolumes}/stuck`);
    await eventually(async () => expect((await get(`${instances}/stuck`)).metadata.deletionTimestamp).toBeDefined());
    await eventually(async () =>
      expect((await get(`${machines}/stuck`)).status.printableStatus).toMatch(/Terminating|Stopping/),
    );
    await misbehave('stuck');
    await gone(`${machines}/stuck`);
    await gone(`${dataVolumes}/stuck`);
  });
});

describe('more than one bed', () => {
  it('run side by side without knowing of each other', async () => {
    const other = await startTestBed({ kubevirt: false, crds: [] });
    const otherClient = await adminOf(other);
    try {
      expect(other.server).not.toBe(bed.server);
      await expect(otherClient.get(`/api/v1/namespaces/${namespace}`)).rejects.toMatchObject({ status: 404 });
    } finally {
      await otherClient.close();
      await other.stop();
    }
  });

  it('leave no process behind when the one that started them is killed', async () => {
    const source = `
      import { startTestBed } from '${new URL('testbed.ts', import.meta.url)}';
      const bed = await startTestBed({ kubevirt: false, crds: [] });
      console.log(bed.dir);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const dir = await new Promise<string>(ready => parent.stdout.once('data', data => ready(String(data).trim())));
    const processes = async () => (await run('ps', ['-eo', 'args'])).split('\n').filter(line => line.includes(dir));
    expect((await processes()).length).toBeGreaterThanOrEqual(3);
    parent.kill('SIGKILL');
    await eventually(async () => expect(await processes()).toEqual([]));
    await run('rm', ['-rf', join(dir)]);
  });
});
