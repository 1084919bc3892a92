import { describe, expect, test } from 'vitest';
import { operatingSystemOf, windows } from '../managedvm/rendering.fixtures.ts';
import { otherSystem } from './guestsystem.ts';

const guest = (id?: string, versionId?: string, name?: string) => ({
  ...{ id, versionId, name },
  ...{ version: versionId, kernelRelease: undefined },
});
const linux = (distribution: string, version: string) => operatingSystemOf({ distribution, version });

describe('GE-9, GE-11: what a guest says that it is', () => {
  test.each([
    ['Debian', '13', 'debian', '13'],
    ['Ubuntu', '24.04', 'ubuntu', '24.04'],
    ['AlmaLinux', '9', 'almalinux', '9.4'],
    ['Rocky Linux', '10', 'rocky', '10.0'],
    ['Red Hat Enterprise Linux', '9', 'rhel', '9.6'],
    ['SUSE Linux Enterprise Server', '15 SP7', 'sles', '15.7'],
    ['SUSE Linux Enterprise Server', '16.0', 'sles', '16.0'],
    ['openSUSE Leap', '16.0', 'opensuse-leap', '16.0'],
    ['Acme Linux', '3', 'acme', '3.1'],
  ])('fits %s %s where it is %s %s', (distribution, version, id, versionId) => {
    expect(otherSystem(linux(distribution, version), guest(id, versionId))).toBeUndefined();
  });

  test('fits Windows Server as the guest agent names it', () => {
    expect(otherSystem(operatingSystemOf(windows), guest('mswindows', '2025'))).toBeUndefined();
  });

  test.each([
    ['another release', linux('Debian', '13'), guest('debian', '12', 'Debian GNU/Linux 12 (bookworm)')],
    ['a release that begins alike', linux('Debian', '1'), guest('debian', '13', 'Debian GNU/Linux 13')],
    ['another service pack', linux('SUSE Linux Enterprise Server', '15 SP7'), guest('sles', '15.6', 'SLES 15 SP6')],
    ['another distribution', linux('AlmaLinux', '9'), guest('rocky', '9.4', 'Rocky Linux 9.4')],
    ['Windows for Linux', linux('Acme Linux', '3'), guest('mswindows', '3', 'Microsoft Windows')],
    ['Linux for Windows', operatingSystemOf(windows), guest('debian', '2025', 'Debian')],
    ['an older Windows', operatingSystemOf(windows), guest('mswindows', '2022', 'Windows Server 2022 Standard')],
  ])('contradicts the order where it is %s', (_, system, said) => {
    expect(otherSystem(system, said)).toBe(`${said.name} (ID ${said.id}, VERSION_ID ${said.versionId})`);
  });

  test('contradicts nothing where it says nothing', () => {
    expect(otherSystem(linux('Debian', '13'), guest())).toBeUndefined();
    expect(otherSystem(linux('Debian', '13'), guest('debian'))).toBeUndefined();
  });

  test('is quoted at no more than what a name needs', () => {
    const said = otherSystem(linux('Debian', '13'), guest('x'.repeat(253), 'y'.repeat(253), 'z'.repeat(253))) ?? '';
    expect(said.length).toBeLessThan(180);
  });
});
