import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../hack/testbed/process/command.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { DELETION_PROTECTION_LABEL, MANAGED_VM_FINALIZER } from '../../src/controllers/managedvm/controller.ts';
import { advancedPlan, contractOf } from '../integration/support/orders.ts';
import { applyOfNewKind, chart, type Kubectl, kubectlOf, type Manifest, namespace } from './chart.ts';
import { childOf, operatingSystem, virtualMachine, windows } from './objects.ts';

let bed: TestBed;
let kubectl: Kubectl;

const operator = `--as system:serviceaccount:${namespace}:steward`;
const protect = (name: string, on: boolean, tenant = 'acme') =>
  kubectl(`patch mvm ${name} -n ${tenant} --type merge -p {"spec":{"deletionProtection":${on}}}`);

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false });
  kubectl = kubectlOf(bed);
  await kubectl('create namespace acme');
  const install = ['install', 'steward', chart, '--namespace', namespace, '--create-namespace'];
  await run(bed.binaries.helm, ['--kubeconfig', bed.adminKubeconfig, ...install]);
  for (const system of [operatingSystem, windows]) await applyOfNewKind(kubectl, system);
  // The API server takes up new policies within a second or so: one refusal of each that has parameters shows that they hold.
  await applyOfNewKind(kubectl, virtualMachine('canary', { deletionProtection: true }));
  const wrong = virtualMachine('wrong', { operatingSystem: 'windows-server-2025' });
  await vi.waitUntil(() => kubectl.refusal('apply --dry-run=server -f -', wrong), { timeout: 60_000 });
  await vi.waitUntil(() => kubectl.refusal('delete namespace acme --dry-run=server'), { timeout: 60_000 });
  await protect('canary', false);
  await kubectl('delete mvm canary -n acme');
});
afterAll(() => bed.stop());

describe('MO-7: a service level at which the operating system is not offered', () => {
  const level = 'spec.serviceLevel: Windows Server 2025 is offered at Admin or AdvancedMonitoringAndPatching only';

  it('is refused with the levels at which it is', async () => {
    const wrong = virtualMachine('win', { operatingSystem: 'windows-server-2025' });
    expect(await kubectl.refusal('apply -f -', wrong)).toContain(`${level}, not at MonitoringAndPatching (MO-7)`);
  });

  it('is refused as a change too, and the allowed ones pass', async () => {
    const right = virtualMachine('win', { operatingSystem: 'windows-server-2025', serviceLevel: 'Admin' });
    await kubectl('apply -f -', right);
    const change = (to: string) => `patch mvm win -n acme --type merge -p {"spec":{"serviceLevel":"${to}"}}`;
    expect(await kubectl.refusal(change('MonitoringAndPatching'))).toContain(level);
    await kubectl(change('AdvancedMonitoringAndPatching'));
  });

  it('stays editable in all else after the provider has withdrawn the level', async () => {
    await kubectl('patch mos windows-server-2025 --type merge -p {"spec":{"serviceLevels":["Admin"]}}');
    const relevel = 'patch mvm win -n acme --type merge -p {"spec":{"serviceLevel":"MonitoringAndPatching"}}';
    await expect.poll(() => kubectl.refusal(relevel)).toContain('is offered at Admin only');
    await kubectl('patch mvm win -n acme --type merge -p {"metadata":{"finalizers":["example.com/held"]}}');
    await kubectl('patch mvm win -n acme --type merge -p {"metadata":{"finalizers":null}}');
    await kubectl('delete mvm win -n acme');
  });

  it('is not guessed for an operating system that is not in the catalogue, or while the catalogue is empty', async () => {
    await kubectl('apply -f -', virtualMachine('early', { operatingSystem: 'not-yet-there' }));
    await kubectl('delete mos --all');
    await kubectl('apply -f -', virtualMachine('earlier'));
    await kubectl('delete mvm early earlier -n acme');
    await kubectl('apply -f -', operatingSystem);
  });
});

