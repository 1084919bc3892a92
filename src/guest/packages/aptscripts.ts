import type { Pin } from './family.ts';
import { EXTRAS_ALONG, MOST_NAMES, MOST_UPDATES, packageScript, pinFiles } from './prelude.ts';
import { SERVICES } from './services.ts';

/** How long an install waits for whoever uses the package manager, in seconds. */
const LOCK_SECONDS = 600;

const FUNCTIONS = `
# query COMMAND…: asks apt without changing anything. What customers set for their own use does not change what we are told. What a package only
# recommends is no patch, and an update that recommends what is not to be had is none the less one: apt's "upgrade" keeps such a new kernel back.
query() { apt-get -q -s --no-install-recommends -o APT::Get::Show-Versions=false "$@" 3>&-; }

phased='-o APT::Get::Always-Include-Phased-Updates=true'

# Every failure counts (persistent or not): a list that could not be read is no proof that nothing is missing.
refresh() {
  timeout -k 10 600 apt-get -q -o APT::Update::Error-Mode=any -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \\
    -o Acquire::Retries=1 update > "$T/update" 2>&1 3>&-
  line sources $? "$(grep -c '^Err:' "$T/update")"
  grep -E '^[EW]: ' "$T/update" > "$T/errors"
  errors "$T/errors"
  sources | head -n 64 | lines source
}

# sources: of each suite its name as it was asked for, and codename, suite, origin and label as it calls itself. Also those without a package.
sources() {
  for each in "$R"/var/lib/apt/lists/*_dists_*Release; do
    asked=\${each##*_dists_}
    awk -v asked="\${asked%_*Release}" 'sub(/^Codename: */, "") { codename = $0 }
      sub(/^Suite: */, "") { suite = $0 } sub(/^Origin: */, "") { origin = $0 } sub(/^Label: */, "") { label = $0 }
      /^(MD5Sum|SHA1|SHA256|SHA512):|^-----BEGIN PGP SIGNATURE/ { exit }
      END { print asked "|" codename "|" suite "|" origin "|" label }' "$each"
  done
}

# whole: says which packages are not whole, and how many changes dpkg has noted and not taken over.
whole() {
  dpkg-query -W -f '\${db:Status-Abbrev}|\${binary:Package}\\n' |
    awk -F '|' '(substr($1, 2, 1) !~ /[icn]/ || substr($1, 3, 1) != " ") && n++ < 20' > "$T/states"
  journal=$(ls "$R/var/lib/dpkg/updates" | grep -c '^[0-9]')
}

# A kernel that is installed and does not run; what else says that a restart is due. Without either nothing is known.
reboot() {
  if [ -e "$R/run/reboot-required" ]; then line reboot yes; return; fi
  running=$(uname -r)
  flavour=$(printf %s "$running" | sed -E 's/^[0-9][^-]*-//; s/^[0-9]+-//')
  dpkg-query -W -f '\${db:Status-Abbrev}|\${Package}|\${Version}\\n' 'linux-image-[0-9]*' |
    awk -F '|' -v end="-$flavour" 'substr($1, 2, 1) == "i" && substr($2, length($2) - length(end) + 1) == end { print substr($2, 13), $3 }' |
    sort -V > "$T/kernels"
  newest=$(tail -n 1 "$T/kernels")
  version=$(sed -n "s/^$running //p" "$T/kernels")
  if [ -z "$version" ]; then line reboot -
  elif [ "\${newest%% *}" != "$running" ]; then line reboot yes
  else
    case "$(uname -v)" in
      *" Debian $version "*) line reboot no;;
      *' Debian '*) line reboot yes;;
      *) line reboot no;;
    esac
  fi
}
`;

/**
 * What could be newer, asked in three ways: all that there is (\`full\`), what comes without removing anything, and what apt would install by itself.
 * What is missing in the narrower ones tells what hinders an update.
 */
