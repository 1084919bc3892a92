import { describe, expect, it } from 'vitest';
import { ManagedVMSpec } from '../../api/managedvm.ts';
import { expectedServices } from './services.ts';

const order = (...services: string[]) =>
  ManagedVMSpec.parse({ serviceLevel: 'MonitoringAndPatching', operatingSystem: 'debian-13', services });

describe('MO-12: expected services', () => {
  it.each([
    ['a systemd unit with its suffix is the one without', ['ssh.service'], 'Linux', ['ssh']],
    ['both spellings of a unit are one service', ['nginx.service', 'nginx'], 'Linux', ['nginx']],
    ['a unit of another type keeps its suffix', ['apt-daily.timer'], 'Linux', ['apt-daily.timer']],
    ['an escaped unit name stays as it is', ['dev-disk-by\\x2dlabel'], 'Linux', ['dev-disk-by\\x2dlabel']],
    ['an instance stays as it is', ['postgresql@17-main'], 'Linux', ['postgresql@17-main']],
    ['a Windows service is meant in any case', ['W32Time', 'w32time'], 'Windows', ['w32time']],
    ['a named instance of SQL Server can be watched', ['MSSQL$SQLEXPRESS'], 'Windows', ['mssql$sqlexpress']],
    ['a Windows name may hold spaces', ['FileZilla Server'], 'Windows', ['filezilla server']],
    ['a system that is not in the catalogue counts as Linux', ['ssh.service'], undefined, ['ssh']],
  ] as const)('%s', (_, services, family, expected) => {
    expect(expectedServices(order(...services), family)).toEqual(expected);
  });

  it.each([' ssh', 'ssh ', '', '$x', 'a"b', 'a{b}', 'a\nb'])(
    'are refused at admission where no service can be called so: %j',
    name => {
      expect(() => order(name)).toThrow();
    },
  );
});
