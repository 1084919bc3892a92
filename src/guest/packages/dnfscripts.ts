import type { Pin } from './family.ts';
import { MOST_NAMES, MOST_UPDATES, packageScript } from './prelude.ts';
import type { About } from './rpm.ts';
import { LOCK_SECONDS, RPM_FUNCTIONS, rpmInstall, rpmPins } from './rpmscripts.ts';
import { SERVICES } from './services.ts';

/** What is otherwise in a generation of dnf. */
export type Dnf = {
  /** `refresh`, `query`, `upgrades`, `all_upgrades`, `advisories`, `failures`, `plan` and `upgrade`, for a shell. */
  readonly functions: string;
  /** The words of a line `advisory`, the third of which is name-version-release.arch; undefined: it is none. */
  readonly readAdvisory: (words: readonly string[]) => About | undefined;
};

/** The scripts for a guest with any of them, by the number that `line dnf` says. The guest is asked which it has: all bear the name dnf. */
export function dnfScripts(generations: Readonly<Record<'4' | '5', Dnf>>) {
  const functions = `
skip=
case "$(timeout -k 10 60 dnf --version 2> /dev/null < /dev/null | head -n 1)" in
4.*) dnf=4
${generations['4'].functions}
;;
'dnf5 version 5.'*) dnf=5
${generations['5'].functions}
;;
*) dnf=- ;;
esac
line dnf "$dnf"

${FUNCTIONS}`;
  return {
    scan: () => packageScript([RPM_FUNCTIONS, functions, ...SCAN]),
    preflight: () => packageScript([RPM_FUNCTIONS, functions, SERVICES, ...PREFLIGHT]),
    install: (pins: readonly Pin[], lockSeconds = LOCK_SECONDS) =>
      packageScript([RPM_FUNCTIONS, functions, `patience=${Math.trunc(lockSeconds)}`, rpmPins(pins), ...INSTALL]),
    readBack: (pins: readonly Pin[]) =>
      packageScript([RPM_FUNCTIONS, functions, SERVICES, rpmPins(pins), 'services', 'tell_installed', 'reboot']),
  };
}

const FUNCTIONS = `
# cached COMMAND…: asks dnf of what is known already.
cached() { timeout -k 10 300 dnf -q -C $skip "$@" < /dev/null 3>&-; }

reboot() {
  if [ -e "$R/run/reboot-required" ]; then line reboot yes; return; fi
  # Without the plugin dnf ends with the same status as with yes.
  if ! cached needs-restarting --help > /dev/null 2>&1; then line reboot -; return; fi
  cached needs-restarting -r > "$T/restart" 2>&1
  case $? in
    0) line reboot no;;
    1) if grep -qi 'reboot' "$T/restart"; then line reboot yes; else line reboot -; fi;;
    *) line reboot -;;
  esac
}

# known COMMAND…: what it lists, an update each: name, version, architecture, repository, and the bytes to download.
known() { "$@" > "$T/known" && evr < "$T/known"; }

# versions OPTION…: versions of the pinned packages that the sources have. What could not be asked is not gone.
versions() {
  query "$@" $(cut -d ' ' -f 1 "$T/pins" | sort -u) --qf '%{name} %{epoch}:%{version}-%{release}' > "$T/known" 2> "$T/log" && evr < "$T/known"
}

sort_out() {
  installed_pins > "$T/pinned"
  set -f
  versions --upgrades > "$T/newer" && versions > "$T/offered" || return 1
  set +f
  : > "$T/asked"
  while read -r name architecture version found; do
    if [ "$found" = - ]; then line pin "$name" absent
    elif [ "$found" = "$version" ]; then line pin "$name" there
    elif ahead "$found" "$version"; then line pin "$name" newer
    elif grep -qxF "$name $version" "$T/newer"; then
      if [ "$architecture" = - ]; then echo "$name-$version"; else echo "$name-$version.$architecture"; fi >> "$T/asked"
    elif grep -qxF "$name $version" "$T/offered"; then line pin "$name" there
    else line pin "$name" gone
    fi
  done < "$T/pinned"
}
`;

const SCAN = [
  'system',
  'refresh',
  'known all_upgrades > "$T/full" || line unsolved',
  `head -n ${MOST_UPDATES} "$T/full" | while read -r name version architecture repository size; do
      found=$(newest "$name.$architecture")
      echo "$name $architecture \${found#* } $version $repository"
    done > "$T/updates"`,
  'awk \'NF == 5\' "$T/updates" | lines update',
  `line more $(tail -n +${MOST_UPDATES + 1} "$T/full" | wc -l)`,
  'known upgrades > "$T/installable" || line unsolved',
  'awk \'{ print $1, $2, $3 }\' "$T/installable" > "$T/plain"',
  `awk '{ print $1, $2, $3 }' "$T/full" | grep -vxF -f "$T/plain" | awk '{ print $1, $3 }' | head -n ${MOST_NAMES} | lines held`,
  `advisories | head -n ${MOST_UPDATES} | lines advisory`,
  'whole',
  'reboot',
];

const PREFLIGHT = [
  'system',
  'services',
  'refresh',
  'for each in / /var /boot; do space "$each"; done',
  `line download $(known upgrades | awk '{ sum += $5 } END { printf "%.0f", sum }')`,
  'whole',
  'rpm_free 5',
  `releasever=$(head -c 64 "$R/etc/dnf/vars/releasever" | head -n 1)`,
  'if [ -n "$releasever" ]; then line releasever "$(one "$releasever")"; fi',
  'reboot',
  'for each in dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer; do if systemctl --quiet is-active "$each"; then line updater "$each"; fi; done',
];

const INSTALL = rpmInstall(
  [
    '  if [ "$dnf" = - ]; then line refused Unmet; return; fi',
    '  rpm_free "$patience" || { line refused Locked; return; }',
    '  whole; if [ -s "$T/states" ]; then line refused Broken; return; fi',
    '  sort_out || { failures; line refused Unreadable; return; }',
    '  if [ ! -s "$T/asked" ]; then line exit 0; return; fi',
    '  set -f',
    '  upgrade -C --assumeno upgrade $(cat "$T/asked")',
    '  if [ $? = 200 ]; then failures; line refused Locked; return; fi',
    '  plan > "$T/plan"',
    // It ends with 1 where it found a way and was told no, as well as where there is none: only its table tells.
    '  if [ ! -s "$T/plan" ]; then failures; line refused Unsolvable; return; fi',
  ],
  'upgrade -y upgrade $(cat "$T/asked")',
);