export const aptScanScript = (): string =>
  packageScript([
    FUNCTIONS,
    'system',
    'refresh',
    'query $phased --ignore-hold dist-upgrade > "$T/plan" 2> "$T/errors" || { line unsolved; errors "$T/errors"; }',
    // The architecture first: where a line is too long, it is origins that are cut off.
    `sed -nE 's/^Inst (.*) \\[([a-z0-9-]+)\\]\\).*$/\\2 \\1)/p' "$T/plan" > "$T/full"`,
    `head -n ${MOST_UPDATES} "$T/full" | lines update`,
    `line more $(tail -n +${MOST_UPDATES + 1} "$T/full" | wc -l)`,
    // Names alone, and only where they are not in the narrower answer: most of the time none is.
    'names() { sed -n "s/^Inst \\([^ ]*\\) .*/\\1/p" | sort -u; }',
    'names < "$T/plan" > "$T/all"',
    'query $phased upgrade --with-new-pkgs 2> /dev/null | names > "$T/keeping"',
    'query upgrade --with-new-pkgs 2> /dev/null | names > "$T/plain"',
    `apt-mark showhold 3>&- | head -n ${MOST_NAMES} | lines held`,
    `grep -vxF -f "$T/keeping" "$T/all" | head -n ${MOST_NAMES} | lines removing`,
    `grep -vxF -f "$T/plain" "$T/keeping" | head -n ${MOST_NAMES} | lines phased`,
    'reboot',
  ]);

export const aptPreflightScript = (): string =>
  packageScript([
    FUNCTIONS,
    SERVICES,
    'system',
    'services',
    'refresh',
    'for each in / /var /var/cache/apt/archives /boot; do space "$each"; done',
    `line download $(apt-get -q -y --no-install-recommends --print-uris dist-upgrade 2> /dev/null 3>&- | awk '/^.[a-z+]*:/ { sum += $3 } END { printf "%.0f", sum }')`,
    'whole; lines state < "$T/states"; line journal "$journal"',
    'free /var/lib/dpkg/lock-frontend 5',
    'reboot',
    `updater=$(apt-config dump --format '%f %v%n' | awk '{ at[tolower($1)] = $2 } END {
      enabled = at["apt::periodic::enable"]; upgrades = at["apt::periodic::unattended-upgrade"]
      print enabled != "0" && upgrades != "" && upgrades != "0" }')`,
    'if [ "$updater" = 1 ] && [ -x "$R/usr/bin/unattended-upgrade" ] && systemctl --quiet is-active apt-daily-upgrade.timer; then line updater on; fi',
  ]);

const INSTALL = `
apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none \\
  apt-get -q -y --only-upgrade --no-remove --no-install-recommends $phased -o DPkg::Lock::Timeout="$patience" -o Dpkg::Use-Pty=0 \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o APT::Get::allow-downgrades=false \\
    -o APT::Get::allow-change-held-packages=false -o APT::Get::AllowUnauthenticated=false -o APT::Get::force-yes=false "$@" 3>&-
}

# repair: brings to its end what was interrupted, and nothing else: packages that are unpacked or wait for their scripts.
repair() {
  whole
  if [ ! -s "$T/states" ] && [ "$journal" = 0 ]; then return 0; fi
  if grep -qv '^.[UFWti] |' "$T/states"; then lines state < "$T/states"; return 1; fi
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 \\
    dpkg --force-confdef --force-confold --configure -a > "$T/log" 2>&1 3>&-
  line repaired $? "$(wc -l < "$T/states")"
  failures
  whole
  lines state < "$T/states"
  [ ! -s "$T/states" ] && [ "$journal" = 0 ]
}

failures() {
  grep -aE '^(E: |dpkg: error|dpkg-deb: error|dpkg: unrecoverable)|No space left|script subprocess' "$T/log" > "$T/errors"
  errors "$T/errors"
}

# sort_out: of each pin whether it is asked for, and of the others why not.
sort_out() {
  installed_pins > "$T/pinned"
  cut -d ' ' -f 1 "$T/pinned" | sort -u > "$T/names"
  set -f
  apt-cache madison $(cat "$T/names") 3>&- | awk -F ' *[|] *' '/Packages$/ { sub(/^ */, "", $1); sub(/:.*/, "", $1); print $1, $2 }' > "$T/offered"
  : > "$T/asked"
  while read -r name architecture version status found; do
    whole_name=$name
    if [ "$architecture" != "$native" ]; then whole_name=$name:$architecture; fi
    if [ "$found" = - ]; then line pin "$name" absent
    elif dpkg --compare-versions "$found" gt "$version"; then line pin "$name" newer
    elif dpkg --compare-versions "$found" eq "$version"; then line pin "$name" there
    elif ! grep -qxF "$name $version" "$T/offered"; then line pin "$name" gone
    else echo "$whole_name=$version" >> "$T/asked"
    fi
  done < "$T/pinned"
}

# extras: what would be installed and is no pin, and what would be removed.
extras() {
  awk 'of == "pins" { pinned[$1 " " $3]; next }
    $1 == "Remv" { sub(/:.*/, "", $2); print $2, "-" }
    $1 == "Inst" { name = $2; sub(/:.*/, "", name); at = $3 ~ /^\\(/ ? 3 : 4; version = substr($at, 2)
      if (!((name " " version) in pinned)) print name, version }' of=pins "$T/pins" of=plan "$T/plan" | sort -u | head -n 20
}
`;

