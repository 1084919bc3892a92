/** One Prometheus for the whole cluster and one Alertmanager, as prometheus-operator's objects. */
import type { KubeObject } from '../../client/client.ts';
import { debianVersions, imageNames } from './images.ts';
import { metadata, namespace, nobody, roleFor, subject } from './objects.ts';

const apiVersion = 'monitoring.coreos.com/v1';

/** Addresses of the Services, the same in every bed, so that the box's own programs need no name service. */
const addresses = { prometheus: '10.96.0.90', alertmanager: '10.96.0.93' } as const;
const ports = { prometheus: 9090, alertmanager: 9093 } as const;

/** Where both are for whoever is in the box; Pods may as well use `http://prometheus.monitoring:9090`. */
export const monitoringURLs = {
  prometheus: `http://${addresses.prometheus}:${ports.prometheus}`,
  alertmanager: `http://${addresses.alertmanager}:${ports.alertmanager}`,
} as const;

/** Oftener than production's 30 s, so that tests need not wait; but reading an exporter costs an emulated guest a second or two. */
const scraping = { scrapeInterval: '15s', scrapeTimeout: '15s', evaluationInterval: '5s' };

const all = {};
const targets = { verbs: ['get', 'list', 'watch'] };

const prometheus = {
  apiVersion,
  kind: 'Prometheus',
  metadata: metadata('testbed'),
  spec: {
    ...{ image: imageNames.prometheus, imagePullPolicy: 'IfNotPresent', version: debianVersions.prometheus },
    ...{ serviceAccountName: 'prometheus', securityContext: nobody, replicas: 1, retention: '1d' },
    ...scraping,
    ...{ serviceMonitorSelector: all, serviceMonitorNamespaceSelector: all },
    ...{ podMonitorSelector: all, podMonitorNamespaceSelector: all },
    ...{ scrapeConfigSelector: all, scrapeConfigNamespaceSelector: all },
    ...{ ruleSelector: all, ruleNamespaceSelector: all },
    serviceDiscoveryRole: 'EndpointSlice',
    alerting: { alertmanagers: [{ namespace, name: 'alertmanager-operated', port: 'web', apiVersion: 'v2' }] },
  },
};

/** Where the account of Alertmanager has its token for Steward's receiver of alerts (docs/intake.md). */
const tokens = '/var/run/steward';

/** Steward's route, which is never muted; where Steward is not there, nobody is told. */
const route = {
  route: {
    receiver: 'nobody',
    routes: [
      {
        ...{ receiver: 'steward', continue: true, group_by: ['namespace', 'managed_vm', 'application'] },
        ...{ group_wait: '1s', group_interval: '5s', repeat_interval: '1h' },
      },
    ],
  },
  receivers: [
    { name: 'nobody' },
    {
      name: 'steward',
      webhook_configs: [
        {
          url: 'http://steward-receive.steward-system.svc:9095/alerts',
          send_resolved: true,
          http_config: { authorization: { credentials_file: `${tokens}/token` } },
        },
      ],
    },
  ],
};

const configuration = {
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: metadata('alertmanager-configuration') },
  stringData: { 'alertmanager.yaml': JSON.stringify(route) },
};

const alertmanager = {
  apiVersion,
  kind: 'Alertmanager',
  metadata: metadata('testbed'),
  spec: {
    ...{ image: imageNames.alertmanager, imagePullPolicy: 'IfNotPresent', version: debianVersions.alertmanager },
    ...{ replicas: 1, securityContext: nobody, serviceAccountName: 'alertmanager' },
    configSecret: configuration.metadata.name,
    volumes: [
      {
        name: 'steward',
        projected: { sources: [{ serviceAccountToken: { audience: 'steward-receive', path: 'token' } }] },
      },
    ],
    volumeMounts: [{ name: 'steward', mountPath: tokens, readOnly: true }],
    ...{ alertmanagerConfigSelector: all, alertmanagerConfigNamespaceSelector: all },
  },
};

/** KubeVirt's metrics, from all Services that it labels for that. */
const kubevirt = {
  apiVersion,
  kind: 'ServiceMonitor',
  metadata: metadata('kubevirt'),
  spec: {
    namespaceSelector: { matchNames: ['kubevirt'] },
    selector: { matchLabels: { 'prometheus.kubevirt.io': 'true' } },
    // Its series carry the namespace of the VM, not that of KubeVirt.
    endpoints: [{ port: 'metrics', scheme: 'https', tlsConfig: { insecureSkipVerify: true }, honorLabels: true }],
  },
};

function service(name: keyof typeof addresses) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name),
    spec: {
      clusterIP: addresses[name],
      ports: [{ name: 'web', port: ports[name], targetPort: 'web' }],
      selector: { 'app.kubernetes.io/name': name },
    },
  };
}

export const stackObjects: readonly KubeObject[] = [
  ...[subject('prometheus'), subject('alertmanager'), configuration],
  ...roleFor('prometheus', [
    { apiGroups: [''], resources: ['services', 'endpoints', 'pods'], ...targets },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], ...targets },
  ]),
  ...[prometheus, alertmanager, kubevirt, service('prometheus'), service('alertmanager')],
];
