import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { managedVMOf } from '../../managedvm/rendering.fixtures.ts';
import { macAddress } from '../identity.ts';
import { networkData } from './networkdata.ts';

const order = (networks: object[]) => managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', networks });

/** The interfaces as cloud-init reads them. */
function ethernetsOf(networks: object[]): Record<string, Record<string, unknown>> {
  return (parse(networkData(order(networks)) ?? '', { version: '1.1' }) as { ethernets: Record<string, never> })
    .ethernets;
}

describe('network configuration', () => {
  test('the default route is the first network’s, whatever DHCP servers of the others offer', () => {
    const networks = [{ name: 'default' }, { name: 'lan', multusNetwork: 'a' }, { name: 'backup', multusNetwork: 'b' }];
    const text = networkData(managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', networks })) ?? '';
    const { ethernets } = parse(text) as { ethernets: Record<string, { 'dhcp4-overrides': Record<string, number> }> };
    expect(Object.values(ethernets).map(each => each['dhcp4-overrides']['route-metric'])).toEqual([100, 200, 300]);
  });

  test('is left to cloud-init for one interface', () => {
    expect(networkData(managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }))).toBeUndefined();
  });

  test('knows each of several interfaces by its address; boot waits for the first only', () => {
    const networks = [{ name: 'default' }, { name: 'storage', multusNetwork: 'vlan-40' }];
    const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', networks });
    const uid = managedVM.metadata.uid ?? '';
    expect(parse(networkData(managedVM) ?? '')).toEqual({
      version: 2,
      ethernets: {
        default: {
          match: { macaddress: macAddress(uid, 'default') },
          dhcp4: true,
          'dhcp4-overrides': { 'route-metric': 100 },
        },
        storage: {
          match: { macaddress: macAddress(uid, 'storage') },
          dhcp4: true,
          'dhcp4-overrides': { 'route-metric': 200 },
          optional: true,
        },
      },
    });
  });

  test('MO-1: an interface is set as ordered, and asks no DHCP server', () => {
    const lan = {
      ...{ name: 'lan', multusNetwork: 'vlan-40', mtu: 9000, addresses: ['10.20.0.5/24', '2001:db8::5/64'] },
      ...{ gateways: ['10.20.0.1', '2001:db8::1'], dns: { servers: ['10.20.0.53'], search: ['corp.example'] } },
      routes: [{ to: '10.0.0.0/8', via: '10.20.0.254' }],
    };
    expect(ethernetsOf([lan])).toEqual({
      lan: {
        match: { macaddress: macAddress(order([lan]).metadata.uid ?? '', 'lan') },
        addresses: ['10.20.0.5/24', '2001:db8::5/64'],
        'accept-ra': false,
        nameservers: { addresses: ['10.20.0.53'], search: ['corp.example'] },
        routes: [
          { to: '0.0.0.0/0', via: '10.20.0.1', metric: 50 },
          { to: '::/0', via: '2001:db8::1', metric: 50 },
          { to: '10.0.0.0/8', via: '10.20.0.254' },
        ],
        mtu: 9000,
      },
    });
  });

  test('MO-1: there is one default route, that of the gateway: the pod network gives none, and answers who comes by it', () => {
    const lan = { name: 'lan', multusNetwork: 'vlan-40', addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'] };
    const { pod, lan: own } = ethernetsOf([{ name: 'pod' }, lan]);
    expect(own?.routes).toEqual([{ to: '0.0.0.0/0', via: '10.20.0.1', metric: 50 }]);
    expect(pod).toMatchObject({
      dhcp4: true,
      'dhcp4-overrides': { 'route-metric': 100, 'use-routes': false },
      routes: [{ to: '0.0.0.0/0', via: '10.0.2.1', metric: 1000, table: 1001 }],
      'routing-policy': [{ from: '10.0.2.2/32', table: 1001 }],
    });
  });

  test('MO-1: on the pod network own addresses come beside that of KubeVirt, and ordered name servers stand alone', () => {
    const pod = { name: 'pod', addresses: ['192.0.2.10/24'], dns: { servers: ['10.0.0.53'] } };
    expect(ethernetsOf([pod]).pod).toMatchObject({
      dhcp4: true,
      'dhcp4-overrides': { 'route-metric': 100, 'use-dns': false },
      addresses: ['192.0.2.10/24'],
      nameservers: { addresses: ['10.0.0.53'] },
    });
  });
});
