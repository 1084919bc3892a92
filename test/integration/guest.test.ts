import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLease, isWrite, readCalls, whatOf } from '../../hack/testbed/client/audit.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { guestState } from '../../src/api/gueststate.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { guestPermissions } from '../../src/controllers/gueststate/permissions.ts';
import { SCAN } from '../../src/guest/packages/apt.fixtures.ts';
import { newKeys, type ScriptedGuest, startScriptedGuest } from '../../src/guest/transport/scriptedguest.fixtures.ts';
import type { Any } from './support/api.ts';
import { mark } from './support/audit.ts';
import { eventually } from './support/eventually.ts';
import { GuestBed, newGuestKeys, WORKER, type WorkerProcess } from './support/guestbed.ts';
import { GuestFolder } from './support/guestfolder.ts';
import { PLAYED_ADDRESS } from './support/playedaddress.ts';

const NAMESPACE = 'acme';
const keys = newGuestKeys();
let guests: GuestBed;
let inside: GuestFolder;
let sshd: ScriptedGuest;
let worker: WorkerProcess;
let port: number;

/** The guest's sshd, with another host key where one is given. */
function listen(hostKey = keys.host): Promise<ScriptedGuest> {
  const run = inside.run;
  return startScriptedGuest({ authorized: keys.provider, hostKey, port, run });
}

const startWorker = () => guests.worker(port, { GUEST_FOLDER: inside.folder, STEWARD_GUEST_INTERVAL: '1h' });
const record = () => guests.record(NAMESPACE, 'vm');
const stepsOf = (found: Any): readonly Any[] => found.status.steps ?? [];

/** Another order is a reason to look at once. */
let orders = 0;
function order(): Promise<Any> {
  orders += 1;
  return guests.api.edit(managedVM, NAMESPACE, 'vm', { spec: { services: [`order-${orders}`] } });
}

/** Waits until the guest was compared with the newest order and nobody works in it. */
function settled(generation: number, timeout?: number): Promise<Any> {
  return eventually(async () => {
    const found = await record();
    expect(found?.status).toMatchObject({ contact: { outcome: 'Reached' }, compared: generation, differences: [] });
    expect(found.status.lease).toBeUndefined();
    return found;
  }, timeout);
}

/** The operator's part, played: what the guest worker is to mend. */
async function tells(uid: string, more: Record<string, unknown> = {}): Promise<void> {
  const until = new Date(Date.now() + 600_000).toISOString().replace(/[.][0-9]+Z/, 'Z');
  const remedy = { change: { name: `remedy-${uid}`, uid }, action: 'RestartService', unit: 'shop', until, ...more };
  const path = `${pathOf(managedVM, NAMESPACE, 'vm')}/status`;
  await guests.api.client.patch('merge', path, { status: { remedy } });
}

/** What it has answered, once nobody works in the guest any more. */
function answerTo(uid: string, timeout?: number): Promise<Any> {
  return eventually(async () => {
    const { remedy, lease } = (await record()).status;
    expect(remedy?.change.uid).toBe(uid);
    expect(lease).toBeUndefined();
    return remedy;
  }, timeout);
}

beforeAll(async () => {
  guests = await GuestBed.start();
  inside = await GuestFolder.in(join(guests.folder, 'vm'), ['exporter']);
  port = 0;
  sshd = await listen();
  port = sshd.port;
  await guests.api.namespace(NAMESPACE);
  worker = await startWorker();
});
afterAll(async () => {
  await sshd?.close();
  await guests?.stop();
});

