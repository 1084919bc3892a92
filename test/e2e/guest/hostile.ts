import { afterEach, beforeAll, expect, test } from 'vitest';
import { inGuest } from '../../../hack/steward/ssh.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { conditionOf } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

/** The tests' own way in, whatever becomes of the guest's: an sshd of root's. */
const DOOR = 2222;

type Trouble = {
  readonly what: string;
  readonly make: string;
  readonly mend: string;
  /** What the conditions must become. */
  readonly reads: Readonly<Record<string, RegExp>>;
  /** Succeeds in the guest once the worker has been there; where nothing must change, nothing else tells. */
  readonly seen?: string;
};

const RELOAD = 'systemctl restart ssh';
/** A connection that stands does not ask whether its account may still log in. */
const ENDED = 'pkill -KILL -u steward || true';
const notReached = (reason: RegExp) => ({ GuestReachable: reason, Configured: /^Unknown\/GuestNotReached$/ });
const inBashrc = (text: string) => `cp ~steward/.bashrc /root/bashrc; printf '%s\\n' '${text}' > ~steward/.bashrc`;
const sshdMended = `rm /etc/ssh/sshd_config.d/00-trouble.conf; ${RELOAD}`;
const bannerOf = (bytes: number) =>
  `head -c ${bytes} /dev/zero | tr '\\0' x > /etc/ssh/banner; echo 'Banner /etc/ssh/banner' > /etc/ssh/sshd_config.d/00-trouble.conf; ${RELOAD}`;
const bashrcMended = 'cp /root/bashrc ~steward/.bashrc';

const troubles: readonly Trouble[] = [
  {
    what: 'its sshd listens on another port',
    make: `echo 'Port 2022' > /etc/ssh/sshd_config.d/00-trouble.conf; ${RELOAD}`,
    mend: sshdMended,
    reads: notReached(/^False\/NotReachable$/),
  },
  {
    what: 'its host key is another one',
    make: `cd /etc/ssh; cp -p ssh_host_ed25519_key /root/hostkey; rm ssh_host_ed25519_key; ssh-keygen -qt ed25519 -N '' -f ssh_host_ed25519_key; ${RELOAD}`,
    mend: `cp -p /root/hostkey /etc/ssh/ssh_host_ed25519_key; ssh-keygen -yf /root/hostkey > /etc/ssh/ssh_host_ed25519_key.pub; ${RELOAD}`,
    reads: notReached(/^False\/HostKeyMismatch$/),
  },
  {
    // One packet, longer than ssh2 takes any: by chance of its parts the bound on bytes may be reached first.
    what: 'its sshd greets with a banner of 200 kB',
    make: bannerOf(200_000),
    mend: sshdMended,
    reads: notReached(/^False\/(ConnectionLost|NotSSH|TooMuchOutput)$/),
  },
  {
    // More than sshd puts into one packet: it breaks off after it has proved its host key.
    what: 'its sshd is told to greet with a banner of a megabyte',
    make: bannerOf(1_000_000),
    mend: sshdMended,
    reads: notReached(/^False\/(LoginRefused|TooMuchOutput)$/),
  },
  {
    what: "the provider's account is locked",
    make: `usermod -L -e 1 steward; ${ENDED}`,
    mend: "usermod -e '' steward",
    reads: notReached(/^False\/LoginRefused$/),
  },
  {
    what: "the password of the provider's account has expired",
    make: `chage -d 0 steward; ${ENDED}`,
    mend: 'chage -d -1 steward',
    reads: notReached(/^False\/NotUnderstood$/),
  },
  {
    what: "the provider's shell says more than anybody reads",
    make: inBashrc('yes'),
    mend: bashrcMended,
    reads: notReached(/^False\/TooMuchOutput$/),
  },
  {
    what: "the provider's shell never comes to an end",
    make: inBashrc('sleep infinity'),
    mend: `${bashrcMended}; pkill -u steward sleep`,
    reads: notReached(/^False\/TimedOut$/),
  },
  {
    what: "the provider's shell eats the script and claims success",
    make: inBashrc('cat > /dev/null; echo done; exit 0'),
    mend: bashrcMended,
    reads: notReached(/^False\/NotUnderstood$/),
  },
  {
    what: "the provider's shell finds other programs first",
    make: `mkdir -p /opt/fake; for each in sudo cat id ls systemctl awk; do printf '#!/bin/sh\\necho fake\\n' > /opt/fake/$each; done; chmod +x /opt/fake/*; ${inBashrc('export PATH=/opt/fake:$PATH; alias sudo=/opt/fake/sudo; echo here >> /tmp/seen')}`,
    mend: `rm -rf /opt/fake /tmp/seen; ${bashrcMended}`,
    seen: 'test "$(wc -l < /tmp/seen)" -ge 3',
    reads: { GuestReachable: /^True\/Reached$/, Configured: /^True\/AsOrdered$/ },
  },
  {
    what: 'its disk is full',
    make: 'fallocate -l 100G /filler 2>/dev/null || cat /dev/zero > /filler || true; sync',
    mend: 'rm /filler; sync',
    reads: { GuestReachable: /^True\/Reached$/, Configured: /^False\/SettingsDiffer$/ },
  },
  {
    what: 'its root file system is read-only',
    make: 'sync; echo u > /proc/sysrq-trigger',
    mend: 'mount -o remount,rw /',
    reads: { GuestReachable: /^True\/Reached$/, Configured: /^False\/SettingsDiffer$/ },
  },
  {
    what: 'its clock is a day behind',
    make: 'date -s "1 day ago"',
    mend: 'date -s "1 day"',
    reads: { GuestReachable: /^True\/Reached$/, Configured: /^False\/SettingsDiffer$/ },
  },
];

