import { Gauge, type Registry } from 'prom-client';
import type { ManagedVM } from '../../api/managedvm.ts';
import { virtualMachineName } from '../../domain/child.ts';
import { holds } from '../../domain/observedvm.ts';
import { entitlements } from '../../domain/service-levels.ts';
import type { Gathered } from './gather.ts';

const IDENTITY = ['namespace', 'managed_vm'] as const;

export type ManagedVMMetrics = {
  /** Exports what alerts need to know of a monitored ManagedVM (MO-5); of another one nothing. */
  record(managedVM: ManagedVM, gathered: Gathered): void;
  forget(managedVM: ManagedVM): void;
};

/** Gauges by which alert rules know what was ordered: levels, wanted power state, expected services (MO-12). */
export function managedVMMetrics(registry: Registry): ManagedVMMetrics {
  const registers = [registry];
  const info = new Gauge({
    name: 'steward_managedvm_info',
    help: 'A monitored ManagedVM and what was ordered for it; always 1.',
    labelNames: [...IDENTITY, 'virtual_machine', 'service_level', 'os_family'],
    registers,
  });
  const powerWanted = new Gauge({
    name: 'steward_managedvm_power_wanted',
    help: '1 if the VM is ordered to run, 0 if to be stopped.',
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
  const written = new Map<string, { readonly text: string; readonly remove: () => void }>();
  const keyOf = ({ metadata }: ManagedVM) => `${metadata.namespace}/${metadata.name}`;

  const forget = (managedVM: ManagedVM): void => {
    const key = keyOf(managedVM);
    written.get(key)?.remove();
    written.delete(key);
  };
  return {
    forget,
    record: (managedVM, gathered) => {
      const { metadata, spec } = managedVM;
      if (!entitlements(spec.serviceLevel).monitoring) {
        forget(managedVM);
        return;
      }
      const identity = { namespace: metadata.namespace ?? '', managed_vm: metadata.name };
      const described = {
        ...identity,
        virtual_machine: virtualMachineName(managedVM),
        service_level: spec.serviceLevel,
        os_family: gathered.operatingSystem?.spec.family ?? '',
      };
      const power = spec.powerState === 'Running' ? 1 : 0;
      const agent = holds(gathered.observed.virtualMachineInstance, 'AgentConnected') ? 1 : 0;
      const services = spec.services ?? [];
      const text = [
        described.virtual_machine,
        spec.serviceLevel,
        described.os_family,
        power,
        agent,
        ...services,
      ].join();
      // Nearly every pass finds it as it was.
      if (written.get(keyOf(managedVM))?.text === text) return;
      forget(managedVM);
      info.set(described, 1);
      powerWanted.set(identity, power);
      agentConnected.set(identity, agent);
      for (const service of services) expectedService.set({ ...identity, service }, 1);
      const remove = () => {
        info.remove(described);
        powerWanted.remove(identity);
        agentConnected.remove(identity);
        for (const service of services) expectedService.remove({ ...identity, service });
      };
      written.set(keyOf(managedVM), { text, remove });
    },
  };
}
