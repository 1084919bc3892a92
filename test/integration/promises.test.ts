import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { freePorts } from '../../hack/testbed/process/ports.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { guestState } from '../../src/api/gueststate.ts';
import { maintenanceWindow } from '../../src/api/maintenancewindow.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { patchBaseline } from '../../src/api/patchbaseline.ts';
import { patchPolicy } from '../../src/api/patchpolicy.ts';
import { patchRun } from '../../src/api/patchrun.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { ServiceMonitor } from '../../src/api/upstream.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import type { Any } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import {
  advancedPlan,
  contractOf,
  linuxSystem,
  machine,
  type Order,
  ownPatches,
  regularHours,
  standardPatches,
  weeklyWindow,
} from './support/orders.ts';

const NAMESPACE = 'promises';
const apiVersion = 'managed.systems/v1alpha1';
const Event = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

let cluster: Cluster;
let steward: StewardProcess;
let metricsPort: number;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.steward().stop();
  [metricsPort = 0] = await freePorts(1);
  steward = await startSteward(cluster.bed, { environment: { STEWARD_METRICS_PORT: `${metricsPort}` } });
  await steward.ready();
  await cluster.api.namespace(NAMESPACE);
  await cluster.api.create(operatingSystem, linuxSystem('debian-13'));
  await cluster.api.create(managedVM, machine(NAMESPACE, 'shop-db'));
  await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Ready: 'True/Running' });
});

afterAll(async () => {
  await steward?.stop('SIGKILL');
  await cluster?.stop();
});

/** Status and reason that steward_condition gives a condition, with a space between; none: no series. */
async function exported(kind: string, name: string, type: string): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const series = new RegExp(
    `^steward_condition\\{kind="${kind}",namespace="[^"]*",name="${name}",type="${type}",(.*)\\} 1$`,
    'gm',
  );
  return [...text.matchAll(series)].map(([, labels = '']) => labels.replace(/status="(\w+)",reason="(\w+)"/, '$1 $2'));
}

async function eventsAbout(name: string): Promise<string[]> {
  const events = (await cluster.api.list(Event, NAMESPACE)).filter(({ regarding }: Any) => regarding?.name === name);
  return events.map(({ type, reason, note }: Any) => `${type} ${reason} ${note}`).sort();
}

const supportEnds = (day: string) =>
  cluster.api.edit(operatingSystem, '', 'debian-13', { spec: { lifeCycle: { endOfSupport: day } } });

describe('MO-5, GE-9: a promise', () => {
  test('that is kept from the start is told by a series, and by no event', async () => {
    await eventually(async () =>
      expect(await exported('ManagedVM', 'shop-db', 'Supported')).toEqual(['True VendorSupported']),
    );
    expect(await exported('OperatingSystem', 'debian-13', 'Supported')).toEqual(['True VendorSupported']);
    expect((await eventsAbout('shop-db')).filter(event => /is (broken|kept)/.test(event))).toEqual([]);
  });

  test('that breaks and heals is told by its series and by one event each', async () => {
    await supportEnds('2020-01-01');
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Supported: 'False/SupportEnded' });
    await eventually(async () =>
      expect(await exported('ManagedVM', 'shop-db', 'Supported')).toEqual(['False SupportEnded']),
    );
    await supportEnds('2099-01-01');
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Supported: 'True/VendorSupported' });
    await eventually(async () => {
      const told = (await eventsAbout('shop-db')).filter(event => event.includes('Supported is'));
      expect(told).toEqual([
        expect.stringMatching(/^Normal VendorSupported Supported is kept again: /),
        expect.stringMatching(/^Warning SupportEnded Supported is broken: .*2020-01-01/),
      ]);
    });
  });

  test('has series no longer than its object exists', async () => {
    await cluster.api.remove(managedVM, NAMESPACE, 'shop-db');
    await gone(cluster.api, managedVM, NAMESPACE, 'shop-db');
    await eventually(async () => expect(await exported('ManagedVM', 'shop-db', '\\w+')).toEqual([]));
  });
});

