import { z } from 'zod';
import { TELLING_FIELDS } from '../../src/api/tellingsettings.ts';

/** The values of the Helm chart: the one source of values.yaml, values.schema.json and VALUES.md. */

const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const duration = z.string().regex(/^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/);
/** A part of a Pod that the API server knows better than we do. */
const podField = z.record(z.string(), z.unknown());
const quantity = z.union([z.string(), z.number()]);

/** What a Pod of ours asks for and may take at the most; `cpu`: what it asks for. */
function podResources(cpu: string) {
  return z
    .strictObject({
      requests: z.record(z.string(), quantity).prefault({ cpu, memory: '128Mi' }),
      limits: z.record(z.string(), quantity).prefault({ memory: '512Mi' }),
    })
    .prefault({});
}

const image = z
  .strictObject({
    repository: z.string().min(1).prefault('steward').describe('Where the image was pushed, without tag.'),
    tag: z.string().prefault('').describe("Tag; empty: the chart's appVersion."),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .prefault('')
      .describe('Digest, sha256:…; wins over the tag. Pin it in production.'),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).prefault('IfNotPresent'),
    pullSecrets: z
      .array(z.strictObject({ name: z.string().min(1) }))
      .prefault([])
      .describe('Secrets with which the image is pulled.'),
  })
  .prefault({});

const serviceAccount = z
  .strictObject({
    create: z.boolean().prefault(true),
    name: z.string().prefault('').describe('Of the operator. Empty: the full name of the release.'),
    guestName: z.string().prefault('').describe('Of the guest worker. Empty: the full name of the release and -guest.'),
    recordName: z
      .string()
      .prefault('')
      .describe('Of the record writer. Empty: the full name of the release and -record.'),
    tellName: z.string().prefault('').describe('Of the teller. Empty: the full name of the release and -tell.'),
    receiveName: z
      .string()
      .prefault('')
      .describe('Of the receiver of alerts. Empty: the full name of the release and -receive.'),
    annotations: labels.prefault({}),
  })
  .prefault({});

const ownBackup = z
  .strictObject({
    enabled: z.boolean().prefault(false),
    schedule: z.string().min(9).prefault('30 0 * * *').describe('Cron with five fields, read in timeZone.'),
    timeZone: z.string().min(1).prefault('Europe/Berlin'),
    retention: duration.min(2).prefault('720h').describe('How long each is kept.'),
    storageLocation: z
      .string()
      .min(1)
      .prefault('default')
      .describe('BackupStorageLocation. Keys lie in it: nobody may read it who may not open every guest.'),
  })
  .prefault({})
  .describe(
    "Steward's own backup, by a Velero Schedule: keys, records and what the provider has written for the whole cluster (docs/disaster.md). Velero must be there when it is switched on.",
  );

const velero = z
  .strictObject({
    namespace: namespaceName
      .prefault('velero')
      .describe('Where Velero runs, or will run: the namespace must exist, Velero may come later.'),
    createNamespace: z
      .boolean()
      .prefault(false)
      .describe('Create that namespace. It stays when the release goes, for the backups are described in it.'),
    ownBackup,
  })
  .prefault({});

const drills = z
  .strictObject({
    namespace: namespaceName
      .prefault('steward-drills')
      .describe(
        'Where drills restore backups and boot guests from them, to prove that it can be done: nothing else belongs there.',
      ),
    createNamespace: z
      .boolean()
      .prefault(true)
      .describe(
        'Create that namespace, with a NetworkPolicy that denies all traffic and the quota. Both stay when the release goes. Without it, label yours managed.systems/sandbox=true and deny all traffic there.',
      ),
    quota: labels
      .prefault({ pods: '6', 'requests.memory': '32Gi' })
      .describe(
        'What the guests of drills may use together, as a ResourceQuota has it. What storage is limited to fails Velero rather than the drill.',
      ),
  })
  .prefault({});

/** A name, or the beginning of names and a star. */
const shared = z
  .string()
  .regex(/^[a-z0-9.-]*[*]?$/)
  .min(1);

