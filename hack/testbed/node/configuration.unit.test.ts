/** What the node's programs are told: each test is a thing that goes wrong in silence when it is forgotten. */
import { describe, expect, it } from 'vitest';
import { nodeNetwork } from './addresses.ts';
import { containerdConfig, pauseImage, podNetwork } from './containerd.ts';
import { kubeletConfig } from './kubelet.ts';
import { corefile, proxyConfig } from './services.ts';

/** The addresses of a range as numbers, the last one excluded. */
function range(cidr: string): readonly [number, number] {
  const [address = '', bits = '32'] = cidr.split('/');
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(bits))];
}
const within = (cidr: string, outer: string) => {
  const [[first, end], [from, to]] = [range(cidr), range(outer)];
  return first >= from && end <= to;
};
const apart = (a: string, b: string) => range(a)[1] <= range(b)[0] || range(b)[1] <= range(a)[0];

describe('addresses', () => {
  const { address, pods, services, apiService, dnsService } = nodeNetwork;
  it('of node and Pods lie in the range set aside for test beds (RFC 2544)', () => {
    for (const cidr of [address, pods]) expect(within(cidr, '198.18.0.0/15'), cidr).toBe(true);
  });
  it('of node, Pods and Services are apart', () => {
    expect([apart(address, pods), apart(pods, services), apart(address, services)]).toEqual([true, true, true]);
  });
  it('of the API and of DNS are Services’, the API’s the first as kube-apiserver takes it', () => {
    expect(within(dnsService, services)).toBe(true);
    expect(range(apiService)[0]).toBe(range(services)[0] + 1);
  });
});

it('containerd neither asks for what only a machine’s own root may do, nor pulls the image Pods begin with', () => {
  const config = containerdConfig('/cache/runc/runc');
  expect(config).toContain('restrict_oom_score_adj = true');
  expect(config).toContain(`sandbox = "${pauseImage}"`);
  expect(config).toContain('BinaryName = "/cache/runc/runc"');
  expect(config).toContain('device_ownership_from_security_context = true');
});

it('Pods keep their own address when they speak to the node and to each other', () => {
  expect(podNetwork.plugins[0]).toMatchObject({ ipMasq: false, ipam: { ranges: [[{ subnet: nodeNetwork.pods }]] } });
});

it('kubelet never throws an image away: nobody could pull it again', () => {
  expect(kubeletConfig('/c')).toMatchObject({ imageGCHighThresholdPercent: 100 });
});

it('kubelet lets in whom kube-apiserver vouches for, and nobody else', () => {
  expect(kubeletConfig('/c')).toMatchObject({
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/c/authority.crt' } },
    authorization: { mode: 'Webhook' },
  });
});

it('kube-proxy leaves the machine’s table of connections as large as it is', () => {
  expect(proxyConfig('/k')).toMatchObject({ mode: 'nftables', conntrack: { maxPerCore: 0, min: 0 } });
});

it('CoreDNS answers for the cluster’s names, and denies all others without asking anybody', () => {
  const lines = corefile('/k').split('\n');
  expect(lines[0]).toBe(`${nodeNetwork.domain} in-addr.arpa {`);
  expect(corefile('/k')).toContain('rcode NXDOMAIN');
  expect(corefile('/k')).not.toContain('forward');
});
