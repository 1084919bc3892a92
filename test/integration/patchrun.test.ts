import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { readCalls, whatOf } from '../../hack/testbed/client/audit.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { approval } from '../../src/api/approval.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { guestState } from '../../src/api/gueststate.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { type PatchRunSpec, patchRun } from '../../src/api/patchrun.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { serviceRequest } from '../../src/api/servicerequest.ts';
import { CronJob, VirtualMachine, VirtualMachineSnapshot } from '../../src/api/upstream.ts';
import { patchPermissions } from '../../src/controllers/patching/permissions.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import { OPENS_AT, STARTS_AT } from '../../src/domain/patching/jobs.ts';
import { type ScriptedGuest, startScriptedGuest } from '../../src/guest/transport/scriptedguest.fixtures.ts';
import type { Any } from './support/api.ts';
import { eventually, gone } from './support/eventually.ts';
import { GuestBed, newGuestKeys } from './support/guestbed.ts';
import { GuestFolder } from './support/guestfolder.ts';
import {
  advancedPlan,
  contractOf,
  decisionOn,
  machine,
  regularHours,
  standardPatches,
  workOrder,
} from './support/orders.ts';
import { makeRun, openRun, sayOfRun } from './support/patchruns.ts';
import { history, offer } from './support/playedpackages.ts';
import { playFailedSnapshot, playSnapshot } from './support/playedsnapshots.ts';

const NAMESPACE = 'acme';
const RUNNER = 'system:serviceaccount:steward-system:steward-patch';
const keys = newGuestKeys();
let guests: GuestBed;
const sshds: ScriptedGuest[] = [];
const runners: StewardProcess[] = [];

/** The guest of one VM, its record, and its run: in a window that is open, or whose cutoff was a minute ago. */
async function patient(name: string, window: 'open' | 'cut off' = 'open', terms: Partial<PatchRunSpec['terms']> = {}) {
  const inside = await GuestFolder.in(join(guests.folder, name));
  await offer(inside.folder, 'openssl', '3.5.0-1', '3.5.0-2');
  const sshd = await startScriptedGuest({ authorized: keys.provider, hostKey: keys.host, port: 0, run: inside.run });
  sshds.push(sshd);
  const vm = await guests.guest(NAMESPACE, name, keys);
  await made({ ...guestState, metadata: { namespace: NAMESPACE, name }, spec: { managedVM: vm.metadata.uid } });
  const uid = `policy-${name}`;
  const spec = openRun(vm, uid, terms, window);
  await makeRun(guests, NAMESPACE, name, spec);
  const environment = {
    ...{ STEWARD_PATCH_POLICY: uid, STEWARD_PATCH_UNTIL: spec.occurrence.cutoff, STEWARD_LOG_LEVEL: 'debug' },
    ...{ STEWARD_GUEST_SSH_PORT: `${sshd.port}`, GUEST_FOLDER: inside.folder },
  };
  return { inside, environment, found: () => guests.api.get(patchRun, NAMESPACE, name) as Promise<Any> };
}

async function made({ group, version, kind, metadata, spec }: Any): Promise<void> {
  const env = { ...process.env, KUBECONFIG: guests.bed.adminKubeconfig };
  const input = JSON.stringify({ apiVersion: `${group}/${version}`, kind, metadata, spec });
  await run(guests.bed.binaries.kubectl, ['create', '-f', '-'], { env, input });
}

async function runner(environment: Record<string, string>): Promise<StewardProcess> {
  const program = join(import.meta.dirname, 'support/patchrunner.ts');
  const preload = join(import.meta.dirname, 'support/toplayedguests.ts');
  const process = await startSteward(guests.bed, { command: 'patch', program, preload, environment });
  runners.push(process);
  return process;
}

beforeAll(async () => {
  guests = await GuestBed.start();
  await guests.api.namespace(NAMESPACE);
});
afterAll(async () => {
  for (const process of runners) await process.stop('SIGKILL');
  for (const sshd of sshds) await sshd.close();
  await guests?.stop();
});

