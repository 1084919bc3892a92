/** The scripts of src/guest/settings, run by a real shell on a played guest: files and programs, without systemd. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredGuest } from '../../src/domain/guest/desired.ts';
import { fingerprintOfLine } from '../../src/domain/machine/sshkeys.ts';
import { healScript } from '../../src/guest/settings/healscript.ts';
import { lookScript } from '../../src/guest/settings/lookscript.ts';
import { MOST_NOTED } from '../../src/guest/settings/notes.ts';
import { desired as ordered, publicKey } from '../../src/guest/settings/settings.fixtures.ts';
import { settingsOf } from '../../src/guest/settings/settings.ts';
import { PlayedGuest } from './support/playedguest.ts';

/** Without the exporter, whose installer is a program of the guest; test/e2e/guest runs it. */
const desired: DesiredGuest = { ...ordered, exporter: false };
const ALL = settingsOf(desired)
  .map(({ name }) => name)
  .filter(name => name !== 'disk');
const print = (name: string): string => fingerprintOfLine(publicKey(name));

const made = new PlayedGuest();
beforeAll(() => expect(made.heal(desired, ALL)).toMatchObject({ status: 0 }));
afterAll(() => made.remove());

let guest: PlayedGuest;
beforeEach(() => {
  guest = new PlayedGuest(made);
});
afterEach(() => guest.remove());

/** What is not kept, by setting. */
function notKept(wanted = desired, now?: Date): Record<string, string> {
  const look = guest.look(wanted, now);
  expect(look).toBeDefined();
  const rest = look?.settings.filter(({ standing, setting }) => standing !== 'Kept' && setting !== 'disk') ?? [];
  return Object.fromEntries(rest.map(({ setting, standing, found }) => [setting, `${standing} ${found}`]));
}

describe('a guest that was put right', () => {
  it('is as it shall be, has who was ordered, and has nothing that nobody ordered', () => {
    expect(notKept()).toEqual({});
    const look = guest.look(desired);
    expect(look?.access).toEqual([
      { name: 'steward', login: true, administrator: true, keys: [print('steward')] },
      { name: 'kim', login: true, administrator: true, keys: [print('kim')] },
      { name: 'ben', login: true, administrator: false, keys: [print('ben')] },
    ]);
    expect(look?.foreign).toEqual([]);
  });

  it('is changed by no look', () => {
    const before = guest.fingerprint();
    guest.look({ ...desired, users: [], former: ['kim', 'ben'] });
    expect(guest.fingerprint()).toBe(before);
  });

  it('is changed by no second heal, which says so', () => {
    const before = guest.fingerprint();
    const { status, output } = guest.heal(desired, ALL);
    expect(output.trimEnd().split('\n')).toEqual(ALL.map(name => `${name}: as it was`));
    expect(status).toBe(0);
    expect(guest.fingerprint()).toBe(before);
  });
});

const KIM = 'home/kim/.ssh/authorized_keys';

type Change = readonly [what: string, command: string, setting: string, words: string];
const CHANGES: readonly Change[] = [
  [
    'a password set',
    'sed -i "s/^kim:[^:]*/kim:\\$6\\$salt\\$0123456789/" etc/shadow',
    'account:kim',
    'it has a password',
  ],
  ['no password needed', 'sed -i "s/^kim:[^:]*/kim:/" etc/shadow', 'account:kim', 'it has a password'],
  ['its shell taken', 'usermod -s /usr/sbin/nologin kim', 'account:kim', 'its shell is /usr/sbin/nologin'],
  ['its keys removed', `: > ${KIM}`, 'account:kim', 'ordered keys that are missing: 1'],
  [
    'what is noted of its keys removed',
    'rm var/lib/steward/keys/kim',
    'account:kim',
    'its keys are not noted as given by Steward',
  ],
  [
    'its folder opened for others',
    'chmod 777 home/kim/.ssh',
    'account:kim',
    'others may write to /home/kim/.ssh (mode 777)',
  ],
  ['its rule removed', 'rm etc/sudoers.d/steward-kim', 'sudo:kim', "Steward's rule is not in /etc/sudoers.d"],
  [
    'its rule narrowed',
    'echo "kim ALL=(ALL) NOPASSWD: /bin/true" > etc/sudoers.d/steward-kim',
    'sudo:kim',
    "Steward's rule",
  ],
  [
    'another made administrator by group',
    'sed -i "s/^sudo:.*/&ben/" etc/group',
    'sudo:ben',
    'a member of a group of administrators',
  ],
  [
    'another given a rule of ours',
    'cp etc/sudoers.d/steward-kim etc/sudoers.d/steward-ben',
    'sudo:ben',
    'a rule of sudo that is not ordered',
  ],
  [
    'the agent stopped',
    'systemctl stop qemu-guest-agent.service',
    'agent',
    'the guest agent is not running (inactive)',
  ],
  ['the agent masked', 'systemctl mask qemu-guest-agent.service', 'agent', 'the guest agent is masked'],
  ['the clock kept by nothing', 'systemctl stop systemd-timesyncd.service', 'time', 'nothing keeps the clock'],
  ['the journal unbounded', 'rm etc/systemd/journald.conf.d/90-steward.conf', 'journal', 'its bounds are not set'],
  ['the journal kept in memory', 'rmdir var/log/journal', 'journal', 'it does not outlive a restart'],
];

