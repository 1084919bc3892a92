/**
 * What every contestant is given, as data: monitored ManagedVMs with a BackupPolicy, each of which becomes seven children (VirtualMachine,
 * DataVolume, first-boot Secret, Service, ServiceMonitor, Schedule and the Secret with its keys).
 */
import type { KubeObject } from '../testbed/client/client.ts';

export const FLEET_NAMESPACE = 'fleet';
export const CHILDREN_EACH = 7;

const apiVersion = 'managed.systems/v1alpha1';
const POLICY = 'daily';
const OPERATING_SYSTEM = 'debian-13';

type Order = KubeObject & { readonly spec: Readonly<Record<string, unknown>> };
export type Prerequisite = { readonly path: string; readonly object: KubeObject };

export const rootPath = `/apis/${apiVersion}/namespaces/${FLEET_NAMESPACE}/managedvms`;
export const policyPath = `/apis/${apiVersion}/namespaces/${FLEET_NAMESPACE}/backuppolicies/${POLICY}`;

/** What must be there before the first ManagedVM, in this order. */
export const prerequisites: readonly Prerequisite[] = [
  {
    path: '/api/v1/namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: FLEET_NAMESPACE } },
  },
  {
    path: '/apis/velero.io/v1/namespaces/velero/backupstoragelocations',
    object: {
      apiVersion: 'velero.io/v1',
      kind: 'BackupStorageLocation',
      metadata: { name: 'default', namespace: 'velero' },
      ...{ spec: { provider: 'aws', objectStorage: { bucket: 'backups' } }, status: { phase: 'Available' } },
    },
  },
  {
    path: `/apis/${apiVersion}/operatingsystems`,
    object: {
      ...{ apiVersion, kind: 'OperatingSystem', metadata: { name: OPERATING_SYSTEM } },
      ...{
        spec: {
          ...{ family: 'Linux', distribution: 'Debian', version: '13', packageManager: 'apt', preference: 'debian' },
          image: { http: { url: 'https://images.example/debian-13.qcow2' } },
          defaults: { cpu: 1, memory: '2Gi', rootDisk: '20Gi' },
          lifeCycle: { endOfSupport: '2099-08-09' },
          serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
        },
      },
    },
  },
  {
    path: `/apis/${apiVersion}/namespaces/${FLEET_NAMESPACE}/backuppolicies`,
    object: {
      ...{ apiVersion, kind: 'BackupPolicy', metadata: { name: POLICY, namespace: FLEET_NAMESPACE } },
      ...{
        spec: {
          tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }],
          ...{ recoveryPointObjective: '26h', timeZone: 'Europe/Berlin' },
        },
      },
    },
  },
];

/** A monitored, backed-up ManagedVM with one disk. */
export function orderOf(name: string): Order {
  return {
    ...{ apiVersion, kind: 'ManagedVM', metadata: { name, namespace: FLEET_NAMESPACE } },
    spec: {
      serviceLevel: 'AdvancedMonitoringAndPatching',
      operatingSystem: OPERATING_SYSTEM,
      disks: [{ name: 'root', size: '20Gi', reclaimPolicy: 'Delete' }],
      backupPolicyRef: { kind: 'BackupPolicy', name: POLICY },
    },
  };
}

export function fleetNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `vm-${`${index}`.padStart(5, '0')}`);
}
