import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { EXPORTER_PORTS } from '../../domain/machine/firstboot/exporters.ts';
import { EXPORTER_PACKAGES, EXPORTER_UNITS, exporterFiles, INSTALLER } from './nodeexporter.ts';
import type { GuestFile, Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

const UNITS = EXPORTER_UNITS.map(unit => `${unit}.service`);
const units = UNITS.join(' ');

/** Left where an exporter was there before Steward came: then it is not ours to take away. */
const THEIRS = '/var/lib/steward/exporter-was-there';

/** What the upstream release consists of, where no package had it. */
const RELEASE = ['/usr/local/bin/node_exporter', `/etc/systemd/system/${EXPORTER_UNITS[0]}.service`].join(' ');

/** Port in the kernel's table of sockets. */
const PORT = EXPORTER_PORTS.Linux;
const HEX_PORT = PORT.toString(16).toUpperCase();
const LISTENS = `awk '$2 ~ /:${HEX_PORT}$/ && $4 == "0A" { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6`;

/** The exporter runs as Steward configures it where the level watches the guest (MO-5, MO-12); elsewhere what Steward brought is gone. */
export function exporterSetting(
  { exporter, exporterRelease }: DesiredGuest,
  packageManager: LinuxPackageManager,
): Setting {
  const files = exporterFiles(packageManager, exporterRelease);
  const paths = files.map(({ path }) => path).join(' ');
  return {
    name: 'exporter',
    units: [...UNITS, 'firewalld.service'],
    files,
    look: exporter ? lookThere(files) : `look_no_exporter ${paths}`,
    heal: exporter ? healThere(files) : healGone(packageManager, paths),
  };
}

const lookThere = (files: readonly GuestFile[]): string =>
  [
    ...files.map(({ path, content }) => `same ${path} ${sha256(content)} || differs "${path} is another"`),
    'look_exporter',
  ].join('\n');

const healThere = (files: readonly GuestFile[]): string =>
  [
    `exporter_before ${files[0]?.path}`,
    'before=$did',
    ...files.map(({ path, content, permissions }) => `put ${path} ${permissions} ${base64(content)}`),
    `heal_exporter "$before" ${INSTALLER}`,
  ].join('\n');

const healGone = (packageManager: LinuxPackageManager, paths: string): string =>
  `heal_no_exporter "${EXPORTER_PACKAGES[packageManager].join(' ')}" ${paths}`;

export const LOOK_EXPORTER = `
look_exporter() {
  runs=; state=
  for each in ${units}; do
    if ! unit "$each"; then failed "systemd does not answer"; return; fi
    if [ "$loaded" != not-found ]; then state="$each is $loaded, $active"; fi
    if [ "$active" = active ]; then runs=$each; break; fi
  done
  if [ -z "$runs" ]; then differs "it does not run (\${state:-it is not installed})"; return; fi
  if [ "$enabled" != enabled ]; then differs "it does not start with the system"; fi
  if ! ${LISTENS}; then differs "it does not listen on port ${PORT}"; fi
  if unit firewalld.service && [ "$active" = active ] && ! limit 5 firewall-cmd --quiet --query-port=${PORT}/tcp < /dev/null; then differs "firewalld does not let port ${PORT} in"; fi
}

look_no_exporter() {
  for each in "$@"; do
    if [ -e "$R$each" ]; then differs "$each is there, which the level does not include"; fi
  done
}
`;

export const HEAL_EXPORTER = `
exporter_runs() {
  for each in ${units}; do
    if [ "$(state "$each" ActiveState)" = active ] && [ "$(state "$each" UnitFileState)" = enabled ]; then return 0; fi
  done
  return 1
}

# exporter_before MARK: notes one that the customer had before the first file of ours came.
exporter_before() {
  if [ -e "$R$1" ]; then return; fi
  for each in ${units}; do
    if [ "$(state "$each" LoadState)" = loaded ]; then put ${THEIRS} 0600 ''; fi
  done
}

# heal_exporter BEFORE INSTALLER
heal_exporter() {
  if [ "$did" = "$1" ] && exporter_runs && ${LISTENS}; then return; fi
  for each in ${units}; do
    if [ "$(state "$each" LoadState)" = masked ]; then systemctl unmask --quiet "$each"; fi
  done
  "$R$2" < /dev/null
  if ! exporter_runs; then give_up "it was installed, and does not run"; fi
  changed "installed and started"
}

# heal_no_exporter PACKAGES FILES…: our files last, for by them what is left of a heal that was cut off is found again.
heal_no_exporter() {
  packages=$1
  shift
  left=
  for each in "$@"; do if [ -e "$R$each" ]; then left=yes; fi; done
  if [ -z "$left" ]; then return; fi
  if [ ! -e "$R${THEIRS}" ]; then take_exporter; fi
  remove "$@"
  for each in ${EXPORTER_UNITS.map(unit => `/etc/systemd/system/${unit}.service.d`).join(' ')} /etc/steward; do rmdir -- "$R$each" 2> /dev/null || :; done
  systemctl daemon-reload
  if [ -e "$R${THEIRS}" ]; then systemctl try-restart ${units} || :; fi
  remove ${THEIRS}
}

take_exporter() {
  for each in ${units}; do
    if [ "$(state "$each" LoadState)" != not-found ]; then systemctl disable --quiet --now "$each" || :; fi
  done
  for package in $packages; do
    if installed "$package"; then uninstall_packages "$package"; fi
  done
  remove ${RELEASE}
  if systemctl is-active --quiet firewalld.service; then
    firewall-cmd --quiet --permanent --remove-port=${PORT}/tcp
    firewall-cmd --quiet --reload
  fi
}
`;