/** Changes to different settings are made in one guest: a look costs a hundred processes. */
function rounds(changes: readonly Change[]): Change[][] {
  const all: Change[][] = [];
  for (const change of changes) {
    const round = all.find(others => others.every(([, , setting]) => setting !== change[2]));
    if (round === undefined) all.push([change]);
    else round.push(change);
  }
  return all;
}

describe.each(rounds(CHANGES))('what was changed in a guest (MO-8, MO-16)', (...round) => {
  let found: Record<string, string>;
  let healed: { readonly status: number | null };
  let left: Record<string, string>;
  beforeAll(() => {
    guest = new PlayedGuest(made);
    for (const [, command] of round) guest.change(command);
    found = notKept();
    healed = guest.heal(
      desired,
      round.map(([, , setting]) => setting),
    );
    left = notKept();
    guest.remove();
  });

  it.each(round)('%s is found', (_, __, setting, words) => {
    expect(found[setting]).toMatch(/^Differs /);
    expect(found[setting]).toContain(words);
  });

  it('is all that is found, is put right, and then is as it shall be', () => {
    expect(Object.keys(found).sort()).toEqual(round.map(([, , setting]) => setting).sort());
    expect(healed.status).toBe(0);
    expect(left).toEqual({});
  });
});

describe('what is not as ordered in a guest (MO-8, MO-16)', () => {
  it('an account removed is found with its rights, and made again', () => {
    guest.change('sed -i /^kim:/d etc/passwd');
    const words = 'Differs there is no account of this name';
    expect(notKept()).toEqual({ 'account:kim': words, 'sudo:kim': words });
    expect(guest.heal(desired, ['account:kim', 'sudo:kim'])).toMatchObject({ status: 0 });
    expect(notKept()).toEqual({});
  });

  it.each<[string, string, string, string]>([
    ['an account that has expired', 'chage -E 100 kim', 'account:kim', 'it has expired'],
    [
      'a password that must be changed',
      'sed -i "s/^kim:!:20000/kim:!:0/" etc/shadow',
      'account:kim',
      'its password has expired',
    ],
    [
      'an account that has become root',
      'sed -i "s/^kim:x:[0-9]*/kim:x:0/" etc/passwd',
      'account:kim',
      'an account of the system (uid 0)',
    ],
    [
      'a file of keys without end',
      `head -c 70000 /dev/zero | tr "\\\\0" a > ${KIM}`,
      'account:kim',
      'is longer than 65536 bytes',
    ],
    [
      'keys that sshd reads elsewhere',
      'echo "authorizedkeysfile /etc/keys/%u" > sshd',
      'account:kim',
      'sshd reads keys from /etc/keys/%u only',
    ],
  ])('%s is no drift that is put right, but told', (_, change, setting, words) => {
    guest.change(change);
    expect(notKept()[setting]).toMatch(/^(Failed|Differs) /);
    expect(notKept()[setting]).toContain(words);
  });

  it("the journal's bounds are told as overridden, with the file, where a later one sets others (MO-12)", () => {
    guest.write('etc/systemd/journald.conf.d/10-early.conf', '[Journal]\nSystemMaxUse=4G\n');
    expect(notKept()).toEqual({});
    guest.write('etc/systemd/journald.conf.d/99-x.conf', '[Journal]\nStorage = persistent\n SystemMaxUse = 4G\n');
    expect(notKept()).toEqual({
      journal: 'Failed SystemMaxUse is overridden by /etc/systemd/journald.conf.d/99-x.conf',
    });
    guest.program('systemd-analyze', 'exit 1');
    expect(notKept()).toEqual({});
  });

  it('a service that ends as soon as it is started is not said to be put right', () => {
    guest.change('systemctl stop qemu-guest-agent.service; touch units/qemu-guest-agent.service.ends');
    expect(guest.heal(desired, ['agent'])).toMatchObject({ status: 1, output: 'agent: failed\n' });
    expect(notKept().agent).toBe('Differs the guest agent is not running (failed)');
  });

  it('a clock that is wrong is told, with how far', () => {
    const now = Date.now();
    expect(notKept(desired, new Date(now + 3_600_000)).time).toMatch(/^Failed the clock is 3\d{3} seconds behind$/);
    expect(notKept(desired, new Date(now - 3_600_000)).time).toMatch(/^Failed the clock is 3\d{3} seconds ahead$/);
    expect(notKept(desired, new Date(now - 5_000))).toEqual({});
  });

  it('a guest whose systemd does not answer is not said to be as it shall be', () => {
    guest.program('systemctl', 'exit 1');
    expect(notKept()).toEqual({ agent: 'Failed systemd does not answer', time: 'Failed systemd does not answer' });
  });
});

