import { afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from './aptcases.ts';
import { type Manager, RpmGuest } from './rpmguest.ts';

const guests: RpmGuest[] = [];
afterEach(() => Promise.all(guests.splice(0).map(guest => guest.stop())));

async function started(manager: Manager): Promise<RpmGuest> {
  const guest = await RpmGuest.start(manager);
  guests.push(guest);
  return guest;
}

const made = (name: string, version: string) => ({ name, version });
const pin = (name: string, version: string) => ({ package: name, version });
const shell = { name: 'shell', version: '1', spec: 'Provides: /bin/sh' };
const advisory = { issued: '2026-11-02', severity: 'Important', type: 'security' } as const;

/** The scripts for dnf and zypper on the real programs in Debian's builds, over repositories that the tests make and sign: what counts most. */
export function rpmSample(manager: Manager): void {
  describe(manager, { timeout: PATIENCE_MS }, () => {
    it('MO-10: tells security from others by advisories, with the gravest of them and when it was issued', async () => {
      const guest = await started(manager);
      await guest.begin(made('urgent', '1'), made('plain', '1'), made('unnamed', '1'));
      await guest.publish(
        'updates',
        [made('urgent', '2'), made('urgent', '3'), made('plain', '2'), made('unnamed', '2')],
        [
          { ...advisory, id: 'ADV-1', of: [made('urgent', '2')] },
          { ...advisory, id: 'ADV-2', type: 'bugfix', severity: 'None', of: [made('plain', '2')] },
        ],
      );
      const scan = await guest.scan();
      expect(scan).toMatchObject({ complete: true });
      const found = scan.updates.map(each => [each.package, each.from, each.to, each.security, each.severity]);
      expect(found.sort()).toEqual([
        ['plain', '1-1', '2-1', false, 'Unknown'],
        ['unnamed', '1-1', '2-1', false, 'Unknown'],
        ['urgent', '1-1', '3-1', true, 'Important'],
      ]);
      expect(scan.updates.find(each => each.package === 'urgent')?.advisories).toEqual([
        { id: 'ADV-1', severity: 'Important', issued: '2026-11-02T00:00:00Z' },
      ]);
    });

    it('MO-10: does not know what is for security where a repository has no advisories', async () => {
      const guest = await started(manager);
      await guest.begin(made('plain', '1'));
      await guest.publish('updates', [made('plain', '2')]);
      expect((await guest.scan()).updates).toMatchObject([
        { package: 'plain', security: undefined, severity: 'Unknown' },
      ]);
    });

    it('MO-11: installs exactly the versions that were proven although newer ones are there, and nothing twice', async () => {
      const guest = await started(manager);
      await guest.begin(made('one', '1'), made('two', '1'));
      await guest.publish('updates', [
        made('one', '2'),
        made('one', '3'),
        { ...made('two', '2'), spec: 'Requires: along' },
        made('along', '7'),
      ]);
      await guest.scan();
      expect((await guest.install([pin('one', '2-1'), pin('two', '2-1')])).failure).toBe(
        'packages would change that are not approved: along 7-1',
      );
      const pins = [pin('one', '2-1'), { ...pin('two', '2-1'), architecture: 'noarch' }, pin('along', '7-1')];
      expect(await guest.install(pins)).toMatchObject({ failure: undefined, reasons: new Map() });
      const proof = {
        installed: new Map([
          ['one', '2-1'],
          ['two', '2-1'],
          ['along', '7-1'],
        ]),
        healthy: true,
      };
      expect(await guest.readBack(pins)).toMatchObject(proof);
      const times = "rpm -qa --qf '%{NAME} %{INSTALLTIME}\\n' | sort";
      const before = await guest.sh(times);
      expect(await guest.install([pin('one', '1-1'), ...pins.slice(1)])).toMatchObject({ failure: undefined });
      expect(await guest.sh(times)).toBe(before);
    });
  });
}

/** Every case. */
export function rpmCases(manager: Manager): void {
  rpmSample(manager);
  describe(manager, { timeout: PATIENCE_MS }, () => {
    it('MO-11: a version that went between two rings is left out with its reason, and the others are installed', async () => {
      const guest = await started(manager);
      await guest.begin(made('gone', '1'), made('there', '1'));
      await guest.publish('updates', [made('gone', '3'), made('there', '2')]);
      await guest.scan();
      const pins = [pin('gone', '2-1'), pin('there', '2-1'), pin('never', '1-1')];
      const { failure, reasons } = await guest.install(pins);
      expect([failure, ...reasons]).toEqual([
        undefined,
        ['gone', 'the sources do not have this version any more'],
        ['never', 'it is not installed, and only updates are'],
      ]);
      expect((await guest.readBack(pins)).installed).toEqual(
        new Map([
          ['gone', '1-1'],
          ['there', '2-1'],
        ]),
      );
    });

    it('MO-11: what another brings as new comes along as the ring before had it, and nothing else', async () => {
      const guest = await started(manager);
      const meta = (version: string) => ({ ...made('image', version), spec: `Requires: image-v${version}` });
      await guest.begin(meta('1'), made('image-v1', '1'));
      await guest.publish('updates', [meta('2'), made('image-v2', '2'), meta('3'), made('image-v3', '3')]);
      await guest.scan();
      const pins = [pin('image', '2-1')];
      const refused = await guest.install(pins);
      expect(refused.failure).toBe('packages would change that are not approved: image-v2 2-1');
      const along = { ...pin('image-v2', '2-1'), comesAlong: true as const };
      const { failure, brought } = await guest.install([...pins, along, { ...pin('other', '9-1'), comesAlong: true }]);
      expect([failure, ...brought]).toEqual([undefined, ['image-v2', '2-1']]);
    });

    it('MO-11: a guest that is ahead of what was proven is left as it is, though the sources have that version or none', async () => {
      const guest = await started(manager);
      await guest.begin(made('ahead', '3'), made('alone', '3'), made('there', '1'));
      await guest.publish('updates', [made('ahead', '2'), made('ahead', '4'), made('there', '2')]);
      await guest.scan();
      const pins = [pin('ahead', '2-1'), pin('alone', '2-1'), pin('there', '2-1')];
      const { failure, newer } = await guest.install(pins);
      expect([failure, [...newer].sort()]).toEqual([undefined, ['ahead', 'alone']]);
      expect((await guest.readBack(pins)).installed).toEqual(
        new Map([
          ['ahead', '3-1'],
          ['alone', '3-1'],
          ['there', '2-1'],
        ]),
      );
    });

    it('says which update is held, and does not install it', async () => {
      const guest = await started(manager);
      await guest.begin(made('held', '1'), made('free', '1'));
      await guest.sh(
        manager === 'zypper' ? 'zypper --non-interactive addlock held' : 'echo excludepkgs=held >> /etc/dnf/dnf.conf',
      );
      await guest.publish('updates', [made('held', '2'), made('free', '2')]);
      const { updates } = await guest.scan();
      expect(updates.map(each => [each.package, each.hindrance]).sort()).toEqual([
        ['free', undefined],
        ['held', 'Held'],
      ]);
      await guest.install([pin('held', '2-1')]);
      expect((await guest.readBack([pin('held', '2-1')])).installed).toEqual(new Map([['held', '1-1']]));
    });

    it("keeps a configuration file that the customer has changed, and names the package's own beside it", async () => {
      const guest = await started(manager);
      const version = (each: string) => ({
        ...made('conf', each),
        files: { '/etc/conf/main': `by the package ${each}` },
      });
      await guest.begin(version('1'));
      await guest.sh('echo by the customer > /etc/conf/main');
      await guest.publish('updates', [version('2')]);
      await guest.scan();
      expect(await guest.install([pin('conf', '2-1')])).toMatchObject({
        failure: undefined,
        kept: ['/etc/conf/main.rpmnew'],
      });
      expect(await guest.sh('cat /etc/conf/main /etc/conf/main.rpmnew')).toBe('by the customer\nby the package 2\n');
    });

    it('a script that fails is a failure, although rpm counts the package as installed', async () => {
      const guest = await started(manager);
      await guest.begin(made('bad', '1'), shell);
      await guest.publish('updates', [{ ...made('bad', '2'), sections: '%post\nexit 7' }]);
      await guest.scan();
      expect((await guest.install([pin('bad', '2-1')])).failure).toMatch(/a package's script failed/);
      expect((await guest.readBack([pin('bad', '2-1')])).installed).toEqual(new Map([['bad', '2-1']]));
    });

    it('a repository that cannot be read, or is not signed, makes the scan incomplete and stops a run before it begins', async () => {
      const guest = await started(manager);
      await guest.begin(made('one', '1'));
      expect(await guest.scan()).toMatchObject({ complete: true, updates: [] });
      expect((await guest.preflight()).blockers).toEqual([]);
      await guest.publish('updates', [made('one', '2')]);
      await guest.sh(
        'gpg --batch --yes --quiet --armor --detach-sign /etc/os-release && cp /etc/os-release.asc /build/updates/repodata/repomd.xml.asc',
      );
      expect(await guest.scan()).toMatchObject({ complete: false });
      await guest.sh('rm -r /build/updates');
      expect(await guest.scan()).toMatchObject({ complete: false });
      expect((await guest.preflight()).blockers).toEqual([
        expect.stringMatching(/^Not all package sources could be read/),
      ]);
    });

    it('begins nothing while another uses the package manager, and says so', async () => {
      const guest = await started(manager);
      await guest.begin(made('slow', '1'), made('good', '1'), shell);
      const waiting = {
        ...made('slow', '2'),
        sections: '%post\ntouch /begun; while [ ! -e /go ]; do sleep 0.05; done',
      };
      await guest.publish('updates', [waiting, made('good', '2')]);
      await guest.scan();
      const upgrade = manager === 'zypper' ? 'zypper --non-interactive update slow' : 'dnf -q -y upgrade slow';
      const other = guest.sh(`export HOME=/root; ${upgrade}`);
      await vi.waitFor(() => guest.sh('test -e /begun'), { timeout: 300_000, interval: 50 });
      expect((await guest.install([pin('good', '2-1')], 0)).failure).toMatch(/^the package manager was in use/);
      expect((await guest.preflight()).blockers.join(' ')).toMatch(/The package manager is in use/);
      await guest.sh('touch /go');
      await other;
      expect(await guest.install([pin('good', '2-1')])).toMatchObject({ failure: undefined });
      expect((await guest.readBack([pin('good', '2-1')])).installed).toEqual(new Map([['good', '2-1']]));
    });

    it('says that a restart is due where the package manager says so', async () => {
      const guest = await started(manager);
      const [core, spec] = manager === 'zypper' ? ['core', 'Provides: installhint(reboot-needed)'] : ['glibc', ''];
      await guest.begin(made(core, '1'));
      // dnf compares with when the guest has booted, to the second.
      await guest.sh('until [ $(date +%s) -gt $(($(stat -c %Y /proc/1) + 1)) ]; do sleep 0.1; done');
      await guest.publish('updates', [{ ...made(core, '2'), spec }]);
      await guest.scan();
      expect(await guest.install([pin(core, '2-1')])).toMatchObject({ failure: undefined });
      expect(await guest.readBack([pin(core, '2-1')])).toMatchObject({ rebootPending: true });
    });

    it("GE-11: a release that is not the guest's stands in the way", async () => {
      const guest = await started(manager);
      await guest.begin(made('one', '1'));
      await guest.sh('echo 10 > /etc/dnf/vars/releasever');
      const jump =
        'dnf takes packages of release 10, and the guest is 9.4: a major release is never changed by patching (GE-11).';
      expect((await guest.preflight()).blockers).toEqual(manager === 'zypper' ? [] : [jump]);
    });

    it('dependencies that nothing has are told before anything is changed', async () => {
      const guest = await started(manager);
      await guest.begin(made('one', '1'));
      await guest.publish('updates', [{ ...made('one', '2'), spec: 'Requires: nowhere' }]);
      await guest.scan();
      expect((await guest.install([pin('one', '2-1')])).failure).toMatch(
        /^the versions cannot be installed together: dependencies are not met: .*nothing provides '?nowhere/,
      );
      expect((await guest.readBack([pin('one', '2-1')])).installed).toEqual(new Map([['one', '1-1']]));
    });
  });
}

/** What only dnf does. */
export function dnfCases(manager: 'dnf 4' | 'dnf 5'): void {
  describe(`${manager} alone`, { timeout: PATIENCE_MS }, () => {
    it('lets the oldest of several kernels make room for the one that is pinned', async () => {
      const guest = await started(manager);
      const kernel = (version: string) => ({
        ...made('kernel-core', version),
        spec: 'Provides: installonlypkg(kernel)',
      });
      await guest.begin(kernel('1'), kernel('2'), kernel('3'));
      await guest.publish('updates', [kernel('4')]);
      expect((await guest.scan()).updates).toMatchObject([{ package: 'kernel-core', from: '3-1', to: '4-1' }]);
      expect(await guest.install([pin('kernel-core', '4-1')])).toMatchObject({ failure: undefined });
      expect(await guest.sh('rpm -q kernel-core | sort')).toBe(
        ['2', '3', '4'].map(version => `kernel-core-${version}-1.noarch\n`).join(''),
      );
      expect(await guest.readBack([pin('kernel-core', '4-1')])).toMatchObject({
        ...{ installed: new Map([['kernel-core', '4-1']]), healthy: true, rebootPending: true },
      });
    });
  });
}

/** What only dnf 5 does. */
export function dnf5Cases(): void {
  describe('dnf 5 alone', { timeout: PATIENCE_MS }, () => {
    it('that waits for another without end is ended before it has begun anything, and not while it works', async () => {
      const guest = await started('dnf 5');
      await guest.begin(made('one', '1'));
      await guest.publish('updates', [made('one', '2')]);
      await guest.scan();
      // Another dnf 5 that has the packages, and not yet rpm's database.
      const other = guest.sh(`mkdir -p /var/lib/dnf; perl -e '
        use Fcntl; open(my $lock, "+>>", "/var/lib/dnf/system-repo.lock") or die;
        my $whole = pack("s s x4 l! l! i x4", F_WRLCK, 0, 0, 0, 0);
        fcntl($lock, F_SETLK, $whole) or die;
        open(my $held, ">", "/held"); select(undef, undef, undef, 0.05) until -e "/go"'`);
      await vi.waitFor(() => guest.sh('test -e /held'), { timeout: 300_000, interval: 50 });
      expect((await guest.install([pin('one', '2-1')], 1)).failure).toMatch(/^the package manager was in use: /);
      expect(await guest.sh('for each in /proc/[0-9]*; do cat $each/comm; done | grep -c ^dnf || true')).toBe('0\n');
      await guest.sh('touch /go');
      await other;
      expect(await guest.install([pin('one', '2-1')], 0)).toMatchObject({ failure: undefined });
      expect((await guest.readBack([pin('one', '2-1')])).installed).toEqual(new Map([['one', '2-1']]));
    });
  });
}