const INSTALLED_PINS = `
native=$(dpkg --print-architecture)

# installed_pins: each pin with its architecture, and status and version of what is installed of it.
installed_pins() {
  dpkg-query -W -f '\${db:Status-Abbrev}|\${Package}|\${Architecture}|\${Version}\\n' > "$T/packages"
  awk -v native="$native" 'of == "packages" {
      split($0, at, "|"); architecture = at[3] == "all" ? native : at[3]; name = at[2] " " architecture
      if (substr(at[1], 2, 1) !~ /[cn]/) { status[name] = substr(at[1], 1, 3); sub(/ +$/, "", status[name]); version[name] = at[4] }
      next
    }
    { architecture = $2 == "-" || $2 == "all" ? native : $2; name = $1 " " architecture
      if (name in version) print $1, architecture, $3, status[name], version[name]; else print $1, architecture, $3, "-", "-" }' of=packages "$T/packages" of=pins "$T/pins"
}

tell_installed() {
  installed_pins | cut -d ' ' -f 1,4,5 > "$T/after"
  lines installed < "$T/after"
  whole
  lines state < "$T/states"
  line journal "$journal"
}
`;

export const aptInstallScript = (pins: readonly Pin[], lockSeconds = LOCK_SECONDS): string =>
  packageScript([
    FUNCTIONS,
    `patience=${Math.trunc(lockSeconds)}`,
    pinFile(pins),
    INSTALLED_PINS,
    INSTALL,
    'install() {',
    '  free /var/lib/dpkg/lock-frontend "$patience" || { line refused Locked; return; }',
    '  repair || { line refused Broken; return; }',
    '  sort_out',
    '  if [ ! -s "$T/asked" ]; then line exit 0; return; fi',
    '  set -f',
    '  apt -s install $(cat "$T/asked") > "$T/plan" 2> "$T/log"; simulated=$?',
    '  if [ "$simulated" != 0 ]; then failures; line refused Unsolvable; return; fi',
    EXTRAS_ALONG,
    '  touch "$T/begun"',
    '  apt install $(cat "$T/asked") > "$T/log" 2>&1',
    '  line exit $?; lines brought < "$T/brought"',
    '  failures',
    '  find "$R/etc" -xdev -name "*.dpkg-dist" -cnewer "$T/begun" | head -n 20 | while IFS= read -r kept; do line kept "$(encoded "$kept")"; done',
    '}',
    'install',
    'tell_installed',
    'reboot',
  ]);

export const aptReadBackScript = (pins: readonly Pin[]): string =>
  packageScript([FUNCTIONS, SERVICES, pinFile(pins), INSTALLED_PINS, 'services', 'tell_installed', 'reboot']);

function pinFile(pins: readonly Pin[]): string {
  const wordsOf = ({ package: name, architecture = '-', version }: Pin) => {
    const fit =
      /^[a-z0-9][a-z0-9+.-]{1,127}$/.test(name) &&
      /^(-|[a-z0-9][a-z0-9-]{1,31})$/.test(architecture) &&
      /^[A-Za-z0-9][A-Za-z0-9.+:~-]{0,126}[A-Za-z0-9.+~]$|^[A-Za-z0-9]$/.test(version);
    if (!fit) throw new RangeError('a pin is a name, an architecture and a version as Debian writes them');
    return [name, architecture, version];
  };
  return pinFiles(pins, wordsOf);
}