describe("what the guest's system needs in the customer's network (MO-1)", () => {
  const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
  const NAMES = ['certificates', 'proxy', 'time-servers', 'package-sources'];
  const CA = 'usr/local/share/ca-certificates/steward-corp-root.crt';
  const system = {
    proxy: { url: 'http://proxy.corp.example:3128' },
    caCertificates: [{ name: 'corp-root', certificate: PEM }],
    timeServers: ['ntp1.corp.example'],
  };
  const sources = [{ path: '/etc/apt/sources.list.d/debian.sources', content: 'Types: deb\n' }];
  const wanted: DesiredGuest = { ...desired, system, packageSources: sources };
  beforeEach(() => {
    guest.change('touch packages/ca-certificates; mkdir -p etc/apt');
    guest.program(
      'update-ca-certificates',
      'ls $ROOT/usr/local/share/ca-certificates > $ROOT/trusted; exit $(cat $ROOT/trust 2> /dev/null || echo 0)',
    );
  });

  it('is found to be missing, made, in effect, and left alone from then on', () => {
    expect(Object.keys(notKept(wanted)).sort()).toEqual([...NAMES].sort());
    expect(guest.heal(wanted, NAMES)).toMatchObject({ status: 0 });
    expect(notKept(wanted)).toEqual({});
    expect(guest.read(CA)).toBe(`${PEM}\n`);
    expect(guest.read('trusted')).toBe('steward-corp-root.crt\n');
    expect(guest.read('etc/apt/sources.list.d/debian.sources')).toBe('Types: deb\n');
    const before = guest.fingerprint();
    expect(guest.heal(wanted, NAMES).output).toBe(NAMES.map(name => `${name}: as it was\n`).join(''));
    expect(guest.fingerprint()).toBe(before);
  });

  it('goes where it is not ordered any more, and a certificate of the customer stays', () => {
    guest.heal(wanted, NAMES);
    guest.write('usr/local/share/ca-certificates/own.crt', 'own');
    expect(Object.keys(notKept()).sort()).toEqual([...NAMES].sort());
    expect(guest.heal(desired, NAMES)).toMatchObject({ status: 0 });
    expect(notKept()).toEqual({});
    expect(guest.read('trusted')).toBe('own.crt\n');
  });

  it('is not said to be as ordered where it did not take effect, or was cut off before', () => {
    guest.write('trust', '1');
    expect(guest.heal(wanted, ['certificates'])).toMatchObject({ status: 1 });
    expect(notKept(wanted).certificates).toMatch(/^Differs \/var\/lib\/steward\/settled\/certificates is another/);
    guest.write('trust', '0');
    expect(guest.heal(wanted, ['certificates'])).toMatchObject({ status: 0 });
    expect(notKept(wanted)).not.toHaveProperty('certificates');
  });

  it('is put back where somebody changes it', () => {
    guest.heal(wanted, NAMES);
    guest.write('etc/systemd/timesyncd.conf.d/90-steward.conf', '[Time]\nNTP=elsewhere\n');
    expect(notKept(wanted)).toEqual({
      'time-servers': 'Differs /etc/systemd/timesyncd.conf.d/90-steward.conf is another',
    });
    expect(guest.heal(wanted, ['time-servers'])).toMatchObject({ status: 0 });
    expect(notKept(wanted)).toEqual({});
  });
});

describe('who once had an account, of whom no record in the cluster tells any more (MO-8, MO-16)', () => {
  const forgotten: DesiredGuest = { ...desired, users: desired.users.filter(({ name }) => name !== 'ben'), former: [] };

  it('is named by what Steward has noted in the guest, is no stranger, and is closed once it is known', () => {
    expect(guest.look(forgotten)).toMatchObject({ noted: ['ben'], foreign: [] });
    const remembered = { ...forgotten, former: ['ben'] };
    expect(guest.heal(remembered, ['former:ben'])).toMatchObject({ status: 0 });
    expect(notKept(remembered)).toEqual({});
    expect(guest.look(forgotten)).toMatchObject({ noted: [], foreign: [] });
  });

  it('is never the provider, root, an account of the system, nobody at all, or what is no name', () => {
    guest.change('echo "legacy:x:500:100::/home/legacy:/bin/bash" >> etc/passwd');
    for (const name of ['root', 'daemon', 'legacy', 'ghost', 'Mallory', 'a b', '$(id)', `x${'y'.repeat(40)}`])
      guest.write(`var/lib/steward/keys/${name}`, '');
    expect(guest.look(desired)?.noted).toEqual([]);
  });

  it('is bounded, however many a guest says', () => {
    guest.change(`for n in $(seq 40); do
      : > var/lib/steward/keys/user$n; echo "user$n:x:$((5000 + n)):100::/:/bin/bash" >> etc/passwd
    done`);
    expect(guest.look(desired)?.noted).toHaveLength(MOST_NOTED);
  });
});