describe('MO-1, GE-9: an operating system past the end of its vendor support', () => {
  const { spec, ...entry } = operatingSystem as Manifest & { spec: object };
  const ended = {
    ...entry,
    metadata: { name: 'debian-11' },
    spec: { ...spec, version: '11', lifeCycle: { endOfSupport: '2024-08-14' } },
  };
  const order = virtualMachine('late', { operatingSystem: 'debian-11' });
  const why =
    "spec.operatingSystem: the vendor's support for Debian 11 ended with 2024-08-14, so it takes no new orders; those that stand stay as they are (MO-1, GE-9)";

  it('takes orders until its last day, and none at any level after it', async () => {
    await kubectl('apply -f -', { ...ended, spec: { ...ended.spec, lifeCycle: { endOfSupport: '2099-08-14' } } });
    await kubectl('apply -f -', virtualMachine('elder', { operatingSystem: 'debian-11' }));
    await kubectl('apply -f -', ended);
    for (const serviceLevel of ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching']) {
      const late = virtualMachine('late', { operatingSystem: 'debian-11', serviceLevel });
      await expect
        .poll(() => kubectl.refusal('create --dry-run=server -f -', late), { timeout: 30_000 })
        .toContain(why);
      expect(await kubectl.refusal('apply --server-side --dry-run=server -f -', late)).toContain(why);
    }
  });

  it('leaves orders that stand editable, their level included', async () => {
    await kubectl('patch mvm elder -n acme --type merge -p {"spec":{"powerState":"Stopped"}}');
    await kubectl('patch mvm elder -n acme --type merge -p {"spec":{"serviceLevel":"Admin"}}');
    await kubectl('delete mvm elder -n acme');
  });

  it('AP-13: lets restores and orders for an existing root disk pass, for they bring no new guest', async () => {
    const restored = { ...order, metadata: { ...order.metadata, labels: { 'velero.io/restore-name': 'r1' } } };
    await kubectl('create --dry-run=server -f -', restored);
    const takenUp = { operatingSystem: 'debian-11', disks: [{ name: 'root', adopt: { claim: 'old-root' } }] };
    await kubectl('create --dry-run=server -f -', virtualMachine('late', takenUp));
    await kubectl('delete mos debian-11');
  });
});

describe('deletion protection', () => {
  const message = 'whose spec.deletionProtection is true: set it to false first, then delete';
  let uid: string;

  beforeAll(async () => {
    await kubectl('apply -f -', virtualMachine('shop', { deletionProtection: true }));
    uid = await kubectl('get mvm shop -n acme -o jsonpath={.metadata.uid}');
    // As the operator does before the first part exists.
    await kubectl(`label mvm shop -n acme ${DELETION_PROTECTION_LABEL}=true`);
    for (const part of parts()) await kubectl('apply -f -', part);
  });

  const parts = () => [
    childOf(uid, 'shop', 'shop', {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
    }),
    childOf(uid, 'shop', 'shop-root', {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '1Gi' } } } },
    }),
    childOf(uid, 'shop', 'shop-root', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ];

  it.each(['delete mvm shop -n acme', 'delete mvm --all -n acme'])(
    'refuses %s and names the field to change',
    async command => {
      const refusal = await kubectl.refusal(command);
      expect(refusal).toContain(
        'spec.deletionProtection of ManagedVM acme/shop is true: set it to false first, then delete',
      );
    },
  );

  it('refuses a deletion of the whole collection in one request', async () => {
    const collection = '/apis/managed.systems/v1alpha1/namespaces/acme/managedvms';
    expect(await kubectl.refusal(`delete --raw ${collection}`)).toContain(
      'spec.deletionProtection of ManagedVM acme/shop',
    );
  });

  it.each(['vm shop', 'dv shop-root', 'pvc shop-root'])('refuses to delete its part %s', async part => {
    expect(await kubectl.refusal(`delete ${part} -n acme`)).toContain(`is part of ManagedVM acme/shop, ${message}`);
  });

  it('refuses to delete its namespace, disks and all', async () => {
    expect(await kubectl.refusal('delete namespace acme')).toContain(`Namespace acme holds ManagedVM shop, ${message}`);
    expect(await kubectl('get namespace acme -o jsonpath={.status.phase}')).toBe('Active');
  });

  it('guards the claim although CDI writes its own name into managed-by', async () => {
    await kubectl('label pvc shop-root -n acme app.kubernetes.io/managed-by=cdi-controller --overwrite');
    expect(await kubectl.refusal('delete pvc shop-root -n acme')).toContain(
      `is part of ManagedVM acme/shop, ${message}`,
    );
  });

  it('lets the operator remove a part as the spec says, and the garbage collector what hangs on it', async () => {
    await kubectl(`delete vm shop -n acme --dry-run=server ${operator}`);
    const owner = await kubectl('get dv shop-root -n acme -o jsonpath={.metadata.uid}');
    const reference = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', name: 'shop-root', uid: owner };
    const hung = JSON.stringify({ metadata: { ownerReferences: [reference], finalizers: null } });
    await kubectl(`patch pvc shop-root -n acme --type merge -p ${hung}`);
    await kubectl(`delete dv shop-root -n acme ${operator}`);
    await expect.poll(() => kubectl('get pvc shop-root -n acme --ignore-not-found'), { timeout: 60_000 }).toBe('');
  });

  it('leaves alone what is not part of it, and namespaces without protected VMs', async () => {
    await kubectl('create namespace empty');
    await kubectl('delete namespace empty');
    const retained = childOf('11111111-0000-0000-0000-000000000000', 'gone', 'gone-root', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await kubectl('apply -f -', retained);
    await kubectl('delete pvc gone-root -n acme');
  });

  it('leaves alone what only has the labels of a part: a clone by KubeVirt, or a claim that somebody labelled (MO-8)', async () => {
    const copies = parts().map(part => ({
      ...part,
      metadata: { ...part.metadata, name: `${part.metadata.name}-copy` },
    }));
    for (const copy of copies) await kubectl('apply -f -', copy);
    await kubectl('delete vm/shop-copy dv/shop-root-copy pvc/shop-root-copy -n acme');
  });

  it('covers a disk that was taken out of the order and is there still', async () => {
    const claim = { metadata: { name: 'shop-old', namespace: 'acme' } };
    const { metadata, ...rest } = parts()[2] as Manifest;
    await kubectl('apply -f -', { ...rest, metadata: { ...metadata, ...claim.metadata } });
    const disks = JSON.stringify({ status: { disks: [{ name: 'old', claim: 'shop-old', phase: 'Filled' }] } });
    await kubectl(`patch mvm shop -n acme --subresource status --type merge -p ${disks}`);
    await expect.poll(() => kubectl.refusal('delete pvc shop-old -n acme --dry-run=server')).toContain(message);
  });

  it('lets everything go once the field is false', async () => {
    await protect('shop', false);
    await expect.poll(() => kubectl.refusal('delete vm shop -n acme --dry-run=server')).toBe('');
    await kubectl('delete namespace acme --dry-run=server');
    await kubectl('delete vm shop -n acme');
    await kubectl('delete mvm shop -n acme');
  });
});

