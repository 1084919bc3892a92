import { describe, expect, test } from 'vitest';
import { systemParts, systemScript } from './systemfiles.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const system = {
  proxy: { url: 'http://proxy.corp.example:3128', except: ['.corp.example', '10.0.0.0/8'] },
  caCertificates: [{ name: 'corp-root', certificate: PEM }],
  timeServers: ['ntp1.corp.example', '10.0.0.123'],
};
const filesOf = (packageManager: 'apt' | 'dnf' | 'zypper', settings: object = system) =>
  new Map(
    systemParts(settings, undefined, packageManager).flatMap(({ files }) =>
      files.map(each => [each.path, each.content]),
    ),
  );

describe("what the guest's system needs in the customer's network (MO-1)", () => {
  test('the proxy is that of apt, of services and of logins, and what is excepted is reached without', () => {
    const files = filesOf('apt');
    expect(files.get('/etc/apt/apt.conf.d/90-steward-proxy')).toContain(
      'Acquire::https::Proxy "http://proxy.corp.example:3128";',
    );
    expect(files.get('/etc/apt/apt.conf.d/90-steward-proxy')).toContain('Acquire::http::Proxy::corp.example "DIRECT";');
    expect(files.get('/etc/systemd/system.conf.d/90-steward-proxy.conf')).toContain(
      '"https_proxy=http://proxy.corp.example:3128"',
    );
    expect(files.get('/etc/profile.d/steward-proxy.sh')).toContain(
      "export no_proxy='localhost,127.0.0.1,::1,.corp.example,10.0.0.0/8'",
    );
    expect(filesOf('dnf').has('/etc/apt/apt.conf.d/90-steward-proxy')).toBe(false);
  });

  test.each([
    ['apt', '/usr/local/share/ca-certificates/steward-corp-root.crt'],
    ['dnf', '/etc/pki/ca-trust/source/anchors/steward-corp-root.pem'],
    ['zypper', '/etc/pki/trust/anchors/steward-corp-root.pem'],
  ] as const)('certificates lie where %s systems take them from', (packageManager, path) => {
    expect(filesOf(packageManager).get(path)).toBe(`${PEM}\n`);
  });

  test('time servers are told to whatever keeps the clock', () => {
    const files = filesOf('apt');
    expect(files.get('/etc/systemd/timesyncd.conf.d/90-steward.conf')).toContain('NTP=ntp1.corp.example 10.0.0.123\n');
    expect(files.get('/etc/chrony/sources.d/steward.sources')).toBe(
      'server ntp1.corp.example iburst\nserver 10.0.0.123 iburst\n',
    );
  });

  test('where nothing is ordered no file is, and first boot does nothing', () => {
    const parts = systemParts({}, undefined, 'apt');
    expect(parts.flatMap(({ files }) => files)).toEqual([]);
    expect(systemScript(parts)).toBeUndefined();
  });

  test('package sources are written as the catalogue has them', () => {
    const sources = [{ path: '/etc/apt/sources.list', content: '' }];
    const files = systemParts({}, sources, 'apt').flatMap(each => each.files);
    expect(files).toContainEqual({ path: '/etc/apt/sources.list', content: '', permissions: '0644' });
  });
});
