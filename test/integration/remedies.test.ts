/** What mends a guest, run by a real shell: systemd is played, the file system that is full is a real one. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuestRemedy } from '../../src/api/remedy.ts';
import { outcomeOf } from '../../src/guest/remedy/outcome.ts';
import { remedyScript } from '../../src/guest/remedy/remedyscript.ts';

/** A unit is a file: load state, active state, and what becomes of it when it is started. */
const SYSTEMCTL = `verb=$1; shift
property=
while [ $# -gt 0 ]; do case "$1" in
  --property=*) property=\${1#--property=};; --) shift; break;; --*) ;; *) break;;
esac; shift; done
echo "$verb $*" >> $ROOT/calls
if [ "$verb" = list-units ]; then
  cd $ROOT/units
  for each in $1; do if [ -e "$each" ]; then set -- $(cat "$each"); echo "$each $1 $2 sub words"; fi; done; exit
fi
for unit in "$@"; do
  file=$ROOT/units/$unit
  set -- not-found inactive
  if [ -e "$file" ]; then set -- $(cat "$file"); fi
  case "$verb" in
    show) case "$property" in LoadState) echo "$1";; SubState) echo "\${4:-}";; ControlGroup) echo "/system.slice/$unit";; *) echo "$2";; esac;;
    restart|reload) [ "$1" = loaded ] || exit 5; echo "$1 \${3:-active} \${3:-}" > "$file";;
    start) [ ! -x "$ROOT/programs/ask" ] || "$ROOT/programs/ask";;
  esac
done`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steward-remedy-'));
  for (const folder of ['units', 'programs']) mkdirSync(join(root, folder));
  program('systemctl', SYSTEMCTL);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

const program = (name: string, script: string): void =>
  write(`programs/${name}`, `#!/bin/sh\nROOT=${root}\n${script}\n`, 0o755);
const unit = (name: string, state: string): void => write(`units/${name}`, state);
const stateOf = (name: string): string | undefined => readFileSync(join(root, 'units', name), 'utf8').split(/\s/)[1];
const calls = (verb: string): string[] =>
  readFileSync(join(root, 'calls'), 'utf8')
    .split('\n')
    .filter(call => call.startsWith(`${verb} `));

/** What the step would be told to be: the script run as it is in a guest, by its standard input. `within`: in a shell of its own first. */
function mend(remedy: GuestRemedy, within?: string) {
  const script = remedyScript(remedy, 'apt', { root, path: `${join(root, 'programs')}:/usr/sbin:/usr/bin:/sbin:/bin` });
  const run =
    within === undefined
      ? spawnSync('/bin/sh', [], { input: script, encoding: 'utf8' })
      : spawnSync('unshare', ['-m', '/bin/sh', '-ec', within], { input: script, encoding: 'utf8' });
  return { ...outcomeOf({ kind: 'Finished', exitCode: run.status ?? -1 }, run.stdout), rest: run.stderr };
}

const restart = (name: string) => mend({ action: 'RestartService', unit: name });

