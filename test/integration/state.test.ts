import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { defaultStorageClass } from '../../hack/testbed/controlplane/objects.ts';
import { provisioner } from '../../hack/testbed/played/storage.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { patchRun } from '../../src/api/patchrun.ts';
import {
  BackupStorageLocation,
  DataVolume,
  PersistentVolumeClaim,
  Secret,
  VeleroBackup,
  VeleroSchedule,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineRestore,
} from '../../src/api/upstream.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf, Namespace } from './support/api.ts';
import { callsSince, mark, untilStill, writes } from './support/audit.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { consent } from './support/consent.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { linuxSystem, machine, storageLocation } from './support/orders.ts';
import { makeRun, openRun, sayOfRun } from './support/patchruns.ts';
import { instantOf, playBackup } from './support/playedbackup.ts';
import { backupPolicyRef, runningVM } from './support/running.ts';
import { backUp, restore } from './support/velero.ts';

/** Where keys stay, and where they are moved from here. */
const [KEYS, FORMER] = ['steward-keys', 'steward-system'];
const StorageClass: ResourceKind = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
const running = { Ready: 'True/Running' };
const disks = [
  { name: 'root', size: '20Gi' },
  { name: 'data', size: '5Gi', reclaimPolicy: 'Delete' },
];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster(
    {},
    { values: { 'keys.migrateFrom': FORMER }, environment: { STEWARD_KEYS_MIGRATE_FROM: FORMER } },
  );
  await cluster.api.create(BackupStorageLocation, storageLocation);
  await cluster.api.create(operatingSystem, linuxSystem('debian-13'));
});

afterAll(() => cluster?.stop());

/** A namespace with a running ManagedVM `vm` in it, every disk of which is remembered. */
async function rememberedVM(namespace: string, spec: Record<string, unknown> = {}): Promise<Any> {
  await runningVM(cluster, namespace, { disks, ...spec });
  return remembered(namespace);
}

function remembered(namespace: string): Promise<Any> {
  return eventually(async () => {
    const vm = await cluster.api.get(managedVM, namespace, 'vm');
    expect(vm.status.disks.filter((disk: Any) => disk.claimUID === undefined)).toEqual([]);
    return vm;
  });
}

async function powerOff(namespace: string): Promise<void> {
  const { api } = cluster;
  await api.edit(managedVM, namespace, 'vm', { spec: { powerState: 'Stopped' } });
  await gone(api, VirtualMachineInstance, namespace, 'vm');
  await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Stopped' });
}

const uidOf = async (kind: ResourceKind, namespace: string, name: string): Promise<string> =>
  (await cluster.api.get(kind, namespace, name)).metadata.uid;

/** Whoever makes a disk anew does so within a pass: until the operator is still, it must not have come. */
async function staysLost(namespace: string, name: string): Promise<void> {
  const { api, bed } = cluster;
  await untilStill(bed, 1_500);
  expect(await api.find(DataVolume, namespace, name)).toBeUndefined();
  expect(await api.find(PersistentVolumeClaim, namespace, name)).toBeUndefined();
}

