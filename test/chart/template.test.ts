import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generateDashboards } from '../../hack/generate/dashboards.ts';
import { run } from '../../hack/testbed/process/command.ts';
import type { KindDefinition } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { guestPermissions, portForwardPermissions } from '../../src/controllers/gueststate/permissions.ts';
import { readGuestSettings } from '../../src/controllers/gueststate/settings.ts';
import { receivePermissions } from '../../src/controllers/intake/permissions.ts';
import { readReceiveSettings } from '../../src/controllers/intake/settings.ts';
import { MANAGED_VM_FINALIZER } from '../../src/controllers/managedvm/controller.ts';
import { patchPermissions } from '../../src/controllers/patching/permissions.ts';
import type { Permission, Scope } from '../../src/controllers/permission.ts';
import { permissions } from '../../src/controllers/permissions.ts';
import { recordPermissions } from '../../src/controllers/record/permissions.ts';
import { readRecordSettings } from '../../src/controllers/record/settings.ts';
import { readSettings } from '../../src/controllers/settings.ts';
import { tellerPermissions } from '../../src/controllers/telling/permissions.ts';
import { MANAGED_VM_LABEL } from '../../src/domain/contract/child.ts';
import { EXPORTER_PORTS } from '../../src/domain/machine/firstboot/exporters.ts';
import { OPERATOR_NAMESPACE } from '../../src/domain/managedvm/promisealerts.ts';
import { promiseRules } from '../../src/domain/managedvm/promiserules.ts';
import {
  binaries,
  chart,
  identity,
  type Manifest,
  manifests,
  namespace,
  ofKind,
  policyForTenants,
  render,
  renderText,
} from './chart.ts';

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

const NAMES = {
  shards: Array.from({ length: 8 }, (_, shard) => `steward-guest-${shard}`),
  recordKey: ['steward-record-key'],
  recordLease: ['steward-record'],
  tellLease: ['steward-tell'],
  receiverLease: ['steward-receive'],
};
const ruleOf = ({ group, resource, verbs, names }: Permission): Rule => ({
  apiGroups: [group],
  resources: [resource],
  ...(names && { resourceNames: NAMES[names] }),
  verbs: [...verbs],
});
const rulesOf = (scope: Scope) =>
  [
    ...permissions,
    ...guestPermissions,
    ...portForwardPermissions,
    ...patchPermissions,
    ...recordPermissions,
    ...tellerPermissions,
    ...receivePermissions,
  ]
    .filter(permission => permission.scope === scope)
    .map(ruleOf);
const single = (objects: readonly Manifest[], kind: string): Manifest => {
  const [object, ...more] = ofKind(objects, kind);
  if (object === undefined || more.length > 0) throw new Error(`not exactly one ${kind}`);
  return object;
};
const named = (objects: readonly Manifest[], kind: string, name: string): Manifest =>
  single(
    objects.filter(({ metadata }) => metadata.name === name),
    kind,
  );
const role = (objects: readonly Manifest[], path: string) => objects.find(object => identity(object) === path)?.rules;
const deployment = (objects: readonly Manifest[], name = 'steward') => named(objects, 'Deployment', name);
const container = (objects: readonly Manifest[], name = 'steward') =>
  deployment(objects, name).spec.template.spec.containers[0];

describe('rendering', () => {
  it.each(['helm', 'helm3'] as const)('passes the strict lint of %s', async program => {
    const output = await run((await binaries())[program], ['lint', '--strict', chart]);
    expect(output).toContain('0 chart(s) failed');
  });

  it('gives the same objects with Helm 3 and Helm 4', async () => {
    const { helm3 } = await binaries();
    const flags = ['template', 'steward', chart, '--namespace', namespace];
    expect(manifests(await run(helm3, flags))).toEqual(await render());
  });

  it('puts the release name before every name, so that two releases do not meet', async () => {
    const { helm } = await binaries();
    // The namespace of keys has the name that its value gives it: a second release is given another.
    const values = 'crds.enabled=false,keys.namespace=blue-steward-keys,drills.namespace=blue-steward-drills';
    const objects = manifests(await run(helm, ['template', 'blue', chart, '--set', values]));
    expect(objects.filter(object => !object.metadata.name.startsWith('blue-steward'))).toEqual([]);
  });

  it.each([
    ['a value that does not exist', { replica: 3 }, "'replica' not allowed"],
    ['a value of the wrong type', { crds: { keep: 'yes' } }, "at '/crds/keep': got string, want boolean"],
    ['a namespace that cannot be', { watchNamespaces: ['Acme'] }, "at '/watchNamespaces/0'"],
    [
      'keys beside those that sign records',
      { records: { enabled: true, namespace: 'steward-keys' } },
      'keys.namespace: "steward-keys" is the namespace of records',
    ],
    ['keys that move to where they are', { keys: { migrateFrom: 'steward-keys' } }, 'keys.migrateFrom'],
    ['two replicas that both lead', { leaderElection: false }, 'leaderElection: false allows one replica only'],
    ['a ServiceAccount that nobody makes', { serviceAccount: { create: false } }, 'serviceAccount.name'],
    [
      'a ServiceAccount of the guest worker that nobody makes',
      { serviceAccount: { create: false, name: 'robot' } },
      'serviceAccount.guestName',
    ],
    [
      'MO-16: records whose key Steward could read',
      { records: { enabled: true }, admission: { records: false } },
      'admission.records: it keeps Steward from the key',
    ],
    [
      'MO-16: records in a namespace that Steward watches, where nothing keeps it from their key',
      {
        records: { enabled: true },
        admission: { records: false },
        watchNamespaces: ['acme', 'steward-records'],
      },
      'admission.records: it keeps Steward from the key',
    ],
    [
      'MO-16: two places of one export',
      { records: { enabled: true, export: { claim: 'records', bucket: { name: 'records' } } } },
      'records are exported to one place',
    ],
    [
      'MO-16: a bucket that nobody may write to',
      { records: { enabled: true, export: { bucket: { name: 'records', endpoint: 'https://s3' } } } },
      'it needs its endpoint and the Secret of its credentials',
    ],
    ['MO-14: alerts that nobody could prove', { intake: { enabled: true, senders: ['x'] } }, 'intake.enabled: '],
    [
      'MO-14: alerts of everybody',
      { intake: { enabled: true }, prometheus: { url: 'http://prometheus' } },
      'intake.senders: ',
    ],
    ["MO-16: records beside Steward's own Secrets", { records: { enabled: true, namespace } }, 'records.namespace: '],
  ])('refuses %s and names it', async (_, values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });
});

