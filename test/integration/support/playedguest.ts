/**
 * A folder that is a guest's files, and a few programs of a guest in short: what changes accounts, systemd, sudo and apt. The scripts themselves
 * are run by the real `/bin/sh`, with the machine's own awk, stat, ssh-keygen and the like. Real guests: test/e2e/guest.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DesiredGuest } from '../../../src/domain/guest/desired.ts';
import type { Look } from '../../../src/domain/guest/look.ts';
import { healScript } from '../../../src/guest/settings/healscript.ts';
import { lookScript } from '../../../src/guest/settings/lookscript.ts';
import { readLook } from '../../../src/guest/settings/readlook.ts';

const NONCE = 'n0nce';

/** Each edits the files below $ROOT as the real one does, as far as the scripts ask it to. */
const PROGRAMS: Readonly<Record<string, string>> = {
  setpriv: 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
  useradd: `for name in "$@"; do :; done
echo "$name:x:$((UID_OF + $(wc -l < $ROOT/etc/passwd))):100::/home/$name:/bin/bash" >> $ROOT/etc/passwd
echo "$name:!:20000:0:99999:7:::" >> $ROOT/etc/shadow
mkdir -p $ROOT/home/$name`,
  usermod: `case "$1" in
  -L) sed -i "s/^$2:\\([^!]\\)/$2:!\\1/" $ROOT/etc/shadow;;
  -p) sed -i "s/^$3:[^:]*/$3:$2/" $ROOT/etc/shadow;;
  -s) sed -i "s|^\\($3:.*:\\)[^:]*|\\1$2|" $ROOT/etc/passwd;;
  -g) sed -i "s/^\\($3:[^:]*:[^:]*:\\)[^:]*/\\1100/" $ROOT/etc/passwd;;
  -G) sed -i "s/\\([:,]\\)$3\\(,\\|$\\)/\\1/; s/,$//" $ROOT/etc/group;;
  *) exit 1;;
esac`,
  chage: `case "$2" in -1) day=;; *) day=$2;; esac
awk -F: -v OFS=: -v name="$3" -v day="$day" '$1 == name { $8 = day } { print }' $ROOT/etc/shadow > $ROOT/shadow.new && cat $ROOT/shadow.new > $ROOT/etc/shadow; rm $ROOT/shadow.new`,
  gpasswd: 'sed -i "/^$3:/s/\\([:,]\\)$2\\(,\\|$\\)/\\1/; s/,$//" $ROOT/etc/group',
  sudo: `name=$4
grep -h "^$name " $ROOT/etc/sudoers.d/* 2>/dev/null | sed 's/.*ALL=(ALL)/    (ALL)/'`,
  visudo: '! grep -q broken "$4"',
  sshd: 'cat $ROOT/sshd 2>/dev/null',
  pgrep: '[ -e $ROOT/processes/$2 ]',
  loginctl: 'rm -f $ROOT/processes/*',
  journalctl: 'true',
  'systemd-analyze':
    'cd $ROOT/etc/systemd; for file in $(ls -d journald.conf journald.conf.d/* 2>/dev/null); do echo "# /etc/systemd/$file"; cat $file; done',
  'dpkg-query': '[ -e "$ROOT/packages/$4" ] && echo installed',
  'apt-get': `for package in "$@"; do :; done
case " $* " in
  *" install "*) touch $ROOT/packages/$package
    case $package in prometheus-*|qemu-*|systemd-*) echo "loaded inactive enabled" > $ROOT/units/$package.service;; esac;;
  *" purge "*) rm -f $ROOT/packages/$package $ROOT/units/$package.service;;
esac`,
  systemctl: `set -u
verb=$1; shift
quiet=; value=; properties=; now=
while [ $# -gt 0 ]; do case "$1" in
  --quiet) ;; --value) value=yes;; --now) now=yes;; --) ;;
  --property=*) properties="$properties \${1#--property=}";;
  *) break;;
esac; shift; done
for unit in "$@"; do
  if [ "$unit" = -- ]; then continue; fi
  file=$ROOT/units/$unit
  set -- not-found inactive ''
  if [ -e "$file" ]; then set -- $(cat $file); fi
  load=$1; active=$2; enabled=\${3:-}
  case "$unit" in *steward*) if [ -e "$ROOT/etc/systemd/system/$unit" ] && [ $load = not-found ]; then load=loaded; enabled=disabled; fi;; esac
  case $verb in
    show) for each in $properties; do case $each in LoadState) word=$load;; ActiveState) word=$active;; *) word=$enabled;; esac
        if [ "$value" ]; then echo "$word"; else echo "$each=$word"; fi; done; [ "$value" ] || echo; continue;;
    is-active) [ $active = active ]; exit;;
    start) [ $load = loaded ] || exit 5; active=active; [ ! -e $file.ends ] || active=failed;;
    stop) active=inactive;;
    enable) enabled=enabled;;
    disable) enabled=disabled; [ -z "$now" ] || active=inactive;;
    mask) load=masked; before=$enabled; enabled=masked; echo "$before" > $file.before;;
    unmask) [ $load != masked ] || { load=loaded; enabled=$(cat $file.before 2>/dev/null || echo enabled); [ "$enabled" ] || load=not-found; };;
    restart|try-restart|preset|daemon-reload) ;;
  esac
  echo "$load $active $enabled" > $file
  if [ $load = not-found ]; then rm -f $file; fi
done`,
};