describe('a disk that was filled and has gone (AP-13, cases 26 and 42)', () => {
  test('is never made anew, its backups pause, and the restored claim is taken by consent', async () => {
    const { api } = cluster;
    const { metadata } = await rememberedVM('lost', { backupPolicyRef });
    await powerOff('lost');
    const backup = await backUp(api, 'lost', [DataVolume, PersistentVolumeClaim]);
    await api.remove(DataVolume, 'lost', 'vm-root');
    await reads(api, managedVM, 'lost', 'vm', { Ready: 'False/DiskLost', Provisioned: 'False/DiskLost' });
    await staysLost('lost', 'vm-root');
    const schedules = () => api.list(VeleroSchedule, 'velero', `managed.systems/owner-uid=${metadata.uid}`);
    expect((await schedules()).map(({ spec }) => spec.paused)).toEqual([true]);
    const [schedule] = await schedules();
    const expiring = { status: { expiration: instantOf(1) } };
    const { metadata: kept } = await playBackup(api, schedule, expiring);
    await eventually(async () => {
      const { status } = await api.get(VeleroBackup, 'velero', kept.name);
      expect(Date.parse(status.expiration)).toBeGreaterThan(Date.parse(instantOf(7 * 24)));
      const vm = await api.get(managedVM, 'lost', 'vm');
      expect(conditionOf(vm, 'BackupCompliant')?.message).toContain(
        `${kept.name} is kept until ${status.expiration} at least`,
      );
    });

    await restore(api, 'lost', backup, ({ metadata: { name } }) => name === 'vm-root');
    await reads(api, managedVM, 'lost', 'vm', { Ready: 'False/DiskNeedsConsent' });
    await api.edit(managedVM, 'lost', 'vm', { spec: { powerState: 'Running' } });
    await reads(api, managedVM, 'lost', 'vm', { Ready: 'False/DiskNeedsConsent' });
    expect(await api.find(VirtualMachineInstance, 'lost', 'vm'), 'booted before anybody consented').toBeUndefined();

    await consent(cluster, 'lost', 'vm');
    const vm = await reads(api, managedVM, 'lost', 'vm', running);
    const claimUID = await uidOf(PersistentVolumeClaim, 'lost', 'vm-root');
    expect(vm.status.disks).toContainEqual(expect.objectContaining({ name: 'root', claimUID }));
    expect(conditionOf(vm, 'Provisioned')?.message).toContain('taken over by consent');
    // Events are sent after the status that they tell of.
    const kind = { ...Namespace, group: 'events.k8s.io', kind: 'Event', plural: 'events', namespaced: true };
    await eventually(async () => {
      const taken = (await api.list(kind, 'lost')).filter(({ reason }) => reason === 'DiskTaken');
      expect(taken.map(({ note }) => note)).toEqual([expect.stringContaining(claimUID)]);
    });
    await eventually(async () => expect((await schedules()).map(({ spec }) => spec.paused ?? false)).toEqual([false]));
  });
});

