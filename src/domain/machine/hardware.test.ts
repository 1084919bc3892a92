import { describe, expect, test } from 'vitest';
import { assess } from '../managedvm/assess.ts';
import { input, managedVM } from '../managedvm/assessment.fixtures.ts';
import { managedVMOf, operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { orderProblem } from './order.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

type Any = ReturnType<typeof JSON.parse>;

function domainOf(hardware: unknown, system: Record<string, unknown> = {}, spec: object = {}): Any {
  const order = { serviceLevel: 'Admin', operatingSystem: 'any', ...(hardware !== undefined && { hardware }), ...spec };
  const vm = renderVirtualMachine({ managedVM: managedVMOf(order), operatingSystem: operatingSystemOf(system) }) as Any;
  return { ...vm.spec.template.spec.domain, architecture: vm.spec.template.spec.architecture };
}

describe('MO-1: firmware and devices', () => {
  test.each<[string, object, object]>([
    ['BIOS', { type: 'BIOS' }, { bios: {} }],
    ['EFI, which boots anything', { type: 'EFI' }, { efi: { secureBoot: false } }],
    ['EFI that boots what is signed', { type: 'EFI', secureBoot: true }, { efi: { secureBoot: true } }],
    ['EFI with state', { type: 'EFI', persistent: true }, { efi: { secureBoot: false, persistent: true } }],
  ])('%s', (_what, firmware, bootloader) => {
    const { firmware: rendered, features } = domainOf({ firmware });
    expect(rendered).toMatchObject({ bootloader, uuid: expect.anything() });
    expect(features).toEqual('secureBoot' in firmware ? { smm: { enabled: true } } : undefined);
  });

  test('are as ordered, and nothing where nothing is', () => {
    const device = { name: 'a', deviceName: 'nvidia.com/GA102GL_A10' };
    const hardware = {
      ...{ tpm: 'Persistent', watchdog: 'PowerOff', serialConsole: false, graphics: false },
      ...{ gpus: [device], hostDevices: [{ ...device, name: 'b' }], nestedVirtualization: true },
    };
    const { devices, cpu } = domainOf(hardware);
    expect(devices).toMatchObject({
      ...{ tpm: { persistent: true }, autoattachSerialConsole: false, autoattachGraphicsDevice: false },
      watchdog: { name: 'watchdog', i6300esb: { action: 'poweroff' } },
      gpus: [device],
      hostDevices: [{ ...device, name: 'b' }],
    });
    expect(cpu.features).toEqual(['vmx', 'svm'].map(name => ({ name, policy: 'optional' })));
    expect(domainOf({})).toEqual(domainOf(undefined));
  });

  test('of arm64 are its machine and no SATA', () => {
    const disks = [{ name: 'root' }, { name: 'iso', size: '1Gi', adopt: { claim: 'iso' }, cdrom: {} }];
    const { architecture, machine, devices } = domainOf(undefined, { architecture: 'arm64' }, { disks });
    expect([architecture, machine.type]).toEqual(['arm64', 'virt']);
    expect(devices.disks).toContainEqual(expect.objectContaining({ name: 'iso', cdrom: { bus: 'scsi' } }));
  });
});

describe('MO-1: hardware of the provider', () => {
  const lists = { storageLocations: [], instanceTypes: [], metadataPrefixes: [], imageSources: [] };
  const gpus = [{ name: 'a', deviceName: 'nvidia.com/GA102GL_A10' }];
  test.each<[string, object, readonly string[] | undefined, RegExp | undefined]>([
    ['a GPU that is permitted', { gpus }, ['nvidia.com/*'], undefined],
    ['a GPU that is not', { gpus }, ['amd.com/*'], /GPU nvidia.com\/GA102GL_A10 .* is not permitted in Namespace acme/],
    ['a device that is not', { hostDevices: gpus }, [], /Device nvidia.com.*\(none is\)/],
    [
      'virtualization in the guest that is permitted',
      { nestedVirtualization: true },
      ['nested-virtualization'],
      undefined,
    ],
    [
      'virtualization in the guest that is not',
      { nestedVirtualization: true },
      ['nvidia.com/*'],
      /Virtualization in the guest/,
    ],
    ['firmware, which is nobody’s', { firmware: { type: 'EFI' }, tpm: 'Persistent' }, [], undefined],
    ['a GPU while the list is not known', { gpus }, undefined, /is not known/],
  ])('%s', (_what, hardware, list, why) => {
    const permitted = list && { ...lists, hardware: list };
    const { managedVM: order, facts } = input({ managedVM: managedVM({ hardware }), permitted });
    const problem = orderProblem(order, facts.machine);
    if (why === undefined) expect(problem).toBeUndefined();
    else expect(problem?.message).toMatch(why);
  });

  test('reads HardwareNotPermitted, and nothing is changed', () => {
    const { conditions } = assess(
      input({ managedVM: managedVM({ hardware: { gpus } }), permitted: { ...lists, hardware: [] } }),
    );
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'HardwareNotPermitted' }),
    );
  });
});
