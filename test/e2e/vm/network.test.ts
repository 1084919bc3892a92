/** MO-1: a guest in a network as it is ordered, proved from inside of a Debian that boots. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeNetwork } from '../../../hack/testbed/node/addresses.ts';
import { guestState } from '../../../src/api/gueststate.ts';
import { VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { eventually, gone } from '../../integration/support/eventually.ts';
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

/** Makes an authority in the guest, and a web server on its loopback with a certificate by it. */
const AUTHORITY = `cd /root && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=corp -keyout ca.key -out ca.pem 2>/dev/null &&
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout own.key -out own.csr 2>/dev/null &&
echo subjectAltName=DNS:localhost >own.ext &&
openssl x509 -req -days 2 -in own.csr -CA ca.pem -CAkey ca.key -extfile own.ext -out own.pem 2>/dev/null &&
systemd-run --quiet --unit=own-web openssl s_server -accept 8443 -cert /root/own.pem -key /root/own.key -www && cat ca.pem`;
const TRUSTS =
  'openssl s_client -connect localhost:8443 -servername localhost -verify_return_error </dev/null 2>&1 | grep -c "Verify return code: 0" || true';

/** Waits until the guest worker has found that generation of the order to be so in the guest. */
const compared = (generation: number) =>
  eventually(async () => {
    const { status } = await guests.api.get(guestState, NAMESPACE, NAME);
    expect(status.compared).toBeGreaterThanOrEqual(generation);
    expect(status.differences ?? []).toEqual([]);
  }, BOOT);

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
  'MO-1: the guest trusts the authority and asks the proxy and the time servers that are ordered, without a restart, and none that is not',
  async () => {
    const certificate = `${await inside(AUTHORITY)}\n`;
    expect(await inside(TRUSTS)).toBe('0');
    const proxy = { url: 'http://proxy.corp.example:3128', except: ['mirror.example'] };
    const system = { proxy, caCertificates: [{ name: 'corp', certificate }], timeServers: ['ntp.corp.example'] };
    const { metadata } = await guests.edit(NAME, { system });
    await compared(metadata.generation);
    expect(await inside(TRUSTS)).not.toBe('0');
    expect(await inside('apt-config dump Acquire::https::Proxy')).toContain('http://proxy.corp.example:3128');
    expect(await inside('systemctl show-environment; systemd-run --quiet --pipe --wait env')).toContain(
      'https_proxy=http://proxy.corp.example:3128',
    );
    expect(await inside('systemd-analyze cat-config systemd/timesyncd.conf')).toContain('NTP=ntp.corp.example');
    const back = await guests.edit(NAME, { system: null });
    await compared(back.metadata.generation);
    expect(await inside(TRUSTS)).toBe('0');
    expect(await inside('apt-config dump Acquire::https::Proxy')).toBe('');
  },
  BOOT,
);

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