describe('the guest worker', () => {
  test('makes the record of a ManagedVM, looks into its guest, puts right what differs, and says so (MO-8, MO-16)', async () => {
    const vm = await guests.guest(NAMESPACE, 'vm', keys);
    const found = await settled(1);
    expect(found.spec).toEqual({ managedVM: vm.metadata.uid });
    expect(found.metadata.ownerReferences).toMatchObject([{ kind: 'ManagedVM', uid: vm.metadata.uid }]);
    expect(found.status).toMatchObject({
      worker: 'steward-guest-0',
      contact: { address: PLAYED_ADDRESS },
      access: [{ name: 'steward', ordered: true, administrator: true }],
      steps: [{ phase: 'Ended', verdict: 'Finished', exitCode: 0 }],
    });
    expect({ standing: await inside.standing('exporter'), begun: await inside.begun() }).toEqual({
      ...{ standing: 'Kept', begun: 1 },
    });
  });

  test('sends nothing to a guest with another host key, and says HostKeyMismatch (GE-8)', async () => {
    const { contact } = (await record()).status;
    await sshd.close();
    sshd = await listen(newKeys());
    const looks = await inside.looks();
    const { metadata } = await order();
    const found = await eventually(async () => {
      const now = await record();
      expect(now.status.contact.outcome).toBe('HostKeyMismatch');
      return now;
    });
    expect(found.status.contact.since >= contact.since).toBe(true);
    expect({ taken: sshd.taken() > 0, looks: await inside.looks() }).toEqual({ taken: true, looks });
    expect(found.status.compared).toBeLessThan(metadata.generation);
    await sshd.close();
    sshd = await listen();
    await settled(metadata.generation);
  });

  test('makes a record that was deleted by hand anew, and works under a higher generation than before (GE-8)', async () => {
    const before = await record();
    await guests.api.remove(guestState, NAMESPACE, 'vm');
    await inside.set('exporter', 'Differs');
    await inside.note('ben');
    const after = await eventually(async () => {
      const found = await settled(before.status.compared);
      expect(found.metadata.uid).not.toBe(before.metadata.uid);
      // Who once had an account is known by the guest's own notes, and is closed (MO-8).
      expect({ accounts: found.status.accounts, notes: await inside.notes() }).toEqual({
        accounts: ['ben'],
        notes: [],
      });
      return found;
    });
    expect(after.status.leaseGeneration).toBeGreaterThan(before.status.leaseGeneration);
    for (const step of stepsOf(after)) expect(step).toMatchObject({ verdict: 'Finished' });
  });

  test('counts what was put back without an order as drift, with before and since (MO-16)', async () => {
    const { status } = await record();
    expect(status.drift).toBeUndefined();
    await inside.set('exporter', 'Differs');
    // The worker looks at once at an instance that it has not seen.
    await guests.reboot(NAMESPACE, 'vm');
    const found = await eventually(async () => {
      const now = await settled(status.compared);
      expect(now.status.drift).toBeDefined();
      return now;
    });
    expect(found.status.drift).toMatchObject({ healed: 1, last: { setting: 'exporter', before: 'found Differs' } });
  });

  test('follows who holds root at once and without another order: who is ordered is closed, which is no drift (AP-9)', async () => {
    const { metadata } = await guests.api.edit(managedVM, NAMESPACE, 'vm', {
      spec: { access: { users: [{ name: 'ben' }] } },
    });
    const { status } = await settled(metadata.generation);
    await inside.note('ben');
    const holdsRoot = async (soleRoot: object | null, notes: readonly string[]): Promise<Any> => {
      const path = `${pathOf(managedVM, NAMESPACE, 'vm')}/status`;
      await guests.api.client.patch('merge', path, { status: { soleRoot } });
      return eventually(async () => {
        const found = await settled(metadata.generation);
        const { soleRoot: told, drift, accounts } = found.status;
        expect({ told, drift, accounts, notes: await inside.notes() }).toEqual({
          ...{ told: soleRoot === null ? undefined : true, drift: status.drift, accounts: ['ben'], notes },
        });
        return found;
      });
    };
    await holdsRoot({ since: '2026-11-29T03:00:00Z', applications: ['shop-orders'] }, []);
    await holdsRoot(null, []);
  });

  test('does not believe a record that a restore copied, and does not touch it (three roots)', async () => {
    const copy = {
      ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'GuestState' },
      metadata: { namespace: NAMESPACE, name: 'restored', labels: (await record()).metadata.labels },
      spec: { managedVM: '00000000-0000-0000-0000-000000000000' },
    };
    const made = await guests.api.create(guestState, copy);
    const contact = { outcome: 'Reached', since: '2026-01-01T00:00:00Z' };
    const said = { status: { contact } };
    await guests.api.client.patch('merge', `${pathOf(guestState, NAMESPACE, 'restored')}/status`, said);
    await guests.guest(NAMESPACE, 'restored', keys);
    await guests.guest(NAMESPACE, 'beside', keys);
    await eventually(async () => {
      expect((await guests.record(NAMESPACE, 'beside'))?.status?.contact?.outcome).toBe('Reached');
    });
    const { metadata, spec, status } = await guests.record(NAMESPACE, 'restored');
    expect({ uid: metadata.uid, owners: metadata.ownerReferences, spec, status }).toEqual({
      ...{ uid: made.metadata.uid, owners: undefined, spec: copy.spec },
      status: { contact },
    });
    // All guests here are one folder: a second one would do the work of the first.
    await guests.powerOff(NAMESPACE, 'beside');
    await guests.powerOff(NAMESPACE, 'restored');
    await eventually(async () => {
      expect((await guests.record(NAMESPACE, 'beside')).status.contact.outcome).toBe('PoweredOff');
    });
  });

  test('MO-6: starts a service that it is told to mend, once, and does not touch one that runs', async () => {
    const begun = await inside.begun();
    await inside.service('shop', 'down');
    await tells('aaaa');
    expect(await answerTo('aaaa')).toMatchObject({ outcome: 'Done', says: 'shop was started' });
    expect(await inside.serviceRuns('shop')).toBe(true);
    await tells('bbbb');
    expect(await answerTo('bbbb')).toMatchObject({ outcome: 'FoundHealthy', says: 'shop runs' });
    await tells('cccc', { until: '2026-11-01T00:00:00Z' });
    expect(await answerTo('cccc')).toMatchObject({ outcome: 'NotBegun' });
    expect(await inside.begun()).toBe(begun + 1);
  });

  test('MO-6: hands a remedy to another worker when it is killed: the step has begun once, and is answered once (GE-8)', async () => {
    const begun = await inside.begun();
    await inside.close();
    await inside.service('shop', 'down');
    await tells('dddd');
    await eventually(async () => expect(await inside.begun()).toBe(begun + 1));
    const claimed = await record();
    const other = await startWorker();
    await worker.stop('SIGKILL');
    worker = other;
    await eventually(async () => {
      expect((await record()).status.lease.generation).toBeGreaterThan(claimed.status.lease.generation);
    }, 120_000);
    await inside.open();
    expect(await answerTo('dddd')).toMatchObject({ outcome: 'Done' });
    const found = await settled((await record()).status.compared);
    const [step] = stepsOf(claimed).slice(-1);
    expect(step.id).toBe('remedy-dddd');
    expect(stepsOf(found).filter(({ id }) => id === step.id)).toMatchObject([{ verdict: 'Finished', exitCode: 0 }]);
    expect(await inside.begun()).toBe(begun + 1);
  });

  test('writes nothing and begins nothing when it wakes up and another has its shard (GE-8)', async () => {
    const begun = await inside.begun();
    await inside.close();
    await inside.set('updater', 'Differs');
    const { metadata } = await order();
    await eventually(async () => expect(await inside.begun()).toBe(begun + 1));
    worker.pause();
    const other = await startWorker();
    const { lease } = (await record()).status;
    await eventually(async () => {
      expect((await record()).status.lease.generation).toBeGreaterThan(lease.generation);
    }, 120_000);
    worker.resume();
    await inside.open();
    await settled(metadata.generation);
    expect(await inside.begun()).toBe(begun + 1);
    await worker.stop();
    worker = other;
    await settled((await order()).metadata.generation);
  });

  test('writes nothing where looks find nothing new', async () => {
    await worker.stop();
    worker = await guests.worker(port, { GUEST_FOLDER: inside.folder, STEWARD_GUEST_INTERVAL: '1s' });
    const first = await inside.looks();
    await eventually(async () => expect(await inside.looks()).toBeGreaterThan(first + 2));
    const from = await mark(guests.bed);
    const looks = await inside.looks();
    await eventually(async () => expect(await inside.looks()).toBeGreaterThan(looks + 5));
    const { calls } = await readCalls(guests.bed.auditLog, { user: WORKER }, from);
    expect(calls.some(isLease), 'the Lease is renewed, so the log is read right').toBe(true);
    expect(calls.filter(call => isWrite(call) && !isLease(call)).map(whatOf)).toEqual([]);
  });

  test('MO-10: asks the guest for its updates by a step of its own, looks into it meanwhile, and says what is missing', async () => {
    await worker.stop();
    await inside.updates(SCAN);
    await inside.close();
    worker = await guests.worker(port, {
      ...{ GUEST_FOLDER: inside.folder, STEWARD_GUEST_INTERVAL: '1s', GUEST_SCANS: 'at once' },
    });
    await eventually(async () => expect((await record()).status.lease?.purpose).toBe('Scan'));
    const looks = await inside.looks();
    await eventually(async () => expect(await inside.looks()).toBeGreaterThan(looks), 120_000);
    expect((await record()).status.updates).toBeUndefined();
    await inside.open();
    const found = await eventually(async () => {
      const { status } = await record();
      expect(status.updates).toMatchObject({ complete: true, count: { Unknown: 3 } });
      expect(status.lease).toBeUndefined();
      return status;
    }, 60_000);
    expect(found.updates.missing.map((each: Any) => [each.package, each.hindrance]).sort()).toEqual([
      ['held', 'Held'],
      ['ousting', 'Removes'],
      ['phased', 'Phased'],
    ]);
    expect(found.steps.at(-1)).toMatchObject({ id: expect.stringMatching(/^scan-\d+$/), verdict: 'Finished' });
  });

  test('has called nothing but what its role allows (Must show 5)', async () => {
    const { calls } = await readCalls(guests.bed.auditLog, { user: WORKER });
    expect(calls.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
    const allowed = new Set(
      guestPermissions.flatMap(({ resource, verbs }) => verbs.map(verb => `${verb} ${resource}`)),
    );
    const made = new Set(calls.filter(({ objectRef }) => objectRef !== undefined).map(whatOf));
    expect([...made].filter(call => !allowed.has(call))).toEqual([]);
    // No Secret is listed; each is read by its name, from the namespace of keys.
    const secrets = calls.filter(({ objectRef }) => objectRef?.resource === 'secrets');
    expect(new Set(secrets.map(({ verb, objectRef }) => `${verb} ${objectRef?.namespace}`))).toEqual(
      new Set(['get steward-keys']),
    );
  });
});