describe('a VM that a patch has broken (GE-8)', () => {
  const snapshots = (kind: string, plural: string, namespaced = true): ResourceKind => ({
    ...{ group: 'snapshot.storage.k8s.io', version: 'v1', kind, plural, namespaced },
  });
  const VolumeSnapshotClass = snapshots('VolumeSnapshotClass', 'volumesnapshotclasses', false);
  const VolumeSnapshot = snapshots('VolumeSnapshot', 'volumesnapshots');
  const step = (name: string, verdict?: string) => ({
    ...{ name, attempt: 1, began: instant(new Date()), ...(verdict && { verdict }) },
  });
  const installed = { package: 'openssl', from: '1', to: '2', state: 'Installed' };

  /** What storage does, played: every snapshot of a volume is there at once. */
  async function playStorage(): Promise<void> {
    for (const { metadata, status } of await cluster.api.list(VolumeSnapshot, 'broken')) {
      if (status?.readyToUse) continue;
      const path = `${pathOf(VolumeSnapshot, 'broken', metadata.name)}/status`;
      const ready = { readyToUse: true, creationTime: new Date().toISOString(), restoreSize: '1Gi' };
      await cluster.api.client.patch('merge', path, { status: ready });
    }
  }

  test('is turned back by KubeVirt: stopped, restored, its disks taken as the run says, started; what it had stays', async () => {
    const { api } = cluster;
    await api.create(VolumeSnapshotClass, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshotClass',
      metadata: { name: 'played' },
      ...{ driver: provisioner, deletionPolicy: 'Delete' },
    });
    const vm = await rememberedVM('broken');
    // Its file systems cannot be held: no virt-handler runs that would ask the guest agent.
    await api.misbehave('broken', 'vm', 'AgentLost');
    await eventually(async () => {
      const { status } = await api.get(VirtualMachineInstance, 'broken', 'vm');
      expect(status.conditions.map(({ type }: Any) => type)).not.toContain('AgentConnected');
    });
    await makeRun(cluster, 'broken', 'tonight', openRun(vm, 'policy', { rollback: 'Automatic' }));
    const before = [step('preflight', 'Passed'), step('plan', 'Passed'), step('snapshot')];
    await sayOfRun(cluster, 'steward-patch', 'broken', 'tonight', { phase: 'Snapshotting', steps: before });
    const found = (): Promise<Any> => api.get(patchRun, 'broken', 'tonight');
    const { status } = await eventually(async () => {
      await playStorage();
      const run = await found();
      expect(run.status.steps.at(-1)).toMatchObject({ name: 'snapshot', verdict: 'Passed' });
      return run;
    });
    expect(status.snapshot).toMatchObject({ consistency: 'CrashConsistent', disks: ['root', 'data'] });
    await api.misbehave('broken', 'vm');

    const claims = ['vm-root', 'vm-data'].map(name => uidOf(PersistentVolumeClaim, 'broken', name));
    const old = await Promise.all(claims);
    const instance = await uidOf(VirtualMachineInstance, 'broken', 'vm');
    const steps = [...status.steps, step('install', 'Passed'), step('verify', 'Failed'), step('rollback')];
    const asked = { phase: 'RollingBack', steps, packages: [installed], rollback: { reason: 'It is broken.' } };
    await sayOfRun(cluster, 'steward-patch', 'broken', 'tonight', asked);
    const turned = await eventually(async () => {
      const run = await found();
      expect(run.status.steps.at(-1)).toMatchObject({ name: 'rollback', verdict: 'Passed' });
      return run;
    }, 120_000);
    expect(turned.status.rollback).toMatchObject({ instance, restoredAt: expect.any(String) });
    const { status: after } = await reads(api, managedVM, 'broken', 'vm', running);
    expect(after.disks.map(({ name, claim, claimUID }: Any) => [name, claim, claimUID])).toEqual(
      turned.status.rollback.disks.map(({ disk, claim, uid }: Any) => [disk, claim, uid]),
    );
    expect(after.disks.map(({ claimUID }: Any) => claimUID)).not.toEqual(old);
    expect(await uidOf(VirtualMachineInstance, 'broken', 'vm')).not.toBe(instance);
    for (const [index, name] of ['vm-root', 'vm-data'].entries())
      expect(await uidOf(PersistentVolumeClaim, 'broken', name), 'what was written since stays').toBe(old[index]);
    await eventually(async () => expect(await api.find(VirtualMachineRestore, 'broken', 'tonight')).toBeUndefined());
  });
});

describe('a DataVolume that CDI has collected (case 08)', () => {
  test('leaves a claim, which is enough: the VM stays Ready and no other DataVolume is made', async () => {
    const { api } = cluster;
    await rememberedVM('collected');
    const claimUID = await uidOf(PersistentVolumeClaim, 'collected', 'vm-root');
    const free = { metadata: { ownerReferences: null } };
    await api.edit(PersistentVolumeClaim, 'collected', 'vm-root', free);
    await api.remove(DataVolume, 'collected', 'vm-root');
    await gone(api, DataVolume, 'collected', 'vm-root');
    await untilStill(cluster.bed, 1_500);
    await reads(api, managedVM, 'collected', 'vm', {
      ...running,
      Provisioned: 'True/DisksFilled',
      RestartPending: 'False/UpToDate',
    });
    expect(await api.find(DataVolume, 'collected', 'vm-root')).toBeUndefined();
    expect(await uidOf(PersistentVolumeClaim, 'collected', 'vm-root')).toBe(claimUID);
  });
});