describe('CRDs', () => {
  it('are those of crds/, and stay when the release goes', async () => {
    const crds = ofKind(await render(), 'CustomResourceDefinition');
    const written = await Promise.all(
      kinds.map(async ({ plural }) => parse(await readFile(`crds/${plural}.yaml`, 'utf8'))),
    );
    expect(new Map(crds.map(crd => [crd.metadata.name, crd.spec]))).toEqual(
      new Map(written.map(crd => [crd.metadata.name, crd.spec])),
    );
    expect(crds.map(crd => crd.metadata.annotations)).toEqual(kinds.map(() => ({ 'helm.sh/resource-policy': 'keep' })));
  });

  it('go with the release when crds.keep is false', async () => {
    const crds = ofKind(await render({ crds: { keep: false } }), 'CustomResourceDefinition');
    expect(crds.map(crd => crd.metadata.annotations)).toEqual(kinds.map(() => undefined));
  });

  it('are left out when crds.enabled is false', async () => {
    expect(ofKind(await render({ crds: { enabled: false } }), 'CustomResourceDefinition')).toEqual([]);
  });
});

describe('MO-16: its own backup', () => {
  const ofSchedules = (objects: readonly Manifest[]) => objects.filter(({ kind }) => kind === 'Schedule');

  it('is made where it is switched on, and holds keys, records and every kind of the whole cluster', async () => {
    const objects = await render({ velero: { ownBackup: { enabled: true } }, records: { enabled: true } });
    const [schedule] = ofSchedules(objects);
    expect(schedule?.metadata).toMatchObject({ name: 'steward-own', namespace: 'velero' });
    const { template } = schedule?.spec ?? {};
    expect(template.includedNamespaces).toEqual(['steward-keys', 'steward-records']);
    const clusterWide = kinds.filter(({ namespaced }) => !namespaced).map(({ plural }) => `${plural}.managed.systems`);
    expect(template.includedClusterScopedResources).toEqual(['namespaces', ...clusterWide.sort()]);
    expect(template.metadata.labels).toBeDefined();
  });

  it('is not made by default', async () => {
    expect(ofSchedules(await render())).toEqual([]);
  });
});

describe('what the operator may do', () => {
  it('is exactly what src/controllers/permissions.ts declares, each scope in a role of its own', async () => {
    const objects = await render();
    expect(role(objects, 'ClusterRole/steward-cluster')).toEqual(rulesOf('cluster'));
    expect(role(objects, 'ClusterRole/steward-own')).toEqual(rulesOf('own'));
    expect(role(objects, 'ClusterRole/steward-children')).toEqual(rulesOf('children'));
    expect(role(objects, 'Role/steward-keys/steward-keys')).toEqual(rulesOf('keys'));
    expect(role(objects, `Role/${namespace}/steward-lease`)).toEqual(rulesOf('lease'));
    expect(role(objects, 'Role/velero/steward-velero')).toEqual(rulesOf('velero'));
  });

  it('is bound to its ServiceAccount and to nobody else', async () => {
    const objects = (await render()).filter(({ metadata }) => !/^steward-(guest|patch)/.test(metadata.name));
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    const ofPeople = bindings.filter(({ metadata }) => metadata.name === 'steward-catalogue-view');
    const operator = [{ kind: 'ServiceAccount', name: 'steward', namespace }];
    expect(ofPeople).toHaveLength(1);
    for (const binding of bindings.filter(each => !ofPeople.includes(each))) {
      expect(binding.subjects).toEqual(operator);
      expect(binding.roleRef.name).toBe(binding.metadata.name);
    }
  });

  it('holds no wildcard and no way to more rights', () => {
    const words = permissions.flatMap(({ group, resource, verbs }) => [group, ...resource.split('/'), ...verbs]);
    expect(words.filter(word => ['*', 'escalate', 'bind', 'impersonate'].includes(word))).toEqual([]);
    expect(permissions.filter(({ resource }) => /^(pods|serviceaccounts|nodes)/.test(resource))).toEqual([]);
    // Who has which rights is read, for sole root (AP-9), and changed by nobody of Steward's.
    const rights = permissions.filter(({ group }) => group === 'rbac.authorization.k8s.io');
    expect(rights.flatMap(({ verbs }) => verbs).filter(verb => verb !== 'list')).toEqual([]);
  });

  it('never lists or watches Secrets outside the namespace of keys', () => {
    const broad = permissions.filter(
      ({ resource, scope, verbs }) =>
        resource === 'secrets' && scope !== 'keys' && (verbs.includes('list') || verbs.includes('watch')),
    );
    expect(broad).toEqual([]);
  });

  it('to clone images is given to Steward in the namespaces of images only (MO-1)', async () => {
    expect(ofKind(await render(), 'Role').filter(({ metadata }) => metadata.name === 'steward-images')).toEqual([]);
    const objects = await render({ imageNamespaces: ['golden-images', 'more-images'] });
    for (const images of ['golden-images', 'more-images'])
      expect(role(objects, `Role/${images}/steward-images`)).toEqual(rulesOf('images'));
    const bindings = ofKind(objects, 'RoleBinding').filter(({ metadata }) => metadata.name === 'steward-images');
    expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(['golden-images', 'more-images']);
    expect(bindings.map(({ subjects }) => subjects[0])).toEqual(
      bindings.map(() => ({ kind: 'ServiceAccount', name: 'steward', namespace })),
    );
  });

  it('is asked for in the listed namespaces only, and then in no ClusterRole', async () => {
    const objects = await render({ watchNamespaces: ['acme', 'globex'] });
    for (const tenant of ['acme', 'globex']) {
      expect(role(objects, `Role/${tenant}/steward-own`)).toEqual(rulesOf('own'));
      expect(role(objects, `Role/${tenant}/steward-children`)).toEqual(rulesOf('children'));
    }
    expect(role(objects, 'Role/default/steward-cluster-events')).toEqual(rulesOf('cluster-events'));
    const clusterWide = ofKind(objects, 'ClusterRoleBinding').map(identity).sort();
    expect(clusterWide).toEqual(
      ['catalogue-view', 'cluster', 'guest-cluster'].map(name => `ClusterRoleBinding/steward-${name}`),
    );
  });
});

