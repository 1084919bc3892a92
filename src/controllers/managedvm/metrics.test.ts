import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { observe, type Read } from '../../domain/machine/observed.ts';
import { instance, managedVM, operatingSystem, virtualMachine } from '../../domain/managedvm/assessment.fixtures.ts';
import { OpenRegistry } from '../../runtime/observe/registry.ts';
import { Reporter } from '../report.ts';
import { readSettings } from '../settings.ts';
import { ownershipOf } from '../whose.ts';
import type { Context } from './context.ts';
import { finalize } from './finalize.ts';
import { type ManagedVMMetrics, managedVMMetrics } from './metrics.ts';
import { ownedKinds, READINGS } from './readings.ts';

let registry: Registry;
let metrics: ManagedVMMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = managedVMMetrics(registry);
});

function record(order: ReturnType<typeof managedVM>, read: Partial<Read> = {}): void {
  const observed = observe({
    managedVM: order,
    operatingSystem: operatingSystem(),
    virtualMachine: virtualMachine(),
    virtualMachineInstance: instance(),
    installed: { kubevirt: true, cdi: true },
    keysPresent: true,
    ...read,
  });
  metrics.record(order, observed);
}

async function sampleOf(name: string): Promise<number | undefined> {
  return (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
}

async function servicesOf(): Promise<unknown[]> {
  const series = await registry.getSingleMetric('steward_managedvm_expected_service')?.get();
  return series?.values.map(({ labels }) => labels.service) ?? [];
}

describe('MO-5: what alerts are told of an order', () => {
  it('is that the VM shall run, exists, and since when its guest runs', async () => {
    record(managedVM());
    expect(await sampleOf('steward_managedvm_power_wanted')).toBe(1);
    expect(await sampleOf('steward_managedvm_virtual_machine_exists')).toBe(1);
    expect(await sampleOf('steward_managedvm_guest_started_timestamp_seconds')).toBe(
      Date.parse('2026-11-23T11:21:00Z') / 1000,
    );
  });

  it('GE-9: a typo in the operating system is no outage: the VM that cannot be made shall not run', async () => {
    record(managedVM({ operatingSystem: 'debain-13' }), {
      operatingSystem: undefined,
      virtualMachine: undefined,
      virtualMachineInstance: undefined,
    });
    expect(await sampleOf('steward_managedvm_power_wanted')).toBe(0);
    expect(await sampleOf('steward_managedvm_info')).toBe(1);
  });

  it('a VM whose catalogue entry was taken away later still shall run', async () => {
    record(managedVM(), { operatingSystem: undefined });
    expect(await sampleOf('steward_managedvm_power_wanted')).toBe(1);
  });

  it('a VirtualMachine that has vanished does not exist, and still shall run', async () => {
    record(managedVM());
    record(managedVM(), { virtualMachine: undefined, virtualMachineInstance: undefined });
    expect(await sampleOf('steward_managedvm_power_wanted')).toBe(1);
    expect(await sampleOf('steward_managedvm_virtual_machine_exists')).toBe(0);
    expect(await sampleOf('steward_managedvm_guest_started_timestamp_seconds')).toBeUndefined();
  });

  it('MO-12: services are named as the exporter of the guest names them', async () => {
    record(managedVM({ services: ['ssh.service', 'ssh'] }));
    expect(await servicesOf()).toEqual(['ssh']);
    record(managedVM({ services: ['MSSQL$SQLEXPRESS'] }), {
      operatingSystem: operatingSystem({
        family: 'Windows',
        packageManager: 'WindowsUpdate',
        serviceLevels: ['Admin', 'AdvancedMonitoringAndPatching'],
      }),
    });
    expect(await servicesOf()).toEqual(['mssql$sqlexpress']);
  });

  it('MO-5: is nothing at a level without monitoring', async () => {
    record(managedVM());
    record(managedVM({ serviceLevel: 'Admin' }));
    for (const { values } of await registry.getMetricsAsJSON()) expect(values).toEqual([]);
  });

  it('goes with its object, also where no finalizer held that, and not with the one that came after it', async () => {
    const old = managedVM();
    const next = { ...old, metadata: { ...old.metadata, uid: 'next' } };
    record(old);
    record(next);
    metrics.forget(old.metadata.uid ?? '');
    expect(await sampleOf('steward_managedvm_info')).toBe(1);
    metrics.forget('next');
    for (const { values } of await registry.getMetricsAsJSON()) expect(values).toEqual([]);
  });

  it('is nothing as soon as the object is in deletion, however long that takes', async () => {
    const order = managedVM({ services: ['ssh'] });
    record(order);
    const context = {
      object: { ...order, metadata: { ...order.metadata, deletionTimestamp: '2026-11-23T12:00:00Z' } },
      now: new Date('2026-11-23T13:00:00Z'),
      read: { state: () => 'unreadable', refusal: () => undefined, byIndex: () => [] },
      deleteChild: async () => {},
      status: async () => true,
      event: () => {},
    };
    const ownership = ownershipOf(ownedKinds(READINGS, readSettings({}, 'host')));
    await finalize(context as unknown as Context, { reporter: new Reporter(new OpenRegistry()), metrics, ownership });
    for (const { values } of await registry.getMetricsAsJSON()) expect(values).toEqual([]);
  });
});
