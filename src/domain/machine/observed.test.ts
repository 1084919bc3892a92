import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { ALL_INSTALLED, instance, managedVM, UID, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { nameClaimedBy, observe } from './observed.ts';
import { readDataVolume, readVolumeClaim } from './observedstorage.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';

describe('reading foreign objects', () => {
  it('never throws, whatever they are', () => {
    fc.assert(
      fc.property(fc.anything(), anything => {
        const nested = { metadata: { name: 'x', labels: anything }, spec: anything, status: anything };
        for (const read of [readVirtualMachine, readVirtualMachineInstance, readDataVolume, readVolumeClaim]) {
          read(anything);
          read(nested);
        }
      }),
    );
  });
  it('finds the addresses that others can reach, each once', () => {
    const vmi = readVirtualMachineInstance(
      instance(
        {
          interfaces: [
            { name: 'lan', ipAddress: '2001:db8::7' },
            { name: 'default', ipAddresses: ['10.0.0.7', 'fe80::1', '10.0.0.7', 'evil text'] },
          ],
        },
        { networks: [{ name: 'default' }, { name: 'lan' }] },
      ),
    );
    expect(vmi?.addresses).toEqual(['10.0.0.7', '2001:db8::7']);
  });
  it('does not show the addresses of interfaces that the guest made for itself', () => {
    const own = { infoSource: 'domain, guest-agent', interfaceName: 'docker0', ipAddresses: ['172.17.0.1', 'fd00::1'] };
    const calico = { infoSource: 'guest-agent', interfaceName: 'cali1', ipAddress: '169.254.1.1' };
    const ordered = {
      infoSource: 'domain, guest-agent',
      interfaceName: 'enp1s0',
      name: 'default',
      ipAddress: '10.244.0.9',
    };
    expect(readVirtualMachineInstance(instance({ interfaces: [own, calico, ordered] }))?.addresses).toEqual([
      '10.244.0.9',
    ]);
  });
  it('reads nothing of a VirtualMachine that is not ours, whatever its labels say', () => {
    const read = { managedVM: managedVM(), installed: ALL_INSTALLED, keysPresent: true };
    const foreign = observe({
      ...read,
      virtualMachine: virtualMachine(),
      foreignVirtualMachine: true,
      virtualMachineInstance: instance(),
    });
    expect(foreign).toMatchObject({
      foreignVirtualMachine: true,
      virtualMachine: undefined,
      virtualMachineInstance: undefined,
    });
    expect(observe({ ...read, virtualMachine: virtualMachine() })).toMatchObject({
      foreignVirtualMachine: false,
      virtualMachine: { uid: 'vm-uid' },
    });
  });
});

describe('two ManagedVMs that want one VirtualMachine', () => {
  const rival = (creationTimestamp: string, name = 'rival') =>
    managedVM({}, { metadata: { name, namespace: 'acme', uid: `${name}-uid`, creationTimestamp } });
  const [older, younger, twin] = [
    rival('2026-11-23T10:00:00Z'),
    rival('2026-11-23T11:30:00Z'),
    rival('2026-11-23T11:00:00Z', 'alpha'),
  ];
  const ownedBy = (uid: string) => (claimant: ManagedVM) => claimant.metadata.uid === uid;
  const nobodys = () => false;
  it.each([
    ['the older one gets it', [older], nobodys, 'rival'],
    ['the younger one does not', [younger], nobodys, undefined],
    ['of twins the first by name gets it', [twin], nobodys, 'alpha'],
    ['who has it keeps it, also from an older one', [older], ownedBy(UID), undefined],
    ['who has it keeps it, also when younger', [younger], ownedBy('rival-uid'), 'rival'],
    ['without a rival it is ours', [managedVM()], nobodys, undefined],
  ])('%s', (_, rivals, holds, expected) => {
    expect(nameClaimedBy(managedVM(), rivals, holds)).toBe(expected);
  });
  it('agree on who gets it', () => {
    const all = [managedVM(), older, younger, twin];
    const winners = all.filter(one => nameClaimedBy(one, all, nobodys) === undefined);
    expect(winners.map(({ metadata }) => metadata.uid)).toEqual(['rival-uid']);
  });
});