describe('what people may do', () => {
  const aggregated = (to: string) => `rbac.authorization.k8s.io/aggregate-to-${to}`;
  const into = async (to: string) =>
    ofKind(await render(), 'ClusterRole')
      .filter(({ metadata }) => metadata.labels?.[aggregated(to)] === 'true')
      .flatMap(({ rules }) => rules as Rule[]);
  const writes = (rule: Rule) => rule.verbs.some(verb => !['get', 'list', 'watch'].includes(verb));

  const plural = ({ plural }: KindDefinition) => plural;
  const confidential = kinds.filter(({ readBy }) => readBy === 'provider').map(plural);

  it('view may read every kind of ours but contracts and prices, and write none', async () => {
    const rules = await into('view');
    const readable = kinds.map(plural).filter(kind => !confidential.includes(kind));
    expect(rules.flatMap(rule => rule.resources).sort()).toEqual(readable.sort());
    expect(rules.filter(writes)).toEqual([]);
  });

  it.each(['edit', 'admin'])('%s may write what tenants order, never the catalogue', async to => {
    const written = (await into(to)).filter(writes).flatMap(rule => rule.resources);
    expect(written.sort()).toEqual(
      kinds
        .filter(kind => kind.namespaced && kind.writtenBy === undefined)
        .map(kind => kind.plural)
        .sort(),
    );
  });

  it('GE-4: contacts and prices are read in roles that are neither aggregated nor bound', async () => {
    const objects = await render();
    const isReading = ({ resources, verbs }: Rule) =>
      resources.some(resource => confidential.includes(resource)) &&
      verbs.some(verb => verb !== 'approve' && verb !== 'handle');
    const reading = ofKind(objects, 'ClusterRole').filter(({ rules }) => (rules as Rule[]).some(isReading));
    expect(reading.map(({ metadata }) => metadata.name).sort()).toEqual([
      'steward-cluster',
      'steward-contract-edit',
      'steward-contract-view',
      // Says a word on a month, and reads what it comes to.
      'steward-provider-handle',
    ]);
    const bound = ofKind(objects, 'ClusterRoleBinding').map(({ roleRef }) => roleRef.name);
    expect(bound.filter(role => role.startsWith('steward-contract'))).toEqual([]);
    for (const { metadata } of reading) expect(JSON.stringify(metadata.labels)).not.toContain('aggregate-to');
  });

  it('nobody is given a status to write', async () => {
    const rules = ofKind(await render(), 'ClusterRole')
      .filter(({ metadata }) => /-(tenant|catalogue|contract)-/.test(metadata.name))
      .flatMap(({ rules }) => rules as Rule[]);
    expect(rules.flatMap(rule => rule.resources).filter(resource => resource.includes('/'))).toEqual([]);
  });

  it('is not changed in the roles of the cluster when rbac.aggregate is false', async () => {
    const text = await renderText({ rbac: { aggregate: false } });
    expect(text).not.toContain('aggregate-to-');
  });
});