/** What a guest of Debian has before Steward comes. */
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n',
  'etc/shadow': 'root:*:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\n',
  'etc/group': 'root:x:0:\nsudo:x:27:\nusers:x:100:\ndocker:x:999:\n',
  'etc/sudoers': 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
  'etc/sudoers.d/README': '# nothing\n',
  'etc/sudoers.d/90-cloud-init-users': 'steward ALL=(ALL) NOPASSWD:ALL\nkim ALL=(ALL) NOPASSWD:ALL\n',
  sshd: 'authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\nauthorizedkeyscommand none\ntrustedusercakeys none\n',
};

export class PlayedGuest {
  readonly root = mkdtempSync(join(tmpdir(), 'steward-guest-'));

  /** One of its own, or one like another. */
  constructor(like?: PlayedGuest) {
    if (like !== undefined) cpSync(like.root, this.root, { recursive: true, verbatimSymlinks: true });
    else this.#fill();
    for (const [name, script] of Object.entries(PROGRAMS)) this.program(name, script);
  }

  #fill(): void {
    for (const folder of ['units', 'processes', 'packages', 'var/log/journal', 'usr/sbin'])
      mkdirSync(join(this.root, folder), { recursive: true });
    for (const [path, text] of Object.entries(FILES)) this.write(path, text);
    for (const shell of ['bin/bash', 'usr/sbin/nologin']) this.write(shell, '', 0o755);
    for (const unit of ['apt-daily.timer', 'apt-daily-upgrade.timer'])
      this.write(`units/${unit}`, 'loaded active enabled');
  }

  /** A stand-in for a program of the guest. */
  program(name: string, script: string): void {
    const settings = `ROOT=${this.root}; UID_OF=${Math.max(process.getuid?.() ?? 0, 1000)}`;
    this.write(`programs/${name}`, `#!/bin/sh\n${settings}\n${script}\n`, 0o755);
  }

  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** Runs a command of the test's own in the folder. */
  change(command: string): void {
    execFileSync('/bin/sh', ['-euc', command], { cwd: this.root, env: { PATH: this.#ground.path } });
  }

  /** Every file and link with its content, so that a test can tell whether anything was changed. */
  fingerprint(): string {
    const command = 'find . -printf "%p %m %l\\n" | sort; find . -type f | sort | xargs -d "\\n" cksum';
    return execFileSync('/bin/sh', ['-c', command], { cwd: this.root, encoding: 'utf8' });
  }

  look(desired: DesiredGuest, now = new Date(), environment: Readonly<Record<string, string>> = {}): Look | undefined {
    return readLook(this.run(lookScript(desired, NONCE, now, this.#ground), environment).output, NONCE, desired);
  }

  heal(
    desired: DesiredGuest,
    settings: readonly string[],
  ): { readonly status: number | null; readonly output: string } {
    return this.run(healScript(desired, settings, this.#ground));
  }

  /** As the session runs it: the script on the standard input of a shell. */
  run(script: string, environment: Readonly<Record<string, string>> = {}) {
    const { status, stdout } = spawnSync('/bin/sh', ['-s'], {
      input: script,
      encoding: 'utf8',
      env: { ...environment },
    });
    return { status, output: stdout };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  get #ground() {
    return { root: this.root, path: `${this.root}/programs:/usr/sbin:/usr/bin:/sbin:/bin` };
  }
}
