/** The sensor for events of guests, run by a real shell on the files of a played guest; and with a journal that a real journald writes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_METRICS, EVENT_SENSORS } from '../../src/domain/monitoring/guestevents.ts';
import { EXCERPT_FILE, eventScript, SENSOR_FOLDER, SENSOR_METRICS } from '../../src/guest/settings/eventscript.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steward-events-'));
  for (const folder of ['var/lib/prometheus/node-exporter', 'var/lib/steward/keys', 'programs', 'etc/ssh', 'journal'])
    mkdirSync(join(root, folder), { recursive: true });
  write(
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\nkim:x:1000:1000::/home/kim:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n',
  );
  write('etc/ssh/sshd_config', 'PermitRootLogin no\n');
  write('etc/ssh/ssh_host_ed25519_key.pub', 'ssh-ed25519 AAAA\n');
  write('proc/sys/kernel/random/boot_id', `${'a'.repeat(8)}-aaaa-aaaa-aaaa-${'a'.repeat(12)}\n`);
  listening();
  program('setpriv', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
  // A fake that plays what journalctl does with a cursor: from that entry on.
  program(
    'journalctl',
    `for each in "$@"; do case "$each" in --cursor=*) from=\${each#--cursor=};; -n) tail -n 1 ${root}/journal/entries; exit;; -p) grep '"PRIORITY":"[0-3]"' ${root}/journal/entries; exit;; esac; done
awk -v from="\\"$from\\"" 'index($0, from) { there = 1 } there' ${root}/journal/entries`,
  );
  journal({ MESSAGE: 'begin' });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const program = (name: string, script: string): void => write(`programs/${name}`, `#!/bin/sh\n${script}\n`, 0o755);

/** `address:port` as the kernel has them. */
function listening(...sockets: readonly string[]): void {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue\n';
  const row = (socket: string, at: number) =>
    `   ${at}: ${socket} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${7000 + at} 1\n`;
  write(
    'proc/net/tcp',
    head +
      sockets
        .filter(socket => socket.length === 13)
        .map(row)
        .join(''),
  );
  write(
    'proc/net/tcp6',
    head +
      sockets
        .filter(socket => socket.length > 13)
        .map(row)
        .join(''),
  );
}

let entries = 0;
function journal(...more: readonly Readonly<Record<string, string>>[]): void {
  const lines = more.map(fields => JSON.stringify({ __CURSOR: `s=1;i=${++entries}`, ...fields }));
  const before = existsSync(join(root, 'journal/entries')) ? read('journal/entries') : '';
  write('journal/entries', `${before}${lines.join('\n')}\n`);
}
const failed = { _UID: '0', _COMM: 'sshd', _PID: '7', MESSAGE: 'Failed password for kim from 10.0.0.9 port 1 ssh2' };

/** Exit status of a run. `stop`: what is put in the place of a command of the script, to end it there. */
function run(
  ports: readonly number[] = [22, 9100],
  stop?: readonly [string, string],
  units: readonly string[] = [],
): number | null {
  const ground = { root, path: `${root}/programs:/usr/sbin:/usr/bin:/sbin:/bin` };
  const script = eventScript(ground, { ports, units });
  if (stop) expect(script).toContain(stop[0]);
  return spawnSync('/bin/sh', ['-s'], { input: stop ? script.replace(...stop) : script, env: {} }).status;
}

function counts(): Record<string, number> {
  const found = [...read(SENSOR_METRICS).matchAll(/^guest_events_total\{event="(\w+)"\} ([1-9]\d*)$/gm)];
  return Object.fromEntries(found.map(([, name = '', count]) => [name, Number(count)]));
}
const up = (sensor: string): string | undefined =>
  new RegExp(`^${EVENT_METRICS.up}\\{sensor="${sensor}"\\} (\\d)$`, 'm').exec(read(SENSOR_METRICS))?.[1];
const ports = (): string[] =>
  [...read(SENSOR_METRICS).matchAll(/\{port="(\d+)"\}/g)].map(([, port = '']) => port).sort();

