import { describe, expect, it } from 'vitest';
import { DEFAULT_DOWNLOADS } from '../machine/firstboot/exporters.ts';
import { managedVMOf, operatingSystemOf, windows } from '../managedvm/rendering.fixtures.ts';
import { desiredGuest } from './desired.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna';
const PROVIDER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPROVIDER1Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea steward';
const GIVEN = `SHA256:${'A'.repeat(43)}`;

function desired(
  spec: Record<string, unknown>,
  options: {
    accounts?: string[];
    given?: string[];
    windows?: boolean;
    policy?: string;
    system?: Record<string, unknown>;
  } = {},
) {
  const managedVM = managedVMOf({ operatingSystem: 'debian-13', ...spec });
  const users = (options.given ?? []).map(name => ({ name, administrator: true, keys: [GIVEN] }));
  return desiredGuest({
    managedVM: {
      ...managedVM,
      status: {
        firstBoot: { users, networks: [], exporter: false, ownUpdater: true },
        ...(options.policy && {
          patching: { policy: { kind: 'ClusterPatchPolicy', name: options.policy }, provenBy: options.policy },
        }),
      },
    },
    operatingSystem: operatingSystemOf(options.system),
    providerKeys: [PROVIDER],
    accounts: options.accounts ?? [],
    windows: options.windows ?? false,
  });
}

describe('how a guest shall be inside', () => {
  it("MO-1: has its system's settings, and fetches what the catalogue names from its mirror, by checksum", () => {
    const system = { timeServers: ['ntp.corp.example'] };
    const exporter = { url: 'https://mirror.corp.example/node_exporter.tar.gz', sha256: 'a'.repeat(64) };
    const packageSources = [{ path: '/etc/apt/sources.list', content: '' }];
    const guest = desired({ serviceLevel: 'Admin', system }, { system: { downloads: { exporter }, packageSources } });
    expect(guest).toMatchObject({ system, packageSources, exporterRelease: exporter });
    expect(desired({ serviceLevel: 'Admin' })).not.toHaveProperty('system');
  });

  it('MO-8: has the provider and the ordered users, each with the keys that first boot gave it', () => {
    const access = {
      users: [
        { name: 'anna', sshKeys: [KEY], administrator: false },
        { name: 'ben', administrator: true },
      ],
    };
    const { provider, users } = desired({ serviceLevel: 'Admin', access }, { given: ['anna'] });
    expect(provider).toEqual({ name: 'steward', sshKeys: [PROVIDER], administrator: true, formerKeys: [] });
    expect(users).toEqual([
      { name: 'anna', sshKeys: [KEY], administrator: false, formerKeys: [GIVEN] },
      { name: 'ben', sshKeys: [], administrator: true, formerKeys: [] },
    ]);
  });

  it('MO-8: has the names of Windows there, which takes 20 characters, for those of before too', () => {
    const long = 'a'.repeat(32);
    const { users, former } = desiredGuest({
      managedVM: {
        ...managedVMOf({
          ...{ serviceLevel: 'Admin', operatingSystem: 'windows-2025' },
          access: { users: [{ name: long, sshKeys: [KEY], administrator: true }] },
        }),
        status: {
          firstBoot: {
            ...{ networks: [], exporter: false, ownUpdater: true },
            users: [long, `${long.slice(1)}b`].map(name => ({ name, administrator: true, keys: [GIVEN] })),
          },
        },
      },
      ...{
        operatingSystem: operatingSystemOf(windows),
        providerKeys: [PROVIDER],
        accounts: [],
        windows: false,
      },
    });
    expect(users).toMatchObject([{ name: expect.stringMatching(/^a{13}-[0-9a-f]{6}$/), formerKeys: [GIVEN] }]);
    expect(former).toEqual([expect.stringMatching(/^a{13}-[0-9a-f]{6}$/)]);
    expect(former).not.toEqual([users[0]?.name]);
  });

  it('MO-5: is given the exporter and the agent of its family, and Linux the exporter alone', () => {
    const of = (system: Record<string, unknown>) =>
      desiredGuest({
        managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }),
        ...{
          operatingSystem: operatingSystemOf(system),
          providerKeys: [],
          accounts: [],
          windows: false,
        },
      });
    const { windowsExporter, windowsGuestAgent, nodeExporter } = DEFAULT_DOWNLOADS;
    expect(of(windows)).toMatchObject({ exporterRelease: windowsExporter, agentRelease: windowsGuestAgent });
    expect(of({})).toMatchObject({ exporterRelease: nodeExporter });
    expect(of({})).not.toHaveProperty('agentRelease');
  });

  it('MO-8: whom Steward set up and nobody orders any more is a former account, and the provider never is', () => {
    const access = { users: [{ name: 'anna', sshKeys: [KEY], administrator: true }] };
    const { former } = desired(
      { serviceLevel: 'Admin', access },
      { accounts: ['zoe', 'anna', 'steward'], given: ['ben', 'zoe'] },
    );
    expect(former).toEqual(['ben', 'zoe']);
  });

  it.each([
    ['Admin', false],
    ['MonitoringAndPatching', true],
    ['AdvancedMonitoringAndPatching', true],
  ])('MO-5, MO-12: at %s the exporter is there: %s', (serviceLevel, exporter) => {
    expect(desired({ serviceLevel }).exporter).toBe(exporter);
  });

  it('MO-3: the own updater is off only where the level includes patching and a policy is in force, named or not', () => {
    const level = { serviceLevel: 'MonitoringAndPatching' };
    const inForce = { policy: 'standard' };
    expect(desired(level, inForce).ownUpdater).toBe(false);
    expect(desired({ serviceLevel: 'Admin' }, inForce).ownUpdater).toBe(true);
    // One that is only named may not be there, and patches nothing.
    const named = { serviceLevel: 'AdvancedMonitoringAndPatching', patchPolicyRef: { name: 'tuesday' } };
    expect(desired(named).ownUpdater).toBe(true);
  });

  it.each([
    [true, false],
    [false, true],
  ])(
    'MO-3, MO-7: where Windows guests are worked in is %s, one that is patched has its own updater: %s',
    (windowsToo, own) => {
      const level = { serviceLevel: 'AdvancedMonitoringAndPatching' };
      const inForce = { policy: 'standard', system: windows, windows: windowsToo };
      expect(desired(level, inForce).ownUpdater).toBe(own);
    },
  );
});
