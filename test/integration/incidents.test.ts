/** MO-14: from a sensor to exactly one incident, with a real Prometheus, a real Alertmanager and a real API server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryOf } from '../../hack/bench/process.ts';
import type { StewardProcess } from '../../hack/steward/steward.ts';
import type { Incident } from '../../src/api/incident.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { PrometheusRule } from '../../src/api/upstream.ts';
import { application, product } from '../../src/domain/application/product.fixtures.ts';
import { BLACKBOX, MEASURED } from '../../src/domain/application/watched.fixtures.ts';
import { watchedOf } from '../../src/domain/application/watched.ts';
import { RECEIVER_LEASE } from '../../src/domain/incident/reception.ts';
import { alertsOf } from '../../src/domain/intake/merging.ts';
import { ownRules } from '../../src/domain/intake/ownrules.ts';
import { isSameExpression } from '../../src/domain/intake/promql.ts';
import { readRules } from '../../src/domain/intake/seenrules.ts';
import { OPERATOR_NAMESPACE } from '../../src/domain/managedvm/promisealerts.ts';
import { promiseRules } from '../../src/domain/managedvm/promiserules.ts';
import { renderDefaultRules } from '../../src/domain/monitoring/prometheusrules.ts';
import { renderApplicationRules } from '../../src/domain/policies/applicationrules.ts';
import { LEASE } from '../../src/runtime/leader/lease.ts';
import { AlertPlace, PLAIN } from './support/alertplace.ts';
import type { Any } from './support/api.ts';
import { eventually } from './support/eventually.ts';

const ACME = 'acme';
const ALERT = 'ManagedVMMemoryHigh';
/** VMs of the storm; each raises two alerts. */
const STORM_VMS = 75;

let place: AlertPlace;
let receiver: StewardProcess;
let vm: ManagedVM;

const SETTINGS = { promises: { namespace: 'steward-system', name: 'steward-promises' }, blackbox: BLACKBOX };

beforeAll(async () => {
  place = await AlertPlace.start();
  for (const namespace of [ACME, 'globex', 'storm']) await place.api.namespace(namespace);
  vm = await place.vm(ACME, 'shop-db');
  await place.rules(renderDefaultRules(ACME, PLAIN));
  await place.rules(renderApplicationRules(watchedOf(application(), product({ ...MEASURED }).spec, BLACKBOX), PLAIN));
  await place.rules(promises());
  await place.vm(ACME, 'quiet', { serviceLevel: 'Admin' });
  await place.vm('globex', 'own');
  await place.watch();
  [receiver] = await Promise.all([place.startReceiver(), place.prometheus.start(), place.startAlertmanager()]);
});
afterAll(() => place?.stop());

/** The incidents of a VM, once there are so many and the last of each is as wanted. */
function until(namespace: string, name: string, firing: readonly boolean[]): Promise<readonly Incident[]> {
  return eventually(async () => {
    const its = (await place.incidents(namespace)).filter(({ spec }) => spec.subject.name === name);
    expect(its.map(({ spec }) => spec.signals?.at(-1)?.firing ?? true)).toEqual(firing);
    return its;
  });
}

/** The chart's rules for all namespaces. */
function promises() {
  const spec = JSON.parse(
    JSON.stringify(promiseRules(PLAIN)).replaceAll(OPERATOR_NAMESPACE, SETTINGS.promises.namespace),
  );
  return { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { ...SETTINGS.promises }, spec };
}

/** A rule of a tenant, beside those of Steward, that says what he likes. */
function forged(name: string, labels: Record<string, string>, alert = ALERT) {
  const rule = { alert, expr: 'vector(1)', for: '0s', labels: { severity: 'warning', os_family: 'Linux', ...labels } };
  return {
    ...{ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { namespace: 'globex', name } },
    spec: { groups: [{ name: 'managedvm-thresholds', rules: [rule] }] },
  };
}