describe('a restore (AP-13)', () => {
  test('after loss of the whole ManagedVM waits for consent, names what is in the way, and converges (case 03)', async () => {
    const { api } = cluster;
    await rememberedVM('dr');
    const backup = await backUp(api, 'dr', [PersistentVolumeClaim, DataVolume, VirtualMachine], ['vm-first-boot']);
    await api.remove(managedVM, 'dr', 'vm');
    await gone(api, managedVM, 'dr', 'vm');
    await api.remove(DataVolume, 'dr', 'vm-root');
    for (const disk of disks) await gone(api, PersistentVolumeClaim, 'dr', `vm-${disk.name}`);
    await gone(api, Secret, 'dr', 'vm-first-boot');
    await restore(api, 'dr', backup);
    const claimUID = await uidOf(PersistentVolumeClaim, 'dr', 'vm-data');

    await api.create(managedVM, machine('dr', 'vm', { disks }));
    await reads(api, managedVM, 'dr', 'vm', { Ready: 'False/VirtualMachineNameTaken' });
    await api.remove(VirtualMachine, 'dr', 'vm');
    const asked = await reads(api, managedVM, 'dr', 'vm', { Ready: 'False/ChildNameTaken' });
    expect(conditionOf(asked, 'Ready')?.message).toContain('Secret dr/vm-first-boot');
    await cluster.kubectl(['-n', 'dr', 'delete', 'secret', 'vm-first-boot']);
    await reads(api, managedVM, 'dr', 'vm', { Ready: 'False/DiskNeedsConsent' }, 90_000);
    expect(await api.find(VirtualMachine, 'dr', 'vm')).toBeUndefined();
    await consent(cluster, 'dr', 'vm');
    await reads(api, managedVM, 'dr', 'vm', running, 90_000);
    expect(await uidOf(PersistentVolumeClaim, 'dr', 'vm-data')).toBe(claimUID);
  }, 300_000);

  test('of a whole namespace needs no consent where the order has it, and its keys are those of the guest (case 05)', async () => {
    const { api } = cluster;
    const adopting = disks.map(disk => ({ ...disk, adopt: { claim: `vm-${disk.name}` } }));
    await rememberedVM('whole');
    await api.edit(managedVM, 'whole', 'vm', { spec: { disks: adopting } });
    const backup = await backUp(api, 'whole', [PersistentVolumeClaim, DataVolume, managedVM]);
    await api.remove(managedVM, 'whole', 'vm');
    await gone(api, managedVM, 'whole', 'vm');
    await api.remove(DataVolume, 'whole', 'vm-root');
    for (const disk of disks) await gone(api, PersistentVolumeClaim, 'whole', `vm-${disk.name}`);
    await restore(api, 'whole', backup);
    const vm = await reads(api, managedVM, 'whole', 'vm', running);
    const claimUID = await uidOf(PersistentVolumeClaim, 'whole', 'vm-data');
    await eventually(async () =>
      expect((await api.get(managedVM, 'whole', 'vm')).status.disks).toContainEqual(
        expect.objectContaining({ name: 'data', claimUID }),
      ),
    );
    expect(await keyInGuest('whole')).toBe(await storedKey(vm.metadata.uid));
  });
});

describe('an order that is renamed in Git (case 35)', () => {
  test('has its disks by the consent that its message names, the same claim runs on, and no other is made', async () => {
    const { api } = cluster;
    const kept = [{ name: 'root', size: '20Gi' }];
    await rememberedVM('renamed', { disks: kept });
    const claimUID = await uidOf(PersistentVolumeClaim, 'renamed', 'vm-root');
    await api.remove(managedVM, 'renamed', 'vm');
    await gone(api, managedVM, 'renamed', 'vm');
    await gone(api, VirtualMachine, 'renamed', 'vm');

    await api.create(managedVM, machine('renamed', 'vm-prod', { disks: kept, virtualMachineName: 'vm' }));
    const asked = await reads(api, managedVM, 'renamed', 'vm-prod', { Ready: 'False/DiskNeedsConsent' });
    const patch = [
      { op: 'test', path: '/spec/disks/0/name', value: 'root' },
      { op: 'add', path: '/spec/disks/0/adopt', value: { claim: 'vm-root', uid: claimUID } },
    ];
    expect(conditionOf(asked, 'Ready')?.message).toContain(
      `kubectl -n renamed patch managedvm vm-prod --type json -p '${JSON.stringify(patch)}'`,
    );
    expect(await api.find(VirtualMachine, 'renamed', 'vm'), 'started before anybody consented').toBeUndefined();

    await consent(cluster, 'renamed', 'vm-prod');
    const vm = await reads(api, managedVM, 'renamed', 'vm-prod', running);
    expect(vm.status.disks).toEqual([expect.objectContaining({ name: 'root', claim: 'vm-root', claimUID })]);
    expect(await uidOf(PersistentVolumeClaim, 'renamed', 'vm-root')).toBe(claimUID);
    const claims = await api.list(PersistentVolumeClaim, 'renamed');
    expect(claims.map(({ metadata }) => metadata.name)).toEqual(['vm-root']);
  });
});

