import type { Pin } from './family.ts';
import { MOST_NAMES, MOST_UPDATES, packageScript } from './prelude.ts';
import { LOCK_SECONDS, RPM_FUNCTIONS, rpmInstall, rpmPins } from './rpmscripts.ts';
import { SERVICES } from './services.ts';

const FUNCTIONS = `
# Steward has never met dnf 5, whose plans read otherwise: nothing is concluded from it.
fifth() { case "$(dnf --version 2> /dev/null | head -n 1)" in dnf5*) line fifth;; *) return 1;; esac; }

# cached COMMAND…: asks dnf of what is known already.
cached() { timeout -k 10 300 dnf -q -C "$@" < /dev/null 3>&-; }

# What dnf is answered with yes is the keys that the repositories' own files name. A repository that may be missing (skip_if_unavailable) is no proof that nothing is missing.
refresh() {
  timeout -k 10 900 dnf --setopt=exit_on_lock=True --setopt='*.skip_if_unavailable=True' -y --refresh makecache > "$T/update" 2>&1 < /dev/null 3>&-
  line sources $? "$(grep -oE "for repo(sitory)? '[^']*'" "$T/update" | sed 's/.* //' | sort -u | wc -l)"
  grep -E '^(Error|Failed|Ignoring|  - )' "$T/update" > "$T/errors"
  errors "$T/errors"
  tells "$R"/var/cache/dnf/*/repodata/repomd.xml
}

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

# updates OPTION…: name, version, architecture and repository of each update, and the bytes to download.
updates() {
  cached "$@" repoquery --upgrades --latest-limit=1 --qf '%{name} %{epoch}:%{version}-%{release} %{arch} %{repoid} %{size}' > "$T/known" &&
    evr < "$T/known"
}
`;

export const dnfScanScript = (): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    'system',
    'fifth',
    'refresh',
    'updates --disableexcludes=all --disableplugin=versionlock > "$T/full" || line unsolved',
    `head -n ${MOST_UPDATES} "$T/full" | while read -r name version architecture repository size; do
      found=$(newest "$name.$architecture")
      echo "$name $architecture \${found#* } $version $repository"
    done > "$T/updates"`,
    'awk \'NF == 5\' "$T/updates" | lines update',
    `line more $(tail -n +${MOST_UPDATES + 1} "$T/full" | wc -l)`,
    'updates > "$T/installable" || line unsolved',
    'awk \'{ print $1, $2, $3 }\' "$T/installable" > "$T/plain"',
    `awk '{ print $1, $2, $3 }' "$T/full" | grep -vxF -f "$T/plain" | awk '{ print $1, $3 }' | head -n ${MOST_NAMES} | lines held`,
    // Only -v says when each was issued. What it says besides is none of these lines.
    `cached -v updateinfo list --available --disableexcludes=all | awk 'NF == 5 && $4 ~ /^[0-9]+-[0-9]+-[0-9]+$/ { print $1, $2, $3, $4 }' |
      head -n ${MOST_UPDATES} | lines advisory`,
    'whole',
    'reboot',
  ]);

export const dnfPreflightScript = (): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    SERVICES,
    'system',
    'services',
    'fifth',
    'refresh',
    'for each in / /var /boot; do space "$each"; done',
    `line download $(updates | awk '{ sum += $5 } END { printf "%.0f", sum }')`,
    'whole',
    'rpm_free 5',
    `releasever=$(head -c 64 "$R/etc/dnf/vars/releasever" | head -n 1)`,
    'if [ -n "$releasever" ]; then line releasever "$(one "$releasever")"; fi',
    'reboot',
    'for each in dnf-automatic.timer dnf-automatic-install.timer; do if systemctl --quiet is-active "$each"; then line updater "$each"; fi; done',
  ]);

const INSTALL = `
failures() {
  grep -aE '^(Error|error|Problem|warning: %|  - |  Problem|[^ ]* *: *Failed)|scriptlet failed|No space left|[Ww]aiting for process' "$T/log" > "$T/errors"
  errors "$T/errors"
}

# plan: what dnf would change, from the table that it shows before it asks: six words each, whatever their columns are.
plan() {
  awk '/^(Upgrading|Installing|Installing dependencies|Installing weak dependencies|Downgrading|Reinstalling):$/ { on = 1; sign = ""; next }
    /^(Removing|Removing dependent packages|Removing unused dependencies):$/ { on = 1; sign = "-"; next }
    /^[A-Z].*:$|^Transaction Summary|^=/ { on = 0; n = 0; next }
    !on { next }
    $1 == "replacing" { sub(/\\.[^.]*$/, "", $2); print $2, "-"; next }
    { for (i = 1; i <= NF; i++) { word[++n] = $i; if (n == 6) { print word[1], sign == "" ? word[3] : sign; n = 0 } } }' "$T/log"
}

# known OPTION…: versions of the pinned packages that the sources have. What could not be asked is not gone.
known() { cached repoquery "$@" --qf '%{name} %{epoch}:%{version}-%{release}' $(cut -d ' ' -f 1 "$T/pins" | sort -u) > "$T/known" 2> "$T/log" && evr < "$T/known"; }

sort_out() {
  installed_pins > "$T/pinned"
  set -f
  known --upgrades > "$T/newer" && known > "$T/offered" || return 1
  set +f
  : > "$T/asked"
  while read -r name architecture version found; do
    if [ "$found" = - ]; then line pin "$name" absent
    elif [ "$found" = "$version" ]; then line pin "$name" there
    elif grep -qxF "$name $version" "$T/newer"; then
      if [ "$architecture" = - ]; then echo "$name-$version"; else echo "$name-$version.$architecture"; fi >> "$T/asked"
    elif grep -qxF "$name $version" "$T/offered"; then line pin "$name" there
    else line pin "$name" gone
    fi
  done < "$T/pinned"
}

# unlocked COMMAND…: tries again while another dnf runs, as long as it may take; it ends with 200 then.
unlocked() {
  waited=0
  while :; do
    "$@"; status=$?
    if [ "$status" != 200 ] || [ "$waited" -ge "$patience" ]; then return "$status"; fi
    sleep 5; waited=$((waited + 5))
  done
}

dnf_upgrade() { dnf --setopt=exit_on_lock=True --setopt=best=True "$@" > "$T/log" 2>&1 < /dev/null 3>&-; }
`;

export const dnfInstallScript = (pins: readonly Pin[], lockSeconds = LOCK_SECONDS): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    `patience=${Math.trunc(lockSeconds)}`,
    rpmPins(pins),
    INSTALL,
    ...rpmInstall(
      [
        '  if fifth; then line refused Fifth; return; fi',
        '  rpm_free "$patience" || { line refused Locked; return; }',
        '  whole; if [ -s "$T/states" ]; then line refused Broken; return; fi',
        '  sort_out || { failures; line refused Unreadable; return; }',
        '  if [ ! -s "$T/asked" ]; then line exit 0; return; fi',
        '  set -f',
        '  unlocked dnf_upgrade -C --assumeno upgrade $(cat "$T/asked")',
        '  plan > "$T/plan"',
        // It ends with 1 where it found a way and was told no, as well as where there is none: only its table tells.
        '  if [ ! -s "$T/plan" ]; then failures; line refused Unsolvable; return; fi',
      ],
      'unlocked dnf_upgrade -y upgrade $(cat "$T/asked")',
    ),
  ]);

export const dnfReadBackScript = (pins: readonly Pin[]): string =>
  packageScript([RPM_FUNCTIONS, FUNCTIONS, SERVICES, rpmPins(pins), 'services', 'tell_installed', 'reboot']);