describe('keys (MO-8)', () => {
  const rotated = (name: string): DesiredGuest => ({
    ...desired,
    users: desired.users.map(user => (user.name === 'kim' ? { ...user, sshKeys: [publicKey(name)] } : user)),
  });

  it('a key that is rotated goes, and the new one comes in the same write', () => {
    guest.heal(rotated('kim2'), ['account:kim']);
    expect(guest.read(KIM)).toBe(`${publicKey('kim2')}\n`);
    expect(notKept(rotated('kim2'))).toEqual({});
  });

  it('a key that first boot gave and that is not ordered any more goes, though nobody noted it', () => {
    guest.change(`rm var/lib/steward/keys/kim; echo "${publicKey('boot')}" >> ${KIM}`);
    const users = desired.users.map(user => ({ ...user, formerKeys: [print('boot'), print('kim')] }));
    const wanted = { ...desired, users };
    expect(notKept(wanted)['account:kim']).toContain('keys that are not ordered any more: 1');
    guest.heal(wanted, ['account:kim']);
    expect(guest.read(KIM)).toBe(`${publicKey('kim')}\n`);
  });

  it("a key that somebody else put there stays, with the customer's own lines, and is told as foreign", () => {
    const own = `# mine\nfrom="10.0.0.1" ${publicKey('guest')}\n`;
    guest.write(KIM, `${own}${publicKey('kim')}\n`);
    expect(guest.look(desired)?.foreign).toEqual([
      {
        kind: 'Key',
        name: `kim ${print('guest')}`,
        detail: expect.stringMatching(/^in \/home\/kim\/\.ssh\/authorized_keys, which belongs to \w+$/),
        changed: expect.any(Date),
      },
    ]);
    guest.heal(rotated('kim2'), ['account:kim']);
    expect(guest.read(KIM)).toBe(`${own}${publicKey('kim2')}\n`);
  });

  it('a key that opens two accounts is told of each, with the file that it is in', () => {
    for (const user of ['kim', 'ben'])
      guest.change(`echo '${publicKey('guest')}' >> home/${user}/.ssh/authorized_keys`);
    expect(guest.look(desired)?.foreign.map(({ name, detail }) => [name, detail.split(',')[0]])).toEqual([
      [`kim ${print('guest')}`, 'in /home/kim/.ssh/authorized_keys'],
      [`ben ${print('guest')}`, 'in /home/ben/.ssh/authorized_keys'],
    ]);
  });

  it('a key of ours that is not ordered any more is drift, not foreign', () => {
    expect(guest.look(rotated('kim2'))?.foreign).toEqual([]);
  });

  it('more keys than are told keep no ordered one from being found', () => {
    const many = Array.from({ length: 60 }, (_, index) => publicKey(`many${index}`));
    guest.write(KIM, [...many, publicKey('kim'), ''].join('\n'));
    guest.write('home/kim/.ssh/authorized_keys2', [...many, ''].join('\n'));
    expect(notKept()).toEqual({});
    expect(guest.look(desired)?.access.find(({ name }) => name === 'kim')?.keys.length).toBe(32);
  });

  it('a file of keys that is a link to another file is replaced, and what it led to is neither read nor written by root', () => {
    guest.change(`echo secret > target; rm ${KIM}; ln -s ../../../target ${KIM}`);
    guest.heal(desired, ['account:kim']);
    expect(guest.read('target')).toBe('secret\n');
    expect(notKept()).toEqual({});
  });

  it('a file of keys that nobody writes to keeps no look waiting', () => {
    guest.change(`rm ${KIM}; mkfifo ${KIM}`);
    expect(notKept()['account:kim']).toBe('Differs ordered keys that are missing: 1');
    guest.heal(desired, ['account:kim']);
    expect(notKept()).toEqual({});
  });

  it('a file of keys that cannot be written keeps the old keys, and the heal fails', () => {
    guest.program(
      'setpriv',
      'case "$*" in */bin/sh*) exit 1;; esac; while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    );
    expect(guest.heal(rotated('kim2'), ['account:kim'])).toMatchObject({ status: 1, output: 'account:kim: failed\n' });
    expect(guest.read(KIM)).toBe(`${publicKey('kim')}\n`);
    guest.program('setpriv', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
    expect(notKept(rotated('kim2'))['account:kim']).toContain('keys that are not ordered any more: 1');
  });
});

describe('an administrator (MO-8)', () => {
  it('who is one no longer loses the rule that first boot gave, and nobody else does', () => {
    const users = desired.users.map(user => ({ ...user, administrator: false }));
    guest.heal({ ...desired, users }, ['sudo:kim']);
    expect(guest.read('etc/sudoers.d/90-cloud-init-users')).toBe('steward ALL=(ALL) NOPASSWD:ALL\n');
    expect(guest.has('etc/sudoers.d/steward-kim')).toBe(false);
    expect(notKept({ ...desired, users })).toEqual({});
  });

  it('keeps the rules that are there where visudo refuses the new ones', () => {
    guest.change('rm etc/sudoers.d/steward-kim');
    guest.program('visudo', 'exit 1');
    expect(guest.heal(desired, ['sudo:kim'])).toMatchObject({ status: 1, output: 'sudo:kim: failed\n' });
    expect(guest.has('etc/sudoers.d/steward-kim')).toBe(false);
    expect(execFileSync('ls', ['-A', join(guest.root, 'etc/sudoers.d')], { encoding: 'utf8' })).not.toContain(
      '.steward',
    );
  });
});

describe('an account that is not ordered any more (MO-8, MO-16)', () => {
  const without: DesiredGuest = { ...desired, users: desired.users.slice(1), former: ['kim'] };

  it('loses keys, password, shell, rights, groups and processes, and keeps its home', () => {
    guest.change(
      `touch processes/$(awk -F: '$1 == "kim" { print $3 }' etc/passwd); echo notes > home/kim/notes; sed -i "s/^docker:.*/&kim/" etc/group`,
    );
    expect(notKept(without)['former:kim']).toBe(
      'Differs it is not closed; its shell is /bin/bash; it has keys; it has a rule of sudo that is not ordered; it has processes',
    );
    expect(guest.heal(without, ['former:kim'])).toMatchObject({ status: 0 });
    expect(notKept(without)).toEqual({});
    expect(guest.read('etc/passwd')).toMatch(/^kim:.*nologin$/m);
    expect(guest.read('etc/shadow')).toMatch(/^kim:!.*:1:$/m);
    expect(guest.read('etc/group')).not.toContain('kim');
    expect(guest.has(KIM)).toBe(false);
    expect(guest.read('home/kim/notes')).toBe('notes\n');
    const kim = guest.look(without)?.access.find(({ name }) => name === 'kim');
    expect(kim).toEqual({ name: 'kim', login: false, administrator: false, keys: [] });
    const before = guest.fingerprint();
    expect(guest.heal(without, ['former:kim']).output).toBe('former:kim: as it was\n');
    expect(guest.fingerprint()).toBe(before);
  });

  it('that is ordered again is opened again', () => {
    guest.heal(without, ['former:kim']);
    expect(notKept()['account:kim']).toContain('it was closed when it was not ordered');
    guest.heal(desired, ['account:kim', 'sudo:kim']);
    expect(notKept()).toEqual({});
    expect(guest.look(desired)?.access.find(({ name }) => name === 'kim')?.login).toBe(true);
  });

  it('never takes an account of the system away', () => {
    const wrong = { ...desired, former: ['daemon'] };
    expect(guest.heal(wrong, ['former:daemon'])).toMatchObject({ status: 1 });
    expect(guest.read('etc/shadow')).toContain('daemon:*:20000:0:99999:7:::');
  });
});

describe('a guest in which the provider alone holds root (AP-9)', () => {
  const sole: DesiredGuest = { ...desired, users: [], former: ['ben', 'kim'], soleRoot: true };
  const SOLE = settingsOf(sole)
    .map(({ name }) => name)
    .filter(name => name !== 'disk');
  const others = () => guest.look(sole)?.access.filter(({ name, login }) => login && name !== 'steward');
  const STEWARD = 'home/steward/.ssh/authorized_keys';
  const shadow = (name: string) =>
    guest
      .read('etc/shadow')
      .split('\n')
      .find(line => line.startsWith(`${name}:`));

  it('lets nobody in who had been ordered, and has nothing else that differs', () => {
    expect(Object.keys(notKept(sole)).sort()).toEqual(['former:ben', 'former:kim']);
    expect(guest.heal(sole, ['former:ben', 'former:kim'])).toMatchObject({ status: 0 });
    expect(notKept(sole)).toEqual({});
    expect(others()).toEqual([]);
    expect(guest.look(sole)?.access.filter(({ administrator }) => administrator)).toMatchObject([{ name: 'steward' }]);
  });

  it('is changed by no second heal, nor by a look', () => {
    guest.heal(sole, SOLE);
    const before = guest.fingerprint();
    guest.look(sole);
    expect(guest.heal(sole, SOLE).output.trimEnd().split('\n')).toEqual(SOLE.map(name => `${name}: as it was`));
    expect(guest.fingerprint()).toBe(before);
  });

  const STRANGERS = `
    useradd -m mallory; mkdir -p home/mallory/.ssh; echo '${publicKey('mallory')}' > home/mallory/.ssh/authorized_keys
    echo 'mallory ALL=(ALL) NOPASSWD: ALL' > etc/sudoers.d/x; echo 'ben ALL=(ALL) ALL' >> etc/sudoers
    echo 'eve ALL=(ALL) ALL' >> etc/sudoers.d/90-cloud-init-users
    mkdir -p root/.ssh; echo '${publicKey('x')}' > root/.ssh/authorized_keys
    sed -i "s/^root:[^:]*/root:\\$6\\$salt\\$0123456789/" etc/shadow
    echo "toor:x:0:0::/root:/bin/bash" >> etc/passwd; echo "toor:\\$6\\$salt\\$0123456789:1::::::" >> etc/shadow
    echo "postgres:x:70:70::/srv/postgres:/bin/bash" >> etc/passwd; echo "postgres:*:20000:0:99999:7:::" >> etc/shadow
    mkdir -p srv/postgres/.ssh; echo '${publicKey('db')}' > srv/postgres/.ssh/authorized_keys
    echo '${publicKey('guest')}' >> ${STEWARD}; echo '${publicKey('other')}' > ${STEWARD}2
    sed -i "s/^docker:.*/&mallory,jenkins/; s/^sudo:.*/&steward/" etc/group`;

  it('loses every account, key, rule and membership that nobody ordered, and keeps the way in', () => {
    guest.heal(sole, SOLE);
    guest.change(STRANGERS);
    expect(guest.look({ ...sole, soleRoot: false })?.foreign.length).toBeGreaterThan(5);
    const found = notKept(sole);
    expect(Object.keys(found).sort()).toEqual(['sole-root:accounts', 'sole-root:keys', 'sole-root:rights']);
    for (const who of ['mallory can log in', 'root can log in', 'toor is another root', 'postgres can log in'])
      expect(found['sole-root:accounts']).toContain(who);
    expect(found['sole-root:keys']).toContain('keys of steward that nobody ordered: 2');
    for (const words of [
      '/etc/sudoers has rules for ben',
      '90-cloud-init-users has rules for eve',
      'jenkins is a member',
    ])
      expect(found['sole-root:rights']).toContain(words);
    expect(guest.heal(sole, Object.keys(found))).toMatchObject({ status: 0 });
    expect(notKept(sole)).toEqual({});
    expect(guest.look(sole)?.foreign).toEqual([]);
    expect(others()).toEqual([]);
    expect(guest.read(STEWARD)).toBe(`${publicKey('steward')}\n`);
    expect(guest.read('etc/sudoers')).toBe(
      'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    );
    expect(guest.read('etc/group')).toContain('docker:x:999:\n');
    expect(guest.read('var/lib/steward/taken/x')).toBe('mallory ALL=(ALL) NOPASSWD: ALL\n');
    const before = guest.fingerprint();
    expect(guest.heal(sole, Object.keys(found)).output).not.toContain('written');
    expect(guest.fingerprint()).toBe(before);
  });

  it('keeps the shell of an account that services run under, and the home of everybody', () => {
    guest.change(`${STRANGERS}; echo notes > home/mallory/notes`);
    guest.heal(sole, SOLE);
    expect(guest.read('etc/passwd')).toContain('postgres:x:70:70::/srv/postgres:/bin/bash');
    expect(shadow('postgres')).toBe('postgres:*:20000:0:99999:7:::');
    expect(guest.read('home/mallory/notes')).toBe('notes\n');
    expect(shadow('mallory')).toMatch(/:1:$/);
  });

  it.each([
    ['the files of the provider', 'mallory:x:4711:100::/home/steward:/bin/bash'],
    ['its home by another path', 'mallory:x:4711:100::/home/../home/steward/.:/bin/bash'],
    ['its uid', 'mallory:x:$(awk -F: \'$1 == "steward" { print $3 }\' etc/passwd):100::/tmp:/bin/bash'],
  ])('shuts out who shares %s by name alone, and the provider stays', (_, row) => {
    guest.heal(sole, SOLE);
    guest.change(`echo "${row}" >> etc/passwd; echo "mallory:\\$6\\$salt\\$0123456789:1::::::" >> etc/shadow
      touch processes/$(awk -F: '$1 == "steward" { print $3 }' etc/passwd)`);
    guest.heal(sole, ['sole-root:accounts']);
    expect(others()).toEqual([]);
    expect(guest.read(STEWARD)).toBe(`${publicKey('steward')}\n`);
    expect(execFileSync('ls', [join(guest.root, 'processes')], { encoding: 'utf8' })).not.toBe('');
  });

  it.each<[string, string, string, string]>([
    [
      'a program that tells sshd keys',
      'sed -i "s|^authorizedkeyscommand .*|authorizedkeyscommand /usr/bin/keys|" sshd',
      'sole-root:keys',
      'by authorizedkeyscommand /usr/bin/keys',
    ],
    [
      'a file of keys elsewhere',
      'sed -i "s|^authorizedkeysfile .*|& /etc/keys/%u|" sshd',
      'sole-root:keys',
      'sshd reads keys from /etc/keys/%u',
    ],
    [
      'more accounts than a look reads',
      `for n in $(seq 70); do echo "u$n:x:$((6000 + n)):100::/:/bin/bash" >> etc/passwd; done`,
      'sole-root:accounts',
      'more than 60 accounts have a shell',
    ],
    [
      'a name that no program is given',
      `echo 'a b:x:7001:100::/:/bin/bash' >> etc/passwd; echo 'a b::1::::::' >> etc/shadow`,
      'sole-root:accounts',
      'can log in',
    ],
  ])('is not said to be one for as long as there is %s', (_, change, setting, words) => {
    guest.heal(sole, SOLE);
    guest.change(change);
    guest.heal(sole, [setting]);
    expect(notKept(sole)[setting]).toContain(words);
  });

  it('shuts out the others where one cannot be shut out', () => {
    guest.heal(sole, SOLE);
    guest.change(`echo 'a b:x:7001:100::/:/bin/bash' >> etc/passwd; echo 'a b::1::::::' >> etc/shadow
      echo 'zoe:x:7002:100::/:/bin/bash' >> etc/passwd; echo 'zoe::1::::::' >> etc/shadow`);
    expect(guest.heal(sole, ['sole-root:accounts'])).toMatchObject({ status: 1 });
    expect(others()?.map(({ name }) => name)).toEqual([expect.stringContaining('?')]);
  });

  it('keeps the rules of the main file where visudo refuses the new ones, and says so', () => {
    guest.heal(sole, SOLE);
    guest.change('echo "ben ALL=(ALL) ALL" >> etc/sudoers');
    const before = guest.read('etc/sudoers');
    guest.program('visudo', 'exit 1');
    expect(guest.heal(sole, ['sole-root:rights'])).toMatchObject({ status: 1 });
    expect(guest.read('etc/sudoers')).toBe(before);
    expect(notKept(sole)['sole-root:rights']).toContain('for ben');
  });

  it('takes a rule away that a last line continues into nothing, and an include', () => {
    guest.heal(sole, SOLE);
    guest.change('printf "@include /home/ben/rules\\nben ALL=(ALL) ALL \\\\" >> etc/sudoers');
    expect(notKept(sole)['sole-root:rights']).toContain('an include, ben');
    guest.heal(sole, ['sole-root:rights']);
    expect(notKept(sole)).toEqual({});
  });

  it('gives those who are ordered their access back when root is shared again', () => {
    guest.heal(sole, SOLE);
    guest.heal(desired, ALL);
    expect(notKept()).toEqual({});
    expect(
      others()
        ?.map(({ name }) => name)
        .sort(),
    ).toEqual(['ben', 'kim']);
  });
});

describe('what nobody ordered (MO-16)', () => {
  const foreign = () => guest.look(desired)?.foreign.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);

  it('an account that can log in is told with what it opens', () => {
    guest.change(
      `useradd -m mallory; mkdir -p home/mallory/.ssh; echo '${publicKey('mallory')}' > home/mallory/.ssh/authorized_keys; echo 'mallory ALL=(ALL) NOPASSWD: ALL' > etc/sudoers.d/x`,
    );
    expect(foreign()).toEqual([
      expect.stringMatching(/^Account mallory: uid \d+, home \/home\/mallory, may become root$/),
      expect.stringMatching(`^Key mallory ${print('mallory').replaceAll('+', '[+]')}: in /home/mallory/`),
      expect.stringMatching(/^SudoRule \/etc\/sudoers.d\/x: for mallory; the file belongs to \w+$/),
    ]);
    expect(guest.look(desired)?.access.find(({ name }) => name === 'mallory')).toMatchObject({
      login: true,
      administrator: true,
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'a second root',
      'echo "toor:x:0:0::/root:/bin/sh" >> etc/passwd; echo "toor:\\$6\\$salt\\$0123456789:1::::::" >> etc/shadow',
      /^Account toor: uid 0/,
    ],
    [
      'a password of root',
      'sed -i "s/^root:[^:]*/root:\\$6\\$salt\\$0123456789/" etc/shadow',
      /^Account root: .* password/,
    ],
    ['a key of root', `mkdir -p root/.ssh; echo '${publicKey('x')}' > root/.ssh/authorized_keys`, /^Account root/],
    ['a rule in the main file', 'echo "ben ALL=(ALL) ALL" >> etc/sudoers', /^SudoRule \/etc\/sudoers: for ben/],
    [
      'a rule over two lines',
      'printf "ben \\\\\\\\\\nALL=(ALL) ALL\\n" >> etc/sudoers',
      /^SudoRule \/etc\/sudoers: for ben;/,
    ],
    ['an include', 'echo "@include /home/ben/rules" >> etc/sudoers', /^SudoRule \/etc\/sudoers: for an include/],
    ['a rule by a number', 'echo "#1002 ALL=(ALL) ALL" > etc/sudoers.d/y', /^SudoRule \/etc\/sudoers.d\/y: for #1002/],
    [
      'a rule for another in a file of ours',
      'echo "ben ALL=(ALL) ALL" >> etc/sudoers.d/steward-kim',
      /^SudoRule .*steward-kim: for ben/,
    ],
    [
      'a rule of somebody in a file named like ours',
      'echo "eve ALL=(ALL) ALL" > etc/sudoers.d/steward-eve',
      /steward-eve: for eve/,
    ],
    [
      'an authority that signs keys',
      'echo "trustedusercakeys /etc/ssh/ca.pub" > sshd',
      /^Key sshd trustedusercakeys: \/etc\/ssh\/ca.pub/,
    ],
  ])('%s is told', (_, change, words) => {
    guest.change(change);
    expect(foreign()).toContainEqual(expect.stringMatching(words));
  });

  it('files that sudo does not read, and comments, are no rules', () => {
    guest.change(
      'echo "ben ALL=(ALL) ALL" > etc/sudoers.d/x.bak; echo "ben ALL=(ALL) ALL" > etc/sudoers.d/x~; echo "# ben ALL=(ALL) ALL" > etc/sudoers.d/z',
    );
    expect(foreign()).toEqual([]);
  });

  it('names that no account has, and more accounts and keys than anybody reads, are bounded and no command', () => {
    guest.change(`
      echo '$(touch /tmp/steward-pwned):x:2001:100::/home/a:/bin/sh' >> etc/passwd
      printf 'a\\033[2Jb:x:2002:100::/home/a:/bin/sh\\n-rf:x:2003:100::/home/a:/bin/sh\\n__proto__:x:2004:100::/home/a b:/bin/sh\\n' >> etc/passwd
      awk 'BEGIN { for (i = 0; i < 5000; i++) print "u" i ":x:" 3000 + i ":100::/home/u:/bin/sh" }' >> etc/passwd
      cut -d: -f1 etc/passwd | sed -n '6,$s/$/:$6$salt$0123456789:1::::::/p' >> etc/shadow`);
    const look = guest.look(desired);
    expect(look?.access.length).toBeLessThanOrEqual(64);
    expect(look?.access.slice(0, 3).map(({ name }) => name)).toEqual(['steward', 'kim', 'ben']);
    expect(look?.foreign.length).toBeLessThanOrEqual(32);
    expect(look?.access.map(({ name }) => name)).toContain('__proto__');
    expect(execFileSync('ls', ['/tmp'], { encoding: 'utf8' })).not.toContain('steward-pwned');
  });
});

describe("the guest's own updater (MO-3, MO-10)", () => {
  const off: DesiredGuest = { ...desired, ownUpdater: false };
  const timers = () => ['apt-daily.timer', 'apt-daily-upgrade.timer'].map(unit => guest.read(`units/${unit}`).trim());

  it('is switched off, and afterwards as it was', () => {
    guest.write('units/apt-daily.timer', 'loaded inactive disabled');
    const before = timers();
    expect(notKept(off)).toHaveProperty('updater');
    expect(guest.heal(off, ['updater'])).toMatchObject({ status: 0 });
    expect(notKept(off)).toEqual({});
    expect(timers()).toEqual(['masked inactive masked', 'masked inactive masked']);
    expect(notKept()).toHaveProperty('updater');
    expect(guest.heal(desired, ['updater'])).toMatchObject({ status: 0 });
    expect(timers()).toEqual(before);
    expect(notKept()).toEqual({});
  });

  it('that the customer had masked before stays masked', () => {
    guest.change('systemctl mask apt-daily.timer');
    guest.heal(off, ['updater']);
    guest.heal(desired, ['updater']);
    expect(timers()[0]).toMatch(/^masked/);
  });

  it('is the customer’s where Steward never switched it off', () => {
    guest.change('systemctl mask apt-daily.timer apt-daily-upgrade.timer');
    expect(notKept()).toEqual({});
  });
});

describe('what a level does not include (MO-5, MO-12)', () => {
  it('an exporter that Steward brought goes, with all that came with it', () => {
    guest.change(`mkdir -p etc/steward; echo x > etc/steward/node-exporter; systemctl mask none.service
      touch packages/prometheus-node-exporter; echo "loaded active enabled" > units/prometheus-node-exporter.service`);
    expect(notKept().exporter).toContain('/etc/steward/node-exporter is there');
    expect(guest.heal(desired, ['exporter'])).toMatchObject({ status: 0 });
    expect(notKept()).toEqual({});
    expect(guest.has('packages/prometheus-node-exporter')).toBe(false);
    expect(guest.has('units/prometheus-node-exporter.service')).toBe(false);
  });

  it('an exporter that the customer brought stays', () => {
    guest.change(
      'touch packages/prometheus-node-exporter; echo "loaded active enabled" > units/prometheus-node-exporter.service',
    );
    expect(notKept()).toEqual({});
  });

  it('the sensors go, timer and metric and all', () => {
    const watched = { ...desired, exporter: true };
    guest.heal(watched, ['sensors']);
    expect(notKept(watched).sensors).toBe('Differs the sensors were never read');
    guest.write('var/lib/steward/sensors/state', 'end\n');
    expect(guest.heal(desired, ['sensors'])).toMatchObject({ status: 0 });
    expect(guest.has('var/lib/steward/sensors')).toBe(false);
    expect(notKept()).toEqual({});
  });

  it('the sensors follow what is ordered: the port of an application is none that nobody ordered', () => {
    const probes = [{ type: 'tcp' as const, name: 'listens', port: 5432, timeoutSeconds: 1 }];
    const applications = [{ application: 'shop', uid: 'uid', present: true, steps: [], probes, versionOf: 'a' }];
    guest.heal({ ...desired, exporter: true }, ['sensors']);
    const later = { ...desired, exporter: true, applications };
    expect(notKept(later).sensors).toContain('/usr/local/sbin/steward-sensors is another');
    expect(guest.heal(later, ['sensors'])).toMatchObject({ status: 0 });
    expect(notKept(later).sensors).toBe('Differs the sensors were never read');
    expect(guest.read('usr/local/sbin/steward-sensors')).toContain("' 22 9100 5432 '");
    const named = { ...later, services: ['nginx', 'web@one.service', 'ssh.socket'] };
    guest.heal(named, ['sensors']);
    expect(guest.read('usr/local/sbin/steward-sensors')).toContain(
      "-- 'nginx.service' 'nginx@*.service' 'web@one.service' 'ssh.socket' <",
    );
  });
});

describe('the reader of the sensors (MO-12)', () => {
  it('that has not read them for long is found', () => {
    const watched = { ...desired, exporter: true };
    guest.heal(watched, ['sensors']);
    const metric = (at: number) =>
      guest.write('var/lib/prometheus/node-exporter/steward.prom', `guest_sensors_last_run_timestamp_seconds ${at}\n`);
    metric(Math.floor(Date.now() / 1000));
    expect(notKept(watched)).not.toHaveProperty('sensors');
    metric(Math.floor(Date.now() / 1000) - 3600);
    expect(notKept(watched).sensors).toBe('Differs the sensors were not read for more than 600 seconds');
  });
});

describe('the scripts', () => {
  it('choose no program and no file by the environment they are given', () => {
    guest.change(
      'mkdir evil; for name in awk head stat systemctl sudo; do printf "#!/bin/sh\\ntouch $PWD/pwned\\n" > evil/$name; chmod +x evil/$name; done; echo "touch $PWD/pwned" > evil/profile',
    );
    const evil = {
      PATH: join(guest.root, 'evil'),
      ENV: join(guest.root, 'evil/profile'),
      BASH_ENV: join(guest.root, 'evil/profile'),
      IFS: 'e',
      CDPATH: '/tmp',
    };
    expect(guest.look(desired, new Date(), evil)).toEqual(guest.look(desired));
    expect(guest.has('pwned')).toBe(false);
  });

  it('do nothing at all where they do not come whole', () => {
    const ground = { root: guest.root, path: `${guest.root}/programs:/usr/bin:/bin` };
    const before = guest.fingerprint();
    const look = lookScript(desired, 'n0nce', new Date(), ground);
    const heal = healScript({ ...desired, users: [], former: ['kim', 'ben'] }, ['former:kim', 'former:ben'], ground);
    for (const script of [look, heal])
      for (const part of [0.3, 0.6, 0.9]) expect(guest.run(script.slice(0, script.length * part)).output).toBe('');
    expect(guest.fingerprint()).toBe(before);
  });

  it.each(['$(reboot)', 'a b', "a'b", '../a', '-a', '', 'A', 'a'.repeat(33)])('have no user like %j', name => {
    const wrong = { ...desired, users: [{ name, sshKeys: [], administrator: true, formerKeys: [] }] };
    expect(() => lookScript(wrong, 'n1', new Date())).toThrow(RangeError);
    expect(() => healScript(wrong, [])).toThrow(RangeError);
    expect(() => lookScript({ ...desired, former: [name] }, 'n1', new Date())).toThrow(RangeError);
  });

  it('have no nonce that is not one word, no setting that there is not, and none for Windows', () => {
    expect(() => lookScript(desired, 'n 1', new Date())).toThrow(RangeError);
    expect(() => healScript(desired, ['account:mallory'])).toThrow(RangeError);
    expect(() => healScript({ ...desired, packageManager: 'WindowsUpdate' }, [])).toThrow(RangeError);
  });

  it.each(['apt', 'dnf', 'zypper'] as const)('are sh for %s', packageManager => {
    const all = { ...ordered, packageManager, soleRoot: true };
    const scripts = [
      lookScript(all, 'n1', new Date()),
      healScript(
        all,
        settingsOf(all).map(({ name }) => name),
      ),
    ];
    for (const script of scripts) execFileSync('/bin/sh', ['-n'], { input: script });
  });
});