describe('first-boot Secrets', () => {
  const message =
    'is written by Steward only, which may not watch Secrets and could not undo a change: edit the ManagedVM';
  const made = 'has the labels and the owner of first-boot content, which is made by Steward only';
  const content = { apiVersion: 'v1', kind: 'Secret', stringData: { userdata: '#cloud-config' } };
  const owned = (uid: string, owner: string, name = `${owner}-first-boot`, tenant = 'acme') => {
    const { metadata, ...rest } = childOf(uid, owner, name, content);
    const reference = { apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedVM', name: owner, uid, controller: true };
    return { ...rest, metadata: { ...metadata, namespace: tenant, ownerReferences: [reference] } };
  };
  let uid: string;

  beforeAll(async () => {
    await kubectl('apply -f -', virtualMachine('web'));
    uid = await kubectl('get mvm web -n acme -o jsonpath={.metadata.uid}');
    await kubectl(`create -f - ${operator}`, owned(uid, 'web'));
    await kubectl('create rolebinding anna -n acme --clusterrole=admin --user=anna');
  });

  it.each([
    'patch secret web-first-boot -n acme -p {"stringData":{"userdata":"other"}}',
    'patch secret web-first-boot -n acme -p {"immutable":true}',
    'patch secret web-first-boot -n acme --type merge -p {"metadata":{"ownerReferences":null}}',
    'label secret web-first-boot -n acme app.kubernetes.io/managed-by-',
    'label secret web-first-boot -n acme managed.systems/owner-kind=Other --overwrite',
    'label secret web-first-boot -n acme managed.systems/owner-uid-',
    'delete secret web-first-boot -n acme',
    'delete --raw /api/v1/namespaces/acme/secrets',
  ])('refuse %s and say why', async command => {
    expect(await kubectl.refusal(command)).toContain(`holds the first-boot content of ManagedVM web and ${message}`);
  });

  it('let an administrator re-encrypt every Secret: an update that changes nothing passes (MO-8)', async () => {
    const all = await kubectl('get secrets -A -o json');
    expect(all).toContain('web-first-boot');
    await kubectl('replace -f -', all);
  });

  it('let others write labels and annotations of their own, as backup and policy tools do', async () => {
    await kubectl('label secret web-first-boot -n acme velero.io/backup-name=nightly');
    await kubectl('annotate secret web-first-boot -n acme example.com/seen=yes');
  });

  it('cannot be made by a tenant: labels alone guard nothing, and the owner is not his to write (MO-8)', async () => {
    const mine = childOf(uid, 'web', 'mine', content);
    await kubectl('create -f - --as anna', mine);
    await kubectl('patch secret mine -n acme -p {"stringData":{"userdata":"mine"}} --as anna');
    const forged = owned(uid, 'web', 'forged-first-boot');
    expect(await kubectl.refusal('create -f - --as anna', forged)).toContain(made);
    const references = JSON.stringify({ metadata: { ownerReferences: forged.metadata.ownerReferences } });
    expect(await kubectl.refusal(`patch secret mine -n acme --type merge -p ${references} --as anna`)).toContain(made);
    await kubectl('create secret generic plain -n acme --from-literal=a=b --as anna');
    await kubectl(`patch secret plain -n acme --type merge -p ${references} --as anna`);
    const label =
      'label secret plain -n acme app.kubernetes.io/managed-by=steward managed.systems/owner-kind=ManagedVM';
    const labelled = `${label} managed.systems/owner-uid=${uid} --as anna`;
    expect(await kubectl.refusal(labelled)).toContain(made);
    await kubectl('delete secret mine plain -n acme --as anna');
  });

  it('that were restored name no owner and can be deleted by the tenant, also beside the living VM (AP-13)', async () => {
    await kubectl('create -f -', childOf('22222222-0000-0000-0000-000000000000', 'gone', 'gone-first-boot', content));
    await kubectl('create -f -', childOf(uid, 'web', 'copy-first-boot', content));
    await kubectl('delete secret gone-first-boot copy-first-boot -n acme --as anna');
  });

  it('can be changed by the operator, with the rights that it has', async () => {
    const changed = { ...owned(uid, 'web'), stringData: { userdata: 'new' } };
    await kubectl(`apply --server-side --force-conflicts --field-manager steward -f - ${operator}`, changed);
  });

  it('of a ManagedVM that is gone, or that was made anew under its name, go by themselves: none stays guarded', async () => {
    await kubectl(`create -f - ${operator}`, owned('44444444-0000-0000-0000-000000000000', 'web', 'former-first-boot'));
    await expect
      .poll(() => kubectl('get secret former-first-boot -n acme --ignore-not-found'), { timeout: 60_000 })
      .toBe('');
  });

  it('go with their ManagedVM: the garbage collector is let through', async () => {
    await kubectl('delete mvm web -n acme');
    await expect
      .poll(() => kubectl('get secret web-first-boot -n acme --ignore-not-found'), { timeout: 60_000 })
      .toBe('');
  });

  it('stay unguarded where the deletion orphaned them', async () => {
    await kubectl('apply -f -', virtualMachine('orphan'));
    const orphan = await kubectl('get mvm orphan -n acme -o jsonpath={.metadata.uid}');
    await kubectl(`create -f - ${operator}`, owned(orphan, 'orphan'));
    await kubectl('delete mvm orphan -n acme --cascade=orphan');
    await kubectl('delete secret orphan-first-boot -n acme --as anna');
  });

  it('go with their namespace: the namespace controller is let through', async () => {
    await kubectl('create namespace short-lived');
    await kubectl('apply -f -', virtualMachine('brief', {}, 'short-lived'));
    const brief = await kubectl('get mvm brief -n short-lived -o jsonpath={.metadata.uid}');
    await kubectl(`create -f - ${operator}`, owned(brief, 'brief', 'brief-first-boot', 'short-lived'));
    await kubectl('delete namespace short-lived --timeout=60s');
  });

  it('are guarded in the namespaces of tenants only: keys of the operator are its own affair', async () => {
    const { metadata, ...rest } = childOf('33333333-0000-0000-0000-000000000000', 'key', 'key-first-boot', content);
    await kubectl('create -f -', { ...rest, metadata: { ...metadata, namespace } });
    await kubectl(`delete secret key-first-boot -n ${namespace}`);
  });
});

describe('AP-6, MO-1: the lists of what a namespace may use', () => {
  const storage = 'managed.systems/storage-locations';
  const refused = 'changing them takes the verb permit on namespaces, cluster-wide';
  const named = (name: string, annotations?: Record<string, string>): Manifest => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(annotations ? { annotations } : {}) },
  });
  const kate = '--as kate';
  const annotate = (what: string, as = kate) => `annotate namespace globex --overwrite ${what} ${as}`.trimEnd();

  beforeAll(async () => {
    await kubectl('create clusterrole self-service --verb get,create,update,patch --resource namespaces');
    await kubectl('create clusterrolebinding self-service --clusterrole self-service --user kate');
    await kubectl('apply -f -', named('globex', { [storage]: 'site-a' }));
    // Every verb on everything in her namespace, and that is where a request about the Namespace itself is authorised too.
    await kubectl('create role everything -n globex --verb * --resource *.*');
    await kubectl('create rolebinding everything -n globex --role everything --user kate');
    await vi.waitUntil(() => kubectl.refusal(annotate(`${storage}=x --dry-run=server`)), { timeout: 60_000 });
  });

  it.each([
    ['widened', () => kubectl.refusal(annotate(`${storage}=*`))],
    ['taken away, which may widen it to the default', () => kubectl.refusal(annotate(`${storage}-`))],
    ['added', () => kubectl.refusal(annotate('managed.systems/instance-types=*'))],
    ['added empty', () => kubectl.refusal(annotate('managed.systems/instance-types='))],
    [
      'copied from another Namespace into a new one',
      () => kubectl.refusal(`create ${kate} -f -`, named('globex-copy', { [storage]: 'globex-vault' })),
    ],
  ])('cannot be %s by who may make and edit Namespaces', async (_, change) => {
    expect(await change()).toContain(refused);
  });

  it('leave everything else about Namespaces to them', async () => {
    await kubectl(annotate('example.org/team=shop'));
    await kubectl(`label namespace globex team=shop ${kate}`);
    await kubectl(annotate(`${storage}=site-a`));
    await kubectl(`create ${kate} -f -`, named('globex-plain'));
  });

  it('are changed by the provider, and by whom he gives the verb permit', async () => {
    await kubectl(annotate(`${storage}=site-a,site-b`, ''));
    await kubectl('create clusterrole lists --verb permit --resource namespaces');
    await kubectl('create clusterrolebinding lists --clusterrole lists --user kate');
    await vi.waitUntil(async () => (await kubectl.refusal(annotate(`${storage}=site-c`))) === '', { timeout: 30_000 });
  });
});