const permitted = z
  .strictObject({
    storageLocations: z
      .array(shared)
      .prefault(['default'])
      .describe('BackupStorageLocations of Velero. Annotation: managed.systems/storage-locations.'),
    instanceTypes: z
      .array(shared)
      .prefault(['u1.*'])
      .describe('VirtualMachineClusterInstancetypes of KubeVirt. Annotation: managed.systems/instance-types.'),
    metadataPrefixes: z
      .array(shared)
      .prefault(['app.kubernetes.io'])
      .describe(
        'Prefixes of labels and annotations that customers may give their VMs, and so the Pods they run in; names without a prefix are permitted always. Annotation: managed.systems/metadata-prefixes.',
      ),
  })
  .prefault({})
  .describe(
    'What tenants may name of what all namespaces share, in each Namespace whose annotation does not say (comma-separated; empty: nothing). A star at the end stands for the rest.',
  );

const backups = z
  .strictObject({
    minimumInterval: duration
      .min(2)
      .prefault('15m')
      .describe('Shortest time between two runs of a tier of a policy on backups.'),
    maximumRetention: duration.min(2).prefault('87600h').describe('Longest time for which a tier may keep backups.'),
  })
  .prefault({});

const problems = z
  .strictObject({
    incidents: z
      .int()
      .min(2)
      .max(100)
      .prefault(3)
      .describe(
        'How many times incidents of one alert of one system must come within that time to open a Problem (MO-15).',
      ),
    within: duration.min(2).prefault('720h').describe('Within what time.'),
    heldFor: duration
      .min(2)
      .prefault('336h')
      .describe('How long no such incident must come after a change before that has held as the remedy.'),
  })
  .prefault({});

const rbac = z
  .strictObject({
    create: z.boolean().prefault(true),
    aggregate: z
      .boolean()
      .prefault(true)
      .describe("Add our kinds to the cluster's view, edit and admin roles, so that tenants may use them."),
    catalogueReaders: z
      .array(
        z.strictObject({
          apiGroup: z.string(),
          kind: z.enum(['Group', 'User', 'ServiceAccount']),
          name: z.string().min(1),
          namespace: z.string().optional(),
        }),
      )
      .prefault([{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }])
      .describe(
        'Who may read the catalogue (OperatingSystem, Product, ServiceCalendar, ClusterPatchPolicy, ClusterBackupPolicy). Contracts and prices are not part of it. Aggregation cannot give this: a tenant is bound in a namespace.',
      ),
  })
  .prefault({});

const admission = z
  .strictObject({
    deletionProtection: z
      .boolean()
      .prefault(true)
      .describe('Refuse to delete a ManagedVM with spec.deletionProtection, its parts and its namespace.'),
    serviceLevel: z
      .boolean()
      .prefault(true)
      .describe(
        'Refuse a service level at which the operating system is not offered (MO-7), and new orders of one past the end of its support (GE-9).',
      ),
    contracts: z
      .boolean()
      .prefault(true)
      .describe(
        'Refuse a namespace in two Contracts, a Contract that names a ServicePlan of another level or from before it is valid, and to delete a ServicePlan that a Contract names (GE-1).',
      ),
    firstBootSecrets: z
      .boolean()
      .prefault(true)
      .describe(
        'Let only the operator change first-boot Secrets: it may not watch Secrets, so it could not heal them.',
      ),
    namespaceLists: z
      .boolean()
      .prefault(true)
      .describe(
        'Let only who has the verb permit on namespaces, cluster-wide, change the annotations of Namespaces that say what may be named in them (see permitted).',
      ),
    records: z
      .boolean()
      .prefault(true)
      .describe(
        'Let only the record writer write and delete pages of records, where there is one, and keep Steward out of their namespace, so that it cannot read the key that signs them.',
      ),
    notices: z
      .boolean()
      .prefault(true)
      .describe(
        "Let only the teller write notices, where there is one, and keep Steward from the teller's Secret. Who may delete notices may have them told anew.",
      ),
    patching: z
      .boolean()
      .prefault(true)
      .describe('Let only Steward write what rings of a ClusterPatchPolicy have proven (MO-11).'),
    jobs: z
      .boolean()
      .prefault(true)
      .describe(
        "Let only Steward make Jobs and CronJobs in its namespace, and only such as run its image, one of its commands and that command's account, without volumes of others.",
      ),
    changes: z
      .boolean()
      .prefault(true)
      .describe(
        'Hold who requests, approves, carries out and accepts a change to who he is (GE-6), and to the verb approve: on changerequests for the customer, on contracts, all or one, for the provider.',
      ),
    problems: z
      .boolean()
      .prefault(true)
      .describe('Hold who opens a Problem, says its cause, workaround or remedy, or closes it to who he is (MO-15).'),
    incidents: z
      .boolean()
      .prefault(true)
      .describe(
        'Hold what people report and do about an incident to who they are (MO-14), and to the verb handle on contracts, all or one; let only Steward rate it and write its terms.',
      ),
    finalizer: z
      .boolean()
      .prefault(false)
      .describe(
        "Let the API server put the operator's finalizer on new ManagedVMs (Kubernetes 1.36): a request less for each, but for up to 5 s after an API server's start, or after the CRDs came, it refuses them (503).",
      ),
  })
  .prefault({});

