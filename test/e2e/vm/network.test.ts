/** MO-1: a guest in a network as it is ordered, proved from inside of a Debian that boots. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeNetwork } from '../../../hack/testbed/node/addresses.ts';
import { VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { gone } from '../../integration/support/eventually.ts';
import { BOOT, Guests } from '../support/guests.ts';

const NAMESPACE = 'networked';
const NAME = 'shop';
/** On the pod network, for the bed has no Multus: beside the address of KubeVirt. */
const setAs = (address: string, mtu: number) => ({
  networks: [
    {
      ...{ name: 'default', addresses: [address], mtu, routes: [{ to: '198.51.100.0/24', via: '10.0.2.1' }] },
      dns: { servers: [nodeNetwork.dnsService, '192.0.2.53'], search: ['corp.example'] },
    },
  ],
});

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  await guests.order(NAME, { sizing: { cpu: 1, memory: '256Mi' }, ...setAs('192.0.2.10/24', 1400) });
  await guests.configured(NAME);
}, BOOT);

afterAll(() => guests?.close());

const inside = (command: string) => guests.asRoot(NAME, command);

test('MO-1: the guest has the address, the routes, the MTU and the name servers that were ordered', async () => {
  const addresses = await inside('ip -4 -o addr show');
  expect(addresses).toContain(' 192.0.2.10/24 ');
  expect(addresses).toContain(' 10.0.2.2/24 ');
  const routes = await inside('ip -4 route show');
  expect(routes).toContain('198.51.100.0/24 via 10.0.2.1');
  expect(routes.match(/^default /gm)).toHaveLength(1);
  expect(await inside('cat /sys/class/net/enp1s0/mtu')).toBe('1400');
  const resolver = await inside('resolvectl status enp1s0');
  expect(resolver).toContain('192.0.2.53');
  expect(resolver).toContain('corp.example');
});

test(
  'MO-1: another address waits for a restart, says so, and is there after it',
  async () => {
    await guests.edit(NAME, setAs('192.0.2.20/24', 1380));
    const { status } = await guests.reads(NAME, { RestartPending: 'True/RestartNeeded' });
    expect(status.pendingChanges).toEqual([
      {
        path: 'spec.networks[default].settings',
        running: expect.stringContaining('192.0.2.10/24'),
        desired: expect.stringContaining('192.0.2.20/24'),
      },
    ]);
    expect(await inside('ip -4 -o addr show')).toContain(' 192.0.2.10/24 ');
    await guests.edit(NAME, { powerState: 'Stopped' });
    await gone(guests.api, VirtualMachineInstance, NAMESPACE, NAME);
    await guests.edit(NAME, { powerState: 'Running' });
    await guests.booted(NAME);
    await guests.reachable(NAME);
    const addresses = await inside('ip -4 -o addr show');
    expect(addresses).toContain(' 192.0.2.20/24 ');
    expect(addresses).not.toContain(' 192.0.2.10/24 ');
    expect(await inside('cat /sys/class/net/enp1s0/mtu')).toBe('1380');
    await guests.reads(NAME, { RestartPending: 'False/UpToDate', Configured: 'True/AsOrdered' });
  },
  2 * BOOT,
);