describe('MO-16: Jobs in the namespace of the operator', () => {
  const image = 'steward:0.1.0';
  const container = {
    name: 'steward',
    image,
    args: ['patch', 'acme/shop'],
    env: [
      { name: 'STEWARD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'STEWARD_LOG_LEVEL', value: 'info' },
      { name: 'NODE_OPTIONS', value: '--expose-gc --max-old-space-size-percentage=75 --max-semi-space-size=2' },
    ],
    volumeMounts: [
      { name: 'token', mountPath: '/var/run/secrets/managed.systems' },
      { name: 'scratch', mountPath: '/tmp' },
    ],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const token = { serviceAccountToken: { path: 'token', audience: 'managed.systems' } };
  const pod = {
    restartPolicy: 'Never',
    serviceAccountName: 'steward-patch',
    securityContext: { runAsNonRoot: true },
    containers: [container],
    volumes: [
      { name: 'token', projected: { sources: [token] } },
      { name: 'scratch', emptyDir: {} },
    ],
  };
  const jobOf = (spec: object, name = 'patch'): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: { template: { spec } },
  });
  const cronJobOf = (spec: object): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace },
    spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { spec: { template: { spec } } } },
  });
  const withContainer = (fields: object) => ({ ...pod, containers: [{ ...container, ...fields }] });
  const create = (as = operator) => `create --dry-run=server ${as} -f -`;
  const mounted = (volume: object, mountPath: string) => ({
    ...withContainer({ volumeMounts: [{ name: 'over', mountPath }] }),
    volumes: [{ name: 'over', ...volume }],
  });

  beforeAll(async () => {
    // As the roles of the operator will hold once there are Jobs, and as a hand that got hold of too much.
    await kubectl(`create role jobs -n ${namespace} --verb create,update,patch,delete,get --resource jobs,cronjobs`);
    const subjects = `--serviceaccount ${namespace}:steward --serviceaccount kube-system:cronjob-controller --user mallory`;
    await kubectl(`create rolebinding jobs -n ${namespace} --role jobs ${subjects}`);
    for (const form of [jobOf, cronJobOf])
      await vi.waitUntil(() => kubectl.refusal(create(), form(withContainer({ image: 'other' }))), { timeout: 60_000 });
  });

  const other = { ...container, name: 'other', image: 'alpine' };
  const refused: readonly [string, object, string][] = [
    ['another image', withContainer({ image: 'alpine' }), `its image must be ${image}, not alpine`],
    ['an init container', { ...pod, initContainers: [other] }, 'neither init nor ephemeral containers'],
    ['a second container', { ...pod, containers: [container, other] }, 'it must have one container'],
    ['the command of the operator', withContainer({ args: ['run'] }), 'it must run patch or report'],
    ['no command', withContainer({ args: [] }), 'it must run patch or report'],
    [
      'a command of its own',
      withContainer({ command: ['/nodejs/bin/node', '-e', '0'] }),
      'and no command, hook or probe',
    ],
    [
      'a hook',
      withContainer({ lifecycle: { preStop: { exec: { command: ['/nodejs/bin/node', '-e', '0'] } } } }),
      'and no command, hook or probe',
    ],
    [
      'a probe',
      withContainer({ livenessProbe: { exec: { command: ['/nodejs/bin/node', '-e', '0'] } } }),
      'and no command, hook or probe',
    ],
    [
      'the account of the operator',
      { ...pod, serviceAccountName: 'steward' },
      'serviceAccountName must be steward-patch, not steward',
    ],
    [
      'the account of another command',
      { ...pod, serviceAccountName: 'steward-report' },
      'serviceAccountName must be steward-patch, not steward-report',
    ],
    ['no account', { ...pod, serviceAccountName: undefined }, 'serviceAccountName must be steward-patch, not default'],
    [
      'a program in NODE_OPTIONS',
      withContainer({ env: [{ name: 'NODE_OPTIONS', value: '--import=data:text/javascript,0' }] }),
      'its environment must be POD_NAME',
    ],
    [
      'another API server',
      withContainer({ env: [{ name: 'KUBECONFIG', value: '/tmp/config' }] }),
      'its environment must be POD_NAME',
    ],
    [
      'a key from a Secret',
      withContainer({
        env: [{ name: 'STEWARD_X', valueFrom: { secretKeyRef: { name: 'managedvm-1', key: 'provider-key' } } }],
      }),
      'from no Secret or ConfigMap',
    ],
    [
      'an environment from a Secret',
      withContainer({ envFrom: [{ secretRef: { name: 'managedvm-1' } }] }),
      'from no Secret or ConfigMap',
    ],
    ['a path of the node', mounted({ hostPath: { path: '/' } }, '/tmp'), 'its volumes must be emptyDir at /tmp'],
    ['a Secret', mounted({ secret: { secretName: 'managedvm-1' } }, '/tmp'), 'its volumes must be emptyDir at /tmp'],
    [
      'a Secret, projected',
      mounted({ projected: { sources: [token, { secret: { name: 'managedvm-1' } }] } }, '/var/run/secrets/x'),
      'its volumes must be',
    ],
    [
      'its own annotations, which may be a program',
      mounted({ downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.annotations' } }] } }, '/tmp'),
      'its volumes must be',
    ],
    ['something over the program', mounted({ emptyDir: {} }, '/app'), 'its volumes must be'],
    [
      'something over the program, in other words',
      mounted({ emptyDir: {} }, '/var/run/secrets/../../../app'),
      'its volumes must be',
    ],
    ['the network of the node', { ...pod, hostNetwork: true }, 'it must not be privileged: no hostNetwork'],
    ['the processes of the node', { ...pod, hostPID: true }, 'it must not be privileged: no hostNetwork'],
    [
      'all rights on the node',
      withContainer({ securityContext: { privileged: true } }),
      'it must not be privileged: no hostNetwork',
    ],
    [
      'root',
      withContainer({ securityContext: { ...container.securityContext, runAsNonRoot: false } }),
      'runAsNonRoot true',
    ],
    [
      'a capability',
      withContainer({ securityContext: { ...container.securityContext, capabilities: { add: ['NET_RAW'] } } }),
      'no capabilities',
    ],
  ];

  it.each(refused)('are refused with %s, and it is said why', async (_, spec, why) => {
    const [job, cronJob] = await Promise.all([jobOf, cronJobOf].map(form => kubectl.refusal(create(), form(spec))));
    expect(job).toContain(`Job patch in ${namespace}: `);
    expect(job).toContain(why);
    expect(cronJob).toContain(`CronJob nightly in ${namespace}: `);
    expect(cronJob).toContain(why);
  });

  it('are refused with an ephemeral container, which the API server has in no template', async () => {
    const spec = { ...pod, ephemeralContainers: [other] };
    expect(await kubectl.refusal(create(), jobOf(spec))).toMatch(/ephemeral/i);
  });

  it('are made by Steward as it needs them, and by the controller of CronJobs from its own', async () => {
    await kubectl(create(), jobOf(pod));
    await kubectl(create(), cronJobOf(pod));
    const controller = '--as system:serviceaccount:kube-system:cronjob-controller';
    await kubectl(create(controller), jobOf(pod, 'nightly-1'));
    expect(await kubectl.refusal(create(controller), cronJobOf(pod))).toContain('only Steward makes CronJobs');
    expect(await kubectl.refusal(create(controller), jobOf(withContainer({ image: 'alpine' })))).toContain('its image');
  });

  it('are made by nobody else, whatever rights he holds there, the guest worker and administrators included', async () => {
    const who = ['mallory', `system:serviceaccount:${namespace}:steward-guest`];
    await kubectl(`create rolebinding more -n ${namespace} --role jobs --serviceaccount ${namespace}:steward-guest`);
    for (const name of who) {
      expect(await kubectl.refusal(create(`--as ${name}`), jobOf(pod))).toContain(`${name} may not`);
      expect(await kubectl.refusal(create(`--as ${name}`), cronJobOf(pod))).toContain('only Steward makes CronJobs');
    }
    expect(await kubectl.refusal('create --dry-run=server -f -', jobOf(pod))).toContain('only Steward makes Jobs');
  });

  it('are not changed afterwards into something else, but anybody with the right may let go of one', async () => {
    await kubectl(`create ${operator} -f -`, cronJobOf(pod));
    const change = (path: string, value: string, as: string) =>
      `patch cronjob nightly -n ${namespace} --type json -p [{"op":"replace","path":"${path}","value":${value}}] ${as}`;
    const image = '/spec/jobTemplate/spec/template/spec/containers/0/image';
    expect(await kubectl.refusal(change(image, '"alpine"', operator))).toContain('its image must be');
    expect(await kubectl.refusal(change('/spec/suspend', 'false', '--as mallory'))).toContain('mallory may not');
    await kubectl(change('/spec/suspend', 'false', operator));
    await kubectl(
      `patch cronjob nightly -n ${namespace} --type merge -p {"metadata":{"finalizers":["a.b/c"]}} --as mallory`,
    );
    await kubectl(
      `patch cronjob nightly -n ${namespace} --type merge -p {"metadata":{"finalizers":null}} --as mallory`,
    );
    await kubectl(`delete cronjob nightly -n ${namespace} --as mallory`);
  });

  it('of other namespaces are nobody’s affair', async () => {
    const { metadata, ...rest } = jobOf(withContainer({ image: 'alpine' }));
    await kubectl('create --dry-run=server -f -', { ...rest, metadata: { ...metadata, namespace: 'acme' } });
  });
});