describe('MO-5: the target of a guest, by the schema of prometheus-operator', () => {
  test('has every limit as it was written', async () => {
    await cluster.api.create(managedVM, machine(NAMESPACE, 'shop-web', { powerState: 'Stopped' }));
    const monitor = await eventually(() => cluster.api.get(ServiceMonitor, NAMESPACE, 'shop-web-metrics'));
    expect(monitor.spec).toMatchObject({ bodySizeLimit: '8MB', sampleLimit: 10_000, labelLimit: 32, targetLimit: 4 });
    expect(monitor.spec.endpoints[0]).toMatchObject({
      followRedirects: false,
      honorLabels: false,
      scrapeTimeout: '10s',
    });
    expect(monitor.spec.endpoints[0].metricRelabelings).toEqual([
      { action: 'keep', sourceLabels: ['__name__'], regex: expect.stringContaining('node_cpu_seconds_total') },
    ]);
  });

  test('needs no right in the cluster that the operator does not have', () => expectNoRefusals(cluster));
});

describe('GE-1: what was agreed, where something races past admission', () => {
  const terms = (verdict: string) => reads(cluster.api, managedVM, NAMESPACE, 'terms', { Contracted: verdict });

  beforeAll(async () => {
    const { api, kubectl } = cluster;
    await api.create(serviceCalendar, regularHours('hours'));
    await api.create(servicePlan, advancedPlan('advanced', 'hours'));
    await api.create(managedVM, machine(NAMESPACE, 'terms', { powerState: 'Stopped' }));
    await terms('False/NoContract');
    await kubectl(['delete', 'validatingadmissionpolicybinding', 'steward-contracts', 'steward-contracts-used-plans']);
  });

  test('of two Contracts that name a namespace the older holds it, and the younger when that has gone', async () => {
    const { api } = cluster;
    const older = await api.create(contract, contractOf('older', [NAMESPACE], 'advanced'));
    const { status } = await terms('True/PlanApplies');
    expect(status.service).toMatchObject({ contract: 'older', plan: 'advanced', since: '2020-01-01' });
    // Ages are told in seconds.
    const second = Date.parse(older.metadata.creationTimestamp) + 1_000;
    await eventually(() => expect(Date.now()).toBeGreaterThan(second));
    await eventually(() => api.create(contract, contractOf('younger', [NAMESPACE], 'advanced')));
    await reads(api, contract, '', 'younger', { Ready: 'False/NamespaceTaken' });
    await reads(api, contract, '', 'older', { Ready: 'True/InForce' });
    expect((await terms('True/PlanApplies')).status.service.contract).toBe('older');
    await api.remove(contract, '', 'older');
    await reads(api, contract, '', 'younger', { Ready: 'True/InForce' });
    await eventually(async () => expect((await terms('True/PlanApplies')).status.service.contract).toBe('younger'));
  });

  test('GE-8: a plan that was deleted and made anew with other numbers is told, and those agreed stay', async () => {
    const { api } = cluster;
    const { planRevision } = (await terms('True/PlanApplies')).status.service;
    const anew = async (changed: Readonly<Record<string, unknown>>) => {
      await eventually(() => api.remove(servicePlan, '', 'advanced'));
      const gone = await terms('False/PlanNotFound');
      expect(gone.status.service.planRevision).toBe(planRevision);
      await reads(api, contract, '', 'younger', { Ready: 'False/PlanNotFound' });
      await api.create(servicePlan, advancedPlan('advanced', 'hours', changed));
    };
    await anew({ availability: { target: '90' } });
    expect((await terms('False/PlanChanged')).status.service.planRevision).toBe(planRevision);
    await reads(api, contract, '', 'younger', { Ready: 'False/PlanChanged' });
    await anew({});
    expect((await terms('True/PlanApplies')).status.service.planRevision).toBe(planRevision);
    await reads(api, contract, '', 'younger', { Ready: 'True/InForce' });
  });
});

