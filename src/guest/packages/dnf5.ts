import type { Dnf } from './dnfscripts.ts';
import { type About, severityOf } from './rpm.ts';

/** dnf 5, a program of its own: Fedora since 41, where it has the name dnf. */
export const dnf5: Dnf = {
  // With skip_if_unavailable it names no repository that it leaves out, and ends with 0. What it is answered with yes is keys, as with dnf 4.
  functions: `
# Later ones lock what they only read too, and wait for whoever has it.
skip=$(timeout -k 10 60 dnf --help 2> /dev/null < /dev/null 3>&- | grep -o -m 1 -- '^ *--skip-file-locks' | tr -d ' ')

refresh() {
  timeout -k 10 900 dnf --setopt='*.skip_if_unavailable=False' -y --refresh makecache > "$T/update" 2>&1 < /dev/null 3>&-
  line sources $? "$(grep -oE 'for repository "[^"]*"' "$T/update" | sort -u | wc -l)"
  grep -E '^(Failed|Error|>>> )' "$T/update" > "$T/errors"
  errors "$T/errors"
  tells "$R"/var/cache/libdnf5/*/repodata/repomd.xml
}

# It ends no line by itself.
query() { cached repoquery "$@\\n" > "$T/told" && awk 'NF' "$T/told"; }
upgrades() {
  cached "$@" repoquery --upgrades --latest-limit=1 --qf '%{name} %{epoch}:%{version}-%{release} %{arch} %{repoid} %{downloadsize}\\n' > "$T/told" &&
    awk 'NF' "$T/told"
}
all_upgrades() { upgrades '--setopt=disable_excludes=*'; }

advisories() {
  cached '--setopt=disable_excludes=*' advisory list --available --json | awk -F '"' '
    function word(text) { gsub(/[^!-~]/, "", text); return text == "" ? "-" : text }
    $2 == "name" { id = $4 } $2 == "type" { type = $4 } $2 == "severity" { severity = $4 } $2 == "nevra" { nevra = $4 }
    $2 == "buildtime" { time = $3; gsub(/[^0-9]/, "", time) }
    /^ *}/ { print word(id), word(type), word(nevra), word(severity), word(time); id = type = severity = nevra = time = "" }'
}

failures() {
  grep -aE '^(Failed|Error|error|Argument|No match|Cannot|Transaction failed|Waiting for a lock|OpenPGP|  - )|scriptlet failed|[Nn]o space|[Nn]ot enough|more space|transaction lock' "$T/log" > "$T/errors"
  errors "$T/errors"
}

# plan: what it would change, from the table that it shows before it asks: a line each. Problems stand before it; what it skips it does not change.
plan() {
  awk '/^Package +Arch +Version +Repository +Size/ { table = 1 }
    !table || /^Skipping .*:$|^Transaction Summary:/ { on = 0; next }
    /^Removing.*:$/ { on = 1; sign = "-"; next }
    /^[A-Z].*:$/ { on = 1; sign = ""; next }
    !on || NF < 4 || !/^ / { next }
    $1 == "replacing" { print $2, "-"; next }
    { print $1, sign == "" ? $3 : sign }' "$T/log" | evr
}

# waits: whether the last that it has said is that another has the packages. It has loaded no repository then.
waits() { tail -n 1 "$T/log" | grep -q -- --skip-file-locks; }

# impatient PID: dnf 5 waits for others without end, whatever it is asked. One that waits for too long is ended; stopped first, so that it
# begins nothing between the look and the end, for a signal cuts off a transaction.
impatient() {
  for i in $(seq "$patience"); do sleep 1; done
  while ! waits; do sleep 1; done
  kill -STOP "$1" || return
  if waits; then : > "$T/off"; kill -KILL "$1"; else kill -CONT "$1"; fi
}

# upgrade OPTION…: ends with 200 where another has the packages for longer than it may take.
upgrade() {
  rm -f "$T/off"; : > "$T/log"
  dnf --setopt=best=True "$@" > "$T/log" 2>&1 < /dev/null 3>&- & begun=$!
  impatient "$begun" 3>&- & watch=$!
  wait "$begun"; status=$?
  kill "$watch"
  if [ -e "$T/off" ]; then return 200; fi
  return "$status"
}
`,
  readAdvisory,
};

/** `ID security name-version-release.arch Important 1793577600`: seconds since 1970, or `-`. */
function readAdvisory([id = '', type = '', , grave = '', time = '']: readonly string[]): About {
  const issued = /^\d{1,10}$/.test(time)
    ? { issued: new Date(Number(time) * 1000).toISOString().replace('.000Z', 'Z') }
    : {};
  return { advisory: { id, severity: severityOf(grave), ...issued }, security: type === 'security' };
}
