import type { Pin } from './family.ts';
import { MOST_NAMES, MOST_UPDATES, packageScript } from './prelude.ts';
import { LOCK_SECONDS, RPM_FUNCTIONS, rpmInstall, rpmPins } from './rpmscripts.ts';
import { SERVICES } from './services.ts';

const FUNCTIONS = `
# zypp COMMAND…: asks or tells zypper, with its answer as XML.
zypp() { zypper --non-interactive --xmlout "$@" < /dev/null 3>&-; }

# attributes ELEMENT NAME…: values of those attributes of each such element, a line each; - for what it has not.
attributes() {
  element=$1; shift
  sed "s/></>\\n</g" | awk -v element="<$element " -v names="$*" 'BEGIN { n = split(names, name, " ") }
    index($0, element) == 1 { said = ""
      for (i = 1; i <= n; i++) { value = "-"; if (match($0, " " name[i] "=\\"[^\\"]*\\"")) {
        value = substr($0, RSTART + length(name[i]) + 3, RLENGTH - length(name[i]) - 4); gsub(/ /, "_", value); if (value == "") value = "-" }
        said = said (i > 1 ? " " : "") value }
      print said }'
}

# refresh SECONDS: waits so long for another zypper. A repository that was left out (106) is no proof that nothing is missing.
refresh() {
  ZYPP_LOCK_TIMEOUT=$1 timeout -k 10 900 zypper --non-interactive --xmlout refresh > "$T/update" 2>&1 < /dev/null 3>&-
  line sources $? "$(grep -c '<message type="error">' "$T/update")"
  messages < "$T/update" > "$T/errors"
  errors "$T/errors"
  tells "$R"/var/cache/zypp/raw/*/repodata/repomd.xml
}

# messages: what zypper says of failures.
messages() { sed -nE -e 's/^<message type="(error|warning)">([^<]*).*/\\2/p' -e 's/^<description>(Problem[^<]*).*/\\1/p' | sed "s/&apos;/'/g; s/&quot;/\\"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\\&/g"; }

reboot() {
  zypper needs-rebooting > /dev/null 2>&1 < /dev/null 3>&-
  case $? in 0) line reboot no;; 102) line reboot yes;; *) line reboot -;; esac
}
`;

export const zypperScanScript = (): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    'system',
    'refresh 60',
    'zypp list-updates -t package --all > "$T/all" || line unsolved',
    `sed 's/></>\\n</g' "$T/all" | awk '/^<update / { update = $0 } /^<source / { sub(/^<source/, "", $0); print update; print "<source" $0 }' > "$T/both"`,
    'attributes update name arch edition-old edition < "$T/both" > "$T/names"',
    'attributes source alias < "$T/both" | paste -d " " "$T/names" - > "$T/full"',
    `head -n ${MOST_UPDATES} "$T/full" | lines update`,
    `line more $(tail -n +${MOST_UPDATES + 1} "$T/full" | wc -l)`,
    'zypp list-updates -t package | attributes update name arch edition > "$T/plain"',
    `attributes update name arch edition < "$T/both" | grep -vxF -f "$T/plain" | cut -d ' ' -f 1,2 | head -n ${MOST_NAMES} | lines hindered`,
    'line locks "$(zypp locks | grep -c "<lock ")"',
    'zypp list-patches > "$T/patches"',
    `sed 's/></>\\n</g' "$T/patches" | awk '/^<update / { update = $0 } /^<issue-date / { sub(/^<issue-date/, "", $0); sub(/\\/?>$/, "", update); print update $0 }' |
      attributes update name category severity time_t restart > "$T/needed"`,
    `head -n ${MOST_UPDATES} "$T/needed" | lines advisory`,
    // Which packages a patch is of: those that it cannot stand in their old version.
    'set -f',
    `zypper --non-interactive info -t patch $(head -n ${MOST_UPDATES} "$T/needed" | cut -d ' ' -f 1) < /dev/null 3>&- |
      awk '/^Name +:/ { patch = $3 } /^[A-Z][a-z ]* *:/ { on = 0 } /^Conflicts +:/ { on = 1; sub(/^Conflicts +: */, "") }
        on && / < / && $1 !~ /:/ { print patch, $1 }' | head -n ${MOST_UPDATES} | lines affects`,
    'set +f',
    'whole',
    'reboot',
  ]);