describe('MO-3, MO-4: by which policy and when a VM is patched', () => {
  /** Once a year, far from now. */
  const windows = [{ name: 'yearly', schedule: '0 3 2 1 *', duration: '2h' }];
  /** A minute that comes in less than 24 h and in more than 22. */
  const soon = new Date(Date.now() + 23 * 3_600_000);
  const patched = (verdict: string) => reads(cluster.api, managedVM, NAMESPACE, 'patched', { PatchCompliant: verdict });
  const notices = async () => (await eventsAbout('patched')).filter(event => event.includes('MaintenanceAnnounced'));

  test('is said step by step, until all that it names is there', async () => {
    const { api } = cluster;
    const ordered = { patchPolicyRef: { kind: 'PatchPolicy', name: 'own' } };
    await api.create(managedVM, machine(NAMESPACE, 'patched', ordered));
    await patched('Unknown/NoPatchPolicy');
    await api.create(clusterPatchPolicy, standardPatches('standard', { windows }));
    await patched('Unknown/PatchPolicyNotFound');
    await api.create(patchPolicy, ownPatches(NAMESPACE, 'own', 'soon'));
    await patched('Unknown/WindowNotFound');
    await reads(api, patchPolicy, NAMESPACE, 'own', { Ready: 'False/WindowNotFound' });
    const schedule = `${soon.getUTCMinutes()} ${soon.getUTCHours()} * * *`;
    await api.create(maintenanceWindow, weeklyWindow(NAMESPACE, 'soon', { schedule, timeZone: 'UTC' }));
    const window = await reads(api, maintenanceWindow, NAMESPACE, 'soon', { Ready: 'True/InForce' });
    await reads(api, patchPolicy, NAMESPACE, 'own', { Ready: 'True/InForce' });
    await eventually(async () => {
      const { status } = await api.get(managedVM, NAMESPACE, 'patched');
      expect(status.patching).toMatchObject({
        ...{ policy: { kind: 'PatchPolicy', name: 'own' }, provenBy: 'standard', announced: '24h' },
        nextWindow: window.status.next[0],
      });
      expect((await api.get(patchPolicy, NAMESPACE, 'own')).status).toMatchObject({ managedVMs: 1 });
      const all = (await api.list(managedVM, NAMESPACE)).length;
      expect((await api.get(clusterPatchPolicy, '', 'standard')).status).toMatchObject({ managedVMs: all });
    });
  });

  test('GE-4: the window is announced once, and not again by another operator', async () => {
    await eventually(async () => expect(await notices()).toHaveLength(1));
    await steward.stop();
    steward = await startSteward(cluster.bed, { environment: { STEWARD_METRICS_PORT: `${metricsPort}` } });
    await steward.ready();
    const { metadata } = await cluster.api.edit(managedVM, NAMESPACE, 'patched', { spec: { services: ['ssh'] } });
    await eventually(async () => {
      const { status } = await cluster.api.get(managedVM, NAMESPACE, 'patched');
      expect(status).toMatchObject({ observedGeneration: metadata.generation, patching: { announced: '24h' } });
    });
    expect(await notices()).toEqual([
      expect.stringMatching(/^Normal MaintenanceAnnounced Window soon opens on .* what PatchPolicy own has approved/),
    ]);
  });

  test('is nobody’s guess: two standards for one namespace are told, on each VM', async () => {
    await cluster.api.create(clusterPatchPolicy, standardPatches('other', { windows }));
    await patched('Unknown/PatchPoliciesConflict');
    await cluster.api.remove(clusterPatchPolicy, '', 'other');
    await eventually(async () => {
      const { status } = await cluster.api.get(managedVM, NAMESPACE, 'patched');
      expect(status.patching).toMatchObject({ provenBy: 'standard' });
    });
  });
});