export const hostile: GuestChapter = {
  title: 'MO-8: whatever becomes of a guest, its conditions say so, and nothing waits for it',
  tell: subject => {
    let mend = '';

    const inside = async (command: string) => {
      const login = await subject().guests.loginOf(subject().name);
      return inGuest({ ...login, user: 'root', port: DOOR }, command);
    };
    const says = (wanted: Trouble['reads']) =>
      eventually(
        async () => {
          const object = await subject().guests.api.get(managedVM, subject().guests.namespace, subject().name);
          for (const [type, pattern] of Object.entries(wanted)) {
            const { status, reason } = conditionOf(object, type) ?? {};
            expect(`${status}/${reason}`).toMatch(pattern);
          }
        },
        BOOT,
        1_000,
      );
    const well = () => says({ GuestReachable: /^True\/Reached$/, Configured: /^True\/AsOrdered$/ });

    beforeAll(async () => {
      const { guests, name } = subject();
      await guests.asRoot(
        name,
        'cp ~steward/.ssh/authorized_keys /root/door-keys; cp -p /etc/ssh/ssh_host_ed25519_key /root/door-host',
      );
      const options = [
        'PermitRootLogin=yes',
        'UsePAM=no',
        'HostKey=/root/door-host',
        'AuthorizedKeysFile=/root/door-keys',
      ];
      const sshd = `/usr/sbin/sshd -D -f /dev/null -p ${DOOR} ${options.map(option => `-o ${option}`).join(' ')}`;
      await guests.asRoot(name, `systemctl is-active -q door || systemd-run --quiet --collect --unit=door ${sshd}`);
      await eventually(() => inside('true'), BOOT, 500);
      await well();
    }, BOOT);

    afterEach(async () => {
      await inside(mend);
    });

    test.each(troubles)('when $what', async trouble => {
      mend = trouble.mend;
      await inside(trouble.make);
      await eventually(() => inside(trouble.seen ?? 'true'), BOOT, 1_000);
      await says(trouble.reads);
      await inside(mend);
      mend = 'true';
      await well();
    });

    test('when its agent was switched off, that is put back and counted', async () => {
      const healed = async () => {
        const { status } = await subject().guests.api.get(managedVM, subject().guests.namespace, subject().name);
        return status.drift?.count ?? 0;
      };
      const before = await healed();
      await inside('systemctl stop qemu-guest-agent');
      await eventually(async () => expect(await healed()).toBe(before + 1), BOOT, 1_000);
      await well();
      expect((await inside('systemctl is-active qemu-guest-agent')).trim()).toBe('active');
    });
  },
};