describe('GE-1: contracts and plans', () => {
  const level = 'AdvancedMonitoringAndPatching';
  const plan = (name: string, spec: Readonly<Record<string, unknown>> = {}) =>
    advancedPlan(name, 'lower-saxony', spec) as Manifest;
  const agreed = (name: string, namespaces: string[], plans: object[] = [named('used')]) =>
    contractOf(name, namespaces, 'used', { plans }) as Manifest;
  const named = (name: string, from = '2026-01-01', at = level) => ({ level: at, plan: name, from });
  const patch = (spec: object) => `patch ctr first --type merge -p ${JSON.stringify({ spec })}`;
  /** Policies see a new parameter, or one that has gone, a moment after it was stored: until then nothing is done, only asked. */
  const answer = (command: string, input?: object) =>
    expect.poll(() => kubectl.refusal(`${command} --dry-run=server`, input), { timeout: 30_000 });

  beforeAll(async () => {
    await applyOfNewKind(kubectl, plan('used'));
    await applyOfNewKind(kubectl, agreed('first', ['globex', 'globex-dev']));
  });
  afterAll(async () => {
    await kubectl('delete ctr --all');
    await vi.waitUntil(async () => (await kubectl.refusal('delete mplan --all')) === '', { timeout: 60_000 });
  });

  it('a namespace in two contracts is refused, with whose it is', async () => {
    const why =
      'spec.namespaces: globex-dev belongs to Contract first: take it out there first, for a namespace is in exactly one Contract (GE-1)';
    await answer('create -f -', agreed('second', ['umbrella', 'globex-dev'])).toContain(why);
    expect(await kubectl.refusal('create -f -', agreed('second', ['umbrella', 'globex-dev']))).toContain(why);
    expect(await kubectl.refusal('apply --server-side -f -', agreed('second', ['globex-dev']))).toContain(why);
  });

  it('a namespace in two contracts is refused as a change too, and moves once it was taken out', async () => {
    await kubectl('create -f -', agreed('second', ['umbrella']));
    const take = 'patch ctr second --type merge -p {"spec":{"namespaces":["umbrella","globex-dev"]}}';
    expect(await kubectl.refusal(take)).toContain('globex-dev belongs to Contract first');
    await kubectl(patch({ namespaces: ['globex'] }));
    await answer(take).toBe('');
    await kubectl(take);
    await answer(patch({ namespaces: ['globex', 'globex-dev'] })).toContain('globex-dev belongs to Contract second');
    await kubectl('patch ctr second --type merge -p {"spec":{"namespaces":["umbrella"]}}');
    await answer(patch({ namespaces: ['globex', 'globex-dev'] })).toBe('');
    await kubectl(patch({ namespaces: ['globex', 'globex-dev'] }));
  });

  it('a plan of another level is refused', async () => {
    const wrong = agreed('third', ['initech'], [named('used', '2026-01-01', 'Admin')]);
    const why = `spec.plans: ServicePlan used is one of ${level}, and is named for another level (GE-1)`;
    await answer('create -f -', wrong).toContain(why);
    expect(await kubectl.refusal(patch({ plans: [named('used'), named('used', '2027-01-01', 'Admin')] }))).toContain(
      why,
    );
  });

  it('a plan from before it is valid is refused', async () => {
    await kubectl('create -f -', plan('later', { validFrom: '2027-01-01' }));
    const why = 'spec.plans: ServicePlan later is valid from 2027-01-01 on, and is named from an earlier day on (GE-1)';
    await answer(patch({ plans: [named('used'), named('later', '2026-12-31')] })).toContain(why);
    await kubectl(patch({ plans: [named('used'), named('later', '2027-01-01')] }));
  });

  it('a plan that does not exist is not refused: it may come later', async () => {
    await kubectl('create --dry-run=server -f -', agreed('third', ['initech'], [named('not-yet')]));
  });

  it('prices changed after use are refused, and before it too', async () => {
    const why = 'spec: Forbidden: a plan is a published price list and never changes';
    const raise = (name: string) => `patch mplan ${name} --type merge -p {"spec":{"prices":{"perMonth":"50.00"}}}`;
    await kubectl('create -f -', plan('unused'));
    for (const name of ['used', 'unused']) expect(await kubectl.refusal(raise(name))).toContain(why);
  });

  it('a plan deleted while used is refused, and goes once no contract names it', async () => {
    const why = 'ServicePlan later cannot be deleted while Contract first names it in spec.plans';
    await answer('delete mplan later').toContain(why);
    expect(await kubectl.refusal('delete mplan later')).toContain(why);
    await kubectl(patch({ plans: [named('used')] }));
    await answer('delete mplan later').toBe('');
    await kubectl('delete mplan later');
    await kubectl('delete mplan unused');
  });

  it('a tenant who writes a Contract is refused, and reads neither contacts nor prices', async () => {
    await kubectl('create namespace tom');
    await kubectl('create rolebinding tom -n tom --clusterrole=admin --user=tom');
    const forbidden = 'User "tom" cannot';
    const tom = '--as tom --as-group system:authenticated';
    // The role is aggregated a moment after the chart was installed: until tom may do what he may, a refusal proves nothing.
    await expect.poll(() => kubectl.refusal(`get mvm -n tom ${tom}`), { timeout: 30_000 }).toBe('');
    for (const command of ['get ctr first', 'get mplan used', 'delete ctr first', 'patch ctr first --type merge -p {}'])
      expect(await kubectl.refusal(`${command} ${tom}`)).toContain(forbidden);
    expect(await kubectl.refusal(`create -f - ${tom}`, agreed('mine', ['globex']))).toContain(forbidden);
    expect(await kubectl.refusal(`create -f - ${tom}`, plan('cheap'))).toContain(forbidden);
    expect(await kubectl.refusal(`get managed -n tom ${tom}`)).not.toMatch(/contracts|serviceplans/);
  });

  it('who keeps images has no say in contracts, and who keeps contracts is bound by the provider', async () => {
    await kubectl('create clusterrolebinding ivy --clusterrole=steward-catalogue-edit --user=ivy');
    await kubectl('create clusterrolebinding carl --clusterrole=steward-contract-edit --user=carl');
    // What somebody may do shows a moment after it was given.
    await expect.poll(() => kubectl.refusal('get mos --as ivy'), { timeout: 30_000 }).toBe('');
    await expect.poll(() => kubectl.refusal('get ctr --as carl'), { timeout: 30_000 }).toBe('');
    expect(await kubectl.refusal('get ctr --as ivy')).toContain('User "ivy" cannot list');
    expect(await kubectl.refusal('patch ctr first --subresource=status --type merge -p {} --as carl')).toContain(
      'cannot',
    );
  });
});

