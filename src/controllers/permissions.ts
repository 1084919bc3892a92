import { approval } from '../api/approval.ts';
import { backupPolicy } from '../api/backuppolicy.ts';
import { changeRequest } from '../api/changerequest.ts';
import { clusterBackupPolicy } from '../api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../api/clusterpatchpolicy.ts';
import { contract } from '../api/contract.ts';
import { incident } from '../api/incident.ts';
import { maintenanceWindow } from '../api/maintenancewindow.ts';
import { managedApplication } from '../api/managedapplication.ts';
import { managedVM } from '../api/managedvm.ts';
import { operatingSystem } from '../api/operatingsystem.ts';
import { patchPolicy } from '../api/patchpolicy.ts';
import { patchRun } from '../api/patchrun.ts';
import { problem } from '../api/problem.ts';
import { product } from '../api/product.ts';
import { recordPage } from '../api/recordpage.ts';
import { reportPage } from '../api/reportpage.ts';
import { restore } from '../api/restore.ts';
import { serviceCalendar } from '../api/servicecalendar.ts';
import { servicePlan } from '../api/serviceplan.ts';
import { serviceReport } from '../api/servicereport.ts';
import { serviceRequest } from '../api/servicerequest.ts';
import {
  AlertmanagerConfig,
  CronJob,
  Namespace,
  NetworkPolicy,
  PersistentVolume,
  PersistentVolumeClaim,
  Probe,
  PrometheusRule,
  ServerStatusRequest,
  VeleroRestore,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
  VirtualMachineRestore,
  VirtualMachineSnapshot,
} from '../api/upstream.ts';

import { permissionsOf, READINGS } from './managedvm/readings.ts';
import { allow, customResourceDefinitions, events, leases, OWN, type Permission, READ } from './permission.ts';

const OWNER_BLOCKS = 'Owner references that block deletion (OwnerReferencesPermissionEnforcement).';

/**
 * Everything the operator may do. The roles of chart and kustomize are generated from it, and no controller gets more:
 * what a promise needs stands with its watches in src/controllers/managedvm; add the rest here, together with the watch or the write that needs it.
 */