/** The message that Alertmanager sends of what it holds. */
function message(alerts: readonly Any[], change: object = {}) {
  return { version: '4', status: 'firing', alerts: alerts.map(each => ({ ...each, status: 'firing', ...change })) };
}

test('MO-5: Prometheus writes back each rule of Steward as one that is known again', async () => {
  const own = [
    ...ownRules({ kind: 'ManagedVM', object: vm }, SETTINGS),
    ...ownRules({ kind: 'ManagedApplication', object: application(), product: product({ ...MEASURED }) }, SETTINGS),
  ];
  const names = new Set(own.map(({ alert }) => alert));
  const seen = await eventually(async () => {
    const answer = await (await fetch(`${place.prometheus.url}/api/v1/rules?type=alert`)).json();
    const read = readRules(answer, names);
    expect(new Set(read.map(({ alert }) => alert))).toEqual(names);
    return read;
  });
  const strange = own.filter(
    ({ alert, group, expression }) =>
      !seen.some(each => each.alert === alert && each.group === group && isSameExpression(each.expression, expression)),
  );
  expect(strange.map(({ alert }) => alert)).toEqual([]);
});

describe('MO-14: an alert about a VM', () => {
  test('opens one incident that says whose alert it is, since when, and how it was proven', async () => {
    place.sensors.short.add(`${ACME}/shop-db`);
    const [opened] = await until(ACME, 'shop-db', [true]);
    const [held] = (await place.active()).filter(({ labels }: Any) => labels.managed_vm === 'shop-db');
    expect(opened?.spec).toMatchObject({
      subject: { kind: 'ManagedVM', name: 'shop-db', uid: expect.any(String) },
      alert: {
        ...{ name: ALERT, severity: 'warning', summary: 'shop-db: memory above its threshold' },
        // Alertmanager's own.
        fingerprint: held.fingerprint,
        startsAt: `${held.startsAt.slice(0, 19)}Z`,
      },
      proof: {
        verdict: 'Proven',
        rule: expect.stringMatching(/acme-shop-db-overrides-[0-9a-f-]{36}[.]yaml, group managedvm-thresholds$/),
      },
    });
  });

  test('is known to be heard: the receiver renews its Lease each time that it has compared', async () => {
    const renewed = async () => (await place.api.find(LEASE, 'steward-system', RECEIVER_LEASE))?.spec.renewTime;
    const first = await eventually(async () => {
      expect(await renewed()).toBeDefined();
      return renewed();
    });
    await eventually(async () => expect(await renewed()).not.toBe(first));
  });

  test('is that one incident though it is told again, late, out of order and with another beginning', async () => {
    const token = await place.token('alertmanager', 'steward-receive');
    const its = (await place.active()).filter(({ labels }: Any) => labels.managed_vm === 'shop-db');
    const told = [{}, {}, { startsAt: '2026-01-01T00:00:00Z' }, { startsAt: new Date().toISOString() }];
    const answers = await Promise.all(told.map(change => place.post(message([...its, ...its], change), token)));
    expect(answers).toEqual([200, 200, 200, 200]);
    await until(ACME, 'shop-db', [true]);
  });

  test('that is said to be over goes on as long as its sensor says so', async () => {
    const token = await place.token('alertmanager', 'steward-receive');
    const [held] = (await place.active()).filter(({ labels }: Any) => labels.managed_vm === 'shop-db');
    const over = { status: 'resolved', endsAt: new Date().toISOString() };
    expect(await place.post(message([held], over), token)).toBe(200);
    await until(ACME, 'shop-db', [true]);
    expect(await place.metric('steward_intake_alerts{outcome="StillFiring"}')).toBeGreaterThan(0);
  });

  test('is told when it is over, and opens the same incident again, though the route of people is muted', async () => {
    place.sensors.short.delete(`${ACME}/shop-db`);
    const [over] = await until(ACME, 'shop-db', [false]);
    place.sensors.short.add(`${ACME}/shop-db`);
    const [again] = await until(ACME, 'shop-db', [true]);
    expect(again?.metadata.uid).toBe(over?.metadata.uid);
    expect(again?.spec.signals?.map(({ firing }) => firing)).toEqual([false, true]);
    expect(place.people.told).toBe(0);
  });

  test('is not lost while the receiver is away, and is still one', async () => {
    await place.stopReceiver('SIGKILL');
    place.sensors.short.add('globex/own');
    await eventually(async () =>
      expect((await place.active()).map(({ labels }: Any) => labels.managed_vm)).toContain('own'),
    );
    receiver = await place.startReceiver();
    await until('globex', 'own', [true]);
    await until(ACME, 'shop-db', [true]);
  });

  test('is still one after Alertmanager was started anew, and is over though Alertmanager could not say so', async () => {
    await place.alertmanager.stop();
    place.sensors.short.delete('globex/own');
    await until('globex', 'own', [false]);
    await place.startAlertmanager();
    await eventually(async () => expect(await place.active()).not.toEqual([]));
    await until(ACME, 'shop-db', [true]);
  });
});