describe('the sensor for events of a guest (MO-12)', () => {
  it('reads every part of it, for the exporter as one whole file and for root alone what it keeps', () => {
    expect(run()).toBe(0);
    for (const sensor of EVENT_SENSORS) expect(up(sensor)).toBe('1');
    expect(counts()).toEqual({});
    expect(statSync(join(root, SENSOR_METRICS)).mode & 0o777).toBe(0o644);
    expect(statSync(join(root, SENSOR_FOLDER, 'state')).mode & 0o777).toBe(0o600);
    const folder = (path: string) => execFileSync('ls', ['-A', join(root, path)], { encoding: 'utf8' });
    expect(folder('var/lib/prometheus/node-exporter')).toBe('steward.prom\n');
    expect(folder(SENSOR_FOLDER)).toBe('certificates\nexcerpt\nstate\n');
  });

  it('counts what happens once, whatever it is cut off by, and over restarts', () => {
    run();
    journal(failed, failed);
    // Cut off before anything is kept; after it is kept and before the metrics are there.
    expect(run(undefined, ['sync -- ', 'exit 9; '])).toBe(9);
    expect(counts()).toEqual({});
    expect(run(undefined, ['chmod 0644', 'exit 9; '])).toBe(9);
    expect(counts()).toEqual({});
    run();
    expect(counts()).toEqual({ ssh_login_failed: 2 });
    journal(failed);
    run();
    run();
    expect(counts()).toEqual({ ssh_login_failed: 3 });
    expect(read(EXCERPT_FILE)).toMatch(
      /^(\d+ ssh_login_failed Failed password for kim from 10\.0\.0\.9 port 1 ssh2\n){3}$/,
    );
  });

  it('takes what it kept for nothing where that is not whole, and counts from then on', () => {
    run();
    write(`${SENSOR_FOLDER}/state`, 'count ssh_login_failed 7\ncursor s=1;');
    expect(run()).toBe(0);
    journal(failed);
    run();
    expect(counts()).toEqual({ ssh_login_failed: 1 });
  });

  it('keeps the old numbers and says nothing new where there is no room', () => {
    run();
    const before = read(SENSOR_METRICS);
    journal(failed);
    expect(run(undefined, ['state="$folder/state.new"', 'state=/dev/full'])).not.toBe(0);
    expect(read(SENSOR_METRICS)).toBe(before);
    run();
    expect(counts()).toEqual({ ssh_login_failed: 1 });
  });

  it('tells of no account that a package brings for its service, until its password is set', () => {
    run();
    write('etc/passwd', `${read('etc/passwd')}postgres:x:105:107::/var/lib/postgresql:/bin/bash\n`);
    write('etc/shadow', `kim:!:20000::::::\npostgres:!:20000::::::\n`);
    run();
    expect(counts()).toEqual({});
    write('etc/shadow', `kim:!:20000::::::\npostgres:$y$j9T$x:20000::::::\n`);
    run();
    expect(counts()).toEqual({ account_added: 1 });
  });

  it('tells of accounts and keys that nobody ordered, and of none that Steward made', () => {
    const key = (name: string) => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(root, name)]);
      return [
        read(`${name}.pub`),
        execFileSync('ssh-keygen', ['-lf', join(root, `${name}.pub`)], { encoding: 'utf8' }).split(' ')[1] ?? '',
      ] as const;
    };
    const [[ours, print], [theirs], [options]] = [key('ours'), key('theirs'), key('options')];
    run();
    write('var/lib/steward/keys/kim', `${print}\n`);
    write('home/kim/.ssh/authorized_keys', ours);
    run();
    expect(counts()).toEqual({});
    write('home/kim/.ssh/authorized_keys', `${ours}${theirs}# note\nfrom="10.0.0.0/8" ${options}rubbish\n`);
    write('var/lib/steward/keys/ben', '');
    write('etc/passwd', `${read('etc/passwd')}ben:x:1001:1001::/home/ben:/bin/sh\neve:x:0:0::/root:/bin/sh\n`);
    run();
    expect(counts()).toEqual({ account_added: 1, key_added: 2 });
    expect(read(EXCERPT_FILE)).toContain('account_added account eve\n');
  });

  it('is held up by no file of keys that a user has made a trap of, and says which part it is that failed', () => {
    run();
    mkdirSync(join(root, 'home/kim/.ssh'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'home/kim/.ssh/authorized_keys')]);
    execFileSync('ln', ['-s', '/dev/zero', join(root, 'home/kim/.ssh/authorized_keys2')]);
    expect(run()).toBe(0);
    expect(EVENT_SENSORS.map(up)).toEqual(EVENT_SENSORS.map(() => '1'));
    write('etc/shells', '');
    execFileSync('rm', [join(root, 'home/kim/.ssh/authorized_keys')]);
    write('home/kim/.ssh/authorized_keys', 'x');
    program('head', 'case "$*" in *authorized_keys*) sleep 60;; esac; exec /usr/bin/head "$@"');
    expect(run(undefined, ['-ge 18', '-ge 1'])).toBe(0);
    expect(up('keys')).toBe('0');
    expect(up('accounts')).toBe('1');
  }, 20_000);

  it('tells of ports that others reach and nobody ordered', () => {
    const [any, local, lan] = ['00000000', '0100007F', '0A00000A'];
    const [any6, local6] = ['0'.repeat(32), '00000000000000000000000001000000'];
    listening(
      `${any}:0016`,
      `${any}:1F90`,
      `${local}:0CEA`,
      `${lan}:1538`,
      `${any6}:238C`,
      `${any6}:1F91`,
      `${local6}:1F92`,
    );
    run([22, 9100, 5432]);
    expect(ports()).toEqual(['8080', '8081']);
    run([22, 9100, 5432, 8080]);
    expect(ports()).toEqual(['8081']);
  });

  it('takes a port for ordered where a unit of the order holds its socket, and not where a program only has its name', () => {
    listening('00000000:1F90', '00000000:1F91', '00000000:1F92');
    program(
      'systemctl',
      `case "$*" in *"nginx.service nginx@*.service") echo /system.slice/nginx.service;; *) exit 1;; esac`,
    );
    write('sys/fs/cgroup/system.slice/nginx.service/cgroup.procs', '71\n72\n');
    const holds = (process: number, socket: number) => {
      mkdirSync(join(root, `proc/${process}/fd`), { recursive: true });
      execFileSync('ln', ['-s', `socket:[${socket}]`, join(root, `proc/${process}/fd/5`)]);
    };
    holds(71, 7000);
    holds(72, 7001);
    // Whoever calls himself so, in a unit of his own.
    holds(73, 7002);
    write('proc/73/comm', 'nginx\n');
    run([22], undefined, ['nginx.service', 'nginx@*.service']);
    expect(ports()).toEqual(['8082']);
  });

  it('tells of other host keys and another configuration of sshd, and of files that are the same no more than before', () => {
    run();
    execFileSync('touch', [join(root, 'etc/ssh/sshd_config')]);
    run();
    expect(counts()).toEqual({});
    write('etc/ssh/sshd_config.d/99-x.conf', 'PermitRootLogin yes\n');
    run();
    write('etc/ssh/ssh_host_ed25519_key.pub', 'ssh-ed25519 BBBB\n');
    run();
    expect(counts()).toEqual({ sshd_config_changed: 1, host_key_changed: 1 });
  });

  it('tells when certificates of services end, and of nothing that is no certificate, or an authority’s', () => {
    const made = (path: string, days: number) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '/dev/null'];
      execFileSync(
        'openssl',
        ['req', '-x509', ...key, '-subj', '/CN=x', '-days', `${days}`, '-out', join(root, path)],
        { stdio: 'ignore' },
      );
    };
    made('etc/nginx/ssl/shop.crt', 10);
    made('etc/ssl/certs/ca-certificates.crt', 10);
    made('etc/nginx/a b.crt', 10);
    write('etc/nginx/key.pem', 'no certificate\n');
    run();
    const [[, path, ends] = [], ...more] = [...read(SENSOR_METRICS).matchAll(/\{path="(.*)"\} (\d+)/g)];
    expect(more).toEqual([]);
    expect(path).toBe('/etc/nginx/ssl/shop.crt');
    expect(Math.abs(Number(ends) - Date.now() / 1000 - 10 * 86_400)).toBeLessThan(600);
  });

  it.each([
    ['journal', 'journalctl'],
    ['keys', 'ssh-keygen'],
    ['sshd', 'sha256sum'],
  ])('says that %s cannot be read where there is no %s, and reads the rest', (sensor, tool) => {
    const path = execFileSync(
      '/bin/sh',
      [
        '-c',
        `for each in /usr/bin/* /usr/sbin/*; do name=\${each##*/}; [ "$name" = ${tool} ] || [ -e ${root}/programs/$name ] || ln -s "$each" "${root}/programs/$name"; done; rm -f ${root}/programs/${tool}; echo ${root}/programs`,
      ],
      { encoding: 'utf8' },
    ).trim();
    const { status } = spawnSync('/bin/sh', ['-s'], {
      input: eventScript({ root, path }, { ports: [22], units: [] }),
      env: {},
    });
    expect(status).toBe(0);
    expect(EVENT_SENSORS.filter(each => up(each) === '0')).toEqual([sensor]);
  });
});

