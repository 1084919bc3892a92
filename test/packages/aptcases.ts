import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Suite } from '../../hack/testbed/guest/suites.ts';
import { aroundScript, readAround } from '../../src/guest/packages/around.ts';
import { AptGuest, understood } from './aptguest.ts';

/** A package manager that asks its sources a dozen times, where something else takes the machine. */
export const PATIENCE_MS = 600_000;

const guests: AptGuest[] = [];
afterEach(() => Promise.all(guests.splice(0).map(guest => guest.stop())));

async function started(suite: Suite, sources?: readonly string[]): Promise<AptGuest> {
  const guest = await AptGuest.start(suite, sources);
  guests.push(guest);
  return guest;
}

const made = (name: string, version: string) => ({ name, version });
const pin = (name: string, version: string) => ({ package: name, version });

/** The scripts for apt on Debian's own apt and dpkg, over repositories that the tests make and sign. */
export function aptCases(suite: Suite): void {
  describe(`apt of ${suite}`, { timeout: PATIENCE_MS }, () => {
    it('MO-10: tells updates for security from others, also where only one of several sources calls it so', async () => {
      const guest = await started(suite);
      await guest.begin(made('plain', '1'), made('both', '1'), made('urgent', '1'), made('kept', '1'));
      await guest.publish(
        [made('plain', '2'), made('both', '2'), made('kept', '1')],
        [made('both', '2'), { ...made('urgent', '1.1'), fields: { Depends: 'along' } }, made('along', '7')],
      );
      const scan = await guest.scan();
      expect(scan).toMatchObject({ complete: true, system: { id: 'debian', codename: suite } });
      const found = scan.updates.map(each => [each.package, each.from, each.to, each.security, each.origins.length]);
      expect(found.sort()).toEqual([
        ['along', undefined, '7', true, 1],
        ['both', '1', '2', true, 2],
        ['plain', '1', '2', false, 1],
        ['urgent', '1', '1.1', true, 1],
      ]);
    });

    it('MO-10: does not know what is for security where no source says so', async () => {
      const guest = await started(suite, [suite]);
      await guest.begin(made('plain', '1'));
      await guest.publish([made('plain', '2')]);
      expect((await guest.scan()).updates).toMatchObject([{ package: 'plain', security: undefined }]);
    });

    it('MO-11: installs exactly the versions that were proven although newer ones are there, and nothing twice', async () => {
      const guest = await started(suite);
      await guest.begin(made('one', '1'), made('two', '1'));
      await guest.publish([
        made('one', '2'),
        made('one', '3'),
        { ...made('two', '2'), fields: { Depends: 'along' } },
        made('along', '1'),
      ]);
      const pins = [pin('one', '2'), { ...pin('two', '2'), architecture: 'all' }, pin('along', '1')];
      await guest.scan();
      expect(await guest.install(pins)).toMatchObject({ failure: undefined, reasons: new Map() });
      const proof = {
        installed: new Map([
          ['one', '2'],
          ['two', '2'],
          ['along', '1'],
        ]),
        healthy: true,
      };
      expect(await guest.readBack(pins)).toMatchObject(proof);
      expect(await guest.sh('apt-mark showauto')).toBe('along\n');
      const log = await guest.sh('cat /var/log/dpkg.log');
      expect(await guest.install(pins)).toMatchObject({ failure: undefined });
      expect(await guest.sh('cat /var/log/dpkg.log')).toBe(log);
    });

    it.each([
      ['is not to be had', []],
      ['is to be had', [made('wished', '1')]],
    ])(
      'MO-10: installs a kernel, which is a new package, and not what it only recommends, where that %s',
      async (_, main) => {
        const guest = await started(suite);
        const image = (version: string) => ({
          ...made(`linux-image-${version}+deb-cloud-amd64`, version),
          fields: { Recommends: 'wished' },
        });
        const kernel = (version: string) => [
          {
            ...made('linux-image-cloud-amd64', version),
            fields: { Depends: `linux-image-${version}+deb-cloud-amd64` },
          },
          image(version),
        ];
        await guest.begin(...kernel('6.12.117'));
        await guest.publish(main, kernel('6.12.118'));
        const { updates } = await guest.scan();
        expect(updates.map(each => [each.package, each.security, each.hindrance])).toEqual([
          ['linux-image-6.12.118+deb-cloud-amd64', true, undefined],
          ['linux-image-cloud-amd64', true, undefined],
        ]);
        const pins = updates.map(each => pin(each.package, each.to));
        expect(await guest.install(pins)).toMatchObject({ failure: undefined, reasons: new Map() });
        expect((await guest.readBack(pins)).installed).toEqual(new Map(updates.map(each => [each.package, each.to])));
        expect(await guest.sh("dpkg -l wished 2>&1 | grep -c '^ii' || true")).toBe('0\n');
      },
    );

    it('MO-11: installs nothing at all where something would change that was not approved', async () => {
      const guest = await started(suite);
      await guest.begin(made('one', '1'), made('two', '1'));
      await guest.publish([{ ...made('one', '2'), fields: { Depends: 'two (>= 2)' } }, made('two', '2')]);
      await guest.scan();
      expect((await guest.install([pin('one', '2')])).failure).toBe(
        'packages would change that are not approved: two 2',
      );
      expect((await guest.readBack([pin('one', '2')])).installed.get('one')).toBe('1');
    });

    it('MO-4: takes the steps around an install by its own tools, where systemd is played', async () => {
      const guest = await started(suite);
      const played =
        'case "$1" in is-active) cat /run/state 2>/dev/null || echo active;; stop) echo inactive > /run/state;; esac';
      await guest.sh(`printf '%s\\n' '#!/bin/sh' '${played}' > /usr/bin/systemctl; chmod +x /usr/bin/systemctl`);
      const steps = [
        { stopService: { name: 'shop.service' } },
        { pathExists: { path: '/etc/debian_version' } },
        { tcpPortOpen: { port: 9, within: '1s' } },
        { pathAbsent: { path: '/run/lock' } },
      ];
      const { stdout } = await guest.root.run(aroundScript(steps));
      const read = understood(readAround(stdout, steps));
      expect(read.parts.map(({ verdict }) => verdict)).toEqual(['Passed', 'Passed', 'Failed', 'NotTried']);
      expect(read.failedUnits).toEqual([]);
    });

    it('says which update is hindered: held, phased, or only with another removed', async () => {
      const guest = await started(suite);
      await guest.begin(made('held', '1'), made('phased', '1'), made('ousting', '1'), made('ousted', '1'));
      await guest.sh('apt-mark hold held; echo 00112233445566778899aabbccddeeff > /etc/machine-id');
      await guest.publish([
        made('held', '2'),
        { ...made('phased', '2'), indexFields: { 'Phased-Update-Percentage': '0' } },
        { ...made('ousting', '2'), fields: { Conflicts: 'ousted' } },
      ]);
      const { updates } = await guest.scan();
      expect(updates.map(each => [each.package, each.hindrance]).sort()).toEqual([
        ['held', 'Held'],
        ['ousting', 'Removes'],
        ['phased', 'Phased'],
      ]);
      expect((await guest.install([pin('held', '2')])).failure).toMatch(/a held package would change/);
      expect((await guest.install([pin('ousting', '2')])).failure).toMatch(/packages would have to be removed/);
      // Whoever approved it has seen it on the canary: the dice of each machine do not matter any more.
      expect(await guest.install([pin('phased', '2')])).toMatchObject({ failure: undefined });
    });

    it('MO-10: finds a new kernel not hindered by what it recommends and no source has, and installs it', async () => {
      const guest = await started(suite);
      await guest.begin({ ...made('image', '1'), fields: { Depends: 'image-1' } }, made('image-1', '1'));
      await guest.publish([
        { ...made('image', '2'), fields: { Depends: 'image-2' } },
        { ...made('image-2', '2'), fields: { Recommends: 'nowhere' } },
      ]);
      const { updates } = await guest.scan();
      expect(updates.map(each => [each.package, each.from, each.hindrance]).sort()).toEqual([
        ['image', '1', undefined],
        ['image-2', undefined, undefined],
      ]);
      const pins = [pin('image', '2'), pin('image-2', '2')];
      expect(await guest.install(pins)).toMatchObject({ failure: undefined });
      expect((await guest.readBack(pins)).installed).toEqual(
        new Map([
          ['image', '2'],
          ['image-2', '2'],
        ]),
      );
    });

    it("keeps a configuration file that the customer has changed, and names the package's own beside it", async () => {
      const guest = await started(suite);
      const version = (each: string) => ({
        ...made('conf', each),
        files: { '/etc/conf/main': `by the package ${each}\n`, '/etc/conf/other': `${each}\n` },
      });
      await guest.begin(version('1'));
      await guest.sh('echo by the customer > /etc/conf/main');
      await guest.publish([version('2')]);
      await guest.scan();
      expect(await guest.install([pin('conf', '2')])).toMatchObject({
        failure: undefined,
        kept: ['/etc/conf/main.dpkg-dist'],
      });
      expect(await guest.sh('cat /etc/conf/main /etc/conf/main.dpkg-dist /etc/conf/other')).toBe(
        'by the customer\nby the package 2\n2\n',
      );
    });

    it('a package whose script fails is not installed, whatever version it has, and is said so', async () => {
      const guest = await started(suite);
      await guest.begin(made('bad', '1'), made('good', '1'));
      await guest.publish([
        { ...made('bad', '2'), scripts: { postinst: 'echo no such luck >&2; exit 7' } },
        made('good', '2'),
      ]);
      await guest.scan();
      const pins = [pin('bad', '2'), pin('good', '2')];
      const { failure, reasons } = await guest.install(pins);
      expect(failure).toMatch(/^apt-get ended with status 100: a package's script failed/);
      expect(reasons.get('bad')).toMatch(/its script failed/);
      expect(await guest.readBack(pins)).toMatchObject({ installed: new Map([['good', '2']]), healthy: false });
      // What still fails is not installed over.
      expect(await guest.install(pins)).toMatchObject({
        failure: expect.stringMatching(/^the package database is broken: a package's script failed/),
        repaired: expect.stringMatching(
          /^dpkg had been interrupted with 1 packages not configured; dpkg --configure -a failed/,
        ),
      });
    });

    it('a dpkg that was cut off is brought to its end by dpkg --configure -a before anything is installed, and that is said', async () => {
      const guest = await started(suite);
      await guest.begin(made('cut', '1'), made('good', '1'));
      const waiting = {
        ...made('cut', '2'),
        scripts: { postinst: 'if [ ! -e /once ]; then touch /once; sleep 600; fi' },
      };
      await guest.publish([waiting, made('good', '2')]);
      await guest.scan();
      const cutOff = guest.install([pin('cut', '2')]).catch(() => 'cut off');
      await vi.waitFor(() => guest.sh('test -e /once'), { timeout: 300_000, interval: 50 });
      await guest.sh(
        `for each in /proc/[0-9]*; do case "$(cat $each/comm)" in apt-get|dpkg|sleep|sh) [ $each = /proc/$$ ] || kill -9 \${each#/proc/};; esac; done; true`,
      );
      await cutOff;
      expect(await guest.readBack([pin('cut', '2')])).toMatchObject({ installed: new Map(), healthy: false });
      expect((await guest.preflight()).blockers).toEqual([]);
      const pins = [pin('cut', '2'), pin('good', '2')];
      expect(await guest.install(pins)).toMatchObject({
        failure: undefined,
        repaired:
          'dpkg had been interrupted with 1 packages not configured; dpkg --configure -a brought them to their end',
      });
      expect(await guest.readBack(pins)).toMatchObject({
        installed: new Map([
          ['cut', '2'],
          ['good', '2'],
        ]),
        healthy: true,
      });
    });

    it('waits for whoever uses the package manager, says who that is, and begins nothing meanwhile', async () => {
      const guest = await started(suite);
      await guest.begin(made('slow', '1'), made('good', '1'));
      const waiting = {
        ...made('slow', '2'),
        scripts: { postinst: 'touch /begun; while [ ! -e /go ]; do sleep 0.05; done' },
      };
      await guest.publish([waiting, made('good', '2')]);
      await guest.scan();
      const other = guest.sh('DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install slow');
      await vi.waitFor(() => guest.sh('test -e /begun'), { timeout: 300_000, interval: 50 });
      expect((await guest.install([pin('good', '2')], 0)).failure).toMatch(
        /^the package manager was in use: .* process \d+ \(apt-get\)\.$/,
      );
      expect((await guest.preflight()).blockers).toEqual([expect.stringMatching(/in use by process \d+ \(apt-get\)/)]);
      const ours = guest.install([pin('good', '2')]);
      await guest.sh('touch /go');
      await other;
      expect(await ours).toMatchObject({ failure: undefined });
    });

    it('a full disk is found before, and where it fills meanwhile nothing is broken by it', async () => {
      const guest = await started(suite);
      await guest.begin(made('big', '1'));
      await guest.publish([{ ...made('big', '2'), files: { '/usr/share/big': 'x'.repeat(20_000) } }]);
      await guest.scan();
      await guest.sh(
        'mount -t tmpfs -o size=64k tmpfs /var/cache/apt/archives && mkdir /var/cache/apt/archives/partial && head -c 65536 /dev/zero > /var/cache/apt/archives/full || true',
      );
      expect((await guest.preflight()).blockers).toEqual([
        expect.stringMatching(/^\/var\/cache\/apt\/archives has 0 MiB free, and 201 MiB are needed\.$/),
      ]);
      expect((await guest.install([pin('big', '2')])).failure).toMatch(/the disk is full/);
      expect(await guest.readBack([pin('big', '2')])).toMatchObject({
        installed: new Map([['big', '1']]),
        healthy: true,
      });
    });

    it('a source that cannot be read, or is signed by nobody we know, makes the scan incomplete and stops a run before it begins', async () => {
      const guest = await started(suite);
      await guest.begin(made('one', '1'));
      await guest.publishSuites([{ suite, origin: 'Debian', packages: [made('one', '2')] }]);
      const scan = await guest.scan();
      expect(scan).toMatchObject({ complete: false, updates: [{ package: 'one' }] });
      expect((await guest.preflight()).blockers).toEqual([
        expect.stringMatching(/^Not all package sources could be read \(1 failed\): /),
      ]);
      await guest.publish([made('one', '3')]);
      await guest.sh('echo nobody > /build/key.gpg');
      expect(await guest.scan()).toMatchObject({ complete: false, updates: [{ package: 'one', to: '2' }] });
    });

    it('MO-11: a version that went between two rings is left out with its reason, and the others are installed', async () => {
      const guest = await started(suite);
      await guest.begin(made('gone', '1'), made('there', '1'));
      await guest.publish([made('gone', '3'), made('there', '2')]);
      await guest.scan();
      const pins = [pin('gone', '2'), pin('there', '2')];
      const { failure, reasons } = await guest.install(pins);
      expect([failure, reasons.get('gone')]).toEqual([undefined, 'the sources do not have this version any more']);
      expect((await guest.readBack(pins)).installed).toEqual(
        new Map([
          ['gone', '1'],
          ['there', '2'],
        ]),
      );
    });

    it('MO-11: a kernel comes along as the ring before had it, though its package follows a newer one by now', async () => {
      const guest = await started(suite);
      const meta = (version: string) => ({ ...made('image', version), fields: { Depends: `image-${version}` } });
      await guest.begin(meta('1'), made('image-1', '1'));
      await guest.publish([meta('2'), made('image-2', '2'), meta('3'), made('image-3', '3')]);
      await guest.scan();
      const pins = [pin('image', '2')];
      const refused = await guest.install(pins);
      expect(refused.failure).toBe('packages would change that are not approved: image-2 2');
      const along = { ...pin('image-2', '2'), comesAlong: true as const };
      const { failure, brought } = await guest.install([...pins, along, { ...pin('other', '9'), comesAlong: true }]);
      expect([failure, ...brought]).toEqual([undefined, ['image-2', '2']]);
      expect((await guest.readBack([...pins, pin('image-2', '2')])).installed).toEqual(
        new Map([
          ['image', '2'],
          ['image-2', '2'],
        ]),
      );
    });

    it('MO-11: a guest that is ahead of what was proven is left as it is, though the sources have that version or none', async () => {
      const guest = await started(suite);
      await guest.begin(made('ahead', '3'), made('alone', '3'), made('there', '1'));
      await guest.publish([made('ahead', '2'), made('ahead', '4'), made('there', '2')]);
      await guest.scan();
      const pins = [pin('ahead', '2'), pin('alone', '2'), pin('there', '2')];
      const { failure, newer } = await guest.install(pins);
      expect([failure, [...newer].sort()]).toEqual([undefined, ['ahead', 'alone']]);
      expect((await guest.readBack(pins)).installed).toEqual(
        new Map([
          ['ahead', '3'],
          ['alone', '3'],
          ['there', '2'],
        ]),
      );
    });

    it('GE-11: stops where a source names a suite that is another release tomorrow, or is one already', async () => {
      const guest = await started(suite, ['stable', 'duke']);
      await guest.publishSuites([
        { suite: 'stable', codename: suite, origin: 'Debian', packages: [] },
        { suite: 'duke', origin: 'Debian', packages: [] },
      ]);
      expect((await guest.preflight()).blockers.toSorted()).toEqual([
        `A source has release duke, and the guest is ${suite}: a major release is never changed by patching (GE-11).`,
        `A source names stable, which is ${suite} now and will be another release: it must name the codename (GE-11).`,
      ]);
    });

    it("the guest's own updater stands in the way where it would really install something", async () => {
      const guest = await started(suite);
      await guest.publish([]);
      await guest.sh(
        "printf '#!/bin/sh\\n' > /usr/bin/systemctl; chmod +x /usr/bin/systemctl; cp /usr/bin/systemctl /usr/bin/unattended-upgrade",
      );
      expect((await guest.preflight()).blockers).toEqual([]);
      await guest.sh(`echo 'APT::Periodic::Unattended-Upgrade "1";' > /etc/apt/apt.conf.d/20auto-upgrades`);
      expect((await guest.preflight()).blockers).toEqual([expect.stringMatching(/^The guest's own updater is on/)]);
      await guest.sh(`echo 'APT::Periodic::Enable "0";' > /etc/apt/apt.conf.d/99steward`);
      expect((await guest.preflight()).blockers).toEqual([]);
    });

    it('says that a restart is due where the guest says so, or runs another kernel than it has', async () => {
      const guest = await started(suite);
      await guest.publish([]);
      expect(await guest.scan()).toMatchObject({ rebootPending: undefined });
      const running = (release: string) =>
        guest.sh(
          `printf '#!/bin/sh\\ncase "$1" in -r) echo ${release};; *) echo "#1 SMP Debian 6.1.9-1 (2026-01-01)";; esac\\n' > /usr/bin/uname; chmod +x /usr/bin/uname`,
        );
      await running('6.1.0-9-cloud-amd64');
      await guest.begin(made('linux-image-6.1.0-9-cloud-amd64', '6.1.9-1'));
      expect(await guest.scan()).toMatchObject({ rebootPending: false });
      await guest.begin(made('linux-image-6.1.0-10-amd64', '6.1.10-1'));
      expect(await guest.scan()).toMatchObject({ rebootPending: false });
      await guest.begin(made('linux-image-6.1.0-10-cloud-amd64', '6.1.10-1'));
      expect(await guest.scan()).toMatchObject({ rebootPending: true });
      await running('6.1.0-10-cloud-amd64');
      // The same name again, built anew: what runs is the one of before.
      expect(await guest.scan()).toMatchObject({ rebootPending: true });
      await guest.sh('rm /usr/bin/uname; touch /run/reboot-required');
      expect(await guest.scan()).toMatchObject({ rebootPending: true });
    });

    it('leaves nothing in the guest but what was installed', async () => {
      const guest = await started(suite);
      await guest.begin(made('one', '1'));
      await Promise.all([guest.readBack([pin('one', '1')]), guest.install([pin('one', '1')])]);
      expect(await guest.sh('ls /run /tmp')).toBe('/run:\n\n/tmp:\n');
    });
  });
}