describe('a growth that storage refuses (case 18, RecoverVolumeExpansionFailure)', () => {
  const sized = (size: string) => ({ disks: [{ name: 'root', size, storageClass: 'small' }] });
  const order = (size: string) => cluster.api.edit(managedVM, 'refused', 'vm', { spec: sized(size) });
  const requested = async () =>
    (await cluster.api.get(PersistentVolumeClaim, 'refused', 'vm-root')).spec.resources.requests.storage;

  test('may be taken back while it is refused, and only then; the claim follows and the disk stays', async () => {
    const { api } = cluster;
    const small = { ...defaultStorageClass(provisioner), parameters: { largest: '24Gi' } };
    await api.create(StorageClass, { ...small, metadata: { name: 'small' } });
    await rememberedVM('refused', sized('20Gi'));
    const claimUID = await uidOf(PersistentVolumeClaim, 'refused', 'vm-root');
    await expect(order('19Gi')).rejects.toThrow('size only grows');

    await order('30Gi');
    const full = await reads(api, managedVM, 'refused', 'vm', { Ready: 'False/DiskGrowthRefused' });
    expect(conditionOf(full, 'Ready')?.message).toContain('pool has no space left');
    await eventually(async () =>
      expect((await api.get(managedVM, 'refused', 'vm')).status.disks[0].phase).toBe('DiskGrowthRefused'),
    );
    await order('20Gi');
    await reads(api, managedVM, 'refused', 'vm', running);
    await eventually(async () => expect(await requested()).toBe('20481Mi'));
    await eventually(async () =>
      expect((await api.get(managedVM, 'refused', 'vm')).status.disks[0].phase).toBe('Filled'),
    );
    await expect(order('19Gi')).rejects.toThrow('size only grows');

    await order('22Gi');
    await eventually(async () =>
      expect((await api.get(managedVM, 'refused', 'vm')).status.disks).toMatchObject([{ capacity: '22Gi', claimUID }]),
    );
    await reads(api, managedVM, 'refused', 'vm', running);
  });
});

async function storedKey(uid: string): Promise<string> {
  const { data } = await cluster.api.get(Secret, KEYS, `managedvm-${uid}`);
  return Buffer.from(data['provider-key.pub'], 'base64').toString().split(' ')[1] ?? '';
}

/** The provider's key in the first-boot Secret, which is what a guest learns. */
async function keyInGuest(namespace: string): Promise<string> {
  const { data } = await cluster.api.get(Secret, namespace, 'vm-first-boot');
  const text = Buffer.from(data.userdata, 'base64').toString();
  return /ssh-ed25519 (\S+) steward@/.exec(text)?.[1] ?? '';
}

describe('keys (MO-8, design 5)', () => {
  test('that are lost are never made anew, the first-boot Secret stays, and the old Secret heals (case 22)', async () => {
    const { api } = cluster;
    const { uid } = (await rememberedVM('keys')).metadata;
    const [secret, known] = [await api.get(Secret, KEYS, `managedvm-${uid}`), await keyInGuest('keys')];
    await api.remove(Secret, KEYS, `managedvm-${uid}`);
    await reads(api, managedVM, 'keys', 'vm', { Ready: 'False/KeysLost', Provisioned: 'True/DisksFilled' });
    await untilStill(cluster.bed, 1_500);
    expect(await api.find(Secret, KEYS, `managedvm-${uid}`)).toBeUndefined();
    expect(await keyInGuest('keys')).toBe(known);

    const other = await rememberedVM('keys-other');
    const stranger = await api.get(Secret, KEYS, `managedvm-${other.metadata.uid}`);
    await api.create(Secret, asCopied(secret, stranger.data));
    await reads(api, managedVM, 'keys', 'vm', { Ready: 'False/KeysLost' });
    expect(await keyInGuest('keys')).toBe(known);
    await api.remove(Secret, KEYS, `managedvm-${uid}`);

    await api.create(Secret, asCopied(secret));
    await reads(api, managedVM, 'keys', 'vm', running);
    expect(await keyInGuest('keys')).toBe(await storedKey(uid));
  });
});