describe('the runner of patches', () => {
  test('patches a guest once in its window, reads back what is installed, and writes each step and the verdict (MO-3, GE-8)', async () => {
    const { found, inside, environment } = await patient('patched');
    await runner(environment);
    const { status } = await eventually(async () => {
      const patched = await found();
      expect(patched.status?.phase).toBe('Succeeded');
      return patched;
    });
    expect(status.steps.map((step: Any) => `${step.name} ${step.verdict}`)).toEqual([
      ...['preflight Passed', 'plan Passed', 'install Passed', 'verify Passed'],
    ]);
    expect(status.packages).toMatchObject([
      { package: 'openssl', from: '3.5.0-1', to: '3.5.0-2', state: 'Installed', security: true },
    ]);
    expect(status.message).toBe('1 of 1 planned packages are installed, as read back from the guest.');
    expect(status.bootIdAfter).toBe(status.bootIdBefore);
    expect(await history(inside.folder)).toEqual(['openssl 3.5.0-2']);
    await eventually(async () => {
      const record = await guests.record(NAMESPACE, 'patched');
      expect(record.status.lease).toBeUndefined();
      expect(record.status.steps.every(({ phase }: Any) => phase === 'Ended')).toBe(true);
    });
  });

  test('goes on where another was ended in mid-transaction, which it only follows to its end (GE-8)', async () => {
    const { found, inside, environment } = await patient('followed');
    await inside.close();
    const first = await runner(environment);
    await eventually(async () => {
      const { status } = await guests.record(NAMESPACE, 'followed');
      expect(status?.steps.at(-1)).toMatchObject({ id: expect.stringContaining('install'), phase: 'Claimed' });
      expect((await found()).status).toMatchObject({ phase: 'Patching' });
      // What is claimed and was never begun there, the next may begin itself.
      expect(await inside.begun()).toBe(1);
    });
    await first.stop();
    await runner(environment);
    await eventually(async () => {
      const { status } = await guests.record(NAMESPACE, 'followed');
      expect(status.lease.holder).not.toBe((await found()).status.worker);
    });
    await inside.open();
    await eventually(async () => expect((await found()).status.phase).toBe('Succeeded'));
    expect(await inside.begun()).toBe(1);
    expect(await history(inside.folder)).toEqual(['openssl 3.5.0-2']);
  });

  test('begins nothing after the cutoff, and says so (MO-3)', async () => {
    const { found, inside, environment } = await patient('late', 'cut off');
    await runner(environment);
    await eventually(async () => expect((await found()).status).toMatchObject({ phase: 'Skipped' }));
    expect(await history(inside.folder)).toEqual([]);
    expect((await found()).status.steps).toBeUndefined();
  });

  test('says what was read back, not what the package manager said of itself (MO-3)', async () => {
    const { found, inside, environment } = await patient('broken');
    await writeFile(join(inside.folder, 'broken'), '');
    await runner(environment);
    await eventually(async () => expect((await found()).status.phase).toBe('Failed'));
    expect((await found()).status.packages).toMatchObject([{ state: 'Failed', reason: '3.5.0-1 is installed' }]);
  });

  test('installs nothing before the snapshot is there that its terms want, and holds on to the guest meanwhile (MO-3)', async () => {
    const { found, inside, environment } = await patient('asking', 'open', { snapshot: true });
    await runner(environment);
    const asked = await eventually(async () => {
      const { status } = await found();
      expect(status?.steps.at(-1)).toMatchObject({ name: 'snapshot', attempt: 1 });
      return status;
    });
    expect(asked.phase).toBe('Snapshotting');
    expect((await guests.record(NAMESPACE, 'asking')).status.lease).toMatchObject({ holder: asked.worker });
    expect(await history(inside.folder)).toEqual([]);
    const steps = asked.steps.map((step: Any) => (step.name === 'snapshot' ? { ...step, verdict: 'Passed' } : step));
    await sayOfRun(guests, 'steward', NAMESPACE, 'asking', { steps });
    await eventually(async () => expect((await found()).status.phase).toBe('Succeeded'));
    expect(await history(inside.folder)).toEqual(['openssl 3.5.0-2']);
  });

  test('writes a verdict that never changes again, whoever says otherwise (GE-8)', async () => {
    const written = sayOfRun(guests, 'steward-patch', NAMESPACE, 'patched', { phase: 'Failed' });
    await expect(written).rejects.toThrow(/the run has its verdict: it never changes again/);
  });

  test('has called nothing but what its role allows', async () => {
    const { calls } = await readCalls(guests.bed.auditLog, { user: RUNNER });
    expect(calls.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    const allowed = new Set(
      patchPermissions.flatMap(({ resource, verbs }) => verbs.map(verb => `${verb} ${resource}`)),
    );
    const called = new Set(calls.filter(({ objectRef }) => objectRef !== undefined).map(whatOf));
    expect(called.size).toBeGreaterThan(4);
    expect([...called].filter(call => !allowed.has(call))).toEqual([]);
  });
});

describe('a run that wants a snapshot, and the operator', () => {
  const CUSTOMER = 'snapshotted';
  const asked = {
    phase: 'Snapshotting',
    steps: [{ name: 'snapshot', attempt: 1, began: instant(new Date()) }],
  };
  const found = (name: string): Promise<Any> => guests.api.get(patchRun, CUSTOMER, name);
  const snapshot = (name: string): Promise<Any> => guests.api.find(VirtualMachineSnapshot, CUSTOMER, name);

  /** A run that has just asked for a snapshot of its VM, which the operator has made. */
  async function asking(name: string): Promise<void> {
    const vm = await guests.api.get(managedVM, CUSTOMER, 'shop');
    const spec = openRun(vm, 'policy-shop', { snapshot: true, soak: '1h' });
    await makeRun(guests, CUSTOMER, name, spec);
    await sayOfRun(guests, 'steward-patch', CUSTOMER, name, asked);
  }

  async function snapshotted(name: string): Promise<Any> {
    await asking(name);
    return eventually(async () => {
      const uid = (await snapshot(name))?.metadata.uid;
      expect((await found(name)).status.snapshot).toEqual({ name, uid });
      return snapshot(name);
    });
  }

  beforeAll(async () => {
    await guests.api.namespace(CUSTOMER);
    const disks = [{ name: 'root' }, { name: 'data', size: '1Gi' }];
    await guests.api.create(managedVM, machine(CUSTOMER, 'shop', { disks }));
    runners.push(await startSteward(guests.bed, { environment: { STEWARD_WATCH_NAMESPACES: CUSTOMER } }));
    await eventually(async () => expect(await guests.api.find(VirtualMachine, CUSTOMER, 'shop')).toBeDefined());
  });

  test('makes it of the whole machine, believes it only with every disk in it, and removes it after the soak', async () => {
    const made = await snapshotted('whole');
    expect(made.spec).toMatchObject({ source: { name: 'shop' }, failureDeadline: '5m0s' });
    expect(made.metadata.ownerReferences).toMatchObject([{ kind: 'PatchRun', name: 'whole', controller: true }]);
    await playSnapshot(guests.api, CUSTOMER, 'whole');
    const { status } = await eventually(async () => {
      const object = await found('whole');
      expect(object.status.steps).toMatchObject([{ name: 'snapshot', verdict: 'Passed' }]);
      return object;
    });
    expect(status.snapshot).toMatchObject({
      ...{ uid: made.metadata.uid, consistency: 'FilesystemConsistent', disks: ['root', 'data'] },
      takenAt: expect.stringMatching(/Z$/),
    });
    const steps = [...status.steps, { name: 'install', attempt: 1, began: instant(new Date()), verdict: 'Passed' }];
    const twoHoursAgo = instant(new Date(Date.now() - 2 * 3_600_000));
    await sayOfRun(guests, 'steward-patch', CUSTOMER, 'whole', { steps, phase: 'Succeeded', ended: twoHoursAgo });
    await eventually(async () => expect(await snapshot('whole')).toBeUndefined());
  });

  test('says which disk is not in it, which KubeVirt calls Succeeded, and keeps none that no run has need of', async () => {
    await snapshotted('partial');
    await playSnapshot(guests.api, CUSTOMER, 'partial', { withoutClass: ['data'] });
    const step = await eventually(async () => {
      const [last] = (await found('partial')).status.steps;
      expect(last.verdict).toBe('Failed');
      return last;
    });
    expect(step.detail).toMatch(/disks are not in it .*: data$/);
    await sayOfRun(guests, 'steward-patch', CUSTOMER, 'partial', { phase: 'Skipped', ended: instant(new Date()) });
    await eventually(async () => expect(await snapshot('partial')).toBeUndefined());
  });

  test('says that KubeVirt has given up', async () => {
    await snapshotted('failed');
    await playFailedSnapshot(guests.api, CUSTOMER, 'failed');
    await eventually(async () =>
      expect((await found('failed')).status.steps).toMatchObject([
        { verdict: 'Failed', detail: 'KubeVirt could not make it: Failed freezing vm' },
      ]),
    );
  });

  test('neither takes nor removes one of somebody else that has its name', async () => {
    const theirs = { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'shop' } };
    await made({ ...VirtualMachineSnapshot, metadata: { namespace: CUSTOMER, name: 'taken' }, spec: theirs });
    await asking('taken');
    const refused = await eventually(async () => {
      const [step] = (await found('taken')).status.steps;
      expect(step.verdict).toBe('Failed');
      return step;
    });
    expect(refused.detail).toContain('belongs to someone else');
    await sayOfRun(guests, 'steward-patch', CUSTOMER, 'taken', { phase: 'Skipped', ended: instant(new Date()) });
    await asking('after');
    await eventually(async () => expect(await snapshot('after')).toBeDefined());
    expect(await snapshot('taken')).toBeDefined();
  });
});

