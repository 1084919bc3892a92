/** Objects that customers and provider write, for the chart tests. */
import type { Manifest } from './chart.ts';

type Child = Pick<Manifest, 'apiVersion' | 'kind'> & { readonly spec?: object; readonly stringData?: object };

const catalogueEntry = {
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'OperatingSystem',
};

export const operatingSystem: Manifest = {
  ...catalogueEntry,
  metadata: { name: 'debian-13' },
  spec: {
    family: 'Linux',
    distribution: 'Debian',
    version: '13',
    packageManager: 'apt',
    image: { registry: { url: 'docker://registry.example.com/debian:13' } },
    lifeCycle: { endOfSupport: '2028-08-09' },
    serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
  },
};

export const windows: Manifest = {
  ...catalogueEntry,
  metadata: { name: 'windows-server-2025' },
  spec: {
    family: 'Windows',
    distribution: 'Windows Server',
    version: '2025',
    packageManager: 'WindowsUpdate',
    image: { registry: { url: 'docker://registry.example.com/windows:2025' } },
    lifeCycle: { endOfSupport: '2029-11-13' },
    serviceLevels: ['Admin', 'AdvancedMonitoringAndPatching'],
  },
};

export function virtualMachine(name: string, spec: object = {}, namespace = 'acme'): Manifest {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedVM',
    metadata: { name, namespace },
    spec: { serviceLevel: 'MonitoringAndPatching', operatingSystem: 'debian-13', ...spec },
  };
}

/** A child as the operator labels it. */
export function childOf(uid: string, owner: string, name: string, child: Child): Manifest {
  const labels = {
    'app.kubernetes.io/managed-by': 'steward',
    'managed.systems/owner-kind': 'ManagedVM',
    'managed.systems/owner-name': owner,
    'managed.systems/owner-uid': uid,
  };
  return { ...child, metadata: { name, namespace: 'acme', labels } };
}
