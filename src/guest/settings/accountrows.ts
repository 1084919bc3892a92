/**
 * What look and heal both know of accounts; they need `names` (those that are or were ordered) and `R` (the folder below which the files are).
 * `read_accounts` sets `accounts`: a line for each that can log in and each that is named, `name:uid:gid:password:expiry:home:shell`, where password
 * is `locked`, `empty` or `set`, and expiry is empty or why nobody gets in (shadow(5)); and `groups`: those that make administrators.
 * `read_sshd` sets `sshd` and `key_files`: by what sshd lets people in, and the patterns of the files that it reads keys from.
 */
export const ACCOUNT_ROWS = `
NL='
'
# Rows of one newline-separated list that begin with a word: entry LIST WORD sets $entry to the rest of the row.
entry() {
  entry=
  case "$NL$1" in *"$NL$2 "*) ;; *) return 1;; esac
  entry="$NL$1"; entry=\${entry#*"$NL$2 "}; entry=\${entry%%"$NL"*}
}

# row NAME: the fields of an account, or failure where there is none of that name.
row() {
  uid=; gid=; password=; expiry=; home=; shell=
  case "$NL$accounts" in *"$NL$1:"*) ;; *) return 1;; esac
  row="$NL$accounts"; row=\${row#*"$NL$1:"}; row=\${row%%"$NL"*}
  IFS=:; set -f
  set -- $row
  unset IFS; set +f
  uid=$1; gid=$2; password=$3; expiry=$4; home=\${5:-/}; shell=\${6:-/bin/sh}
}

# opens SHELL: whether one who logs in gets anywhere with it.
opens() { case "$1" in */nologin|*/false|*/sync|*/halt|*/shutdown) return 1;; esac; }

# in_groups USER GROUPS: whether the account of the last row is a member of one of them, its own group included.
in_groups() {
  for group in $2; do
    if entry "$groups" "$group"; then case "$entry" in "$gid:"*) return 0;; esac; case ",\${entry#*:}," in *",$1,"*) return 0;; esac; fi
  done
  return 1
}

# key_path PATTERN USER: %h, %u and %U as sshd_config(5) has them, relative to the home; any other pattern as it stands.
key_path() {
  key_path=$1
  case "$key_path" in *%h*) key_path="\${key_path%%\\%h*}$home\${key_path#*%h}";; esac
  case "$key_path" in *%u*) key_path="\${key_path%%\\%u*}$2\${key_path#*%u}";; esac
  case "$key_path" in *%U*) key_path="\${key_path%%\\%U*}$uid\${key_path#*%U}";; esac
  case "$key_path" in /*) ;; *) key_path="$home/$key_path";; esac
}

read_sshd() {
  sshd=$(timeout -k 1 5 sshd -T < /dev/null 2>/dev/null | head -c 65536 | awk '$1 == "authorizedkeysfile" || $1 == "authorizedkeyscommand" || $1 == "trustedusercakeys"')
  case "$sshd" in *"authorizedkeysfile "*) key_files=\${sshd#*"authorizedkeysfile "}; key_files=\${key_files%%"$NL"*};; *) key_files='.ssh/authorized_keys .ssh/authorized_keys2';; esac
  case "$key_files" in none) key_files=;; esac
}

read_accounts() {
  today=$(($(date +%s) / 86400))
  accounts=$({ timeout -k 1 3 head -c 262144 "$R/etc/shadow"; echo; echo "[users]"; timeout -k 1 3 head -c 262144 "$R/etc/passwd"; } < /dev/null | awk -F: -v mark="[users]" -v today="$today" -v names="$names" '
    function state(p) { return p == "" ? "empty" : (p ~ /^[!*]/ || length(p) < 13) ? "locked" : "set" }
    function ended(n) {
      if (expire[n] ~ /^[0-9]+$/ && expire[n] + 0 > 0 && expire[n] + 0 <= today) return expire[n] + 0 == 1 ? "closed" : "expired"
      if (last[n] == "0") return "password"
      if (last[n] ~ /^[0-9]+$/ && max[n] ~ /^[0-9]+$/ && last[n] + max[n] < today) return "password"
      return ""
    }
    function opens(s) { return s !~ /\\/(nologin|false|sync|halt|shutdown)$/ }
    BEGIN { count = split(names, first, " "); for (i = 1; i <= count; i++) named[first[i]] = 1 }
    $0 == mark { users = 1; next }
    !users { if ($1 != "" && !($1 in secret)) { secret[$1] = $2; last[$1] = $3; max[$1] = $5; expire[$1] = $8 } next }
    NF >= 7 && $3 ~ /^[0-9]+$/ && $4 ~ /^[0-9]+$/ && !($1 in row) {
      p = ($1 in secret) ? secret[$1] : ($2 == "x" ? "*" : $2)
      tell = $1
      if ($1 !~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*[$]?$/ || length($1) > 32) { gsub(/[^A-Za-z0-9_.-]/, "", tell); tell = substr(tell, 1, 20) "?" ++strange }
      row[$1] = tell ":" $3 ":" $4 ":" state(p) ":" ended($1) ":" $6 ":" $7
      if (!($1 in named) && opens($7) && more < 60) others[++more] = $1
    }
    END {
      for (i = 1; i <= count; i++) if (first[i] in row) print row[first[i]]
      for (i = 1; i <= more; i++) print row[others[i]]
    }')
  groups=$(timeout -k 1 3 head -c 262144 "$R/etc/group" < /dev/null | awk -F: '$1 ~ /^(sudo|wheel|admin|docker|lxd|incus-admin|disk)$/ && !seen[$1]++ { print $1 " " $3 ":" substr($4, 1, 4096) }')
}
`;