const blackbox = z
  .strictObject({
    address: z
      .string()
      .regex(/^([A-Za-z0-9.-]+:\d{1,5})?$/)
      .prefault('')
      .describe(
        'Host and port of a blackbox exporter, as your Prometheus reaches it, by which applications are asked through their Services. Empty: they are asked in their guests alone.',
      ),
    tcpModule: z
      .string()
      .min(1)
      .prefault('tcp_connect')
      .describe('Its module that opens a connection; modules to take over are in config/blackbox/blackbox.yml.'),
    httpModule: z.string().min(1).prefault('http_2xx').describe('Its module that takes every answer from 200 to 299.'),
  })
  .prefault({});

const monitoring = z
  .strictObject({
    labels: labels
      .prefault({})
      .describe('Labels on every ServiceMonitor, Probe and PrometheusRule, by which your Prometheus selects them.'),
    blackbox,
  })
  .prefault({});

const alertmanagerConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe(
        'Keep an AlertmanagerConfig with the routes of its alerts in each namespace with a monitored ManagedVM (docs/alertmanager.md), for an Alertmanager that prometheus-operator configures.',
      ),
    labels: labels.prefault({}).describe('Labels by which your Alertmanager selects AlertmanagerConfigs.'),
    machine: z
      .strictObject({
        url: z
          .string()
          .regex(/^(https?:\/\/.+)?$/)
          .prefault('')
          .describe(
            'Where the receiver of alerts listens, e.g. http://steward-receive.steward-system.svc:9095/alerts. Empty: your own configuration of Alertmanager sends to it, which keeps its token out of the namespaces.',
          ),
        httpConfig: z
          .looseObject({})
          .prefault({})
          .describe(
            'How it is spoken to, as AlertmanagerConfig v1alpha1 has httpConfig: authorization with a Secret that you put into each namespace.',
          ),
      })
      .prefault({}),
    people: z
      .looseObject({})
      .prefault({})
      .describe(
        'How people are told: the integrations of a receiver of AlertmanagerConfig v1alpha1, e.g. emailConfigs; Secrets that they name are in each namespace. Empty: Alertmanager tells nobody.',
      ),
  })
  .prefault({})
  .describe('Routes of alerts, told to people in core hours where the level says so (MO-6).');

const prometheus = z
  .strictObject({
    url: z
      .string()
      .regex(/^(https?:\/\/.+)?$/)
      .prefault('')
      .describe(
        'Address of the HTTP API of the Prometheus that watches the VMs; Thanos or Mimir do as well. Empty: it is not asked, and Monitored is never True.',
      ),
    interval: duration.min(2).prefault('30s').describe('How often it is asked, by one query for all VMs.'),
    tolerance: duration
      .min(2)
      .prefault('5m')
      .describe('How long scrapes or answers may stay away before Monitored says so; longer than a few scrapes.'),
    bearerTokenFile: z
      .string()
      .prefault('')
      .describe('File in the Pod whose token is sent, e.g. /var/run/secrets/kubernetes.io/serviceaccount/token.'),
    caFile: z
      .string()
      .prefault('')
      .describe('File in the Pod with the certificates to trust, where they are not public ones.'),
  })
  .prefault({});