describe('the operator', () => {
  it('reads from its environment what the values say', async () => {
    const values = {
      watchNamespaces: ['acme', 'globex'],
      velero: { namespace: 'backup' },
      drills: { namespace: 'rehearsals' },
      keys: { namespace: 'keys', migrateFrom: namespace },
      permitted: { storageLocations: ['default', 'site-b'], instanceTypes: ['u1.*', 'cx1.large'] },
      backups: { minimumInterval: '1h', maximumRetention: '8760h' },
      problems: { incidents: 5, within: '168h', heldFor: '48h' },
      remediation: 'DryRun',
      monitoring: { labels: { release: 'prometheus', team: 'platform' } },
      prometheus: {
        url: 'https://prometheus.example.com/',
        interval: '1m',
        tolerance: '10m',
        bearerTokenFile: '/run/token',
        caFile: '/run/ca.crt',
      },
      runbookBaseURL: 'https://runbooks.example.com/steward',
      guest: { interval: '5m' },
      patch: { shards: 8, parallel: 20 },
      logLevel: 'debug',
      leaderElection: false,
      replicas: 1,
    };
    const env = container(await render(values)).env as { name: string; value?: string }[];
    const fromPod = { STEWARD_NAMESPACE: namespace, POD_NAME: 'steward-0' };
    const set = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
    expect(readSettings({ ...set, ...fromPod }, 'host')).toEqual({
      namespace,
      watchNamespaces: ['acme', 'globex'],
      keys: { namespace: 'keys', migrateFrom: namespace },
      veleroNamespace: 'backup',
      sandboxNamespace: 'rehearsals',
      permitted: {
        storageLocations: ['default', 'site-b'],
        instanceTypes: ['u1.*', 'cx1.large'],
        metadataPrefixes: ['app.kubernetes.io'],
      },
      backupBounds: { minimumInterval: 3_600_000, maximumRetention: 8760 * 3_600_000 },
      problemTerms: { incidents: 5, within: '168h', heldFor: '48h' },
      remediation: 'DryRun',
      monitoringLabels: { release: 'prometheus', team: 'platform' },
      runbookBaseURL: 'https://runbooks.example.com/steward/',
      prometheus: {
        url: 'https://prometheus.example.com',
        intervalMs: 60_000,
        toleranceMs: 600_000,
        bearerTokenFile: '/run/token',
        caFile: '/run/ca.crt',
      },
      guestIntervalMs: 300_000,
      patchJobs: expect.objectContaining({ namespace, shards: 8, parallel: 20 }),
      leaderElection: false,
      logLevel: 'debug',
      metricsPort: 8080,
      healthPort: 8081,
      identity: 'steward-0',
    });
    expect(
      env
        .filter(each => each.value === undefined)
        .map(each => each.name)
        .sort(),
    ).toEqual(Object.keys(fromPod).sort());
  });

  it('is probed and scraped at the ports that it is told', async () => {
    const { env, ports, livenessProbe, readinessProbe } = container(await render());
    const port = (name: string) => ports.find((each: { name: string }) => each.name === name).containerPort;
    const told = (name: string) => Number(env.find((each: { name: string }) => each.name === name).value);
    expect(port('metrics')).toBe(told('STEWARD_METRICS_PORT'));
    expect(port('health')).toBe(told('STEWARD_HEALTH_PORT'));
    expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'health' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' });
  });

  it('runs two replicas that are not evicted together; a single one may be evicted', async () => {
    const objects = await render();
    expect(deployment(objects).spec.replicas).toBe(2);
    expect(single(objects, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    expect(ofKind(await render({ replicas: 1 }), 'PodDisruptionBudget')).toEqual([]);
  });

  it('replaces its only Pod instead of rolling when nothing elects a leader', async () => {
    const objects = await render({ replicas: 1, leaderElection: false });
    expect(deployment(objects).spec.strategy).toEqual({ type: 'Recreate' });
  });

  it.each([
    ['the version of the chart', {}, 'steward:0.1.0'],
    ['a tag', { tag: 'dev' }, 'steward:dev'],
    ['a digest before a tag', { tag: 'dev', digest: `sha256:${'a'.repeat(64)}` }, `steward@sha256:${'a'.repeat(64)}`],
  ])('runs the image by %s', async (_, image, expected) => {
    expect(container(await render({ image })).image).toBe(expected);
  });

  it('talks to DNS and the API server only, and is scraped only', async () => {
    const { spec } = named(await render(), 'NetworkPolicy', 'steward');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const ports = (rules: { ports: { port: number | string }[] }[]) =>
      rules.flatMap(rule => rule.ports.map(each => each.port));
    expect(ports(spec.ingress)).toEqual(['metrics']);
    const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } };
    expect(spec.ingress[0].from).toEqual([monitoring]);
    const nobody = named(await render({ networkPolicy: { metricsFrom: [] } }), 'NetworkPolicy', 'steward');
    expect(nobody.spec.ingress).toEqual([]);
    expect([...new Set(ports(spec.egress))]).toEqual([53, 443, 6443]);
  });

  it('AP-13: may read what backups hold in their stores, and only there', async () => {
    const peer = { ipBlock: { cidr: '203.0.113.0/24' } };
    const stores = { backupStorePorts: [9000], backupStoreTo: [peer] };
    const { spec } = named(await render({ networkPolicy: stores }), 'NetworkPolicy', 'steward');
    expect(spec.egress.at(-1)).toEqual({ ports: [{ port: 9000, protocol: 'TCP' }], to: [peer] });
    const none = named(await render({ networkPolicy: { backupStorePorts: [] } }), 'NetworkPolicy', 'steward');
    expect(none.spec.egress).toHaveLength(2);
  });

  it.each([
    ['its own port', { url: 'http://prometheus.monitoring:9090/k8s' }, {}, [9090]],
    ['the port of https', { url: 'https://prometheus.example.com' }, {}, [443]],
    ['the port of http', { url: 'http://[fd00::1]' }, {}, [80]],
    ['the ports named', { url: 'http://prometheus:80' }, { prometheusPorts: [80, 9090] }, [80, 9090]],
  ])('may ask Prometheus at %s, where it is told to', async (_, prometheus, networkPolicy, ports) => {
    const peer = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } };
    const { spec } = named(
      await render({ prometheus, networkPolicy: { ...networkPolicy, prometheusTo: [peer] } }),
      'NetworkPolicy',
      'steward',
    );
    expect(spec.egress.at(-1)).toEqual({ ports: ports.map(port => ({ port, protocol: 'TCP' })), to: [peer] });
  });

  it('gets a ServiceMonitor with the labels of your Prometheus, where there is that API', async () => {
    const values = { monitoring: { labels: { release: 'prometheus' } } };
    expect(ofKind(await render(values), 'ServiceMonitor')).toEqual([]);
    const withAPI = await render(values, '--api-versions', 'monitoring.coreos.com/v1');
    expect(named(withAPI, 'ServiceMonitor', 'steward').metadata.labels).toMatchObject({ release: 'prometheus' });
  });

  it('AP-13: gets the alerts on promises with the labels of your Prometheus and your runbooks, where there is that API', async () => {
    const values = { monitoring: { labels: { release: 'prometheus' } }, runbookBaseURL: 'https://runbooks.example' };
    expect(ofKind(await render(values), 'PrometheusRule')).toEqual([]);
    const api = ['--api-versions', 'monitoring.coreos.com/v1'];
    const rules = single(await render(values, ...api), 'PrometheusRule');
    expect(rules.metadata.labels).toMatchObject({ release: 'prometheus' });
    const wanted = JSON.stringify(promiseRules({ runbookBaseURL: 'https://runbooks.example/' }));
    expect(rules.spec).toEqual(JSON.parse(wanted.replaceAll(OPERATOR_NAMESPACE, namespace)));
    expect(ofKind(await render({ prometheusRule: { enabled: false } }, ...api), 'PrometheusRule')).toEqual([]);
  });
});

describe('the dashboards', () => {
  it("AP-5: are ConfigMaps for Grafana's sidecar as they were generated, where they are asked for", async () => {
    expect(ofKind(await render(), 'ConfigMap')).toEqual([]);
    const maps = ofKind(await render({ dashboards: { enabled: true } }), 'ConfigMap');
    const wanted = generateDashboards();
    expect(maps).toHaveLength(wanted.size);
    for (const { metadata, data } of maps) {
      expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
      for (const [name, text] of Object.entries(data as Record<string, string>))
        expect(JSON.parse(text)).toEqual(JSON.parse(wanted.get(`charts/steward/files/dashboards/${name}`) ?? ''));
    }
  });
});

describe('routes of alerts', () => {
  const routing = async (alertmanagerConfig: object) => {
    const env = container(await render({ alertmanagerConfig })).env as { name: string; value?: string }[];
    const set = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
    return readSettings(set, 'host').alertRouting;
  };

  it('are none unless the provider wants them, and go where he says (MO-6)', async () => {
    const people = { emailConfigs: [{ to: 'oncall@provider.example' }] };
    const httpConfig = { authorization: { credentials: { name: 'steward-receive', key: 'token' } } };
    const machine = { url: 'http://steward-receive.steward-system.svc:9095/alerts', httpConfig };
    expect(await routing({ people })).toBeUndefined();
    expect(await routing({ enabled: true, people })).toEqual({ labels: {}, people });
    expect(await routing({ enabled: true, machine, labels: { alertmanager: 'main' } })).toEqual({
      ...{ labels: { alertmanager: 'main' }, machine },
    });
    await expect(routing({ enabled: true })).rejects.toThrow('say where alerts go');
  });
});

