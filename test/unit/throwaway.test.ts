import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { alertReceiverOf } from '../../src/controllers/alertreceiver.ts';
import { backupContentsOf } from '../../src/controllers/managedvm/backupcontents.ts';
import { managedVMController, SERVICE, type Service } from '../../src/controllers/managedvm/controller.ts';
import { guestWorkersOf } from '../../src/controllers/managedvm/guestworkers.ts';
import { managedVMMetrics } from '../../src/controllers/managedvm/metrics.ts';
import { namespaceRightsOf } from '../../src/controllers/managedvm/namespacerights.ts';
import type { Reading } from '../../src/controllers/managedvm/reading.ts';
import { ownedKinds, permissionsOf } from '../../src/controllers/managedvm/readings.ts';
import { allow, OWN, READ } from '../../src/controllers/permission.ts';
import { Reporter } from '../../src/controllers/report.ts';
import { readSettings } from '../../src/controllers/settings.ts';
import { veleroHeartbeatOf } from '../../src/controllers/veleroheartbeat.ts';
import { byOwner, ownershipOf } from '../../src/controllers/whose.ts';
import type { ServicePromise } from '../../src/domain/contract/promise.ts';
import type { Unreadable } from '../../src/domain/contract/unreadable.ts';
import type { OfMachine } from '../../src/domain/machine/facts.ts';
import { managedVM, NOW, operatingSystem } from '../../src/domain/managedvm/assessment.fixtures.ts';
import { conditionsOf, countedConditions, orderersReasons, reasonsOn } from '../../src/domain/managedvm/conditions.ts';
import { promiseAlerts } from '../../src/domain/managedvm/promisealerts.ts';
import { type Facts, PROMISES } from '../../src/domain/managedvm/promises.ts';
import type { KubeObject, ResourceKind } from '../../src/runtime/api/object.ts';
import { OpenRegistry } from '../../src/runtime/observe/registry.ts';
import type { ReconcileContext } from '../../src/runtime/pass/controller.ts';

const core = (kind: string, plural: string): ResourceKind => ({
  ...{ group: '', version: 'v1', kind, plural, namespaced: true },
});
const ConfigMap = core('ConfigMap', 'configmaps');
const Endpoints = core('Endpoints', 'endpoints');

/** A promise that nobody makes: the guest is greeted. It wants a ConfigMap, and looks at an Endpoints object of the same name. */
type GreetingFacts = { readonly greetings: number; readonly unreadable: readonly Unreadable[] };
type OfGreeting = OfMachine & { readonly greeting: GreetingFacts };