const serviceMonitor = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(true)
      .describe("Scrape the operator, where the cluster has prometheus-operator's API."),
    interval: z
      .string()
      .regex(/^[0-9]+(s|m)$/)
      .prefault('30s'),
  })
  .prefault({});

const prometheusRule = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(true)
      .describe("Alerts on broken promises in all namespaces, where the cluster has prometheus-operator's API."),
  })
  .prefault({});

const dashboards = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe('Dashboards for Grafana, one for each product of the catalogue that is shipped, each in a ConfigMap.'),
    labels: labels
      .prefault({ grafana_dashboard: '1' })
      .describe("Labels by which Grafana's sidecar selects ConfigMaps."),
  })
  .prefault({});

const networkPolicy = z
  .strictObject({
    enabled: z.boolean().prefault(true),
    metricsFrom: z
      .array(podField)
      .prefault([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }])
      .describe('NetworkPolicyPeers that may scrape the metrics, which name what all tenants have; empty: nobody.'),
    apiServerPorts: z
      .array(z.int().min(1).max(65535))
      .min(1)
      .prefault([443, 6443])
      .describe('Ports of the API server, before and after the translation of its Service.'),
    apiServerCIDRs: z.array(z.string()).prefault([]).describe('Addresses of the API server; empty: any.'),
    backupStorePorts: z
      .array(z.int().min(1).max(65535))
      .prefault([443])
      .describe(
        'Ports of the object stores that Velero keeps backups in, for Steward reads there what a backup holds; empty: it may not, and no backup counts.',
      ),
    backupStoreTo: z.array(podField).prefault([]).describe('NetworkPolicyPeers where those are; empty: any.'),
    prometheusPorts: z
      .array(z.int().min(1).max(65535))
      .prefault([])
      .describe('Ports of Prometheus, before and after the translation of its Service; empty: that of prometheus.url.'),
    prometheusTo: z.array(podField).prefault([]).describe('NetworkPolicyPeers where Prometheus is; empty: any.'),
  })
  .prefault({});

const guest = z
  .strictObject({
    replicas: z
      .int()
      .min(0)
      .max(99)
      .prefault(1)
      .describe('Each takes its share of the shards. 0: nothing of Steward logs in to a guest.'),
    shards: z
      .int()
      .min(1)
      .max(64)
      .prefault(8)
      .describe(
        'Into how many parts the namespaces are divided: no more replicas than that have work. Change it with replicas 0 only: a namespace may move to another shard.',
      ),
    interval: duration
      .min(2)
      .prefault('10m')
      .describe('How often each guest is looked into where nothing was changed, give or take a little.'),
    portForward: z
      .boolean()
      .prefault(false)
      .describe(
        "Whether a guest that the worker does not reach by itself is dialled by KubeVirt's virt-api in its place. Gives the worker the right to reach every port of every guest that virt-api reaches.",
      ),
    windows: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether Windows guests are worked in. What does so has been tried against documentation and a fake, and has met no real Windows: try it on guests that may break.',
      ),
    resources: podResources('50m'),
  })
  .prefault({})
  .describe('The guest worker, the only part of Steward that logs in to guests.');

const keys = z
  .strictObject({
    namespace: namespaceName
      .prefault('steward-keys')
      .describe('Where keys of guests lie, which the operator and the guest worker read: nothing else belongs there.'),
    createNamespace: z
      .boolean()
      .prefault(true)
      .describe(
        'Create that namespace. It stays when the release goes, for without the keys nobody gets into the guests.',
      ),
    migrateFrom: z
      .union([z.literal(''), namespaceName])
      .prefault('')
      .describe(
        'Namespace from which keys are moved: where an earlier installation kept them, at first in the namespace of the release. Set it until no Secret with the label managed.systems/owner-kind=ManagedVM is left there: operator and guest worker may read them there for that long.',
      ),
  })
  .prefault({})
  .describe('The keys by which the provider gets into guests, and the host keys of these.');