describe('RestartService (MO-6)', () => {
  it.each(['shop', 'shop.service'])('starts a service that has failed, by its name %s', name => {
    unit('shop.service', 'loaded failed');
    expect(restart(name)).toMatchObject({ outcome: 'Done', says: 'shop.service was started and runs' });
    expect(stateOf('shop.service')).toBe('active');
  });

  it('does not touch one that runs', () => {
    unit('shop.service', 'loaded active');
    expect(restart('shop')).toMatchObject({ outcome: 'FoundHealthy' });
    expect(calls('restart')).toEqual([]);
  });

  it('starts it once: run again it finds it running', () => {
    unit('shop.service', 'loaded inactive');
    expect(restart('shop').outcome).toBe('Done');
    expect(restart('shop').outcome).toBe('FoundHealthy');
    expect(calls('restart')).toEqual(['restart shop.service']);
  });

  it('leaves what somebody has masked, and what is not there, to a person', () => {
    unit('masked.service', 'masked inactive');
    expect(restart('masked')).toMatchObject({ outcome: 'NotFound', says: 'masked.service is masked' });
    expect(restart('nowhere')).toMatchObject({ outcome: 'NotFound', says: 'nowhere.service is not installed' });
    expect(calls('restart')).toEqual([]);
  });

  it('leaves one alone that is starting, as a database that recovers, and starts one that ends again and again', () => {
    unit('postgresql@17-main.service', 'loaded activating active start');
    expect(restart('postgresql@17-main')).toMatchObject({ outcome: 'FoundHealthy' });
    expect(restart('postgresql')).toMatchObject({ outcome: 'FoundHealthy' });
    unit('shop.service', 'loaded activating active auto-restart');
    expect(restart('shop')).toMatchObject({ outcome: 'Done' });
    expect(calls('restart')).toEqual(['restart shop.service']);
  });

  it('tells that one which ends as soon as it is started was not mended', () => {
    unit('shop.service', 'loaded failed failed');
    expect(restart('shop')).toMatchObject({ outcome: 'Failed' });
  });

  it('takes a socket that listens for a service that runs, and one whose start has failed not', () => {
    unit('ssh.service', 'loaded inactive');
    unit('ssh.socket', 'loaded active');
    expect(restart('ssh').outcome).toBe('FoundHealthy');
    unit('ssh.service', 'loaded failed');
    expect(restart('ssh').outcome).toBe('Done');
  });

  it('starts the instance that has failed, and neither those that run nor what only stands for them', () => {
    unit('postgresql.service', 'loaded active');
    unit('postgresql@17-main.service', 'loaded failed');
    unit('postgresql@17-other.service', 'loaded active');
    expect(restart('postgresql')).toMatchObject({ outcome: 'Done' });
    expect(calls('restart')).toEqual(['restart postgresql@17-main.service']);
  });

  it.each(['-f', 'a b', '$(touch x)', "a';b", 'a/../b', ''])('never makes a script of the name %j', name => {
    expect(() => remedyScript({ action: 'RestartService', unit: name }, 'apt')).toThrow(RangeError);
  });
});

describe('RestartUnit and Reload, for an application whose probe fails (AP-3)', () => {
  const UNIT = 'postgresql@17-main.service';
  const probe = { application: 'orders', name: 'transaction' };
  const says = (success: number, ageSeconds = 0) =>
    program(
      'ask',
      `mkdir -p $ROOT/run/steward-probe-orders; printf '%s\\n' 'steward_application_probe_success{application="orders",probe="transaction"} ${success}' "steward_application_probe_read_timestamp_seconds{application=\\"orders\\",probe=\\"transaction\\"} $(($(date +%s) - ${ageSeconds}))" > $ROOT/run/steward-probe-orders/metrics`,
    );
  const mendUnit = (more: Partial<GuestRemedy> = {}) => mend({ action: 'RestartUnit', unit: UNIT, probe, ...more });

  it('restarts a server that runs and does not serve, as the probe says that is asked here and now', () => {
    unit(UNIT, 'loaded active');
    says(0);
    expect(mendUnit()).toMatchObject({ outcome: 'Done', says: `${UNIT} was active, was restarted and runs` });
    expect(calls('restart')).toEqual([`restart ${UNIT}`]);
  });

  it.each([
    ['succeeds', 1, 0, 'FoundHealthy'],
    ['could not be asked', 0, 90, 'Failed'],
  ])('touches nothing where the probe %s', (_, success, age, outcome) => {
    unit(UNIT, 'loaded active');
    says(success, age);
    expect(mendUnit()).toMatchObject({ outcome });
    expect(mend({ action: 'Look', probe })).toMatchObject({ outcome });
    expect(calls('restart')).toEqual([]);
  });

  it.each([
    ['masked inactive', 'RestartUnit', 'NotFound'],
    ['not-found inactive', 'RestartUnit', 'NotFound'],
    ['loaded activating active start', 'RestartUnit', 'FoundHealthy'],
    ['loaded deactivating active stop-sigterm', 'RestartUnit', 'FoundHealthy'],
    ['loaded failed failed', 'RestartUnit', 'Failed'],
    ['loaded failed', 'RestartUnit', 'Done'],
    ['loaded active', 'Reload', 'Done'],
    ['loaded failed', 'Reload', 'Failed'],
  ] as const)('a unit that is %s: %s comes to %s', (state, action, outcome) => {
    unit(UNIT, state);
    says(0);
    expect(mendUnit({ action }).outcome).toBe(outcome);
  });

  it('is done by no guest whose disk is full, or where nobody can tell', () => {
    unit(UNIT, 'loaded active');
    const asked = () => mend({ action: 'RestartUnit', unit: UNIT, unless: ['DiskFull'] });
    const disk = (percent: number) => program('df', `echo 'Use% Filesystem Mounted'; echo '${percent}% /dev/vda1 /'`);
    disk(95);
    expect(asked()).toMatchObject({ outcome: 'Forbidden', says: 'DiskFull: 95 percent of / are used' });
    program('df', 'exit 1');
    expect(asked()).toMatchObject({ outcome: 'Forbidden' });
    disk(94);
    expect(asked()).toMatchObject({ outcome: 'Done' });
    expect(calls('restart')).toHaveLength(1);
  });

  it('is done to no server that recovers, starts or stops, or of which nobody can tell', () => {
    const asked = (name: string | undefined = UNIT) =>
      mend({ action: 'Look', unless: ['EngineRecovering'], ...(name !== '' && { unit: name }) });
    write(`sys/fs/cgroup/system.slice/${UNIT}/cgroup.procs`, '71\n72\n');
    write('proc/71/cmdline', '/usr/lib/postgresql/17/bin/postgres\0-D\0/var/lib/postgresql/17/main\0');
    write('proc/72/cmdline', 'postgres: 17/main: startup recovering 000000010000000000000003\0');
    unit(UNIT, 'loaded active');
    expect(asked()).toMatchObject({ outcome: 'Forbidden', says: `EngineRecovering: ${UNIT} recovers` });
    write('proc/72/cmdline', 'postgres: 17/main: checkpointer \0');
    expect(asked()).toMatchObject({ outcome: 'Done' });
    for (const state of ['activating active start', 'deactivating active stop-sigterm']) {
      unit(UNIT, `loaded ${state}`);
      expect(asked()).toMatchObject({ outcome: 'Forbidden' });
    }
    unit(UNIT, 'loaded failed');
    expect(asked()).toMatchObject({ outcome: 'Done' });
    expect(asked('')).toMatchObject({ outcome: 'Forbidden' });
    program('systemctl', 'exit 1');
    expect(asked()).toMatchObject({ outcome: 'Forbidden' });
  });

  it.each([
    { application: 'a b', name: 'x' },
    { application: 'orders', name: '../x' },
    { application: "a'$(x)", name: 'x' },
  ])('never makes a script of the probe %j', hostile => {
    expect(() => remedyScript({ action: 'RestartUnit', unit: UNIT, probe: hostile }, 'apt')).toThrow(RangeError);
  });
});

