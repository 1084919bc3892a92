import type { LinuxPackageManager } from '../../api/operatingsystem.ts';

/** What the journal keeps at least: what happened last is what somebody wants to know after a disk was full. */
const JOURNAL_KEEPS = '64M';

/** Most files that are removed of one kind at a time. */
const MOST_FILES = 1000;

/**
 * Logs of the operating system whose rotated files may go, by their names. Those of logins (auth.log, secure, wtmp, btmp, audit) stay: whoever fills a
 * disk shall not get rid of his traces by it. Those of applications and of the customer stay.
 */
const LOGS = [
  ...['syslog', 'messages', 'kern.log', 'daemon.log', 'user.log', 'debug', 'cron', 'cron.log', 'maillog', 'mail.log'],
  ...['mail.info', 'mail.warn', 'mail.err', 'boot.log', 'dpkg.log', 'alternatives.log', 'bootstrap.log', 'dnf.log'],
  ...['dnf.librepo.log', 'dnf.rpm.log', 'hawkey.log', 'zypper.log', 'warn', 'apt/history.log', 'apt/term.log'],
  ...['unattended-upgrades/unattended-upgrades.log', 'cloud-init.log', 'cloud-init-output.log', 'zypp/history'],
];

/** Where a package manager keeps what it has fetched and can fetch again, and how it is told to let it go; it takes its own lock. */
const CACHE: Readonly<Record<LinuxPackageManager, { readonly folder: string; readonly clean: string }>> = {
  apt: {
    folder: '/var/cache/apt/archives',
    clean: 'apt-get -q -o Dir::Cache=/var/cache/apt -o Dir::Cache::archives=archives/ clean',
  },
  dnf: { folder: '/var/cache/dnf', clean: 'dnf -q --setopt=cachedir=/var/cache/dnf clean packages' },
  zypper: { folder: '/var/cache/zypp/packages', clean: 'zypper --quiet --non-interactive clean' },
};

/**
 * `free_space MOUNTPOINT PERCENT`: where more than that is in use of the file system (space or inodes), removes known things on it and nothing else.
 * It writes nothing, and what needs a file of its own (a lock) comes after what needs none: the disk may be full to its last byte.
 * A folder that is reached by a link, or that lies on another file system, is left alone; so is every file that is no plain one. A file that has other
 * names keeps those.
 */
function freeSpace({ folder, clean }: { readonly folder: string; readonly clean: string }): string {
  return `
# used: percent of space or inodes in use, whichever is more, rounded up: what only root may still use counts as used, as for the sensor.
used() {
  limit 10 df --output=avail,size,iavail,itotal -- "$at" | awk '
    function part(free, all) { return all > 0 ? 100 - 100 * free / all : 0 }
    NR == 2 { space = part($1, $2); files = part($3, $4); most = space > files ? space : files; whole = int(most); print whole + (most > whole) }'
}
available() { limit 10 df -k --output=avail -- "$at" | awk 'NR == 2 { print $1 }'; }

# here FOLDER: it is a folder of the file system, and the way to it has no link.
here() {
  [ -d "$R$1" ] && [ "$(cd -P -- "$R$1" && pwd -P)" = "$base$1" ] || return 1
  [ "$(stat -c %d -- "$R$1")" = "$(stat -c %d -- "$at")" ]
}

free_space() {
  mount=$1; most=$2; at="$R\${1%/}"; at=\${at:-/}
  base=$(cd -P -- "$R/" && pwd -P); base=\${base%/}
  if [ ! -d "$at" ] || [ "$(stat -c %m -- "$at")" != "$at" ]; then missing "$mount is no file system of the guest"; fi
  before=$(used)
  case "$before" in ''|*[!0-9]*) failed "how full $mount is cannot be read";; esac
  if [ "$before" -le "$most" ]; then healthy "$before percent of $mount are in use, which is not more than $most: nothing was removed"; fi
  from=$(available); places=
  if here /var/log; then
    places="$places logs"
${LOGS.map(log => `    rotated ${log}`).join('\n')}
  fi
  if here ${folder}; then
    places="$places cache"
    limit 120 ${clean} > /dev/null
  fi
  if here /var/log/journal; then
    places="$places journal"
    limit 60 journalctl --quiet --rotate
    limit 120 journalctl --quiet --vacuum-size=${JOURNAL_KEEPS}
  fi
  if [ -z "$places" ]; then missing "nothing on $mount is known to be superfluous"; fi
  after=$(used)
  freed=$(( ($(available) - from) / 1024 ))
  if [ "$after" -gt "$most" ]; then failed "$freed MiB were freed on $mount (\${places# }), and $after percent are in use, more than $most"; fi
  mended "$freed MiB were freed on $mount (\${places# }): $after percent are in use, $before before"
}

# rotated LOG: removes NAME.1, NAME.2.gz, NAME-20261130.xz and the like beside it, and never the log itself.
rotated() {
  name=\${1##*/}; of=/var/log
  case "$1" in */*) of=/var/log/\${1%/*};; esac
  here "$of" || return 0
  limit 30 find "$R$of" -mindepth 1 -maxdepth 1 -xdev -type f -regextype posix-extended \\
    -regex "$R$of/$(printf %s "$name" | sed 's/[.]/[.]/g')([.][0-9]{1,3}|-[0-9]{8}(-[0-9]{1,10})?)([.](gz|xz|bz2|zst))?" -print0 |
    head -z -n ${MOST_FILES} | xargs -0 -r rm -f --
}
`;
}

export const FREE_SPACE: Readonly<Record<LinuxPackageManager, string>> = {
  apt: freeSpace(CACHE.apt),
  dnf: freeSpace(CACHE.dnf),
  zypper: freeSpace(CACHE.zypper),
};
