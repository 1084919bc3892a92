import type { Pin } from './family.ts';
import { EXTRAS_ALONG, pinFiles } from './prelude.ts';

/** How long an install waits for whoever uses the package manager, in seconds. */
export const LOCK_SECONDS = 600;

/** What dnf and zypper have in common: rpm's database. */
export const RPM_FUNCTIONS = `
# evr: a version as people write it: an epoch of 0 is none.
evr() { sed 's/ 0:/ /g'; }

# newest PACKAGE: name and newest version of it that is installed; nothing where none is.
newest() { rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' "$1" | grep -v ' is not installed$' | evr | sort -V | tail -n 1; }

# installed_pins: each pin with the newest version that is installed of it, or -.
installed_pins() {
  while read -r name architecture version; do
    of=$name
    if [ "$architecture" != - ]; then of=$name.$architecture; fi
    found=$(newest "$of")
    echo "$name $architecture $version \${found#* }" | awk '{ print $1, $2, $3, $4 == "" ? "-" : $4 }'
  done < "$T/pins"
}

# ahead FOUND VERSION: whether the first is newer, by rpm's own comparison of epoch, version and release, one after the other.
ahead() {
  for part in 's/:.*//' 's/^[^:]*://; s/-[^-]*$//' 's/.*-//'; do
    order=$(A=$(echo "$1" | sed "$part") B=$(echo "$2" | sed "$part") rpm --eval '%{lua: print(rpm.vercmp(os.getenv("A"), os.getenv("B")))}')
    case $order in 1) return 0;; 0) ;; *) return 1;; esac
  done
  return 1
}

# rpm_free SECONDS: waits until nobody changes rpm's database, wherever the distribution has it.
rpm_free() { free "$(rpm --eval '%{_dbpath}')/.rpm.lock" "$1"; }

# whole: packages that are there twice: a transaction that was cut off leaves the old ones beside the new. Kernels and keys may be.
whole() {
  rpm -qa --qf '%{NAME}.%{ARCH}\\n' > "$T/packages" || line unread
  grep -vE '^(kernel|gpg-pubkey|installonlypkg)' "$T/packages" | sort | uniq -d | head -n 20 > "$T/states"
  lines state < "$T/states"
}

tell_installed() {
  installed_pins | cut -d ' ' -f 1,4 > "$T/after"
  lines installed < "$T/after"
  whole
}

# extras: what would change and is no pin. Lines of name and version, - for what would be removed. Of a pinned package that may be there several
# times, such as a kernel, the oldest makes room.
extras() {
  awk 'of == "pins" { pinned[$1 " " $3]; name[$1]; next } !(($1 " " $2) in pinned) && !($2 == "-" && ($1 in name))' \\
    of=pins "$T/pins" of=plan "$T/plan" | sort -u | head -n 20
}

kept() {
  find "$R/etc" -xdev \\( -name '*.rpmnew' -o -name '*.rpmsave' \\) -cnewer "$T/begun" | head -n 20 |
    while IFS= read -r each; do line kept "$(encoded "$each")"; done
}

# tells: of which repositories the metadata says what updates are for; the others say nothing about any.
tells() { grep -l 'type="updateinfo"' "$@" | sed -E 's#/repodata/repomd.xml$##; s#.*/##' | head -n 64 | lines tells; }
`;

/**
 * The install of what `plan` and `extras` show to be the pins alone: after `before`, which asks for the plan, and by `transaction`, unless one of
 * those lines has refused.
 */
export function rpmInstall(before: readonly string[], transaction: string): readonly string[] {
  return [
    'install() {',
    ...before,
    EXTRAS_ALONG,
    '  touch "$T/begun"',
    `  ${transaction}`,
    '  line exit $?; lines brought < "$T/brought"',
    '  failures; kept',
    '}',
    'install',
    'tell_installed',
    'reboot',
  ];
}

/** The pins as a file of the script: a name, an architecture or `-`, and a version. Throws RangeError for what rpm would not call so. */
export function rpmPins(pins: readonly Pin[]): string {
  const wordsOf = ({ package: name, architecture = '-', version }: Pin) => {
    const fit =
      /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/.test(name) &&
      /^(-|[a-z0-9_]{2,16})$/.test(architecture) &&
      /^(\d{1,9}:)?[A-Za-z0-9][A-Za-z0-9._+~^]{0,80}-[A-Za-z0-9][A-Za-z0-9._+~^]{0,80}$/.test(version);
    if (!fit)
      throw new RangeError('a pin is a name, an architecture and a version with its release as rpm writes them');
    return [name, architecture, version];
  };
  return pinFiles(pins, wordsOf);
}