describe('the Pod in which patches are run', () => {
  it('is what the policy for Jobs pins: the image, the command, its account, no volume, no privilege', async () => {
    const objects = await render({ patch: { shards: 3, parallel: 7 }, nodeSelector: { zone: 'a' } });
    const set = Object.fromEntries(
      (container(objects).env as { name: string; value?: string }[]).map(({ name, value }) => [name, value]),
    );
    const { patchJobs } = readSettings(set, 'host');
    expect(patchJobs).toMatchObject({ namespace: 'steward-system', shards: 3, parallel: 7 });
    const spec = patchJobs?.pod.spec as unknown as Manifest;
    const [runner, ...others] = spec.containers;
    expect(others).toEqual([]);
    const { image, securityContext } = container(objects);
    expect(runner).toMatchObject({ image, args: ['patch'], securityContext });
    expect(spec).toMatchObject({ serviceAccountName: 'steward-patch', nodeSelector: { zone: 'a' } });
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect([spec.volumes, runner.volumeMounts, runner.livenessProbe, runner.command]).toEqual(Array(4).fill(undefined));
    const names = (runner.env as { name: string }[]).map(({ name }) => name);
    expect(names.filter(name => !/^(STEWARD_.*|POD_NAME|MALLOC_ARENA_MAX|NODE_OPTIONS)$/.test(name))).toEqual([]);
  });
});

