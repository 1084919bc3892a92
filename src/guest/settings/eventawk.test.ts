import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EVENT_METRICS, EVENT_SENSORS, GUEST_EVENTS } from '../../domain/monitoring/guestevents.ts';
import { EVENT_AWK, EXCERPT, MOST_ENTRIES, MOST_ERRORS } from './eventawk.ts';

const folder = mkdtempSync(join(tmpdir(), 'steward-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BOOT = 'a'.repeat(32);
const OTHER_BOOT = 'b'.repeat(32);
const NOW = 1_800_000_000;
const CURSOR = 's=1;i=1';

type Before = { readonly state?: string; readonly excerpt?: string };
type After = { readonly state: string; readonly excerpt: string; readonly metrics: string };

/** One run of the real awk. `facts` are lines as the script gathers them. */
function run(facts: readonly string[], { state = '', excerpt = '' }: Before = {}, now = NOW): After {
  const path = (name: string) => join(folder, name);
  writeFileSync(path('state'), state);
  writeFileSync(path('excerpt'), excerpt);
  writeFileSync(path('state.new'), '');
  writeFileSync(path('excerpt.new'), '');
  const variables = { now, state: path('state.new'), excerpt: path('excerpt.new'), prom: path('prom') };
  const set = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const files = ['from=state', path('state'), 'from=excerpt', path('excerpt'), 'from=facts', '-'];
  execFileSync('awk', [...set, EVENT_AWK, ...files], {
    ...{ input: facts.map(line => `${line}\n`).join(''), env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
    maxBuffer: 1 << 26,
  });
  const read = (name: string) => readFileSync(path(name), 'utf8');
  return { state: read('state.new'), excerpt: read('excerpt.new'), metrics: read('prom') };
}

const SENSORS_UP = ['accounts', 'keys', 'sshd', 'ports', 'certificates'].map(sensor => `U ${sensor} 1`);
const QUIET = [`B ${BOOT}`, ...SENSORS_UP, `T{"__CURSOR":"${CURSOR}"}`];
const first = run(QUIET);

type Fields = Readonly<Record<string, unknown>>;
const json = (fields: Fields, cursor = 's=1;i=2') => JSON.stringify({ __CURSOR: cursor, _BOOT_ID: BOOT, ...fields });
const ended = (status = 0) => `Z entries ${status}`;
/** A run in which the journal has these entries. */
const reading = (entries: readonly string[], before: Before = first) => run([...QUIET, ...entries, ended()], before);

function counts({ metrics }: After): Record<string, number> {
  const found = [...metrics.matchAll(/^guest_events_total\{event="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(found.flatMap(([, name = '', count]) => (count === '0' ? [] : [[name, Number(count)]])));
}
const metric = ({ metrics }: After, name: string) =>
  new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(metrics)?.[1];

const sshd = (MESSAGE: string, more: Fields = {}) => ({
  ...{ _TRANSPORT: 'syslog', _UID: '0', _PID: '77', _COMM: 'sshd', _EXE: '/usr/sbin/sshd', SYSLOG_IDENTIFIER: 'sshd' },
  ...{ MESSAGE, ...more },
});
const sudo = (MESSAGE: string) => ({
  _TRANSPORT: 'syslog',
  _UID: '1000',
  _COMM: 'sudo',
  _EXE: '/usr/bin/sudo',
  MESSAGE,
});
const su = (MESSAGE: string) => ({ _TRANSPORT: 'syslog', _UID: '1000', _COMM: 'su', _EXE: '/usr/bin/su', MESSAGE });
const kernel = (MESSAGE: string, PRIORITY = '3') => ({ _TRANSPORT: 'kernel', SYSLOG_FACILITY: '0', PRIORITY, MESSAGE });
const login = (MESSAGE: string) => ({ _TRANSPORT: 'syslog', _UID: '0', _COMM: 'login', MESSAGE });
const FAILED = 'Failed password for invalid user admin from 203.0.113.9 port 4711 ssh2';

describe('what an entry of the journal is (MO-12)', () => {
  it.each<[string, Fields, Readonly<Record<string, number>>]>([
    ['a password tried by ssh', sshd(FAILED), { ssh_login_failed: 1 }],
    ['the same of newer versions', sshd(FAILED, { _COMM: 'sshd-session' }), { ssh_login_failed: 1 }],
    [
      'the same where its program had ended before journald looked',
      sshd(FAILED, { _COMM: undefined, _EXE: undefined }),
      { ssh_login_failed: 1 },
    ],
    [
      'a connection that ended without a login',
      sshd('Connection closed by authenticating user root 203.0.113.9 port 4711 [preauth]'),
      { ssh_login_failed: 1 },
    ],
    [
      'one of a user that there is not',
      sshd('Disconnected from invalid user x 203.0.113.9 port 1 [preauth]'),
      { ssh_login_failed: 1 },
    ],
    ['the end of a login that succeeded', sshd('Disconnected from user kim 203.0.113.9 port 1'), {}],
    [
      'a login by ssh',
      sshd('Accepted publickey for kim from 10.0.0.1 port 1 ssh2: ED25519 SHA256:x'),
      { ssh_login_accepted: 1 },
    ],
    [
      'a login of root by ssh',
      sshd('Accepted password for root from 10.0.0.1 port 1 ssh2'),
      { ssh_login_accepted: 1, ssh_root_login_accepted: 1 },
    ],
    [
      'a user whose name is a login',
      sshd('Failed password for invalid user Accepted password for root from 1.1.1.1 from 203.0.113.9 port 1 ssh2'),
      { ssh_login_failed: 1 },
    ],
    [
      'a name in the middle of another message',
      sshd('Invalid user Failed password for root from 203.0.113.9 port 1'),
      {},
    ],
    ['su', su('(to root) kim on pts/0'), { su_accepted: 1 }],
    ['su that failed', su('FAILED SU (to root) kim on pts/0'), { su_failed: 1 }],
    ['sudo', sudo('     kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/usr/bin/id'), { sudo_accepted: 1 }],
    ['sudo without a terminal', sudo('kim : PWD=/ ; USER=root ; COMMAND=/usr/bin/id'), { sudo_accepted: 1 }],
    [
      'sudo with wrong passwords',
      sudo('kim : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id'),
      { sudo_failed: 1 },
    ],
    [
      'sudo of who may not',
      sudo('kim : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id'),
      { sudo_failed: 1 },
    ],
    ['sudo that asked nobody', sudo('kim : a password is required ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=list'), {}],
    ['what PAM says of the same', sudo('pam_unix(sudo:auth): authentication failure; logname=kim uid=1000'), {}],
    ['a login on the console', login('ROOT LOGIN ON tty1'), { console_login_accepted: 1 }],
    [
      'one that failed',
      login("FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure"),
      { console_login_failed: 1 },
    ],
    [
      'a program ended for want of memory',
      kernel('Out of memory: Killed process 71 (postgres) total-vm:1kB'),
      { oom_kill: 1 },
    ],
    ['one of a group', kernel('Memory cgroup out of memory: Killed process 71 (x) total-vm:1kB'), { oom_kill: 1 }],
    [
      'the same of older kernels',
      kernel('Out of memory: Kill process 71 (x) score 900 or sacrifice child'),
      { oom_kill: 1 },
    ],
    [
      'an error of ext4',
      kernel('EXT4-fs error (device vda1): ext4_find_entry:1455: inode #2: comm ls: reading directory', '2'),
      { file_system_error: 1 },
    ],
    [
      'an error of XFS',
      kernel('XFS (vdb): Metadata corruption detected at xfs_agf_read_verify', '1'),
      { file_system_error: 1 },
    ],
    [
      'an error of btrfs',
      kernel('BTRFS error (device vdb): parent transid verify failed', '3'),
      { file_system_error: 1 },
    ],
    ['an error of a disk', kernel('I/O error, dev vda, sector 2048 op 0x0:(READ) flags 0x0'), { file_system_error: 1 }],
    [
      'the same of older kernels',
      kernel('blk_update_request: I/O error, dev vda, sector 2048'),
      { file_system_error: 1 },
    ],
    [
      'a file system locked',
      kernel('EXT4-fs (vda1): Remounting filesystem read-only', '2'),
      { file_system_read_only: 1 },
    ],
    [
      'XFS shut down',
      kernel('XFS (vdb): Filesystem has been shut down due to log error (0x2).', '1'),
      { file_system_read_only: 1 },
    ],
    [
      'a bug of the kernel',
      kernel('BUG: kernel NULL pointer dereference, address: 0000000000000000', '1'),
      { kernel_error: 1 },
    ],
    ['a task that hangs', kernel('INFO: task kworker/0:1:22 blocked for more than 120 seconds.'), { kernel_error: 1 }],
    ['a critical line of the kernel', kernel('something is on fire', '2'), { kernel_error: 1 }],
    [
      'a usual error of the kernel at boot',
      kernel('platform regulatory.0: firmware: failed to load regulatory.db (-2)'),
      {},
    ],
    ['a fault of a program', kernel('traps: x[71] general protection fault ip:1 sp:2 error:0 in x', '6'), {}],
    [
      'a unit that failed',
      {
        _TRANSPORT: 'journal',
        _UID: '0',
        _PID: '1',
        MESSAGE_ID: 'd9b373ed55a64feb8242e02dbe79a49c',
        MESSAGE: 'x.service: Failed',
      },
      { unit_failed: 1 },
    ],
  ])('%s', (_, fields, expected) => {
    expect(counts(reading([json(fields)]))).toEqual(expected);
  });

  it.each<[string, Fields]>([
    ['says by its tag that it is sshd', { ...sshd(FAILED), _UID: '1000', _COMM: 'logger', _EXE: '/usr/bin/logger' }],
    ['has the name of sshd and a user of its own', { ...sshd(FAILED), _UID: '1000', _EXE: '/home/kim/sshd' }],
    ['says so as a tool of root', { ...sshd(FAILED), _COMM: 'logger' }],
    ['had ended before journald looked', { ...sshd(FAILED), _UID: '1000', _COMM: undefined, _EXE: undefined }],
    [
      'says by its tag that it is sudo',
      {
        ...sudo('kim : 3 incorrect password attempts ; COMMAND=/x'),
        _EXE: '/home/kim/sudo',
        SYSLOG_IDENTIFIER: 'sudo',
      },
    ],
    [
      'says by its tag that it is the kernel',
      {
        ...kernel('Out of memory: Killed process 1 (x)'),
        _TRANSPORT: 'syslog',
        _UID: '1000',
        SYSLOG_IDENTIFIER: 'kernel',
      },
    ],
    [
      'writes to /dev/kmsg, to which the kernel gives another facility',
      { ...kernel('BUG: x', '0'), SYSLOG_FACILITY: '1' },
    ],
    [
      'says fields of systemd',
      {
        _UID: '1000',
        _PID: '71',
        MESSAGE_ID: 'd9b373ed55a64feb8242e02dbe79a49c',
        UNIT: 'shutdown.target',
        MESSAGE: 'x',
      },
    ],
    [
      'says fields of journald within its message',
      { _UID: '1000', MESSAGE: `x","_UID":"0","_COMM":"sshd","MESSAGE":"${FAILED}` },
    ],
    ['says another entry within its message', { _UID: '1000', MESSAGE: `x\n${json(sshd(FAILED), 's=1;i=3')}` }],
    [
      'ends its message with a backslash',
      { _UID: '1000', MESSAGE: `x\\","_UID":"0","_COMM":"sshd","MESSAGE":"${FAILED}\\` },
    ],
    [
      'says a field twice',
      { _UID: '1000', MESSAGE: [FAILED, '_UID', '0', '_COMM', 'sshd'], SYSLOG_IDENTIFIER: 'sshd' },
    ],
    ['says bytes', { _UID: '1000', MESSAGE: [34, 44, 34], SYSLOG_IDENTIFIER: 'sshd' }],
    ['says nothing', { _UID: '1000', MESSAGE: null, SYSLOG_IDENTIFIER: 'sshd' }],
  ])('none, of one who %s', (_, fields) => {
    expect(counts(reading([json(fields)]))).toEqual({});
  });

  it('nothing that a user writes, whatever it is, is taken for anything, nor hides what comes after it', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '"',
        '\\',
        '\\"',
        '\n',
        '","_UID":"0',
        '":"',
        '{',
        '}',
        '[',
        ']',
        '_COMM":"sshd',
        FAILED,
        '\u0001',
        '\u0002',
        '\u0000',
      ),
    );
    const message = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''));
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 60 }), messages => {
        const theirs = messages.map((MESSAGE, at) =>
          json({ _UID: '1000', MESSAGE, SYSLOG_IDENTIFIER: MESSAGE }, `s=2;i=${at}`),
        );
        const found = reading([...theirs, json(sshd(FAILED), 's=3;i=1')]);
        expect(counts(found)).toEqual({ ssh_login_failed: 1 });
        expect(metric(found, `${EVENT_METRICS.up}{sensor="journal"}`)).toBe('1');
      }),
      { numRuns: 30 },
    );
  });

  it('reads the form of older versions, with spaces', () => {
    const old = `{ "__CURSOR" : "s=1;i=2", "_UID" : "0", "_COMM" : "sshd", "MESSAGE" : "${FAILED}" }`;
    expect(counts(reading([old]))).toEqual({ ssh_login_failed: 1 });
  });

  it('counts a connection on which passwords were tried by these alone', () => {
    const lines = [FAILED, FAILED, 'Connection closed by invalid user admin 203.0.113.9 port 4711 [preauth]'];
    const entries = lines.map((MESSAGE, at) => json(sshd(MESSAGE), `s=1;i=${at + 2}`));
    expect(counts(reading(entries))).toEqual({ ssh_login_failed: 2 });
  });
});