describe('RestartExporter (MO-12)', () => {
  const mendExporter = () => mend({ action: 'RestartExporter' });

  it('leaves one alone that answers in the guest: then something else is wrong', () => {
    unit('prometheus-node-exporter.service', 'loaded active');
    program('curl', 'exit 0');
    expect(mendExporter().outcome).toBe('FoundHealthy');
  });

  it('starts one anew that runs and does not answer, and asks it afterwards', () => {
    unit('prometheus-node-exporter.service', 'loaded active');
    program('curl', 'grep -q "^restart" $ROOT/calls');
    expect(mendExporter()).toMatchObject({ outcome: 'Done' });
  });

  it('does not install one', () => {
    expect(mendExporter().outcome).toBe('NotFound');
  });
});

describe('RestartAgent', () => {
  it('starts the guest agent anew though it runs: whether it is heard is seen from outside alone', () => {
    unit('qemu-guest-agent.service', 'loaded active');
    expect(mend({ action: 'RestartAgent' }).outcome).toBe('Done');
    expect(calls('restart')).toEqual(['restart qemu-guest-agent.service']);
  });
});

describe('FreeSpace on a real file system of 16 MiB (MO-6)', () => {
  const MOUNT = 'mount -t tmpfs -o size=16m none "$PLACE"';
  const block = (path: string, mebibytes: number) =>
    `mkdir -p "$(dirname ${path})"; head -c ${mebibytes}M /dev/zero > ${path}`;

  /** Fills a file system of its own, mends it, and says which files are left. */
  function free(fill: readonly string[], remedy: Partial<GuestRemedy> = {}) {
    program('apt-get', 'rm -f "$ROOT/full/var/cache/apt/archives/"*.deb');
    program('journalctl', 'case "$*" in *vacuum*) echo "$*" >> $ROOT/vacuumed;; esac');
    mkdirSync(join(root, 'full'));
    const script = remedyScript({ action: 'FreeSpace', mountPoint: '/', abovePercent: 80, ...remedy }, 'apt', {
      root: join(root, 'full'),
      path: `${join(root, 'programs')}:/usr/sbin:/usr/bin:/sbin:/bin`,
    });
    const prepared = [
      `PLACE=${join(root, 'full')}; ${MOUNT}; cd "$PLACE"; mkdir -p var/log/journal var/cache/apt/archives srv outside`,
      ...fill,
      `cat > ${join(root, 'script')}`,
      `code=0; /bin/sh < ${join(root, 'script')} || code=$?`,
      'find . ! -type d -printf "left %p\\n"',
      'exit $code',
    ].join('\n');
    const run = spawnSync('unshare', ['-m', '/bin/sh', '-ec', prepared], { input: script, encoding: 'utf8' });
    const left = run.stdout
      .split('\n')
      .flatMap(line => (line.startsWith('left ') ? [line.slice('left ./'.length)] : []));
    return { ...outcomeOf({ kind: 'Finished', exitCode: run.status ?? -1 }, run.stdout), left: left.sort() };
  }

  it('removes rotated logs of the system and fetched packages, and tells how much that was', () => {
    const done = free([
      block('var/log/syslog.1', 6),
      block('var/log/apt/term.log.2.gz', 1),
      block('var/log/messages-20261129.xz', 1),
      block('var/cache/apt/archives/a.deb', 6),
      block('var/log/syslog', 1),
    ]);
    expect(done).toMatchObject({ outcome: 'Done', left: ['var/log/syslog'] });
    expect(done.says).toMatch(
      /^14 MiB were freed on \/ \(logs cache journal\): [0-9]+ percent are in use, 9[0-9] before$/,
    );
    expect(readFileSync(join(root, 'vacuumed'), 'utf8')).toContain('--vacuum-size=64M');
  });

  it('removes nothing where the file system is not as full as the alarm says', () => {
    const done = free([block('var/log/syslog.1', 6)]);
    expect(done).toMatchObject({ outcome: 'FoundHealthy', left: ['var/log/syslog.1'] });
  });

  it('never removes data of the customer, current logs, logs of logins, or what is only called like a log', () => {
    const kept = [
      'srv/data',
      'var/log/auth.log.1',
      'var/log/shop.log.1',
      'var/log/syslog',
      'var/log/syslog.1.keep',
      'var/log/syslogs.1',
      'var/log/nginx/access.log.1',
    ];
    const done = free([
      block('srv/data', 10),
      ...kept
        .slice(1)
        .map(path => block(path, 1))
        .slice(0, 5),
      'mkdir -p var/log/nginx; echo x > var/log/nginx/access.log.1',
    ]);
    expect(done.outcome).toBe('Failed');
    expect(done.left).toEqual(kept.toSorted());
  });

  it('follows no link: neither a folder of logs nor one of packages nor a rotated log that leads elsewhere', () => {
    const done = free([
      'rmdir var/cache/apt/archives; ln -s /srv var/cache/apt/archives; rmdir var/log/journal var/log; ln -s ../outside var/log',
      block('outside/syslog.1', 8),
      block('srv/customer.deb', 7),
    ]);
    expect(done.outcome).toBe('NotFound');
    expect(done.left).toEqual(['outside/syslog.1', 'srv/customer.deb', 'var/cache/apt/archives', 'var/log']);
  });

  it('leaves the link, and what it leads to, where a rotated log is one; of a file with two names the other stays', () => {
    const done = free([
      block('outside/data', 7),
      block('outside/two', 7),
      'ln -s ../../outside/data var/log/syslog.1; ln outside/two var/log/syslog.2; mkdir var/log/syslog.3; echo x > var/log/syslog.3/deep',
    ]);
    expect(done.left).toEqual(['outside/data', 'outside/two', 'var/log/syslog.1', 'var/log/syslog.3/deep']);
  });

  it('leaves another file system alone, wherever it is mounted', () => {
    const done = free([
      block('srv/data', 15),
      'mount -t tmpfs -o size=4m none "$PLACE/var/log"',
      block('var/log/syslog.1', 1),
      'rm -r var/cache',
    ]);
    expect(done.left).toContain('var/log/syslog.1');
    expect(done).toMatchObject({ outcome: 'NotFound', says: 'nothing on / is known to be superfluous' });
  });

  it('takes a folder that is no file system for none', () => {
    const done = free([block('srv/data', 15)], { mountPoint: '/srv' });
    expect(done).toMatchObject({ outcome: 'NotFound', says: '/srv is no file system of the guest' });
  });

  it.each(['', '.', 'srv', '/srv/../etc', '/a b', "/a'b", '/-rf', '//'])(
    'never makes a script of the folder %j',
    mountPoint => {
      expect(() => remedyScript({ action: 'FreeSpace', mountPoint, abovePercent: 80 }, 'apt')).toThrow(RangeError);
    },
  );
});