describe('the keys of guests (design 5)', () => {
  /** The Roles that give them: the worker's, the operator's, and the runner's of patches. */
  const READERS = ['steward-guest-keys', 'steward-keys', 'steward-patch-keys'];
  const readers = (objects: readonly Manifest[]) =>
    ofKind(objects, 'Role')
      .filter(({ rules }) => (rules as Rule[]).some(({ resources }) => resources.includes('secrets')))
      .map(identity)
      .sort();

  const namespaces = (objects: readonly Manifest[]) =>
    ofKind(objects, 'Namespace').map(({ metadata }) => metadata.name);

  it('lie in a namespace that stays when the release goes, and no other Secret is given to anybody', async () => {
    const objects = await render();
    expect(named(objects, 'Namespace', 'steward-keys').metadata).toMatchObject({
      name: 'steward-keys',
      annotations: {
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      },
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    expect(readers(objects)).toEqual(READERS.map(reader => `Role/steward-keys/${reader}`));
  });

  it('are read in their former place too while the values say so', async () => {
    expect(readers(await render({ keys: { migrateFrom: namespace } }))).toEqual(
      ['steward-keys', namespace].flatMap(place => READERS.map(reader => `Role/${place}/${reader}`)),
    );
  });

  it('may lie in the namespace of the release, which the chart does not declare, or in one that is there', async () => {
    const beside = await render({ keys: { namespace } });
    expect(namespaces(beside)).toEqual(['steward-drills']);
    expect(readers(beside)).toEqual(READERS.map(reader => `Role/${namespace}/${reader}`));
    expect(namespaces(await render({ keys: { createNamespace: false } }))).toEqual(['steward-drills']);
  });
});

describe('the sandbox of drills (AP-13)', () => {
  it('is a namespace in which all traffic is denied, and in which Steward may do more than in those of customers', async () => {
    const objects = await render();
    expect(named(objects, 'Namespace', 'steward-drills').metadata.labels).toMatchObject({
      'managed.systems/sandbox': 'true',
      'pod-security.kubernetes.io/enforce': 'baseline',
    });
    const { spec } = named(objects, 'NetworkPolicy', 'steward-drills');
    expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(named(objects, 'Role', 'steward-drills').metadata.namespace).toBe('steward-drills');
  });

  it('is nothing that has something else in it', async () => {
    await expect(render({ drills: { namespace: 'velero' } })).rejects.toThrow(/"velero" has something else in it/);
  });
});

describe('the guest worker', () => {
  const apis = ['--api-versions', 'monitoring.coreos.com/v1'];
  const matched = (objects: readonly Manifest[], name: string) =>
    deployment(objects, name).spec.selector.matchLabels as Readonly<Record<string, string>>;

  it('runs the same image and the same Pod as the operator, with a command and an account of its own', async () => {
    const objects = await render();
    const { args, env, resources, ...worker } = container(objects, 'steward-guest');
    const { args: _args, env: _env, resources: _resources, ...operator } = container(objects);
    expect(args).toEqual(['guest']);
    expect(env.map(({ name }: { name: string }) => name)).toEqual([
      'STEWARD_NAMESPACE',
      'POD_NAME',
      'STEWARD_WATCH_NAMESPACES',
      'STEWARD_KEYS_NAMESPACE',
      'STEWARD_KEYS_MIGRATE_FROM',
      'STEWARD_GUEST_PORT_FORWARD',
      'STEWARD_GUEST_WINDOWS',
      'STEWARD_GUEST_SHARDS',
      'STEWARD_GUEST_INTERVAL',
      'STEWARD_LOG_LEVEL',
      'STEWARD_METRICS_PORT',
      'STEWARD_HEALTH_PORT',
      'NODE_OPTIONS',
      'MALLOC_ARENA_MAX',
    ]);
    expect(resources.limits.cpu).toBeUndefined();
    expect(worker).toEqual(operator);
    const pod = (name: string) => deployment(objects, name).spec.template.spec;
    expect(pod('steward-guest').securityContext).toEqual(pod('steward').securityContext);
    expect(pod('steward-guest').serviceAccountName).toBe('steward-guest');
  });

  it('reads from its environment what the values say, and may write the Leases of these shards and no other', async () => {
    const objects = await render({
      guest: { shards: 16, interval: '5m', portForward: true, windows: true },
      watchNamespaces: ['acme'],
      logLevel: 'debug',
    });
    const set = Object.fromEntries(
      (container(objects, 'steward-guest').env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    const fromPod = { STEWARD_NAMESPACE: namespace, POD_NAME: 'steward-guest-0' };
    expect(readGuestSettings({ ...set, ...fromPod }, 'host')).toMatchObject({
      ...{
        namespace,
        watchNamespaces: ['acme'],
        shards: 16,
        guestIntervalMs: 300_000,
        portForward: true,
        windows: true,
      },
      keys: { namespace: 'steward-keys', migrateFrom: undefined },
      ...{ logLevel: 'debug', metricsPort: 8080, healthPort: 8081 },
      identity: expect.stringMatching(/^steward-guest-0/),
    });
    const rules = role(objects, `Role/${namespace}/steward-guest-operator-namespace`) as Rule[];
    const updated = rules.filter(({ verbs }) => verbs.includes('update')).flatMap(({ resourceNames }) => resourceNames);
    expect(updated).toEqual(Array.from({ length: 16 }, (_, shard) => `steward-guest-${shard}`));
  });

  it('is one by default, none where nobody may log in, and several are not evicted together', async () => {
    const replicas = (objects: readonly Manifest[]) => deployment(objects, 'steward-guest').spec.replicas;
    const budgets = (objects: readonly Manifest[]) =>
      ofKind(objects, 'PodDisruptionBudget')
        .map(({ metadata }) => metadata.name)
        .sort();
    const objects = await render();
    expect(replicas(objects)).toBe(1);
    expect(budgets(objects)).toEqual(['steward']);
    expect(replicas(await render({ guest: { replicas: 0 } }))).toBe(0);
    expect(budgets(await render({ guest: { replicas: 3 } }))).toEqual(['steward', 'steward-guest']);
  });

  it('has other labels than the operator: what selects the Pods of one selects none of the other', async () => {
    const objects = await render({ guest: { replicas: 3 } }, ...apis);
    const worker = Object.entries(matched(objects, 'steward-guest'));
    expect(
      Object.entries(matched(objects, 'steward')).every(pair => worker.some(each => `${each}` === `${pair}`)),
    ).toBe(false);
    expect(named(objects, 'Service', 'steward-guest-metrics').spec.selector).toEqual(matched(objects, 'steward-guest'));
    for (const kind of ['PodDisruptionBudget', 'ServiceMonitor'])
      expect(named(objects, kind, 'steward-guest').spec.selector.matchLabels).toEqual(
        matched(objects, 'steward-guest'),
      );
  });

  it('may do exactly what src/controllers/gueststate/permissions.ts declares, by an account that is bound to nothing else', async () => {
    const objects = await render();
    expect(role(objects, 'ClusterRole/steward-guest')).toEqual(rulesOf('guest'));
    expect(role(objects, 'ClusterRole/steward-guest-cluster')).toEqual(rulesOf('guest-cluster'));
    expect(role(objects, 'Role/steward-keys/steward-guest-keys')).toEqual(rulesOf('guest-keys'));
    expect(role(objects, `Role/${namespace}/steward-guest-operator-namespace`)).toEqual(
      rulesOf('guest-operator-namespace'),
    );
    const account = { kind: 'ServiceAccount', name: 'steward-guest', namespace };
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    for (const { metadata, subjects, roleRef } of bindings) {
      expect(roleRef.name).toBe(metadata.name);
      const isItsOwn = metadata.name.startsWith('steward-guest');
      expect((subjects as object[]).some(subject => JSON.stringify(subject) === JSON.stringify(account))).toBe(
        isItsOwn,
      );
      if (isItsOwn) expect(subjects).toEqual([account]);
    }
    const listed = await render({ watchNamespaces: ['acme', 'globex'] });
    for (const tenant of ['acme', 'globex'])
      expect(role(listed, `Role/${tenant}/steward-guest`)).toEqual(rulesOf('guest'));
  });

  it('is another account than the runner of patches, which may do exactly what src/controllers/patching/permissions.ts declares', async () => {
    const objects = await render();
    expect(role(objects, 'ClusterRole/steward-patch')).toEqual(rulesOf('patch'));
    expect(role(objects, 'Role/steward-keys/steward-patch-keys')).toEqual(rulesOf('patch-keys'));
    const account = { kind: 'ServiceAccount', name: 'steward-patch', namespace };
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    const bound = bindings.filter(({ subjects }) => JSON.stringify(subjects).includes('steward-patch'));
    expect(bound.map(({ metadata, subjects }) => [metadata.name, subjects])).toEqual([
      ['steward-patch', [account]],
      ['steward-patch-keys', [account]],
    ]);
  });

  it('may ask KubeVirt to dial guests only where the values say so, in a role of its own', async () => {
    const granted = (objects: readonly Manifest[]) =>
      objects.map(identity).filter(path => path.includes('guest-portforward'));
    expect(granted(await render())).toEqual([]);
    const told = await render({ guest: { portForward: true } });
    expect(role(told, 'ClusterRole/steward-guest-portforward')).toEqual(rulesOf('guest-portforward'));
    expect(named(told, 'ClusterRoleBinding', 'steward-guest-portforward').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'steward-guest', namespace },
      { kind: 'ServiceAccount', name: 'steward-patch', namespace },
    ]);
    const listed = await render({ guest: { portForward: true }, watchNamespaces: ['acme', 'globex'] });
    expect(granted(listed).sort()).toEqual(
      ['Role', 'RoleBinding'].flatMap(kind =>
        ['acme', 'globex'].map(each => `${kind}/${each}/steward-guest-portforward`),
      ),
    );
  });

  it('may write no order, no status of one and no Secret, and may list no Secret (MO-16)', () => {
    const written = guestPermissions.filter(({ verbs }) =>
      verbs.some(verb => !['get', 'list', 'watch'].includes(verb)),
    );
    expect(new Set(written.map(({ resource }) => resource))).toEqual(
      new Set(['gueststates', 'gueststates/status', 'managedvms/finalizers', 'events', 'leases']),
    );
    expect(guestPermissions.filter(({ resource }) => resource === 'secrets').map(({ verbs }) => verbs)).toEqual([
      ['get'],
    ]);
  });

  it('may, with the runner of patches, alone go out to guests, at the port of SSH of machines of ManagedVMs', async () => {
    const machines = {
      podSelector: {
        matchLabels: { 'kubevirt.io': 'virt-launcher' },
        matchExpressions: [{ key: MANAGED_VM_LABEL, operator: 'Exists' }],
      },
    };
    const policies = ofKind(await render(), 'NetworkPolicy');
    const toGuests = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('"port":22'));
    expect(toGuests.map(({ metadata }) => metadata.name).sort()).toEqual(['steward-guest', 'steward-patch']);
    const policy = toGuests.find(({ metadata }) => metadata.name === 'steward-guest');
    const patcher = toGuests.find(({ metadata }) => metadata.name === 'steward-patch');
    expect(patcher?.spec.egress).toEqual(policy?.spec.egress);
    expect(patcher?.spec.podSelector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'steward-patch',
      'app.kubernetes.io/instance': 'steward',
    });
    expect(policy?.spec.podSelector.matchLabels).toEqual(matched(await render(), 'steward-guest'));
    expect(policy?.spec.egress.at(-1)).toEqual({
      ports: [{ port: 22, protocol: 'TCP' }],
      to: [{ namespaceSelector: {}, ...machines }],
    });
    const listed = named(await render({ watchNamespaces: ['acme'] }), 'NetworkPolicy', 'steward-guest');
    expect(listed.spec.egress.at(-1).to).toEqual([
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['acme'] }],
        },
        ...machines,
      },
    ]);
  });

  it('is let in to guests by the NetworkPolicy that docs/guest.md gives to tenants', async () => {
    const policy = single(manifests(await policyForTenants()), 'NetworkPolicy');
    const [{ from, ports }, sensors] = policy.spec.ingress;
    expect(from[0].namespaceSelector.matchLabels).toEqual({ 'kubernetes.io/metadata.name': namespace });
    expect(matched(await render(), 'steward-guest')).toMatchObject(from[0].podSelector.matchLabels);
    expect(ports).toEqual([{ port: 22, protocol: 'TCP' }]);
    expect(policy.spec.podSelector.matchExpressions).toEqual([{ key: MANAGED_VM_LABEL, operator: 'Exists' }]);
    expect(sensors.ports.map(({ port }: { port: number }) => port)).toEqual([
      EXPORTER_PORTS.Linux,
      EXPORTER_PORTS.Windows,
    ]);
  });

  it('is scraped for what it does itself only: it cannot say that the operator leads, nor a condition', async () => {
    const [endpoint] = named(await render({}, ...apis), 'ServiceMonitor', 'steward-guest').spec.endpoints;
    expect(endpoint.honorLabels).toBeUndefined();
    const [{ action, sourceLabels, regex }] = endpoint.metricRelabelings;
    expect([action, sourceLabels]).toEqual(['keep', ['__name__']]);
    const kept = (name: string) => new RegExp(`^(?:${regex})$`).test(name);
    expect(
      ['steward_guests', 'steward_guest_looks_total', 'controller_runtime_reconcile_total'].filter(kept),
    ).toHaveLength(3);
    expect(['steward_condition', 'steward_managedvm_info', 'leader_election_master_status'].filter(kept)).toEqual([]);
  });
});

