import type { Dnf } from './dnfscripts.ts';
import { type About, severityOf } from './rpm.ts';

/** dnf 4, which is written in Python: RHEL 8 to 10, and what is built from them. */
export const dnf4: Dnf = {
  // What it is answered with yes is the keys that the repositories' own files name. A repository that may be missing (skip_if_unavailable) is no proof that nothing is.
  functions: `
refresh() {
  timeout -k 10 900 dnf --setopt=exit_on_lock=True --setopt='*.skip_if_unavailable=True' -y --refresh makecache > "$T/update" 2>&1 < /dev/null 3>&-
  line sources $? "$(grep -oE "for repo(sitory)? '[^']*'" "$T/update" | sed 's/.* //' | sort -u | wc -l)"
  grep -E '^(Error|Failed|Ignoring|  - )' "$T/update" > "$T/errors"
  errors "$T/errors"
  tells "$R"/var/cache/dnf/*/repodata/repomd.xml
}

query() { cached repoquery "$@"; }
upgrades() { cached "$@" repoquery --upgrades --latest-limit=1 --qf '%{name} %{epoch}:%{version}-%{release} %{arch} %{repoid} %{size}'; }
all_upgrades() { upgrades --disableexcludes=all --disableplugin=versionlock; }

# Only -v says when each was issued. What it says besides is none of these lines.
advisories() {
  cached -v updateinfo list --available --disableexcludes=all | awk 'NF == 5 && $4 ~ /^[0-9]+-[0-9]+-[0-9]+$/ { print $1, $2, $3, $4 }'
}

failures() {
  grep -aE '^(Error|error|Problem|warning: %|  - |  Problem|[^ ]* *: *Failed)|scriptlet failed|No space left|[Ww]aiting for process' "$T/log" > "$T/errors"
  errors "$T/errors"
}

# plan: what it would change, from the table that it shows before it asks: six words each, whatever their columns are.
plan() {
  awk '/^(Upgrading|Installing|Installing dependencies|Installing weak dependencies|Downgrading|Reinstalling):$/ { on = 1; sign = ""; next }
    /^(Removing|Removing dependent packages|Removing unused dependencies):$/ { on = 1; sign = "-"; next }
    /^[A-Z].*:$|^Transaction Summary|^=/ { on = 0; n = 0; next }
    !on { next }
    $1 == "replacing" { sub(/\\.[^.]*$/, "", $2); print $2, "-"; next }
    { for (i = 1; i <= NF; i++) { word[++n] = $i; if (n == 6) { print word[1], sign == "" ? word[3] : sign; n = 0 } } }' "$T/log"
}

# upgrade OPTION…: tries again while another dnf runs, as long as it may take; it ends with 200 then.
upgrade() {
  waited=0
  while :; do
    dnf --setopt=exit_on_lock=True --setopt=best=True "$@" > "$T/log" 2>&1 < /dev/null 3>&-
    status=$?
    if [ "$status" != 200 ] || [ "$waited" -ge "$patience" ]; then return "$status"; fi
    sleep 5; waited=$((waited + 5))
  done
}
`,
  readAdvisory,
};

/** `ID Important/Sec. name-version-release.arch 2026-11-02`. */
function readAdvisory([id = '', kind = '', , day = '']: readonly string[]): About | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const issued = Number.isNaN(Date.parse(day)) ? {} : { issued: `${day}T00:00:00Z` };
  const [grave = ''] = kind.split('/');
  return { advisory: { id, severity: severityOf(grave), ...issued }, security: kind.endsWith('/Sec.') };
}