const patch = z
  .strictObject({
    shards: z
      .int()
      .min(1)
      .max(64)
      .prefault(1)
      .describe('Pods of the Job of a policy: each patches its part of the VMs.'),
    parallel: z.int().min(1).max(1000).prefault(50).describe('Guests that one of them works in at once.'),
    resources: podResources('50m'),
  })
  .prefault({})
  .describe('The runner of patches: a Job for each policy, when its window opens.');

const telling = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe(
        'Tell people and other systems of decisions, windows, broken promises and incidents (docs/telling.md). Off until you have said how.',
      ),
    namespace: namespaceName
      .prefault('steward-telling')
      .describe('Where notices lie, which name whom they tell: nothing else belongs there.'),
    createNamespace: z
      .boolean()
      .prefault(true)
      .describe('Create that namespace. It stays when the release goes, or all would be told anew.'),
    replicas: z.int().min(0).max(9).prefault(1).describe('One leads.'),
    secret: z
      .string()
      .prefault('')
      .describe(
        "Secret in the release's namespace with passwords, tokens and keys of signatures, by the keys that the settings and Contracts name; ca.crt in it: certificates of authorities of the receivers' own. Empty: none.",
      ),
    ...TELLING_FIELDS,
    ports: z
      .array(z.int().min(1).max(65535))
      .prefault([443])
      .describe('Ports of webhooks, which the NetworkPolicy lets out. That of mail is added.'),
    resources: podResources('20m'),
  })
  .prefault({})
  .describe('The teller.');

const records = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe(
        'Record what becomes of the objects, signed and in order (docs/records.md). Off until you have decided where records are exported to: they never leave the cluster otherwise.',
      ),
    namespace: namespaceName
      .prefault('steward-records')
      .describe('Where the pages of records lie, and the key that signs them: nothing else belongs there.'),
    createNamespace: z
      .boolean()
      .prefault(true)
      .describe('Create that namespace. It stays when the release goes, for the records are in it.'),
    replicas: z
      .int()
      .min(0)
      .max(9)
      .prefault(1)
      .describe('One leads. More than one need a claim that all of them can mount.'),
    export: z
      .strictObject({
        claim: z
          .string()
          .prefault('')
          .describe("PersistentVolumeClaim in the release's namespace to which records are exported. Empty: none."),
        bucket: z
          .strictObject({
            name: z
              .string()
              .regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/)
              .prefault('')
              .describe('Bucket to which records are exported, instead of a claim. Empty: none.'),
            endpoint: z
              .string()
              .regex(/^(https?:\/\/[^?#]+)?$/)
              .prefault('')
              .describe(
                'Address of its store, which has the interface of S3: https://host:port. The bucket follows in the path.',
              ),
            region: z
              .string()
              .regex(/^[a-z0-9-]+$/)
              .prefault('us-east-1'),
            prefix: z
              .string()
              .regex(/^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/)
              .prefault('')
              .describe('What stands before each name, with a slash at its end: records/.'),
            credentials: z
              .string()
              .prefault('')
              .describe(
                "Secret in the release's namespace with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; where there are, also AWS_SESSION_TOKEN, and ca.crt for a store whose certificate is signed by an authority of its own.",
              ),
          })
          .prefault({}),
      })
      .prefault({}),
    resources: podResources('20m'),
  })
  .prefault({})
  .describe('The record writer.');

