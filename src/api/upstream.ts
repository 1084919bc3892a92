import type { ResourceKind } from '../runtime/api/object.ts';

const kind = (group: string, version: string, kindName: string, plural: string, namespaced = true): ResourceKind => ({
  group,
  version,
  kind: kindName,
  plural,
  namespaced,
});

/** Kinds of Kubernetes, KubeVirt, CDI, Velero and prometheus-operator that Steward reads or writes, at the versions it speaks. */
export const Namespace = kind('', 'v1', 'Namespace', 'namespaces', false);
export const Secret = kind('', 'v1', 'Secret', 'secrets');
export const CronJob = kind('batch', 'v1', 'CronJob', 'cronjobs');
export const NetworkPolicy = kind('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies');
export const Role = kind('rbac.authorization.k8s.io', 'v1', 'Role', 'roles');
export const RoleBinding = kind('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings');
export const ClusterRole = kind('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false);
export const ClusterRoleBinding = kind(
  'rbac.authorization.k8s.io',
  'v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
  false,
);
export const Service = kind('', 'v1', 'Service', 'services');
export const PersistentVolumeClaim = kind('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const PersistentVolume = kind('', 'v1', 'PersistentVolume', 'persistentvolumes', false);
export const VirtualMachine = kind('kubevirt.io', 'v1', 'VirtualMachine', 'virtualmachines');
export const VirtualMachineInstance = kind('kubevirt.io', 'v1', 'VirtualMachineInstance', 'virtualmachineinstances');
/** KubeVirt's own object: what it is told to do, and its version. */
export const KubeVirt = kind('kubevirt.io', 'v1', 'KubeVirt', 'kubevirts');
/** KubeVirt's own kinds of requests for a VirtualMachineInstance, served by virt-api. */
export const InstanceSubresources = { ...VirtualMachineInstance, group: 'subresources.kubevirt.io' };
export const MachineSubresources = { ...VirtualMachine, group: 'subresources.kubevirt.io' };
export const VirtualMachineInstanceMigration = kind(
  'kubevirt.io',
  'v1',
  'VirtualMachineInstanceMigration',
  'virtualmachineinstancemigrations',
);
export const VirtualMachineSnapshot = kind(
  'snapshot.kubevirt.io',
  'v1beta1',
  'VirtualMachineSnapshot',
  'virtualmachinesnapshots',
);
export const VirtualMachineRestore = kind(
  'snapshot.kubevirt.io',
  'v1beta1',
  'VirtualMachineRestore',
  'virtualmachinerestores',
);
export const DataVolume = kind('cdi.kubevirt.io', 'v1beta1', 'DataVolume', 'datavolumes');
export const VeleroSchedule = kind('velero.io', 'v1', 'Schedule', 'schedules');
export const VeleroBackup = kind('velero.io', 'v1', 'Backup', 'backups');
export const VeleroRestore = kind('velero.io', 'v1', 'Restore', 'restores');
export const DownloadRequest = kind('velero.io', 'v1', 'DownloadRequest', 'downloadrequests');
export const ServerStatusRequest = kind('velero.io', 'v1', 'ServerStatusRequest', 'serverstatusrequests');
export const BackupStorageLocation = kind('velero.io', 'v1', 'BackupStorageLocation', 'backupstoragelocations');
export const ServiceMonitor = kind('monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors');
export const Probe = kind('monitoring.coreos.com', 'v1', 'Probe', 'probes');
export const PrometheusRule = kind('monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules');
/** At v1alpha1: v1beta1 is in prometheus-operator's full CRD only, which most installations do not have. */
export const AlertmanagerConfig = kind(
  'monitoring.coreos.com',
  'v1alpha1',
  'AlertmanagerConfig',
  'alertmanagerconfigs',
);
/** Whose a token is: asked, and not kept. */
export const TokenReview = kind('authentication.k8s.io', 'v1', 'TokenReview', 'tokenreviews', false);