describe('what is kept from run to run (MO-12)', () => {
  it('has a number for every event and every sensor from the first run on, and takes nothing of before for news', () => {
    const found = run([
      ...QUIET,
      'A kim login',
      'K kim SHA256:a',
      'S host_key_changed 1',
      'S sshd_config_changed 2',
      json(sshd(FAILED)),
    ]);
    for (const event of GUEST_EVENTS)
      if (event !== 'ssh_login_failed') expect(metric(found, `${EVENT_METRICS.total}{event="${event}"}`)).toBe('0');
    for (const sensor of EVENT_SENSORS)
      expect(metric(found, `${EVENT_METRICS.success}{sensor="${sensor}"}`)).toBe(`${NOW}`);
    expect(found.metrics).not.toContain(`${EVENT_METRICS.last}{event="account_added"`);
  });

  it('counts an entry once: the one that was read last is known again', () => {
    const entry = json(sshd(FAILED), 's=1;i=2');
    const once = reading([entry]);
    expect(counts(once)).toEqual({ ssh_login_failed: 1 });
    const again = reading([entry], once);
    expect(counts(again)).toEqual({ ssh_login_failed: 1 });
    expect(counts(reading([entry, json(sshd(FAILED), 's=1;i=3')], again))).toEqual({ ssh_login_failed: 2 });
  });

  it('goes on counting after a restart, and knows when something happened last', () => {
    const once = reading([json(sshd(FAILED))]);
    const later = run([...QUIET, ended()], once, NOW + 60);
    expect(counts(later)).toEqual({ ssh_login_failed: 1 });
    expect(metric(later, `${EVENT_METRICS.last}{event="ssh_login_failed"}`)).toBe(`${NOW}`);
  });

  it.each<[string, readonly string[], Readonly<Record<string, number>>]>([
    ['an account that nobody ordered', ['A kim login', 'A eve login'], { account_added: 1 }],
    ['an account of Steward', ['A kim login', 'A ben login', 'O ben'], {}],
    ['an account of a service', ['A kim login', 'A postgres system'], {}],
    ['an account of a service with which one can log in now', ['A kim login', 'A daemon login'], { account_added: 1 }],
    ['an account that is gone', [], {}],
    ['a key that nobody ordered', ['A kim login', 'K kim SHA256:a', 'K kim SHA256:evil'], { key_added: 1 }],
    ['a known key for another account', ['A kim login', 'K kim SHA256:a', 'K root SHA256:a'], { key_added: 1 }],
    ['a key of Steward', ['A kim login', 'K kim SHA256:a', 'K kim SHA256:b', 'N SHA256:b'], {}],
    ['other host keys', ['A kim login', 'S host_key_changed 9'], { host_key_changed: 1 }],
    ['another configuration of sshd', ['A kim login', 'S sshd_config_changed 9'], { sshd_config_changed: 1 }],
  ])('tells of %s', (_, facts, expected) => {
    const known = [
      'A kim login',
      'A daemon system',
      'K kim SHA256:a',
      'S host_key_changed 1',
      'S sshd_config_changed 2',
    ];
    const before = run([...known, ...QUIET]);
    const found = run([...facts, ...QUIET, ended()], before);
    expect(counts(found)).toEqual(expected);
    expect(counts(run([...facts, ...QUIET, ended()], found))).toEqual(expected);
  });

  it('takes a sensor that failed for no news, and what it knew stays known', () => {
    const before = run([...QUIET, 'A kim login', 'P 8080']);
    const failed = run([`B ${BOOT}`, 'U accounts 0', 'U ports 0', ended()], before, NOW + 60);
    expect(metric(failed, `${EVENT_METRICS.up}{sensor="accounts"}`)).toBe('0');
    expect(metric(failed, `${EVENT_METRICS.up}{sensor="keys"}`)).toBe('0');
    expect(metric(failed, `${EVENT_METRICS.success}{sensor="accounts"}`)).toBe(`${NOW}`);
    expect(counts(run([...QUIET, 'A kim login', ended()], failed))).toEqual({});
    expect(failed.state).toContain('port 8080 ');
  });

  it('tells since when a port is open, since ever of what was open at the first reading, and of none that is closed', () => {
    const before = run([...QUIET, 'P 8080']);
    const later = run([...QUIET, 'P 8080', 'P 8081', ended()], before, NOW + 60);
    expect(metric(later, `${EVENT_METRICS.port}{port="8080"}`)).toBe('0');
    expect(metric(later, `${EVENT_METRICS.port}{port="8081"}`)).toBe(`${NOW + 60}`);
    expect(run([...QUIET, ended()], later).metrics).not.toContain('port="');
  });

  it('tells when a certificate ends', () => {
    expect(
      metric(run([...QUIET, 'C 1900000000 /etc/nginx/a.crt']), `${EVENT_METRICS.certificate}{path="/etc/nginx/a.crt"}`),
    ).toBe('1900000000');
  });
});