describe('a window that opens', () => {
  const OPERATOR = 'system:serviceaccount:steward-system:steward';
  const CRON_CONTROLLER = 'system:serviceaccount:kube-system:cronjob-controller';
  const cronJobs = 'steward-system';
  /** Open since a minute or two, for three hours, two of which are before the cutoff. */
  const began = new Date(Math.floor(Date.now() / 60_000 - 1) * 60_000);
  const open = { name: 'open', schedule: `${began.getUTCMinutes()} ${began.getUTCHours()} * * *`, timeZone: 'Etc/UTC' };
  /** Closed at this time, by half a day. */
  const nightly = { ...open, schedule: `0 ${(began.getUTCHours() + 12) % 24} * * *` };
  const policy = (namespace: string, spec: object = {}) =>
    standardPatches(namespace, {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      windows: [{ ...open, duration: '3h', cutoff: '1h' }],
      // A canary that has no VM would hold up all others (MO-11).
      rings: [
        { name: 'canary', namespaces: [namespace], selector: { matchLabels: { ring: 'canary' } } },
        { name: 'production' },
      ],
      ...spec,
    });
  const cronJobOf = async (name: string) =>
    (await guests.api.list(CronJob, cronJobs)).find(({ metadata }) => metadata.name.startsWith(`patch-${name}-`));
  const runsIn = async (namespace: string) => (await guests.api.list(patchRun, namespace)) as Any[];
  const order = (namespace: string, name: string, spec: Record<string, unknown> = {}) => {
    const ordered = machine(namespace, name, { serviceLevel: 'MonitoringAndPatching', ...spec });
    const labels = { ring: name === 'web' ? 'canary' : 'rest' };
    return guests.api.create(managedVM, { ...ordered, metadata: { ...ordered.metadata, labels } });
  };

  beforeAll(async () => {
    // Those that are told of no Pod would take the CronJobs away.
    for (const process of runners) await process.stop('SIGKILL');
    for (const namespace of ['globex', 'resting', 'planned']) await guests.api.namespace(namespace);
    const deployment = JSON.parse(await guests.kubectl(['get', 'deployment', 'steward', '-n', cronJobs, '-o', 'json']));
    const variables: Any[] = deployment.spec.template.spec.containers[0].env;
    const environment = {
      STEWARD_PATCH_POD: variables.find(({ name }) => name === 'STEWARD_PATCH_POD').value,
      STEWARD_PATCH_SHARDS: '2',
      STEWARD_WATCH_NAMESPACES: 'globex,resting,planned',
      // Two that both believe to be the only one.
      STEWARD_LEADER_ELECTION: 'false',
    };
    await guests.api.create(clusterPatchPolicy, policy('globex'));
    await guests.api.create(clusterPatchPolicy, policy('resting', { suspend: true }));
    await guests.api.create(
      clusterPatchPolicy,
      policy('planned', { windows: [{ ...nightly, duration: '3h', cutoff: '1h' }] }),
    );
    for (const name of ['web', 'db']) await order('globex', name);
    await order('globex', 'off', { powerState: 'Stopped' });
    await order('globex', 'admin', { serviceLevel: 'Admin' });
    await order('resting', 'web');
    const operators = await Promise.all([1, 2].map(() => startSteward(guests.bed, { environment })));
    runners.push(...operators);
    await Promise.all(operators.map(operator => operator.ready()));
  });

  test('makes the run of each VM that is due, one, though two operators see it open (MO-3, GE-8)', async () => {
    const runs = await eventually(async () => {
      const made = await runsIn('globex');
      expect(made.map(({ spec }) => spec.managedVM.name).sort()).toEqual(['db', 'web']);
      return made;
    });
    expect(runs.find(({ spec }) => spec.managedVM.name === 'db')?.spec).toMatchObject({
      policy: { kind: 'ClusterPatchPolicy', name: 'globex' },
      ...{ ring: 'production', proven: { ring: 'canary' } },
      occurrence: { window: 'open', start: instant(began) },
    });
  });

  test('cites in each run the one change of the opening in its namespace, pre-approved by the policy (GE-6)', async () => {
    const runs = await eventually(async () => {
      const made = await runsIn('globex');
      expect(made).toHaveLength(2);
      return made;
    });
    const [change, ...others] = (await guests.api.list(changeRequest, 'globex')) as Any[];
    expect(others).toEqual([]);
    const { name, uid } = change.metadata;
    expect(runs.map(({ spec }) => spec.change)).toEqual([
      { name, uid },
      { name, uid },
    ]);
    expect(change.spec).toMatchObject({
      ...{ class: 'Standard', operation: 'PatchRun', requestedBy: 'steward' },
      preApprovedBy: { kind: 'ClusterPatchPolicy', name: 'globex' },
    });
    await eventually(async () => {
      const { status } = await guests.api.get(changeRequest, 'globex', name);
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Agreed', reason: 'PreApproved' }));
      expect(status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Done', message: '0 of 2 PatchRuns have their verdict.' }),
      );
      const policyOf = await guests.api.get(clusterPatchPolicy, '', 'globex');
      expect(policyOf.status).toMatchObject({
        progress: { done: 0, running: 0, toCome: 2 },
        upcoming: { managedVMs: 2, where: ['globex'] },
      });
    });
  });

  test('begins at once what is ordered as an emergency, by one run and a runner of its own, and has it agreed to afterwards (MO-2, GE-6)', async () => {
    const urgent = { packages: ['openssl'] };
    const spec = { service: 'PatchRun', description: undefined, urgent, requestedBy: 'testbed-admin' };
    const jobsOf = async () =>
      (await guests.api.list(CronJob, cronJobs)).filter(({ metadata }) => metadata.name.startsWith('patch-globex-'));
    await guests.api.create(serviceRequest, workOrder('globex', 'now', 'db', spec));
    const ordered = await eventually(async () => {
      const found = (await runsIn('globex')).filter(each => each.spec.urgent !== undefined);
      expect(found).toHaveLength(1);
      return found[0];
    });
    expect(ordered.spec).toMatchObject({
      urgent,
      managedVM: { name: 'db' },
      occurrence: { window: ordered.spec.change.name },
    });
    expect(ordered.spec.proven).toBeUndefined();
    const request = () => guests.api.get(serviceRequest, 'globex', 'now');
    expect((await request()).status.change.name).toBe(ordered.spec.change.name);
    await eventually(async () => expect(await jobsOf()).toHaveLength(2));
    const verdict = { phase: 'Succeeded', message: 'Installed.', ended: instant(new Date()) };
    await sayOfRun(guests, 'steward-patch', 'globex', ordered.metadata.name, verdict);
    await eventually(async () => {
      const change = await guests.api.get(changeRequest, 'globex', ordered.spec.change.name);
      expect(change.spec.result).toMatchObject({ outcome: 'Succeeded', by: 'steward' });
      expect(change.status.waitingFor).toMatchObject({ what: 'Agreement', whom: ['Provider', 'Customer'] });
      expect((await request()).status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Done', status: 'True', reason: 'Succeeded' }),
      );
      expect(await jobsOf()).toHaveLength(1);
    });
    expect((await runsIn('globex')).filter(each => each.spec.urgent !== undefined)).toHaveLength(1);
  });

  test('makes none for a policy that is suspended, and its CronJob rests; resumed in the open window, it does (MO-4)', async () => {
    await eventually(async () => {
      expect((await cronJobOf('resting'))?.spec).toMatchObject({ suspend: true });
      expect((await guests.api.get(managedVM, 'resting', 'web')).status?.patching?.policy).toMatchObject({
        name: 'resting',
      });
    });
    expect(await runsIn('resting')).toEqual([]);
    await guests.api.edit(clusterPatchPolicy, '', 'resting', { spec: { suspend: false } });
    await eventually(async () => {
      expect(await runsIn('resting')).toHaveLength(1);
      expect((await cronJobOf('resting')).spec.suspend).toBe(false);
    });
  });

  test('ends the run of a guest that is not begun where its policy is suspended, and says why (MO-11)', async () => {
    await guests.api.edit(clusterPatchPolicy, '', 'resting', { spec: { suspend: true } });
    await eventually(async () => {
      const [made] = await runsIn('resting');
      expect(made.status).toMatchObject({ phase: 'Skipped' });
      expect(made.status.message).toMatch(/^Nothing was begun in the guest\. /);
      expect(made.status.steps).toBeUndefined();
    });
  });

  test('has a CronJob in Steward’s namespace that starts runners in shards, at one minute of UTC (MO-3)', async () => {
    const { metadata, spec } = await eventually(async () => {
      const made = await cronJobOf('globex');
      expect(made).toBeDefined();
      return made;
    });
    const { metadata: globex } = await guests.api.get(clusterPatchPolicy, '', 'globex');
    expect(spec).toMatchObject({
      ...{ timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 7200, suspend: false },
      schedule: minuteOf(metadata.annotations[STARTS_AT]),
      jobTemplate: {
        spec: { completionMode: 'Indexed', completions: 2, parallelism: 2, podReplacementPolicy: 'Failed' },
      },
    });
    const pod = spec.jobTemplate.spec.template.spec;
    expect(pod).toMatchObject({ serviceAccountName: 'steward-patch', restartPolicy: 'Never' });
    expect(pod.containers[0].args).toEqual(['patch']);
    expect(pod.containers[0].env).toContainEqual({ name: 'STEWARD_PATCH_POLICY', value: globex.uid });
  });

  test('has one for the next opening where none is open, as the policy says that it opens (MO-3)', async () => {
    await eventually(async () => {
      const { status } = await guests.api.get(clusterPatchPolicy, '', 'planned');
      const { metadata, spec } = await cronJobOf('planned');
      expect(metadata.annotations[OPENS_AT]).toBe(status.next.start);
      expect(spec.schedule).toBe(minuteOf(status.next.start));
    });
  });

  test('has its CronJob again where somebody deletes it, which nobody else may edit', async () => {
    const before = await cronJobOf('globex');
    const { name } = before.metadata;
    const edited = guests.api.edit(CronJob, cronJobs, name, { spec: { concurrencyPolicy: 'Allow' } });
    await expect(edited).rejects.toThrow(/only Steward makes CronJobs in this namespace/);
    await guests.api.remove(CronJob, cronJobs, name);
    await eventually(async () => {
      const { metadata, spec } = await cronJobOf('globex');
      expect(metadata.uid).not.toBe(before.metadata.uid);
      expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', suspend: false });
    });
  });

  test('ends with its policy, and ends no run: Job and PatchRuns stay as they were (GE-8)', async () => {
    const { name } = (await cronJobOf('globex')).metadata;
    const started = ['create', 'job', 'tonight', `--from=cronjob/${name}`, '-n', cronJobs, `--as=${CRON_CONTROLLER}`];
    await guests.kubectl(started);
    const runs = await runsIn('globex');
    await guests.api.remove(clusterPatchPolicy, '', 'globex');
    await gone(guests.api, clusterPatchPolicy, '', 'globex');
    await gone(guests.api, CronJob, cronJobs, name);
    const job = JSON.parse(await guests.kubectl(['get', 'job', 'tonight', '-n', cronJobs, '-o', 'json']));
    expect(job.metadata).toMatchObject({ name: 'tonight' });
    expect(job.metadata.ownerReferences).toBeUndefined();
    expect(job.metadata.deletionTimestamp).toBeUndefined();
    expect(await runsIn('globex')).toMatchObject(
      runs.map(({ metadata: { uid }, spec }) => ({ metadata: { uid }, spec })),
    );
  });

  test('has each run made once, by calls that the role of the operator allows', async () => {
    const { calls } = await readCalls(guests.bed.auditLog, { user: OPERATOR });
    const answered = (code: number) => calls.filter(call => call.responseStatus?.code === code);
    const made = answered(201).filter(({ objectRef }) => objectRef?.resource === 'patchruns');
    const named = made.map(({ objectRef }) => `${objectRef?.namespace}/${objectRef?.name}`);
    const runs = await runsIn('');
    expect(named.sort()).toEqual(runs.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort());
    expect(
      answered(403)
        .map(whatOf)
        .filter(call => /cronjobs|patch/.test(call)),
    ).toEqual([]);
  });
});