/** As `kubectl get -o json` and `create` carry a Secret over, without what the API server gave it. */
function asCopied({ apiVersion, kind, metadata, type, immutable, data }: Any, instead = data): Any {
  const { name, namespace, labels, annotations } = metadata;
  return { apiVersion, kind, type, immutable, data: instead, metadata: { name, namespace, labels, annotations } };
}

describe('keys in the namespace of an earlier installation (MO-8, design 5)', () => {
  const inFormer = (secret: Any, data = secret.data) =>
    asCopied({ ...secret, metadata: { ...secret.metadata, namespace: FORMER } }, data);
  const placesOf = async (name: string) => {
    const found = await Promise.all([KEYS, FORMER].map(place => cluster.api.find(Secret, place, name)));
    return found.map(secret => secret?.data);
  };

  test('are moved byte for byte, every generation, the former Secret goes, and the guest is given no others', async () => {
    const { api } = cluster;
    const { uid } = (await rememberedVM('moved')).metadata;
    const [name, later] = [`managedvm-${uid}`, `managedvm-${uid}-2`];
    const known = await keyInGuest('moved');
    const other = await rememberedVM('moved-other');
    const stranger = (await api.get(Secret, KEYS, `managedvm-${other.metadata.uid}`)).data;
    const secret = await api.get(Secret, KEYS, name);
    await api.remove(Secret, KEYS, name);
    await reads(api, managedVM, 'moved', 'vm', { Ready: 'False/KeysLost' });

    const next = {
      ...secret.data,
      'provider-key': stranger['provider-key'],
      'provider-key.pub': stranger['provider-key.pub'],
    };
    await api.create(Secret, inFormer({ ...secret, metadata: { ...secret.metadata, name: later } }, next));
    await api.create(Secret, inFormer(secret));
    await reads(api, managedVM, 'moved', 'vm', running);
    await eventually(async () => {
      expect(await placesOf(name)).toEqual([secret.data, undefined]);
      expect(await placesOf(later)).toEqual([next, undefined]);
    });
    const { immutable, metadata } = await api.get(Secret, KEYS, name);
    expect({ immutable, labels: metadata.labels }).toEqual({ immutable: true, labels: secret.metadata.labels });
    expect(await keyInGuest('moved')).toBe(known);
  });

  test('stay, both, where the two places hold different ones, and those that the guest was given count', async () => {
    const { api, bed } = cluster;
    const { uid } = (await rememberedVM('parted')).metadata;
    const name = `managedvm-${uid}`;
    const known = await keyInGuest('parted');
    const secret = await api.get(Secret, KEYS, name);
    const other = await rememberedVM('parted-other');
    const stranger = (await api.get(Secret, KEYS, `managedvm-${other.metadata.uid}`)).data;
    await api.remove(Secret, KEYS, name);
    await reads(api, managedVM, 'parted', 'vm', { Ready: 'False/KeysLost' });
    await api.create(Secret, asCopied(secret, stranger));
    await api.create(Secret, inFormer(secret));
    await reads(api, managedVM, 'parted', 'vm', running);
    await untilStill(bed, 1_500);
    expect(await placesOf(name)).toEqual([stranger, secret.data]);
    expect(await keyInGuest('parted')).toBe(known);

    await api.remove(Secret, KEYS, name);
    await eventually(async () => expect(await placesOf(name)).toEqual([secret.data, undefined]));
    await reads(api, managedVM, 'parted', 'vm', running);
  });
});