describe('a guest that boots again (MO-12)', () => {
  const rebooted = (entries: readonly string[], status = 0) =>
    run([`B ${OTHER_BOOT}`, ...SENSORS_UP, ...entries, ended(status)], first);

  it('was not shut down where its journal of before does not tell so', () => {
    const found = rebooted([]);
    expect(counts(found)).toEqual({ unexpected_reboot: 1 });
    expect(counts(run([`B ${OTHER_BOOT}`, ...SENSORS_UP, ended()], found))).toEqual({ unexpected_reboot: 1 });
  });

  it.each<[string, Fields]>([
    ['systemd', { _UID: '0', _PID: '1', UNIT: 'shutdown.target', MESSAGE: 'Reached target System Shutdown.' }],
    [
      'logind',
      {
        _UID: '0',
        _COMM: 'systemd-logind',
        MESSAGE_ID: '98268866d1d54a499c4e98921d93bc40',
        MESSAGE: 'System is rebooting.',
      },
    ],
  ])('was shut down where %s says so', (_, fields) => {
    expect(counts(rebooted([json(fields)]))).toEqual({});
    // Read in the last run before it, and remembered.
    const last = reading([json(fields)]);
    expect(counts(run([`B ${OTHER_BOOT}`, ...SENSORS_UP, ended()], last))).toEqual({});
  });

  it('was not shut down because a user says so', () => {
    const forged = {
      _UID: '1000',
      _PID: '71',
      _COMM: 'systemd-logind',
      MESSAGE_ID: '98268866d1d54a499c4e98921d93bc40',
    };
    expect(counts(rebooted([json(forged)]))).toEqual({ unexpected_reboot: 1 });
  });

  it('is judged only once the journal was read to its end', () => {
    const unread = rebooted([], 1);
    expect(counts(unread)).toEqual({});
    expect(metric(unread, `${EVENT_METRICS.up}{sensor="journal"}`)).toBe('0');
    expect(counts(run([`B ${OTHER_BOOT}`, ...SENSORS_UP, ended()], unread))).toEqual({ unexpected_reboot: 1 });
  });
});

