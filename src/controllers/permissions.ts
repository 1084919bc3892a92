import { backupPolicy } from '../api/backuppolicy.ts';
import { managedVM } from '../api/managedvm.ts';
import { operatingSystem } from '../api/operatingsystem.ts';
import * as upstream from '../api/upstream.ts';

/** A verb of the Kubernetes API as RBAC names it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/**
 * Where a permission holds, and so which role carries it:
 * - own: our namespaced kinds, in every watched namespace
 * - children: what we make of them, in every watched namespace
 * - cluster: cluster-scoped kinds, always cluster-wide
 * - cluster-events: the namespace `default`, where events on cluster-scoped objects go
 * - operator-namespace, lease: the operator's own namespace
 * - velero: Velero's namespace
 * - images: the namespaces that the provider keeps images in (imageNamespaces of the chart)
 */
export type Scope =
  | 'own'
  | 'children'
  | 'cluster'
  | 'cluster-events'
  | 'operator-namespace'
  | 'lease'
  | 'velero'
  | 'images';

export type Permission = {
  readonly group: string;
  /** Plural of the kind, with the subresource after a slash. */
  readonly resource: string;
  readonly verbs: readonly Verb[];
  readonly scope: Scope;
  /** What it is needed for; printed beside the rule. */
  readonly why: string;
};

type Named = { readonly group: string; readonly plural: string };

const allow = (scope: Scope, kind: Named, verbs: readonly Verb[], why: string, subresource?: string): Permission => ({
  group: kind.group,
  resource: subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`,
  verbs,
  scope,
  why,
});

const read: readonly Verb[] = ['get', 'list', 'watch'];
/** Server-side apply is `patch`, and `create` where the object is not there yet. */
const own: readonly Verb[] = [...read, 'create', 'patch', 'delete'];

const events: Named = { group: 'events.k8s.io', plural: 'events' };
const customResourceDefinitions: Named = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
const leases: Named = { group: 'coordination.k8s.io', plural: 'leases' };

/**
 * Everything the operator may do. The roles of chart and kustomize are generated from it, and no controller gets more:
 * add a line here together with the watch or the write that needs it.
 */
export const permissions: readonly Permission[] = [
  allow('own', managedVM, [...read, 'patch'], 'Reads what was ordered; patches the finalizer, never the spec.'),
  allow('own', managedVM, ['patch', 'update'], 'Reports whether the promises are kept.', 'status'),
  allow(
    'own',
    managedVM,
    ['update'],
    'Owner references that block deletion (OwnerReferencesPermissionEnforcement).',
    'finalizers',
  ),
  allow('own', backupPolicy, read, 'Reads what backups are promised.'),
  allow('own', backupPolicy, ['patch', 'update'], 'Reports the newest and the oldest recovery point.', 'status'),

  allow('cluster', operatingSystem, read, 'Reads the catalogue.'),
  allow('cluster', operatingSystem, ['patch', 'update'], 'Reports support and use of each system.', 'status'),
  allow(
    'cluster',
    customResourceDefinitions,
    ['list', 'watch'],
    'Notices when KubeVirt, CDI, Velero or prometheus-operator comes or goes.',
  ),

  allow('cluster', upstream.Namespace, read, 'Keeps one PrometheusRule with the default thresholds per namespace.'),

  allow('children', upstream.VirtualMachine, own, 'The virtual machine.'),
  allow(
    'children',
    upstream.VirtualMachineInstance,
    [...read, 'delete'],
    'Reads what the running guest has and says; ends it where the restart policy is Automatic.',
  ),
  allow('children', upstream.DataVolume, own, 'One disk each.'),
  allow(
    'children',
    upstream.PersistentVolumeClaim,
    [...read, 'patch'],
    "Reads and grows the disks' claims, which CDI creates.",
  ),
  allow('children', upstream.Service, own, "Address of the guest's exporter."),
  allow('children', upstream.ServiceMonitor, own, 'Scraping of the guest.'),
  allow('children', upstream.PrometheusRule, own, 'Alerts.'),
  allow(
    'children',
    upstream.Secret,
    ['get', 'create', 'patch', 'delete'],
    'First-boot content, by name: never listed, never watched.',
  ),
  allow('children', events, ['create', 'patch'], 'Says when something happened.'),
  allow('cluster-events', events, ['create', 'patch'], 'Says when something happened to a catalogue entry.'),

  allow('operator-namespace', upstream.Secret, own, 'Provider key pair and host key of each VM.'),
  allow(
    'lease',
    leases,
    [...read, 'create', 'update', 'patch'],
    'Leader election; a standby learns by a watch that it may lead.',
  ),

  allow('velero', upstream.VeleroSchedule, own, 'One schedule per VM and tier.'),
  allow(
    'velero',
    upstream.VeleroBackup,
    [...read, 'patch'],
    'Reads which recovery points exist; keeps the last good one of a lost disk.',
  ),
  allow('velero', upstream.BackupStorageLocation, read, 'Reads whether backups have a place to go.'),

  allow(
    'images',
    upstream.DataVolume,
    ['create'],
    'CDI clones an image only for who may do this where it lies.',
    'source',
  ),
];