export const permissions: readonly Permission[] = [
  allow('own', managedVM, [...READ, 'patch'], 'Reads what was ordered; patches the finalizer, never the spec.'),
  allow('own', managedVM, ['patch', 'update'], 'Reports whether the promises are kept.', 'status'),
  allow(
    'own',
    managedVM,
    ['update'],
    'Owner references that block deletion (OwnerReferencesPermissionEnforcement).',
    'finalizers',
  ),
  allow('own', backupPolicy, READ, 'Reads what backups are promised.'),
  allow('own', backupPolicy, ['patch', 'update'], 'Reports the newest and the oldest recovery point.', 'status'),
  allow('own', backupPolicy, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow('velero', ServerStatusRequest, OWN, 'Asks Velero whether it lives, and which plug-ins it has.'),
  allow('cluster', clusterBackupPolicy, READ, "Reads the provider's standard of backups."),
  allow('cluster', clusterBackupPolicy, ['patch', 'update'], 'Reports how the ManagedVMs under it fare.', 'status'),
  allow('cluster', clusterBackupPolicy, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow('operator-namespace', PrometheusRule, OWN, "Alerts on the backups under the provider's policies."),

  allow(
    'own',
    restore,
    OWN,
    'Reads which restores were ordered; patches the finalizer and the seal, never the spec; orders drills, and forgets those that are over.',
  ),
  allow('own', restore, ['patch', 'update'], 'Reports how each restore goes.', 'status'),
  allow('own', restore, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow('velero', VeleroRestore, OWN, 'Asks Velero to restore disks beside those that there are.'),
  allow(
    'velero',
    PersistentVolumeClaim,
    [...READ, 'delete'],
    'Reads what Velero has restored, and removes it when its volumes have moved.',
  ),
  allow(
    'cluster',
    PersistentVolume,
    ['patch'],
    'Hands a restored volume to the namespace of its VM; reads it by a patch that changes nothing.',
  ),

  allow(
    'drills',
    PersistentVolumeClaim,
    [...READ, 'delete'],
    'Reads what Velero has restored for a drill, and removes it again.',
  ),
  allow('drills', VirtualMachine, OWN, 'Boots a guest from it.'),
  allow('drills', VirtualMachineInstance, READ, 'Reads whether that guest runs and its agent answers.'),
  allow('drills', NetworkPolicy, READ, 'Reads whether the sandbox denies all traffic.'),

  allow('own', maintenanceWindow, READ, 'Reads when customers let their systems be worked on.'),
  allow('own', maintenanceWindow, ['patch', 'update'], 'Reports when each window opens.', 'status'),
  allow('own', patchPolicy, [...READ, 'patch'], 'Reads how customers plan their patches; patches the finalizer.'),
  allow('own', patchPolicy, ['patch', 'update'], 'Reports when each policy is carried out, and for whom.', 'status'),

  allow('own', serviceRequest, READ, 'Reads which services were ordered one by one.'),
  allow('own', serviceRequest, ['patch', 'update'], 'Reports what becomes of each order.', 'status'),
  allow(
    'own',
    serviceRequest,
    ['update'],
    'Owner references that block deletion (OwnerReferencesPermissionEnforcement).',
    'finalizers',
  ),
  allow(
    'own',
    changeRequest,
    [...READ, 'create', 'patch', 'delete'],
    'Reads changes; makes one for each order and each opening of a policy, writes the result of what it carries out itself, never the plan, and forgets those of policies that no PatchRun cites any more.',
  ),
  allow('own', changeRequest, ['patch', 'update'], 'Reports where each change stands.', 'status'),
  allow('own', changeRequest, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow('own', approval, READ, 'Reads who has decided what.'),
  allow('own', approval, ['patch', 'update'], 'Reports whether each decision counts.', 'status'),

  allow(
    'own',
    problem,
    [...READ, 'create', 'patch'],
    'Opens a Problem where incidents recur or one is critical, never what people say of it.',
  ),
  allow('own', problem, ['patch', 'update'], 'Reports where each Problem stands.', 'status'),
  allow(
    'own',
    incident,
    [...READ, 'patch', 'delete'],
    'Reads what does not work and what people do about it; rates it once, and forgets those that are closed for long.',
  ),
  allow('own', incident, ['patch', 'update'], 'Reports where each stands and how its clocks run.', 'status'),
  allow('own', incident, ['update'], OWNER_BLOCKS, 'finalizers'),

  allow('own', patchRun, OWN, 'Makes a run of each guest when its window opens; forgets what is old.'),
  allow(
    'own',
    patchRun,
    ['patch', 'update'],
    'Writes what it does itself, and the verdict where no runner has.',
    'status',
  ),
  allow('own', patchRun, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow(
    'children',
    VirtualMachineSnapshot,
    [...READ, 'create', 'delete'],
    'Has a VM snapshotted before it is patched, and removes that snapshot; has one made by an order.',
  ),
  allow(
    'children',
    VirtualMachineInstanceMigration,
    OWN,
    'Has a guest moved to another node by an order, and reads what became of it.',
  ),
  allow(
    'children',
    VirtualMachineRestore,
    [...READ, 'create', 'delete'],
    'Has a VM turned back where a patch broke it and the policy says so.',
  ),

  allow('cluster', operatingSystem, READ, 'Reads the catalogue.'),
  allow('cluster', operatingSystem, ['patch', 'update'], 'Reports support and use of each system.', 'status'),
  allow('cluster', product, READ, 'Reads which applications are offered.'),
  allow('cluster', product, ['patch', 'update'], 'Reports faults, support and use of each.', 'status'),
  allow(
    'cluster',
    clusterPatchPolicy,
    [...READ, 'patch'],
    "Reads the provider's standard of patching; patches the finalizer.",
  ),
  allow('own', patchPolicy, ['update'], OWNER_BLOCKS, 'finalizers'),
  allow('operator-namespace', CronJob, OWN, 'Starts the runners of patches when a window opens.'),
  allow(
    'cluster',
    clusterPatchPolicy,
    ['patch', 'update'],
    'Reports when each policy is carried out, and for whom.',
    'status',
  ),
  allow('cluster', serviceCalendar, READ, 'Reads when the service is worked on.'),
  allow(
    'cluster',
    serviceCalendar,
    ['patch', 'update'],
    'Reports the holidays and the revision of each calendar.',
    'status',
  ),
  allow('cluster', servicePlan, READ, 'Reads the numbers that are promised at a level.'),
  allow('cluster', servicePlan, ['patch', 'update'], 'Reports the revision of each plan, and who uses it.', 'status'),
  allow('cluster', contract, READ, 'Reads whose a namespace is, who decides for him, and what was agreed with him.'),
  allow('cluster', contract, ['patch', 'update'], 'Notes what plans said when they began to apply.', 'status'),
  allow(
    'cluster',
    serviceReport,
    [...READ, 'create', 'patch'],
    'Opens the report of each month, and closes its days and then the month; never what people say of it.',
  ),
  allow('cluster', serviceReport, ['patch', 'update'], 'Reports where each month stands.', 'status'),
  allow(
    'cluster',
    reportPage,
    ['get', 'list', 'create', 'delete'],
    'Writes what a day or a month came to, and removes pages that no report names.',
  ),
  allow('record-read', recordPage, ['get', 'list'], 'Reads what was recorded on a day that is closed.'),
  allow(
    'cluster',
    customResourceDefinitions,
    ['list', 'watch'],
    'Notices when KubeVirt, CDI, Velero or prometheus-operator comes or goes.',
  ),

  allow('cluster', Namespace, READ, 'Keeps one PrometheusRule with the default thresholds per namespace.'),
  allow('children', AlertmanagerConfig, OWN, 'Routes of the alerts of a namespace, where the provider wants them.'),

  allow('children', Probe, OWN, 'Has applications asked from outside of their guests.'),
  allow('own', managedApplication, [...READ, 'patch'], 'Reads which applications were ordered; patches the finalizer.'),
  allow('own', managedApplication, ['patch', 'update'], 'Reports whether their promises are kept.', 'status'),
  allow('own', managedApplication, ['update'], OWNER_BLOCKS, 'finalizers'),

  ...permissionsOf(READINGS),

  allow('children', events, ['create', 'patch'], 'Says when something happened.'),
  allow('cluster-events', events, ['create', 'patch'], 'Says when something happened to a catalogue entry.'),

  allow(
    'lease',
    leases,
    [...READ, 'create', 'update', 'patch'],
    'Leader election; a standby learns by a watch that it may lead.',
  ),
];