const greeting: ServicePromise<OfGreeting, 'Greeted', 'Welcome' | 'NobodyHome' | 'Unwelcome'> = {
  conditions: {
    Greeted: {
      meaning: 'The guest was greeted.',
      shares: ['KindNotReadable'],
      restsOn: ['Endpoints'],
      counts: () => true,
      alert: {
        ...{ alert: 'ManagedVMNotGreeted', for: '5m', severity: 'warning' },
        ...{ summary: 'Nobody greets.', description: 'Nobody greets the guest.' },
      },
    },
  },
  reasons: {
    Welcome: { on: ['Greeted'], meaning: 'It was.', action: 'Nothing.' },
    NobodyHome: { on: ['Ready', 'Greeted'], meaning: 'It was not.', action: 'Greet it.' },
    Unwelcome: { on: ['Greeted'], meaning: 'The order forbids it.', action: 'Change it.', orderers: true },
  },
  children: ({ managedVM: { metadata } }) => ({
    apply: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${metadata.name}-greeting`, namespace: 'acme' } },
    ],
    keep: [],
  }),
  assess: ({ facts, outcomes, now }) => {
    const sent = outcomes.some(({ child }) => child.kind === 'ConfigMap');
    const kept = sent && facts.greeting.greetings > 0;
    const nextEdge = new Date(now.getTime() + 1000);
    return kept
      ? { conditions: { Greeted: { status: 'True', reason: 'Welcome', message: 'Hello.', nextEdge } }, findings: [] }
      : {
          conditions: { Greeted: { status: 'False', reason: 'NobodyHome', message: 'Nobody greets.' } },
          findings: [{ standing: 'failed', reason: 'NobodyHome', message: 'Nobody greets.' }],
        };
  },
};

const reading: Reading<GreetingFacts> = {
  gather: ({ metadata: { namespace = '', name } }, { read }) => ({
    greetings: read.get(Endpoints, { namespace, name }) === undefined ? 0 : 1,
    unreadable: [],
  }),
  indexes: { greeting: ({ metadata }) => [metadata.name] },
  owns: () => [{ kind: ConfigMap, indexes: byOwner }],
  watches: () => [{ kind: Endpoints, toKeys: ({ metadata }) => [{ namespace: 'acme', name: metadata.name }] }],
  permissions: [allow('children', ConfigMap, OWN, 'The greeting.'), allow('children', Endpoints, READ, 'Who greets.')],
};

/** One folder and one line each: the list of promises, and that of who reads for them. */
const promises = { ...PROMISES, greeting };
const service: Service<Facts & OfGreeting> = { promises, readings: { ...SERVICE.readings, greeting: reading } };

const settings = readSettings({}, 'host');
const registry = new OpenRegistry();
const ownership = ownershipOf(ownedKinds(service.readings, settings));
const metrics = managedVMMetrics(registry);
const definition = managedVMController(
  {
    settings,
    reporter: new Reporter(registry),
    metrics,
    prometheus: undefined,
    guestWorkers: guestWorkersOf(settings),
    rights: namespaceRightsOf(settings),
    backupContents: backupContentsOf(settings),
    veleroHeartbeat: veleroHeartbeatOf(settings),
    alertReceiver: alertReceiverOf(settings),
    ownership,
  },
  service,
);

/** One pass at level Admin in a cluster where only the catalogue, and perhaps the greeter, can be found. */
async function pass(greeter: boolean) {
  const object = managedVM({ serviceLevel: 'Admin' }) as ManagedVM & KubeObject;
  const applied: string[] = [];
  const written: { conditions?: { type: string; status: string; reason: string; message: string }[] }[] = [];
  const system = operatingSystem();
  const keys = ['provider-key.pub', 'host-key', 'host-key.pub'].map(name => [name, 'c3NoLWVkMjU1MTkgQUFBQQ==']);
  const found = new Map<string, unknown>([
    ['OperatingSystem', system],
    ['Secret', { data: Object.fromEntries(keys) }],
    ...(greeter ? ([['Endpoints', { metadata: { name: 'shop-db' } }]] as const) : []),
  ]);
  const context = {
    ...{ object, now: NOW, event: () => {} },
    read: {
      get: ({ kind }: ResourceKind) => found.get(kind),
      ...{ list: () => [], byIndex: () => [], available: () => true, state: () => 'served', refusal: () => undefined },
    },
    apply: async (children: readonly (KubeObject | { object: KubeObject })[]) =>
      children.map(child => {
        const { kind, metadata } = 'object' in child ? (child.object as KubeObject) : child;
        applied.push(`${kind} ${metadata.name}`);
        return { child: { kind, namespace: 'acme', name: metadata.name }, action: 'unchanged' };
      }),
    prune: async () => [],
    status: async (next: (typeof written)[number]) => written.push(next) > 0,
  };
  const result = await definition.reconcile(context as unknown as ReconcileContext<ManagedVM & KubeObject>);
  const conditions = written.flatMap(status => status.conditions ?? []);
  return { applied, requeueAt: result?.requeueAt, of: (type: string) => conditions.find(each => each.type === type) };
}

describe('a promise that is registered', () => {
  it('has its child applied and its condition in the one status, and looks again when it says', async () => {
    const { applied, requeueAt, of } = await pass(true);
    expect(applied).toContain('ConfigMap shop-db-greeting');
    expect(applied).toContain('VirtualMachine shop-db');
    expect(of('Greeted')).toMatchObject({ status: 'True', reason: 'Welcome' });
    expect(requeueAt).toEqual(new Date(NOW.getTime() + 1000));
  });

  it('counts in the sum, and what stands in its way is said by Ready', async () => {
    const kept = await pass(true);
    expect(kept.of('SLACompliant')?.message).toContain('Greeted');
    const broken = await pass(false);
    expect(broken.of('SLACompliant')).toMatchObject({ status: 'False', reason: 'PromiseBroken' });
    expect(broken.of('SLACompliant')?.message).toContain('1 broken: Greeted (NobodyHome)');
    expect(broken.of('Stalled')).toMatchObject({ status: 'True', reason: 'NobodyHome' });
  });

  it('is in the catalogue of conditions and reasons, before the sum and with what it shares', () => {
    expect(Object.keys(conditionsOf(promises)).slice(-2)).toEqual(['Greeted', 'SLACompliant']);
    expect(Object.keys(countedConditions(promises))).toContain('Greeted');
    const reasons = reasonsOn(promises, 'Greeted').map(([reason]) => reason);
    expect(reasons).toEqual(['Welcome', 'NobodyHome', 'Unwelcome', 'KindNotReadable', 'Deleting']);
    expect(reasonsOn(promises, 'Ready').map(([reason]) => reason)).toContain('NobodyHome');
  });

  it('has its alert, which leaves out what only the orderer can put right, as all others then do', () => {
    const alerts = promiseAlerts(promises);
    const own = alerts.find(({ alert }) => alert === 'ManagedVMNotGreeted');
    expect(own).toMatchObject({ for: '5m', severity: 'warning' });
    expect(own?.expr).toContain('type="Greeted",status="False"');
    expect(orderersReasons(promises)).toContain('Unwelcome');
    expect(alerts.filter(({ expr }) => expr.includes('reason!~') && !expr.includes('Unwelcome'))).toEqual([]);
    expect(alerts.find(({ alert }) => alert === 'ManagedVMPromiseBroken')).toBeUndefined();
  });

  it('has its watch, its index, its child and its rights', () => {
    expect(definition.watches.map(({ kind }) => kind)).toContain(Endpoints);
    expect(Object.keys(definition.indexes ?? {})).toContain('greeting');
    expect(definition.owns.map(({ kind }) => kind)).toContain(ConfigMap);
    const rights = permissionsOf(service.readings).map(({ resource, verbs }) => `${verbs.join()} ${resource}`);
    expect(rights).toContain('get,list,watch endpoints');
    expect(rights).toContain('get,list,watch,create,patch,delete configmaps');
  });

  it('changes nothing of the others', () => {
    const without = promiseAlerts(PROMISES).map(({ alert }) => alert);
    const all = promiseAlerts(promises).map(({ alert }) => alert);
    expect(all.filter(alert => alert !== 'ManagedVMNotGreeted')).toEqual(without);
    const others = Object.keys(conditionsOf(promises)).filter(type => type !== 'Greeted');
    expect(others).toEqual(Object.keys(conditionsOf(PROMISES)));
  });
});