describe('admission policies', () => {
  const mutating = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'];

  it('each have a binding that denies', async () => {
    const objects = await render();
    const policies = ofKind(objects, 'ValidatingAdmissionPolicy').map(policy => policy.metadata.name);
    const bindings = ofKind(objects, 'ValidatingAdmissionPolicyBinding');
    expect(bindings.map(binding => binding.spec.policyName)).toEqual(policies);
    expect(bindings.map(binding => binding.spec.validationActions)).toEqual(policies.map(() => ['Deny']));
  });

  it('know the operator by the ServiceAccount that it really has', async () => {
    const text = await renderText({ serviceAccount: { name: 'robot' }, crds: { enabled: false } });
    expect(text).toContain(`"system:serviceaccount:${namespace}:robot"`);
    expect(text).not.toContain(`"system:serviceaccount:${namespace}:steward"`);
  });

  it('can be left out one by one', async () => {
    const names = [
      ...[
        'deletionProtection',
        'serviceLevel',
        'contracts',
        'firstBootSecrets',
        'jobs',
        'namespaceLists',
        'patching',
        'finalizer',
        'changes',
        'incidents',
        'problems',
      ],
    ];
    const off = Object.fromEntries(names.map(name => [name, false]));
    const objects = await render({ admission: off }, ...mutating);
    expect(objects.filter(({ kind }) => kind.endsWith('AdmissionPolicy'))).toEqual([]);
  });

  it('put the finalizer on new ManagedVMs of the watched namespaces, where that is wanted and the API server can', async () => {
    expect(ofKind(await render({}, ...mutating), 'MutatingAdmissionPolicy')).toEqual([]);
    const admission = { finalizer: true };
    expect(ofKind(await render({ admission }), 'MutatingAdmissionPolicy')).toEqual([]);
    const everywhere = single(await render({ admission }, ...mutating), 'MutatingAdmissionPolicy');
    expect(everywhere.spec.mutations[0].jsonPatch.expression).toContain(`["${MANAGED_VM_FINALIZER}"]`);
    expect(everywhere.spec.matchConstraints.namespaceSelector).toBeUndefined();
    const some = single(
      await render({ admission, watchNamespaces: ['acme', 'globex'] }, ...mutating),
      'MutatingAdmissionPolicy',
    );
    expect(some.spec.matchConstraints.namespaceSelector.matchExpressions[0].values).toEqual(['acme', 'globex']);
  });
});

