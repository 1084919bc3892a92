import { Gauge, type Registry } from 'prom-client';
import type { ManagedVM } from '../../api/managedvm.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import type { Observed } from '../../domain/machine/observed.ts';
import { holds } from '../../domain/machine/observedvm.ts';
import { orderProblem } from '../../domain/machine/order.ts';
import { guestRuns } from '../../domain/machine/vmstate.ts';
import { expectedServices } from '../../domain/monitoring/services.ts';
import { type BackupsTold, backupMetrics } from './backupmetrics.ts';
import { ExportedSeries } from './exportedseries.ts';
import { type PatchingTold, patchMetrics } from './patchmetrics.ts';

const IDENTITY = ['namespace', 'managed_vm'] as const;

export type ManagedVMMetrics = {
  /** Exports what alerts need to know of a monitored ManagedVM (MO-5); of another one nothing. */
  record(managedVM: ManagedVM, observed: Observed): void;
  /** Exports what its status says of its patches; undefined: nothing any more. */
  recordPatches(managedVM: ManagedVM, told: PatchingTold | undefined): void;
  /** Exports what its status says of its backups; undefined: nothing any more. */
  recordBackups(managedVM: ManagedVM, told: BackupsTold): void;
  /** Takes back what was exported of the ManagedVM with this UID. */
  forget(uid: string): void;
};

/** Gauges by which alert rules know what was ordered: levels, wanted power state, expected services (MO-12). */
export function managedVMMetrics(registry: Registry): ManagedVMMetrics {
  const registers = [registry];
  const patches = patchMetrics(registry);
  const backups = backupMetrics(registry);
  const info = new Gauge({
    name: 'steward_managedvm_info',
    help: 'A monitored ManagedVM and what was ordered for it; always 1.',
    labelNames: [...IDENTITY, 'virtual_machine', 'service_level', 'os_family'],
    registers,
  });
  const powerWanted = new Gauge({
    name: 'steward_managedvm_power_wanted',
    help: '1 if the VM shall run; 0 if it is ordered to be stopped, or if its order cannot be carried out and it does not exist.',
    labelNames: IDENTITY,
    registers,
  });
  const exists = new Gauge({
    name: 'steward_managedvm_virtual_machine_exists',
    help: '1 while the VirtualMachine exists, else 0.',
    labelNames: IDENTITY,
    registers,
  });
  const guestStarted = new Gauge({
    name: 'steward_managedvm_guest_started_timestamp_seconds',
    help: 'When the running guest was started.',
    labelNames: IDENTITY,
    registers,
  });
  const agentConnected = new Gauge({
    name: 'steward_managedvm_agent_connected',
    help: '1 while the guest agent is connected, else 0.',
    labelNames: IDENTITY,
    registers,
  });
  const expectedService = new Gauge({
    name: 'steward_managedvm_expected_service',
    help: 'A system service that must run in the guest; always 1.',
    labelNames: [...IDENTITY, 'service'],
    registers,
  });
  const series = new ExportedSeries();
  return {
    forget: uid => {
      series.forget(uid);
      patches.forget(uid);
      backups.forget(uid);
    },
    recordPatches: ({ metadata }, told) => patches.record(metadata, told),
    recordBackups: ({ metadata }, told) => backups.record(metadata, told),
    record: (managedVM, observed) => {
      const { metadata, spec } = managedVM;
      const { uid = '' } = metadata;
      if (!entitlements(spec.serviceLevel).monitoring) {
        series.forget(uid);
        return;
      }
      const identity = { namespace: metadata.namespace ?? '', managed_vm: metadata.name };
      const described = {
        ...identity,
        virtual_machine: virtualMachineName(managedVM),
        service_level: spec.serviceLevel,
        os_family: observed.operatingSystem?.spec.family ?? '',
      };
      const { virtualMachine, virtualMachineInstance: vmi } = observed;
      const power = shallRun(managedVM, observed) ? 1 : 0;
      const existing = virtualMachine === undefined ? 0 : 1;
      const started = guestRuns(vmi) ? vmi.startedAt?.getTime() : undefined;
      const agent = holds(vmi, 'AgentConnected') ? 1 : 0;
      const services = expectedServices(spec, observed.operatingSystem?.spec.family);
      const text = [Object.values(described), power, existing, started, agent, services].join();
      series.export(metadata, text, () => {
        info.set(described, 1);
        powerWanted.set(identity, power);
        exists.set(identity, existing);
        if (started !== undefined) guestStarted.set(identity, started / 1000);
        agentConnected.set(identity, agent);
        for (const service of services) expectedService.set({ ...identity, service }, 1);
        return () => {
          info.remove(described);
          for (const gauge of [powerWanted, exists, guestStarted, agentConnected]) gauge.remove(identity);
          for (const service of services) expectedService.remove({ ...identity, service });
        };
      });
    },
  };
}

/** A VM that could never be made of an order that nobody can carry out is nobody's outage; one that exists goes on being promised. */
function shallRun(managedVM: ManagedVM, observed: Observed): boolean {
  if (managedVM.spec.powerState !== 'Running') return false;
  return observed.virtualMachine !== undefined || orderProblem(managedVM, observed) === undefined;
}