describe('MO-13: what is not proven', () => {
  test('opens nothing: a tenant’s rule with our names and another’s labels, or about a VM without monitoring', async () => {
    await place.api.create(PrometheusRule, forged('mine', { namespace: ACME, managed_vm: 'shop-db', n: '1' }));
    await place.api.create(PrometheusRule, forged('admin', { namespace: ACME, managed_vm: 'quiet' }));
    await place.watch();
    const alerts = () => place.active();
    await eventually(async () => {
      const told = (await alerts()).map(({ labels }: Any) => `${labels.managed_vm} ${labels.n ?? ''}`);
      expect(told).toEqual(expect.arrayContaining(['shop-db 1', 'quiet ']));
      expect(await place.metric('steward_intake_unproven{reason="NotFiring"}')).toBeGreaterThan(0);
      expect(await place.metric('steward_intake_unproven{reason="NotWatched"}')).toBeGreaterThan(0);
    });
    await until(ACME, 'shop-db', [true]);
    expect(await until(ACME, 'quiet', [])).toEqual([]);
  });

  test('and whom nobody knows, or who is no sender, is not heard', async () => {
    await place.account('other');
    const told = message(await place.active());
    expect(await place.post(told, undefined)).toBe(401);
    expect(await place.post(told, 'a.b.c')).toBe(401);
    expect(await place.post(told, await place.token('alertmanager', 'https://kubernetes.default.svc'))).toBe(401);
    expect(await place.post(told, await place.token('other', 'steward-receive'))).toBe(403);
  });
});

test('MO-14: in a storm each alert is in exactly one incident, and those about one system are together', async () => {
  const names = Array.from({ length: STORM_VMS }, (_, index) => `vm-${index}`);
  for (let from = 0; from < names.length; from += 50)
    await Promise.all(names.slice(from, from + 50).map(name => place.vm('storm', name)));
  for (const name of names) {
    place.sensors.short.add(`storm/${name}`);
    place.sensors.busy.add(`storm/${name}`);
  }
  const before = performance.now();
  await place.watch();
  await eventually(
    async () => expect((await place.incidents('storm')).flatMap(alertsOf)).toHaveLength(2 * STORM_VMS),
    90_000,
    500,
  );
  const seconds = ((performance.now() - before) / 1000).toFixed(1);
  const incidents = await place.incidents('storm');
  const fingerprints = incidents.flatMap(alertsOf).map(({ fingerprint }) => fingerprint);
  expect(new Set(fingerprints).size).toBe(2 * STORM_VMS);
  expect(new Set(incidents.map(({ spec }) => spec.subject.name)).size).toBe(STORM_VMS);
  expect(incidents.some(({ spec }) => spec.joined !== undefined)).toBe(true);
  const megabytes = Math.round((await memoryOf(receiver.pid)).peakMB);
  console.log(
    `${2 * STORM_VMS} alerts: ${incidents.length} incidents after ${seconds} s; the receiver took ${megabytes} MB at most`,
  );
});