describe('MO-11: what a canary shows, and what is said of the others', () => {
  const critical = { severity: 'Critical', firstSeen: instant(new Date(Date.now() - 3_600_000)), security: true };
  const updates = (more: object = {}) => ({
    ...{ at: instant(new Date()), system: { id: 'debian', version: '13' }, complete: true, rebootPending: false },
    count: { Critical: 1, Important: 0, Moderate: 0, Low: 0, Unknown: 0 },
    missing: [
      { package: 'openssl', architecture: 'amd64', from: '3.5.1-1', versions: [{ version: '3.5.1-2', ...critical }] },
    ],
    ...more,
  });

  beforeAll(async () => {
    const { api, kubectl } = cluster;
    // What Steward's own accounts write is written here by a test.
    await kubectl(['delete', 'validatingadmissionpolicybinding', 'steward-patching', 'steward-patch-runs']);
    // One standard for a namespace: that of the tests above goes.
    await api.remove(clusterPatchPolicy, '', 'standard');
    await api.namespace('proving');
    const policy: Order = {
      ...{ apiVersion, kind: 'ClusterPatchPolicy', metadata: { name: 'canaries' } },
      spec: {
        namespaceSelector: {},
        // Closed by half a day: in an open one the operator would make runs of its own.
        windows: [
          {
            name: 'nightly',
            schedule: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`,
            timeZone: 'Etc/UTC',
            duration: '2h',
          },
        ],
        rings: [{ name: 'canary', namespaces: ['proving'], soak: '0s' }, { name: 'production' }],
      },
    };
    await api.create(clusterPatchPolicy, policy);
    for (const namespace of ['proving', NAMESPACE]) {
      await api.create(managedVM, machine(namespace, 'judged'));
      await reads(api, managedVM, namespace, 'judged', { PatchCompliant: 'Unknown/NotScanned' });
    }
  });

  const statusOf = (what: readonly string[], status: object) =>
    cluster.kubectl(['patch', ...what, '--subresource', 'status', '--type', 'merge', '-p', JSON.stringify({ status })]);

  async function scanned(namespace: string, found: object) {
    const { uid } = (await cluster.api.get(managedVM, namespace, 'judged')).metadata;
    const record = {
      apiVersion,
      kind: 'GuestState',
      metadata: { namespace, name: 'judged' },
      spec: { managedVM: uid },
    };
    if ((await cluster.api.find(guestState, namespace, 'judged')) === undefined) {
      await cluster.api.create(guestState, record);
    }
    await statusOf(['gst', 'judged', '-n', namespace], { updates: found });
  }

  /** A run in a window that is still open for so many minutes: nobody but the test says how it ended. */
  async function ranInCanary(name: string, minutes: number, status: object) {
    const { api } = cluster;
    const { uid } = (await api.get(managedVM, 'proving', 'judged')).metadata;
    const policy = (await api.get(clusterPatchPolicy, '', 'canaries')).metadata;
    const [start, ended, cutoff, end] = [-120, -60, minutes - 5, minutes].map(each =>
      instant(new Date(Date.now() + each * 60_000)),
    );
    const age = { Critical: '0s', Important: '72h', Other: '168h' };
    const run: Order = {
      ...{ apiVersion, kind: 'PatchRun', metadata: { namespace: 'proving', name } },
      spec: {
        managedVM: { name: 'judged', uid },
        packageManager: 'apt',
        policy: { kind: 'ClusterPatchPolicy', name: 'canaries', uid: policy.uid, generation: 1 },
        occurrence: { window: 'nightly', date: '2026-11-24', start, cutoff, end },
        ...{ ring: 'canary', ringOf: 'Provider', change: { name: 'patch-nightly', uid: 'c' } },
        terms: {
          ...{ updates: 'All', minimumAge: age, deadlines: age, allow: [], deny: [], exclude: [] },
          ...{ reboot: 'IfRequired', rollback: 'Propose' },
        },
        parallel: 1,
        keep: '9480h',
        askedBy: 'ClusterPatchPolicy canaries',
      },
    };
    // The API server forgets a binding a moment after it is deleted.
    await eventually(() => api.create(patchRun, run));
    await statusOf(['patchrun', name, '-n', 'proving'], { ended, ...status });
  }

  async function metric(name: string): Promise<readonly string[]> {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return text.split('\n').filter(line => line.startsWith(`${name}{`));
  }

  test('what a guest is offered is approved elsewhere only when the canary has proven it', async () => {
    await scanned('proving', updates());
    await scanned(NAMESPACE, updates());
    const standing = async () =>
      (await cluster.api.get(managedVM, NAMESPACE, 'judged')).status.patching?.updates?.standing;
    await eventually(async () =>
      expect(await standing()).toEqual([{ bucket: 'NotYetApproved', severity: 'Critical', count: 1 }]),
    );
    await reads(cluster.api, managedVM, NAMESPACE, 'judged', { PatchCompliant: 'True/PatchesInTime' });
    const packages = [{ package: 'openssl', from: '3.5.1-1', to: '3.5.1-2', state: 'Installed' }];
    await ranInCanary('good', 30, { phase: 'Succeeded', packages });
    await eventually(async () => {
      const { spec } = await cluster.api.get(patchBaseline, '', 'canaries.debian-13');
      expect(spec.content.versions).toMatchObject([{ version: '3.5.1-2', proven: [{ ring: 'canary' }] }]);
    });
    await eventually(async () =>
      expect(await standing()).toEqual([{ bucket: 'InSLA', severity: 'Critical', count: 1 }]),
    );
    expect(await metric('steward_patch_missing_updates')).toContain(
      'steward_patch_missing_updates{namespace="promises",managed_vm="judged",severity="Critical",bucket="InSLA"} 1',
    );
  });

  test('what takes effect at the next boot is not in force', async () => {
    await scanned(NAMESPACE, updates({ missing: [], rebootPending: true }));
    await reads(cluster.api, managedVM, NAMESPACE, 'judged', { PatchCompliant: 'False/RebootPending' });
  });

  test('a canary that breaks halts the policy in a condition, an event and a metric, until somebody resumes it by name', async () => {
    const { api } = cluster;
    const halted = 'steward_patch_ring_halted{kind="ClusterPatchPolicy",namespace="",name="canaries",ring="canary"}';
    await ranInCanary('broken', 60, { phase: 'Failed', message: 'A service did not come back.' });
    await reads(api, clusterPatchPolicy, '', 'canaries', { Ready: 'False/RingHalted' });
    await eventually(async () => expect(await metric('steward_patch_ring_halted')).toContain(`${halted} 1`));
    await eventually(async () => {
      const about = (await api.list(Event, 'default')).filter(({ regarding }: Any) => regarding?.name === 'canaries');
      expect(about.map(({ type, reason }: Any) => `${type} ${reason}`)).toContain('Warning RingHalted');
    });
    await api.remove(patchRun, 'proving', 'broken');
    await api.edit(clusterPatchPolicy, '', 'canaries', { spec: { deadlines: { Critical: '71h' } } });
    await reads(api, clusterPatchPolicy, '', 'canaries', { Ready: 'False/RingHalted' });
    const resume = { ring: 'canary', afterRun: 'proving/broken', reason: 'A disk was full' };
    await api.edit(clusterPatchPolicy, '', 'canaries', { spec: { resume } });
    await reads(api, clusterPatchPolicy, '', 'canaries', { Ready: 'True/InForce' });
    await eventually(async () => expect(await metric('steward_patch_ring_halted')).toContain(`${halted} 0`));
  });

  test('needs no right in the cluster that the operator does not have', () => expectNoRefusals(cluster));
});