export const zypperPreflightScript = (): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    SERVICES,
    'system',
    'services',
    'refresh 5',
    'for each in / /var /boot; do space "$each"; done',
    'download=$(zypp update --dry-run --no-recommends | attributes install-summary download-size)',
    'if [ -z "$download" ]; then download=0; fi; line download "$download"',
    'whole',
    'rpm_free 5',
    'zypp locks > "$T/log" || { messages < "$T/log" > "$T/errors"; errors "$T/errors"; line locked; }',
    'reboot',
    'for each in os-update.timer transactional-update.timer; do if systemctl --quiet is-active "$each"; then line updater "$each"; fi; done',
  ]);

const INSTALL = `
failures() { { messages; grep -aE 'scriptlet failed|No space left'; } < "$T/log" > "$T/errors"; errors "$T/errors"; }

plan() {
  sed "s/></>\\n</g" "$T/log" | awk '/^<to-[a-z-]*>/ { section = $0 } /^<solvable type="package"/ {
    match($0, / name="[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
    match($0, / edition="[^"]*"/); edition = substr($0, RSTART + 10, RLENGTH - 11)
    print name, section == "<to-remove>" ? "-" : edition }'
}

sort_out() {
  installed_pins > "$T/pinned"
  set -f
  ZYPP_LOCK_TIMEOUT=$patience zypp search --details --type package --match-exact $(cut -d ' ' -f 1 "$T/pins" | sort -u) > "$T/log" 2>&1
  # None of them known to it is an answer (104); what could not be asked is not gone.
  case $? in 0|104) ;; 7) refusal=Locked; return 1;; *) refusal=Unreadable; return 1;; esac
  attributes solvable name edition repository < "$T/log" |
    grep -v ' (System_Packages)$' | cut -d ' ' -f 1,2 > "$T/offered"
  set +f
  : > "$T/asked"
  while read -r name architecture version found; do
    if [ "$found" = - ]; then line pin "$name" absent; continue; fi
    zypper versioncmp "$found" "$version" > /dev/null 2>&1 < /dev/null 3>&-
    order=$?
    if [ "$order" = 11 ]; then line pin "$name" newer
    elif [ "$order" != 12 ]; then line pin "$name" there
    elif ! grep -qxF "$name $version" "$T/offered"; then line pin "$name" gone
    elif [ "$architecture" = - ]; then echo "$name=$version" >> "$T/asked"
    else echo "$name.$architecture=$version" >> "$T/asked"
    fi
  done < "$T/pinned"
}

zypp_install() {
  ZYPP_LOCK_TIMEOUT=$patience zypper --non-interactive --xmlout install --details --no-recommends --no-allow-vendor-change --no-force-resolution \\
    "$@" > "$T/log" 2>&1 < /dev/null 3>&-
}
`;

export const zypperInstallScript = (pins: readonly Pin[], lockSeconds = LOCK_SECONDS): string =>
  packageScript([
    RPM_FUNCTIONS,
    FUNCTIONS,
    `patience=${Math.trunc(lockSeconds)}`,
    rpmPins(pins),
    INSTALL,
    ...rpmInstall(
      [
        '  rpm_free "$patience" || { line refused Locked; return; }',
        '  sort_out || { failures; line refused "$refusal"; return; }',
        // While another is at it, old and new stand side by side.
        '  whole; if [ -s "$T/states" ]; then line refused Broken; return; fi',
        '  if [ ! -s "$T/asked" ]; then line exit 0; return; fi',
        '  set -f',
        '  zypp_install --dry-run $(cat "$T/asked"); simulated=$?',
        '  if [ "$simulated" = 7 ]; then failures; line refused Locked; return; fi',
        '  plan > "$T/plan"',
        '  if [ "$simulated" -ge 1 ] && [ "$simulated" -lt 100 ] || [ ! -s "$T/plan" ]; then failures; line refused Unsolvable; return; fi',
      ],
      'zypp_install $(cat "$T/asked")',
    ),
  ]);

export const zypperReadBackScript = (pins: readonly Pin[]): string =>
  packageScript([RPM_FUNCTIONS, FUNCTIONS, SERVICES, rpmPins(pins), 'services', 'tell_installed', 'reboot']);