describe('errors in the journal (MO-12)', () => {
  const error = (fields: Fields, cursor: string) => `E${json(fields, cursor)}`;

  it('are counted once, but for those of people’s sessions', () => {
    const entries = [
      error({ _SYSTEMD_UNIT: 'nginx.service', _UID: '33' }, 'e=2'),
      error({ _UID: '0' }, 'e=3'),
      error({ _SYSTEMD_UNIT: 'session-4.scope', _UID: '1000' }, 'e=4'),
      error({ _SYSTEMD_UNIT: 'user@1000.service', _UID: '1000' }, 'e=5'),
      error({ _UID: '1000' }, 'e=6'),
    ];
    const found = reading([ended(), ...entries]);
    expect(counts(found)).toEqual({ journal_error: 2 });
    expect(counts(reading([ended(), error({ _UID: '1000' }, 'e=6')], found))).toEqual({ journal_error: 2 });
  });

  it('that are more than a run reads are left behind: the next one begins at the newest entry', () => {
    const flood = Array.from({ length: MOST_ERRORS }, (_, at) => error({ _UID: '0' }, `e=${at}`));
    const found = reading([ended(), ...flood]);
    expect(counts(found)).toEqual({ journal_error: MOST_ERRORS });
    expect(found.state).toContain(`errors ${CURSOR}\n`);
  });
});

