import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyInput, keys, managedVMOf, operatingSystemOf, windows } from '../../managedvm/rendering.fixtures.ts';
import { computerName, firstBootScript, unattend } from './windows.ts';

const inputOf = (spec: Record<string, unknown> = {}, name = 'shop-db') => ({
  managedVM: managedVMOf(
    { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'windows-2025', ...spec },
    { name },
  ),
  operatingSystem: operatingSystemOf(windows),
  keys,
});

describe('first boot of a Windows guest', () => {
  test('the answer file is well-formed, names the computer and asks nothing', () => {
    const text = unattend(inputOf());
    expect(openElements(text)).toEqual([]);
    expect(text).toContain('<ComputerName>shop-db</ComputerName>');
    expect(text).toContain('<HideEULAPage>true</HideEULAPage>');
    expect(text).toContain(' for %d in (D E F G H I J K) do @if exist %d:\\first-boot.ps1 powershell.exe ');
  });

  test('the answer file is well-formed for every valid order', () => {
    fc.assert(
      fc.property(anyInput, input => {
        expect(openElements(unattend({ ...input, keys }))).toEqual([]);
      }),
    );
  });

  test('the command in the answer file is within the 259 characters that Windows takes', () => {
    const [, path = ''] = /<Path>(.*)<\/Path>/.exec(unattend(inputOf())) ?? [];
    expect(path.length).toBeGreaterThan(0);
    expect(path.length).toBeLessThanOrEqual(259);
  });

  test('no password, key or account stands in clear in the answer file', () => {
    const text = unattend(inputOf({ access: { users: [{ name: 'anna' }] } }));
    expect(text).toContain('<PlainText>false</PlainText>');
    for (const secret of ['PRIVATE KEY', 'ssh-ed25519', 'anna', 'AutoLogon']) expect(text).not.toContain(secret);
  });

  test('the password that setup demands differs between guests and cannot be told from the public key', () => {
    const value = (text: string): string => /<Value>(.*)<\/Value>/.exec(text)?.[1] ?? '';
    const other = { ...inputOf(), keys: { ...keys, hostPrivateKey: `${keys.hostPrivateKey}x` } };
    expect(value(unattend(inputOf()))).not.toBe(value(unattend(other)));
    const clear = Buffer.from(value(unattend(inputOf())), 'base64').toString('utf16le');
    expect(clear).toMatch(/^Aa1-[\w-]{43}AdministratorPassword$/);
  });

  test('the script leaves the built-in Administrator disabled with a password that nobody knows', () => {
    const script = firstBootScript(inputOf());
    expect(script).toContain('Set-LocalUser -InputObject $builtIn -Password (New-RandomPassword)');
    expect(script).toContain('Disable-LocalUser -InputObject $builtIn');
  });

  test('MO-8: the script knows the provider, the customer and the host key, as data', () => {
    const users = [
      {
        name: 'anna',
        sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna'],
        administrator: true,
      },
    ];
    expect(settingsOf(inputOf({ access: { users } }))).toMatchObject({
      users: [
        { name: 'steward', sshKeys: [keys.providerPublicKey], administrator: true },
        { name: 'anna', sshKeys: users[0]?.sshKeys, administrator: true },
      ],
      hostPrivateKey: keys.hostPrivateKey,
      hostPublicKey: keys.hostPublicKey,
    });
  });

  test('MO-1: networks that are set otherwise than by DHCP are data of the script, by hardware address', () => {
    const networks = [
      { name: 'pod' },
      {
        ...{ name: 'lan', multusNetwork: 'vlan-40', addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'] },
        ...{ dns: { servers: ['10.20.0.53'], search: ['corp.example'] }, mtu: 1400 },
      },
    ];
    expect(settingsOf(inputOf({ networks }))).toMatchObject({
      networks: [
        {
          ...{ name: 'lan', mac: expect.stringMatching(/^[0-9A-F]{2}(-[0-9A-F]{2}){5}$/), dhcp: false, mtu: 1400 },
          ...{ addresses: [{ address: '10.20.0.5', prefix: 24 }], isDefaultRoute: true, servers: ['10.20.0.53'] },
          routes: [{ to: '0.0.0.0/0', via: '10.20.0.1' }],
        },
      ],
      searchDomains: ['corp.example'],
    });
    expect(settingsOf(inputOf())).not.toHaveProperty('networks');
  });

  test('what a customer writes never becomes code: scripts differ in their first line only', () => {
    const body = (script: string): string => script.slice(script.indexOf('\r\n'));
    const sshKeys = [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea '; Remove-Item C:\\ -Recurse; '",
    ];
    const hostile = firstBootScript(inputOf({ access: { users: [{ name: 'anna', sshKeys }] } }));
    expect(body(hostile)).toBe(body(firstBootScript(inputOf())));
    expect(hostile).toMatch(/^\$encoded = '[A-Za-z0-9+/=]+'\r\n/);
  });

  test('MO-3: first boot leaves Windows Update on: whether anything will patch the guest is not known then', () => {
    expect(firstBootScript(inputOf())).not.toContain('WindowsUpdate');
  });

  test('MO-5: windows_exporter is installed at the monitored level only', () => {
    expect(settingsOf(inputOf())).toMatchObject({ exporter: { port: 9182 } });
    expect(settingsOf(inputOf({ serviceLevel: 'Admin' }))).not.toHaveProperty('exporter');
    // By this mark the guest worker takes it away again, and not one of the customer's.
    expect(firstBootScript(inputOf())).toContain('Set-ProtectedContent "$steward\\exporter"');
  });

  test('a login name longer than Windows takes keeps its beginning and stays unique', () => {
    const names = ['a'.repeat(32), `${'a'.repeat(31)}b`, 'anna'];
    const users = names.map(name => ({ name }));
    const [, first, second, third] = settingsOf(inputOf({ access: { users } })).users;
    expect(first?.name).toMatch(/^a{13}-[0-9a-f]{6}$/);
    expect(second?.name).not.toBe(first?.name);
    expect(third?.name).toBe('anna');
  });
});

describe('the computer name', () => {
  test.each([
    ['shop-db', /^shop-db$/],
    ['a'.repeat(15), /^a{15}$/],
    ['a'.repeat(16), /^a{8}-[0-9a-f]{6}$/],
    ['shop-db-production', /^shop-db-[0-9a-f]{6}$/],
  ])('of %s fits NetBIOS', (name, expected) => {
    expect(computerName(inputOf({}, name))).toMatch(expected);
  });

  test('is at most 15 characters for every valid name', () => {
    fc.assert(
      fc.property(anyInput, input => {
        expect(computerName(input)).toMatch(/^[a-z][-a-z0-9]{0,13}[a-z0-9]?$/);
      }),
    );
  });
});

function settingsOf(input: Parameters<typeof firstBootScript>[0]): { users: { name: string }[] } {
  const [, encoded = ''] = /^\$encoded = '([^']*)'/.exec(firstBootScript(input)) ?? [];
  return JSON.parse(Buffer.from(encoded, 'base64').toString());
}

/** Elements of an XML document that are not closed in order, and text that is not allowed: empty if it is well-formed. */
function openElements(xml: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const [declaration = '', ...tokens] = xml.trim().match(/<[^>]*>|[^<]+/g) ?? [];
  if (!declaration.startsWith('<?xml ')) wrong.push(declaration);
  for (const token of tokens) {
    const [, close, name = '', attributes = ''] = /^<(\/?)([A-Za-z][\w-]*)((?: [\w:]+="[^"<&]*")*)>$/.exec(token) ?? [];
    if (!token.startsWith('<')) wrong.push(...(/&(?!(amp|lt|gt|quot|apos);)|>/.test(token) ? [token] : []));
    else if (name === '' || (close && attributes)) wrong.push(token);
    else if (!close) open.push(name);
    else if (open.pop() !== name) wrong.push(token);
  }
  return [...wrong, ...open];
}