describe('a customer who has a say in when his guests are patched', () => {
  const HOUR = 3_600_000;
  const [CUSTOMER, OTHER, OPEN] = ['umbrella', 'initech', 'hooli'];
  /** In five to six hours, for three, two of which are before the cutoff. */
  const opens = new Date(Math.ceil(Date.now() / HOUR + 5) * HOUR);
  const hoursAfter = (hours: number) => instant(new Date(opens.getTime() + hours * HOUR));
  const window = { schedule: `0 ${opens.getUTCHours()} * * *`, timeZone: 'Etc/UTC', duration: '3h', cutoff: '1h' };
  const tom = as('tom');
  const anna = as('anna');
  const kim = as('kim');
  let operator: StewardProcess;

  /** An operator whose clock is a minute after so many hours since the window opens; `now`: as it is. */
  async function operatorAt(hours: number | 'now'): Promise<void> {
    await operator?.stop();
    const ahead = hours === 'now' ? 0 : opens.getTime() + hours * HOUR + 60_000 - Date.now();
    const preload = join(import.meta.dirname, 'support/atlater.ts');
    const watched = { STEWARD_WATCH_NAMESPACES: `${CUSTOMER},${OTHER},${OPEN}`, STEWARD_LEADER_ELECTION: 'false' };
    const environment = { ...watched, STEWARD_TEST_AHEAD_MS: `${ahead}` };
    operator = await startSteward(guests.bed, { preload, environment });
    runners.push(operator);
    await operator.ready();
  }

  const runsOf = async (namespace: string, name: string): Promise<Any[]> => {
    const all = (await guests.api.list(patchRun, namespace)) as Any[];
    return all.filter(({ spec }) => spec.managedVM.name === name);
  };
  /** The change of the opening, judged. */
  const changeOfOpening = () =>
    eventually(async () => {
      const changes = (await guests.api.list(changeRequest, CUSTOMER)) as Any[];
      const [change] = changes.filter(({ spec }) => spec.target.kind === 'ClusterPatchPolicy');
      expect(change?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Agreed', status: 'True' }));
      return change;
    });
  const changeNamed = (name: string): Promise<Any> => guests.api.get(changeRequest, CUSTOMER, name);
  /** Waits until the change that carries an order out says for whom it waits. */
  const ordered = (name: string) =>
    eventually(async () => {
      const { status } = await guests.api.get(serviceRequest, CUSTOMER, name);
      const change = await changeNamed(status.change.name);
      expect(change.status.planHash).toMatch(/^sha256:/);
      return change;
    });
  /** A run that says nothing in time would halt its ring. */
  const verdictOf = ({ metadata }: Any) =>
    sayOfRun(guests, 'steward-patch', CUSTOMER, metadata.name, {
      ...{ phase: 'Succeeded', message: 'Installed.', ended: instant(new Date()) },
    });
  const decision = (name: string, { metadata, status }: Any, spec: Record<string, unknown>) =>
    decisionOn(CUSTOMER, name, metadata.name, status.planHash, spec);
  const patchOrder = (name: string, vm: string, spec: Record<string, unknown>) =>
    workOrder(CUSTOMER, name, vm, { service: 'PatchRun', description: undefined, ...spec });

  beforeAll(async () => {
    // They keep the statuses of policies by clocks of their own.
    for (const process of runners) await process.stop('SIGKILL');
    for (const namespace of [CUSTOMER, OTHER, OPEN]) await guests.api.namespace(namespace);
    await guests.api.create(serviceCalendar, regularHours('hours'));
    await guests.api.create(servicePlan, advancedPlan('advanced', 'hours'));
    await guests.api.create(contract, contractOf(CUSTOMER, [CUSTOMER], 'advanced'));
    const bound = [
      ['tom', 'steward-tenant-edit'],
      ['anna', 'steward-tenant-edit'],
      ['anna', 'steward-tenant-approve'],
    ];
    for (const [user, role] of bound)
      await guests.kubectl([
        ...['create', 'rolebinding', `${user}-${role}`, '-n', CUSTOMER],
        ...[`--clusterrole=${role}`, `--user=${user}`],
      ]);
    await guests.kubectl([
      'create',
      'clusterrolebinding',
      'kim',
      '--clusterrole=steward-provider-approve',
      '--user=kim',
    ]);
    const selected = { key: 'kubernetes.io/metadata.name', operator: 'In', values: [CUSTOMER, OTHER] };
    const spec = {
      namespaceSelector: { matchExpressions: [selected] },
      windows: [{ name: 'daily', ...window }],
      rings: [{ name: 'canary', namespaces: [OTHER] }, { name: 'production' }],
      postponable: '24h',
    };
    await guests.api.create(clusterPatchPolicy, standardPatches('daily', spec));
    for (const [namespace, name] of [
      [CUSTOMER, 'web'],
      [CUSTOMER, 'db'],
      [CUSTOMER, 'app'],
      [OTHER, 'web'],
    ] as const)
      await guests.api.create(managedVM, machine(namespace, name, { serviceLevel: 'MonitoringAndPatching' }));
    await operatorAt('now');
  });

  test('postpones a window by an Approver of his, within what the policy allows, and nobody else does (GE-4)', async () => {
    const change = await changeOfOpening();
    expect(change.spec).toMatchObject({ window: { notBefore: hoursAfter(0) }, postponableUntil: hoursAfter(24) });
    const postponed = (name: string, decidedBy: string, hours: number) =>
      decision(name, change, { decision: 'Postpone', until: hoursAfter(hours), decidedBy });
    await expect(tom(postponed('toms', 'tom', 2))).rejects.toThrow(/takes the verb approve on changerequests/);
    await expect(tom(postponed('forged', 'anna', 2))).rejects.toThrow(/you are tom and cannot decide as anna/);
    await anna(postponed('too-far', 'anna', 25));
    await eventually(async () =>
      expect((await guests.api.get(approval, CUSTOMER, 'too-far')).status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Counted', status: 'False', reason: 'NotPostponable' }),
      ),
    );
    await anna(postponed('later', 'anna', 2));
    await eventually(async () => {
      expect((await changeNamed(change.metadata.name)).status.window.notBefore).toBe(hoursAfter(2));
      const { status } = await guests.api.get(managedVM, CUSTOMER, 'web');
      expect(status.patching.nextWindow).toMatchObject({ window: 'daily', start: hoursAfter(2), end: hoursAfter(5) });
    });
  });

  test('has a run that he has ordered begun when he and the provider have both agreed to it, and not before (MO-2, GE-6, GE-13)', async () => {
    await tom(patchOrder('extra', 'db', { requestedBy: 'tom' }));
    const change = await ordered('extra');
    expect(change.spec).toMatchObject({ class: 'Normal', operation: 'PatchRun', target: { name: 'db' } });
    const waitsFor = (whom: readonly string[]) =>
      eventually(async () =>
        expect((await changeNamed(change.metadata.name)).status.waitingFor).toMatchObject({ what: 'Agreement', whom }),
      );
    await waitsFor(['Provider', 'Customer']);
    await anna(decision('agreed', change, {}));
    await waitsFor(['Provider']);
    expect(await runsOf(CUSTOMER, 'db')).toEqual([]);
    await kim(decision('released', change, { party: 'Provider', decidedBy: 'kim' }));
    const made = await eventually(async () => {
      const runs = await runsOf(CUSTOMER, 'db');
      expect(runs).toHaveLength(1);
      return runs[0];
    });
    expect(made.spec).toMatchObject({
      change: { name: change.metadata.name },
      occurrence: { window: change.metadata.name },
    });
    expect(made.spec.urgent).toBeUndefined();
    await verdictOf(made);
  });

  test('orders an emergency, which is begun outside of any window and agreed to by both afterwards; who may not decide orders none (MO-2, GE-6)', async () => {
    const urgent = { packages: ['openssl'] };
    const order = (name: string, requestedBy: string) => patchOrder(name, 'app', { urgent, requestedBy });
    await expect(tom(order('toms', 'tom'))).rejects.toThrow(/spec\.urgent: an emergency is done first/);
    await anna(order('now', 'anna'));
    const made = await eventually(async () => {
      const runs = await runsOf(CUSTOMER, 'app');
      expect(runs).toHaveLength(1);
      return runs[0];
    });
    const change = await ordered('now');
    expect(made.spec).toMatchObject({ urgent, change: { name: change.metadata.name } });
    expect(made.spec.occurrence.end < hoursAfter(0)).toBe(true);
    expect(change.spec.class).toBe('Emergency');
    await verdictOf(made);
    await eventually(async () =>
      expect((await changeNamed(change.metadata.name)).spec.result).toMatchObject({ outcome: 'Succeeded' }),
    );
    await anna(decision('afterwards', change, {}));
    await kim(decision('afterwards-too', change, { party: 'Provider', decidedBy: 'kim' }));
    await eventually(async () =>
      expect((await changeNamed(change.metadata.name)).status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Agreed', status: 'True', reason: 'Agreed' }),
      ),
    );
  });

  test('has the runs of an opening made once where the operator died after its change, by the one that comes after (GE-6, GE-8)', async () => {
    const began = new Date(Math.floor(Date.now() / 60_000 - 1) * 60_000);
    const schedule = `${began.getUTCMinutes()} ${began.getUTCHours()} * * *`;
    const spec = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': OPEN } },
      windows: [{ ...window, name: 'open', schedule }],
      rings: [{ name: 'canary', namespaces: [OPEN] }, { name: 'production' }],
    };
    // Of a VM that is off a run is not due, and its change is.
    const off = { serviceLevel: 'MonitoringAndPatching', powerState: 'Stopped' };
    await guests.api.create(managedVM, machine(OPEN, 'web', off));
    await guests.api.create(clusterPatchPolicy, standardPatches('open', spec));
    const changes = async () => (await guests.api.list(changeRequest, OPEN)) as Any[];
    const [change] = await eventually(async () => {
      const made = await changes();
      expect(made).toHaveLength(1);
      return made;
    });
    await operator.stop('SIGKILL');
    expect(await runsOf(OPEN, 'web')).toEqual([]);
    await guests.api.edit(managedVM, OPEN, 'web', { spec: { powerState: 'Running' } });
    await operatorAt('now');
    const made = await eventually(async () => {
      const runs = await runsOf(OPEN, 'web');
      expect(runs).toHaveLength(1);
      return runs[0];
    });
    expect(made.spec.change).toEqual({ name: change?.metadata.name, uid: change?.metadata.uid });
    expect(await changes()).toHaveLength(1);
  });

  test('is patched in no guest while his window is postponed, others are, and he is in the one that it was postponed to (MO-4, GE-4)', async () => {
    const told = { [CUSTOMER]: await planOf(CUSTOMER), [OTHER]: await planOf(OTHER) };
    await operatorAt(0);
    const [theirs] = await eventually(async () => {
      const runs = await runsOf(OTHER, 'web');
      expect(runs).toHaveLength(1);
      return runs;
    });
    expect(theirs?.spec.occurrence).toMatchObject({ window: 'daily', start: hoursAfter(0) });
    expect(await runsOf(CUSTOMER, 'web')).toEqual([]);
    await operatorAt(2);
    const [his] = await eventually(async () => {
      const runs = await runsOf(CUSTOMER, 'web');
      expect(runs).toHaveLength(1);
      return runs;
    });
    expect(his?.spec.occurrence).toMatchObject({
      ...{ window: 'daily', date: hoursAfter(0).slice(0, 10) },
      ...{ start: hoursAfter(2), cutoff: hoursAfter(4), end: hoursAfter(5) },
    });
    expect(await runsOf(OTHER, 'web')).toHaveLength(1);
    // What `steward plan` printed of both before is what their runs say.
    expect(told[OTHER]).toBe(`${openingOf(theirs)}\n  ring ${theirs?.spec.ring}: 1 VM\n${lineOf(theirs)}`);
    expect(told[CUSTOMER]).toContain(`${openingOf(his)}\n  ring ${his?.spec.ring}: 3 VMs\n`);
    expect(told[CUSTOMER]).toContain(lineOf(his));
  });

  /** Creates an object as a person whom the API server knows by that name. */
  function as(user: string): (object: Any) => Promise<string> {
    const env = () => ({ ...process.env, KUBECONFIG: guests.bed.adminKubeconfig });
    return object =>
      run(guests.bed.binaries.kubectl, ['create', '-f', '-', `--as=${user}`], {
        ...{ env: env(), input: JSON.stringify(object) },
      });
  }

  /** What `steward plan` prints of a namespace, as an administrator asks it. */
  function planOf(namespace: string): Promise<string> {
    const program = join(import.meta.dirname, '../../src/main.ts');
    const env = { ...process.env, KUBECONFIG: guests.bed.adminKubeconfig };
    return run(process.execPath, [program, 'plan', '-n', namespace], { env });
  }

  function openingOf({ spec: { policy, occurrence } }: Any): string {
    const { window: name, date, start, cutoff, end } = occurrence;
    return `${policy.kind} ${policy.name}, window ${name} of ${date}: ${start} to ${end}, nothing installed from ${cutoff} on`;
  }

  /** No guest of theirs has told anybody what it lacks. */
  function lineOf({ metadata: { namespace }, spec: { managedVM: vm, terms } }: Any): string {
    return `    ${namespace}/${vm.name} (debian-13, reboot ${terms.reboot}): what is missing is not known yet\n`;
  }
});

/** An instant as cron writes it. */
function minuteOf(time: string): string {
  const at = new Date(time);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
}
