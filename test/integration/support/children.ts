import { managedVM } from '../../../src/api/managedvm.ts';
import {
  DataVolume,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';

const HERE = { VirtualMachine, DataVolume, Service, ServiceMonitor, PrometheusRule, Secret };

/** The children of all ManagedVMs of a namespace, wherever they live, as `kind name`, sorted. */
export async function childrenOf(api: Api, namespace: string): Promise<string[]> {
  const selector = `managed.systems/owner-kind=ManagedVM,managed.systems/owner-namespace=${namespace}`;
  const near = Object.values(HERE).map(kind => api.list(kind, namespace, selector));
  const far = [api.list(VeleroSchedule, 'velero', selector), api.list(Secret, 'steward-keys', selector)];
  const kinds = [...Object.keys(HERE), 'Schedule', 'key Secret'];
  const lists: Any[][] = await Promise.all([...near, ...far]);
  return lists.flatMap((items, index) => items.map(({ metadata }) => `${kinds[index]} ${metadata.name}`)).sort();
}

/** What a monitored ManagedVM with the disk `root` and one backup tier must have become, in the same form. */
export async function expectedChildrenOf(api: Api, namespace: string): Promise<string[]> {
  const vms: Any[] = await api.list(managedVM, namespace);
  const schedules: Any[] = await api.list(VeleroSchedule, 'velero');
  return vms
    .flatMap(({ metadata: { name, uid } }) => [
      `VirtualMachine ${name}`,
      `DataVolume ${name}-root`,
      `Service ${name}-metrics`,
      `ServiceMonitor ${name}-metrics`,
      `Secret ${name}-first-boot`,
      `key Secret managedvm-${uid}`,
      `Schedule ${scheduleOf(schedules, uid)}`,
    ])
    .sort();
}

function scheduleOf(schedules: readonly Any[], uid: string): string {
  const own = schedules.filter(({ metadata }) => metadata.labels['managed.systems/owner-uid'] === uid);
  return own.length === 1 ? own[0].metadata.name : `exactly one of ${uid}, not ${own.length}`;
}