describe('The finalizer', () => {
  const finalizersOf = async (name: string) =>
    JSON.parse(await kubectl(`get mvm ${name} -n acme -o json`)).metadata.finalizers;

  it('is put on new ManagedVMs beside those that they have, and taken from nobody who edits them', async () => {
    const upgrade = ['upgrade', 'steward', chart, '--namespace', namespace, '--set', 'admission.finalizer=true'];
    await run(bed.binaries.helm, ['--kubeconfig', bed.adminKubeconfig, ...upgrade]);
    const probe = 'create --dry-run=server -o jsonpath={.metadata.finalizers} -f -';
    // Refused for a while, until the API server has the schema, and not before that: the policy comes a moment later.
    const isHeld = async () => {
      const seen = await kubectl(probe, virtualMachine('probe')).catch((error: unknown) => String(error));
      return seen.includes(MANAGED_VM_FINALIZER);
    };
    await vi.waitUntil(isHeld, { timeout: 60_000 });
    const held = virtualMachine('held');
    await kubectl('create -f -', { ...held, metadata: { ...held.metadata, finalizers: ['example.com/held'] } });
    expect(await finalizersOf('held')).toEqual(['example.com/held', MANAGED_VM_FINALIZER]);
    const plain = virtualMachine('plain');
    await kubectl('apply --server-side -f -', plain);
    await kubectl('apply --server-side -f -', { ...plain, metadata: { ...plain.metadata, labels: { edited: 'yes' } } });
    expect(await finalizersOf('plain')).toEqual([MANAGED_VM_FINALIZER]);
    for (const name of ['held', 'plain']) {
      await kubectl(`patch mvm ${name} -n acme --type merge -p {"metadata":{"finalizers":null}}`);
      await kubectl(`delete mvm ${name} -n acme`);
    }
  });
});