describe('with a journal that journald writes (MO-12)', () => {
  /** journald of its own, in a mount namespace of its own, while the commands run; `sensor` is a run of the sensor. */
  function withJournald(commands: string): string {
    writeFileSync(
      join(root, 'sensor'),
      eventScript({ root, path: '/usr/sbin:/usr/bin:/sbin:/bin' }, { ports: [22], units: [] }),
    );
    const script = `set -eu
mount -t tmpfs none /run; mkdir -p /run/systemd/journal; mount -t tmpfs none /var/log
/usr/lib/systemd/systemd-journald 2> /dev/null & journald=$!
trap 'kill $journald; wait $journald || :' EXIT
until [ -S /run/systemd/journal/dev-log ] && logger -u /run/systemd/journal/dev-log begin 2> /dev/null; do :; done
say() { logger -u /run/systemd/journal/dev-log "$@"; }
as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups -- "$@"; }
sensor() { journalctl --sync; sh ${root}/sensor; }
cp /usr/bin/logger ${root}/sshd; cp /usr/bin/logger ${root}/su
sshd() { ${root}/sshd -u /run/systemd/journal/dev-log -t sshd "$@"; }
sensor
${commands}
sensor`;
    rmSync(join(root, 'programs'), { recursive: true });
    chmodSync(root, 0o755);
    return execFileSync('unshare', ['-m', '/bin/sh', '-c', script], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
  }
  const FAILED = "'Failed password for kim from 10.0.0.9 port 1 ssh2'";

  it('counts what sshd writes, over a journal that is rotated and taken away, and none of it twice', () => {
    withJournald(`sshd ${FAILED}; sensor; sshd ${FAILED}; journalctl --sync; journalctl --rotate; sshd ${FAILED}; sensor; sensor
      sshd ${FAILED}; journalctl --sync --rotate --vacuum-size=1; sensor; say -p user.err x`);
    expect(counts()).toEqual({ ssh_login_failed: 3, journal_error: 1 });
  });

  it('counts nothing that a user writes, by whatever name, tag and level', () => {
    withJournald(`as_user logger -u /run/systemd/journal/dev-log -t sshd ${FAILED}
      as_user ${root}/sshd -u /run/systemd/journal/dev-log -t sshd ${FAILED}
      as_user ${root}/su -u /run/systemd/journal/dev-log -t su 'FAILED SU (to root) kim on pts/0'
      as_user logger -u /run/systemd/journal/dev-log -t kernel -p kern.emerg 'BUG: x'
      printf 'SYSLOG_IDENTIFIER=sshd\\n_UID=0\\n_COMM=sshd\\nMESSAGE=%s\\n' ${FAILED} | as_user logger --journald || :
      as_user logger -u /run/systemd/journal/dev-log "$(printf 'x\\n{"__CURSOR":"s=1","_UID":"0","_COMM":"sshd","MESSAGE":"Failed password for kim from"}')"`);
    expect(counts()).toEqual({});
    expect(up('journal')).toBe('1');
  });
});