describe('a volume plugged into a running guest (case 17, kubevirt#13222)', () => {
  test('stays, and restartPolicy Automatic restarts nothing for it', async () => {
    const { api, bed } = cluster;
    await rememberedVM('plugged', { restartPolicy: 'Automatic', sizing: { cpu: 1, memory: '2Gi' } });
    const instance = await uidOf(VirtualMachineInstance, 'plugged', 'vm');
    const { template } = (await api.get(VirtualMachine, 'plugged', 'vm')).spec;
    const { volumes, domain } = template.spec;
    // As virt-controller leaves the machine when it has granted virtctl addvolume.
    volumes.push({ name: 'extra', persistentVolumeClaim: { claimName: 'extra', hotpluggable: true } });
    domain.devices.disks.push({ name: 'extra', disk: { bus: 'scsi' }, serial: 'extra' });
    await api.edit(VirtualMachine, 'plugged', 'vm', { spec: { template: { spec: { volumes, domain } } } });
    await untilStill(bed, 1_500);
    const isThere = async () => {
      const { spec } = (await api.get(VirtualMachine, 'plugged', 'vm')).spec.template;
      expect(spec.volumes.map(({ name }: Any) => name)).toContain('extra');
      expect(spec.domain.devices.disks.map(({ name }: Any) => name)).toContain('extra');
    };
    await isThere();
    await api.edit(managedVM, 'plugged', 'vm', { spec: { sizing: { cpu: 2, memory: '2Gi' } } });
    await reads(api, managedVM, 'plugged', 'vm', running);
    await isThere();
    expect(await uidOf(VirtualMachineInstance, 'plugged', 'vm')).toBe(instance);
  });
});

describe('a pause that is a person’s', () => {
  test('keeps everything but the status from being written, a deletion included, and ends with it', async () => {
    const { api, bed } = cluster;
    await rememberedVM('paused');
    await api.edit(managedVM, 'paused', 'vm', { spec: { paused: { reason: 'restore by hand' } } });
    await reads(api, managedVM, 'paused', 'vm', {
      Ready: 'Unknown/ReconciliationPaused',
      Provisioned: 'True/DisksFilled',
    });
    const from = await mark(bed);
    await api.edit(managedVM, 'paused', 'vm', { spec: { sizing: { cpu: 4 } } });
    await api.edit(VirtualMachine, 'paused', 'vm', { spec: { runStrategy: 'Manual' } });
    await api.remove(managedVM, 'paused', 'vm');
    await eventually(async () => {
      const message = conditionOf(await api.get(managedVM, 'paused', 'vm'), 'Ready')?.message;
      expect(message).toContain('The deletion goes on when the pause ends.');
    });
    await untilStill(bed, 1_500);
    const written = writes(await callsSince(bed, from)).filter(
      ({ objectRef }) => objectRef?.namespace === 'paused' && objectRef.name !== 'steward-defaults',
    );
    const other = written.filter(
      ({ objectRef }) => objectRef?.resource !== 'events' && objectRef?.subresource !== 'status',
    );
    expect(other).toEqual([]);
    await api.edit(managedVM, 'paused', 'vm', { spec: { paused: null } });
    await gone(api, managedVM, 'paused', 'vm', 90_000);
  });
});

describe('deletion protection covers every way to lose a disk', () => {
  test('a Delete disk cannot be taken out of the order, none can become Delete, and none refers to its owner', async () => {
    const { api } = cluster;
    await rememberedVM('guarded', { deletionProtection: true });
    const edit = (spec: object) => api.edit(managedVM, 'guarded', 'vm', { spec });
    await expect(edit({ disks: [disks[0]] })).rejects.toThrow(
      /deletionProtection is true: a disk with reclaimPolicy Delete/,
    );
    await expect(edit({ disks: [{ ...disks[0], reclaimPolicy: 'Delete' }, disks[1]] })).rejects.toThrow(
      /cannot be changed from Retain to Delete/,
    );
    expect((await api.get(DataVolume, 'guarded', 'vm-data')).metadata.ownerReferences).toBeUndefined();
    await edit({ deletionProtection: false });
    await eventually(async () =>
      expect((await api.get(DataVolume, 'guarded', 'vm-data')).metadata.labels).toMatchObject({
        'managed.systems/reclaim-policy': 'Delete',
      }),
    );
    await edit({ disks: [disks[0]] });
    await gone(api, DataVolume, 'guarded', 'vm-data');
  });
});

test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));