describe('the record writer', () => {
  const on = { records: { enabled: true, export: { claim: 'records' } } };

  it('is not there unless the values say so, for nobody has decided yet where its records are exported to', async () => {
    expect((await render()).map(identity).filter(path => path.includes('record'))).toEqual([
      'CustomResourceDefinition/recordpages.managed.systems',
    ]);
  });

  it('runs the same image and Pod as the operator, with an account of its own and the claim of the export', async () => {
    const objects = await render(on);
    const { args, env, resources: _, volumeMounts, ...writer } = container(objects, 'steward-record');
    const { args: _args, env: _env, resources: _resources, ...operator } = container(objects);
    expect([args, writer]).toEqual([['record'], operator]);
    expect(volumeMounts).toEqual([{ name: 'records', mountPath: '/records' }]);
    const { volumes, serviceAccountName, securityContext } = deployment(objects, 'steward-record').spec.template.spec;
    expect(volumes).toEqual([{ name: 'records', persistentVolumeClaim: { claimName: 'records' } }]);
    expect(serviceAccountName).toBe('steward-record');
    expect(securityContext).toEqual({ ...deployment(objects).spec.template.spec.securityContext, fsGroup: 65532 });
    const set = Object.fromEntries(
      (env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    expect(readRecordSettings({ ...set, STEWARD_NAMESPACE: namespace, POD_NAME: 'record-0' }, 'host')).toMatchObject({
      ...{ recordNamespace: 'steward-records', exportTo: { folder: '/records' }, identity: 'record-0' },
      metricsPort: 8080,
    });
    const nowhere = container(await render({ records: { enabled: true } }), 'steward-record');
    expect(nowhere.volumeMounts).toBeUndefined();
    expect(nowhere.env).toContainEqual({ name: 'STEWARD_RECORD_FOLDER', value: '' });
  });

  it('exports to a bucket with the credentials of a Secret as files, and may go out to its store', async () => {
    const bucket = { name: 'records', endpoint: 'http://store.s3:9000', prefix: 'acme/', credentials: 'bucket' };
    const objects = await render({ records: { enabled: true, export: { bucket } } });
    const { env, volumeMounts } = container(objects, 'steward-record');
    const set = (env as { name: string; value?: string }[]).filter(({ name }) => name.startsWith('STEWARD_RECORD'));
    const values = Object.fromEntries(set.map(({ name, value }) => [name, value]));
    expect(readRecordSettings(values, 'host').exportTo).toEqual({
      ...{ name: 'records', endpoint: new URL(bucket.endpoint), region: 'us-east-1', prefix: 'acme/' },
      credentials: '/credentials',
    });
    expect(volumeMounts).toEqual([{ name: 'credentials', mountPath: '/credentials', readOnly: true }]);
    const { volumes } = deployment(objects, 'steward-record').spec.template.spec;
    expect(volumes).toEqual([{ name: 'credentials', secret: { secretName: 'bucket', defaultMode: 0o440 } }]);
    const policy = ofKind(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'steward-record');
    expect(policy?.spec.egress).toContainEqual({ ports: [{ port: 9000, protocol: 'TCP' }] });
  });

  it('may do exactly what src/controllers/record/permissions.ts declares, by an account that is bound to nothing else', async () => {
    const objects = await render(on);
    expect(role(objects, 'ClusterRole/steward-record')).toEqual(rulesOf('record'));
    expect(role(objects, 'ClusterRole/steward-record-cluster')).toEqual(rulesOf('record-cluster'));
    expect(role(objects, 'Role/steward-records/steward-record-namespace')).toEqual(rulesOf('record-namespace'));
    const account = { kind: 'ServiceAccount', name: 'steward-record', namespace };
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    const its = bindings.filter(({ subjects }) => JSON.stringify(subjects).includes('"steward-record"'));
    expect(its.map(({ metadata }) => metadata.name).sort()).toEqual([
      'steward-record',
      'steward-record-cluster',
      'steward-record-namespace',
    ]);
    for (const { subjects } of its) expect(subjects).toEqual([account]);
    const listed = await render({ ...on, watchNamespaces: ['acme'] });
    expect(role(listed, 'Role/acme/steward-record')).toEqual(rulesOf('record'));
  });
});

describe('the receiver of alerts (MO-14)', () => {
  const on = {
    intake: {
      enabled: true,
      senders: ['system:serviceaccount:monitoring:alertmanager-main'],
      tlsSecret: 'receive-tls',
      alertmanager: { url: 'http://alertmanager.monitoring:9093' },
    },
    prometheus: { url: 'http://prometheus.monitoring:9090' },
    monitoring: { blackbox: { address: 'blackbox:9115' } },
  };

  it('is not there unless the values say so, for nobody has decided yet who may send', async () => {
    expect((await render()).map(identity).filter(path => path.includes('receive'))).toEqual([]);
  });

  it('looks in Prometheus for the rules that this chart and this operator render', async () => {
    const objects = await render(on, '--api-versions', 'monitoring.coreos.com/v1');
    const { args, env, volumeMounts } = container(objects, 'steward-receive');
    expect(args).toEqual(['receive']);
    expect(volumeMounts).toEqual([{ name: 'credentials', mountPath: '/credentials', readOnly: true }]);
    const set = Object.fromEntries(
      (env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    const read = readReceiveSettings({ ...set, STEWARD_NAMESPACE: namespace, POD_NAME: 'receive-0' }, 'host');
    expect(read).toMatchObject({
      ...{ port: 9095, tlsFolder: '/credentials', senders: on.intake.senders, audience: 'steward-receive' },
      ...{ intervalMs: 60_000, alertmanager: { url: 'http://alertmanager.monitoring:9093' } },
    });
    const rules = ofKind(objects, 'PrometheusRule').map(({ metadata }) => metadata.name);
    expect(rules).toContain(read.rules.promises.name);
    const operator = container(objects).env as { name: string; value?: string }[];
    const address = operator.find(({ name }) => name === 'STEWARD_BLACKBOX_ADDRESS')?.value;
    expect(read.rules.blackbox?.address).toBe(address);
  });

  it('lets in Alertmanager and who scrapes, and out to both that it asks', async () => {
    const policies = ofKind(await render(on), 'NetworkPolicy');
    const spec = (name: string) => policies.find(({ metadata }) => metadata.name === name)?.spec;
    expect(spec('steward-receive-alerts')?.ingress).toEqual([
      {
        ports: [{ port: 9095, protocol: 'TCP' }],
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      },
    ]);
    for (const port of [9090, 9093])
      expect(spec('steward-receive')?.egress).toContainEqual({ ports: [{ port, protocol: 'TCP' }] });
  });

  it('may do exactly what src/controllers/intake/permissions.ts declares, by an account that is bound to nothing else', async () => {
    const objects = await render(on);
    expect(role(objects, 'ClusterRole/steward-receive')).toEqual(rulesOf('receive'));
    expect(role(objects, 'ClusterRole/steward-receive-cluster')).toEqual(rulesOf('receive-cluster'));
    expect(role(objects, `Role/${namespace}/steward-receive-operator-namespace`)).toEqual(
      rulesOf('receive-operator-namespace'),
    );
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    const its = bindings.filter(({ subjects }) => JSON.stringify(subjects).includes('"steward-receive"'));
    expect(its.map(({ metadata }) => metadata.name).sort()).toEqual([
      'steward-receive',
      'steward-receive-cluster',
      'steward-receive-operator-namespace',
    ]);
  });
});
