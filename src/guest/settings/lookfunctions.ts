/** Seconds after which a look asks nothing more of the guest and says so: the connection waits for 60. */
export const LOOK_SECONDS = 40;

/** Longest text that a line carries, in bytes before base64. */
export const WORDS_BYTES = 240;

/** Most of a file with keys that is read, in bytes and keys, and most keys that are told of an account. */
export const KEY_FILE_BYTES = 65_536;
const KEYS_READ = 256;
export const MOST_KEYS = 32;

/**
 * The functions of a look, after those of `accountrows.ts`. They need `N` (the nonce), `R` (the folder below which the files are),
 * and `worker_clock` (seconds).
 * Here-documents are avoided: some shells keep them in files, and there may be no room for one.
 */
export const LOOK_FUNCTIONS = `
lines=0
read -r uptime _ < /proc/uptime; begun=\${uptime%%.*}

late() { read -r uptime _ < /proc/uptime; [ $(( \${uptime%%.*} - begun )) -ge ${LOOK_SECONDS} ]; }

# limit SECONDS COMMAND…: no command hangs, and after too long a look none is begun.
limit() { if late; then return 124; fi; timeout -k 1 "$@"; }

# line KIND WORDS…: one line of ours.
line() { lines=$((lines + 1)); printf '%s %s\\n' "$N" "$*"; }

encoded() { if [ -n "$1" ]; then printf %s "$1" | head -c ${WORDS_BYTES} | base64 -w0; else printf -; fi; }

# differs WORDS: once there is no time left commands are not run, so that nothing was seen by which it differs.
differs() {
  if late; then failed "there was no time left to look ($1)"; return; fi
  standing=differs; found="\${found:+$found; }$1"
}
# stopped WORDS: it differs by nothing but that it does not run.
stopped() {
  before=$standing
  differs "$1"
  if [ "$standing" = differs ] && [ "$before" = kept ]; then standing=stopped; fi
}
failed() { if [ "$standing" = kept ]; then standing=failed; fi; found="\${found:+$found; }$1"; }

# setting NAME FUNCTION: looks at one setting and tells of it.
setting() {
  standing=kept; found=
  "$2"
  line set "$1" "$standing" "$(encoded "$found")"
}

# unit NAME: sets $loaded, $active and $enabled of a unit; fails where systemd does not answer.
unit() {
  loaded=; active=; enabled=
  entry "$units" "$1" || return 1
  set -f; set -- $entry; set +f
  loaded=\${1:-}; active=\${2:-}; enabled=\${3:-}
}

# running NAME WHAT: differs unless the unit is active and not kept from starting.
running() {
  if ! unit "$1"; then failed "systemd does not answer"; return; fi
  if [ "$loaded" = masked ]; then differs "$2 is masked"
  elif [ "$loaded" != loaded ]; then differs "$2 is not installed"
  elif [ "$active" != active ]; then differs "$2 is not running ($active)"
  fi
}

# same PATH SHA256: whether the file has this content.
same() { case "$NL$hashes$NL" in *"$NL$2  $R$1$NL"*) ;; *) return 1;; esac; }

# Fingerprints of the keys that sshd would find for the account of the last row; read with its own rights, as sshd does.
keys() {
  keys=; unread=
  if entry "$known_keys" "$1"; then keys=\${entry%%|*}; unread=\${entry#*|}; return; fi
  IFS=' '; set -f
  for pattern in $key_files; do
    unset IFS; set +f
    key_path "$pattern" "$1"
    if [ -f "$R$key_path" ]; then read_keys "$R$key_path" "$1"; fi
  done
  unset IFS; set +f
  known_keys="$known_keys$1 $keys|$unread$NL"
}

# read_keys FILE USER: of each key also which file it is in, for what is told of foreign ones.
read_keys() {
  text=$(limit 4 setpriv --reuid="$uid" --regid="$gid" --clear-groups -- head -c ${KEY_FILE_BYTES + 1} -- "$1" < /dev/null | tr -d '\\000')
  if [ \${#text} -gt ${KEY_FILE_BYTES} ]; then unread="$1 is longer than ${KEY_FILE_BYTES} bytes"; return; fi
  if [ -z "$text" ]; then return; fi
  for key in $(printf '%s\\n' "$text" | limit 4 ssh-keygen -lf - | awk '$2 ~ /^SHA256:/ && length($2) == 50 && $2 ~ /^[A-Za-z0-9:+\\/]+$/ && !seen[$2]++ && n++ < ${KEYS_READ} {print $2}'); do
    case " $keys " in *" $key "*) ;; *) keys="\${keys:+$keys }$key"; seen_keys="$seen_keys$2:$key $1$NL";; esac
  done
}

# rights USER: $admin is yes where sudo or a group makes root of the account.
rights() {
  admin=no
  if entry "$known_rights" "$1"; then admin=$entry; return; fi
  if [ "$uid" = 0 ] || in_groups "$1" "docker lxd incus-admin disk" || sudoes "$1"; then admin=yes; fi
  known_rights="$known_rights$1 $admin$NL"
}

# A rule that asks for the password of root, whom nobody has given one, opens nothing (SUSE's default).
sudoes() {
  limit 5 sudo -n -l -U "$1" < /dev/null | head -c 16384 | awk '
    /targetpw|rootpw/ { theirs = 1 }
    /^ +\\(([^)]*[ ,])?(ALL|root|#0)[ ,:)]/ { if (/NOPASSWD:/) free = 1; else asks = 1 }
    END { exit !(free || (asks && !theirs)) }'
}

`;

/** What is asked once for all settings. */
export const LOOK_ONCE = `
clock=$(date +%s)
read_accounts
boot=$(cat /proc/sys/kernel/random/boot_id)
known_keys=; known_rights=; seen_keys=; left_keys=
read_sshd
`;