describe('a journal that is not read to its end (MO-12)', () => {
  const success = `${EVENT_METRICS.success}{sensor="journal"}`;

  it('is not fresh, and is read on from there', () => {
    const entries = Array.from({ length: MOST_ENTRIES }, (_, at) => `{"__CURSOR":"s=2;i=${at}"}`);
    const found = run([...QUIET, ...entries], first, NOW + 60);
    expect(metric(found, success)).toBe(`${NOW}`);
    expect(found.state).toContain(`cursor s=2;i=${MOST_ENTRIES - 1}\n`);
  });

  it('says so where there is no journalctl, or it fails', () => {
    for (const facts of [
      [`B ${BOOT}`, ...SENSORS_UP],
      [...QUIET, ended(1)],
    ]) {
      const found = run(facts, first, NOW + 60);
      expect(metric(found, `${EVENT_METRICS.up}{sensor="journal"}`)).toBe('0');
      expect(metric(found, success)).toBe(`${NOW}`);
    }
  });
});

describe('the last lines that matter (MO-12)', () => {
  it('are few, short and of every event some, the newest last', () => {
    const long = json(sshd(`Failed password for invalid user ${'x '.repeat(900)} from 203.0.113.9 port 1 ssh2`));
    const before = reading([json(kernel('BUG: first', '1')), ...Array(50).fill(long)]);
    const { excerpt } = reading([json(su('FAILED SU (to root) kim on pts/0'), 's=9;i=9')], before);
    const lines = excerpt.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + EXCERPT.ofEach + 1);
    expect(lines[0]).toBe(`${NOW} kernel_error BUG: first`);
    expect(lines.at(-1)).toBe(`${NOW} su_failed FAILED SU (to root) kim on pts/0`);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(EXCERPT.length + 40);
  });

  it('are never more than twenty', () => {
    const all = [...GUEST_EVENTS].flatMap(event => Array<string>(9).fill(`${NOW} ${event} x`));
    const { excerpt } = run([...QUIET, ended()], { ...first, excerpt: `${all.join('\n')}\n` });
    expect(excerpt.trimEnd().split('\n')).toHaveLength(EXCERPT.lines);
  });

  it.each([
    [
      'a password in a message',
      sudo('kim : 1 incorrect password attempt ; USER=root ; COMMAND=/usr/bin/mysql -p hunter2 --password=hunter2'),
    ],
    ['a password by name', kernel('BUG: password=hunter2 passwd: hunter2', '1')],
    ['a token', kernel('BUG: Authorization: Bearer hunter2 api_key="hunter2" TOKEN: hunter2', '1')],
    ['a password of a URL', kernel('BUG: https://kim:hunter2@example.org/', '1')],
    ['a long word', kernel(`BUG: ${'hunter2'.repeat(6)}`, '1')],
  ])('have no %s', (_, fields) => {
    const { excerpt } = reading([json(fields)]);
    expect(excerpt).not.toContain('hunter2');
    expect(excerpt).toMatch(/^\d+ \w+ \S/);
  });

  it('are plain text, whatever a message has', () => {
    const { excerpt } = reading([json(sshd('Failed password for \u001b[2J\u202E"a"\\\n from 1.1.1.1 port 1 ssh2'))]);
    expect(excerpt).toMatch(/^[ -~]+\n$/);
    expect(excerpt).toContain('"a"\\');
  });
});