const intake = z
  .strictObject({
    enabled: z
      .boolean()
      .prefault(false)
      .describe(
        'Take alerts from Alertmanager and open incidents (docs/intake.md). Off until you have decided who may send: it needs prometheus.url and senders.',
      ),
    replicas: z.int().min(0).max(9).prefault(1).describe('All of them work, and write each incident once.'),
    senders: z
      .array(z.string().min(1))
      .prefault([])
      .describe(
        'Accounts whose messages are taken, as the API server names them, e.g. system:serviceaccount:monitoring:alertmanager-main.',
      ),
    audience: z
      .string()
      .min(1)
      .prefault('steward-receive')
      .describe('Audience that the token of a sender must be made for.'),
    tlsSecret: z
      .string()
      .prefault('')
      .describe("Secret of type kubernetes.io/tls in the release's namespace. Empty: it is spoken to without TLS."),
    interval: duration
      .min(2)
      .prefault('1m')
      .describe('How often it compares with what Alertmanager and Prometheus hold.'),
    from: z
      .array(podField)
      .prefault([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }])
      .describe('NetworkPolicyPeers where Alertmanager is; empty: any.'),
    alertmanager: z
      .strictObject({
        url: z
          .string()
          .regex(/^(https?:\/\/[^?#]+)?$/)
          .prefault('')
          .describe(
            'Address of its API. Empty: it is not asked, and an alert that it could not deliver opens no incident.',
          ),
        bearerTokenFile: z.string().prefault('').describe('File in the Pod whose token is sent.'),
        caFile: z
          .string()
          .prefault('')
          .describe('File in the Pod with the certificates to trust, where they are not public ones.'),
        ports: z
          .array(z.int().min(1).max(65535))
          .prefault([])
          .describe('Its ports, before and after the translation of its Service; empty: that of its address.'),
      })
      .prefault({}),
    resources: podResources('20m'),
  })
  .prefault({})
  .describe('The receiver of alerts.');

const resources = podResources('50m').describe('Without a CPU limit: throttling would delay the renewal of the Lease.');

export const ChartValues = z.strictObject({
  nameOverride: z.string().max(40).prefault(''),
  fullnameOverride: z.string().max(40).prefault(''),
  replicas: z.int().min(0).max(9).prefault(2).describe('One leads, the others stand by with full caches.'),
  image,
  watchNamespaces: z
    .array(namespaceName)
    .prefault([])
    .describe(
      'Namespaces to serve; empty: all. Each listed one must exist and gets a Role instead of the cluster-wide one.',
    ),
  velero,
  drills,
  imageNamespaces: z
    .array(namespaceName)
    .prefault([])
    .describe(
      'Namespaces of the claims and snapshots that DataSources of the catalogue name. CDI clones from there only for who may: Steward gets the right in each. They must exist.',
    ),
  permitted,
  backups,
  problems,
  monitoring,
  alertmanagerConfig,
  prometheus,
  runbookBaseURL: z
    .string()
    .regex(/^https?:\/\/.+$/)
    .prefault('https://steward.managed.systems/runbooks/')
    .describe('Where docs/runbooks is published; every alert links to its page there.'),
  remediation: z
    .enum(['Active', 'DryRun', 'Never'])
    .prefault('Active')
    .describe(
      'Active: what proven alarms tell of is mended as the level and the hour have it (docs/remediation.md). DryRun: Incidents tell what would be done. Never: neither.',
    ),
  leaderElection: z
    .boolean()
    .prefault(true)
    .describe('Switch it off only with one replica; the Deployment then replaces its Pod instead of rolling.'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).prefault('info'),
  crds: z
    .strictObject({
      enabled: z.boolean().prefault(true).describe('Install and upgrade the CRDs with the release.'),
      keep: z
        .boolean()
        .prefault(true)
        .describe('Keep them when the release is uninstalled. Without CRDs every ManagedVM is gone, protected or not.'),
    })
    .prefault({}),
  rbac,
  serviceAccount,
  admission,
  serviceMonitor,
  prometheusRule,
  dashboards,
  networkPolicy,
  podDisruptionBudget: z
    .strictObject({ enabled: z.boolean().prefault(true).describe('With two replicas or more.') })
    .prefault({}),
  resources,
  guest,
  patch,
  keys,
  records,
  telling,
  intake,
  podAnnotations: labels.prefault({}),
  podLabels: labels.prefault({}),
  priorityClassName: z.string().prefault(''),
  nodeSelector: labels.prefault({}),
  tolerations: z.array(podField).prefault([]),
  affinity: podField.prefault({}).describe('Empty: replicas prefer different nodes.'),
  global: podField.prefault({}).describe('Set by Helm when this is a subchart; not read.'),
});
export type ChartValues = z.infer<typeof ChartValues>;
