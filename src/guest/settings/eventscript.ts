import { shellWord } from '../shellword.ts';
import { EVENT_AWK, MOST_ENTRIES, MOST_ERRORS } from './eventawk.ts';
import type { Ground } from './ground.ts';
import { TEXTFILE_FOLDER } from './nodeexporter.ts';
import { KEYS_FOLDER } from './notes.ts';

/** Where the sensor keeps what it has counted and seen, and the last lines that matter, for root alone. */
export const SENSOR_FOLDER = '/var/lib/steward/sensors';
/** At most 20 lines of `EPOCH EVENT TEXT`, without what opens anything: for a person who looks into an incident, and in no metric. */
export const EXCERPT_FILE = `${SENSOR_FOLDER}/excerpt`;
/** What the exporter reads. */
export const SENSOR_METRICS = `${TEXTFILE_FOLDER}/steward.prom`;

/** Seconds after which a run begins nothing more; systemd ends it after 30. */
const RUN_SECONDS = 18;

/** Names of services' certificates lie in so many places; those of authorities, which the system trusts, are none of them. */
const CERTIFICATE_FOLDERS =
  'ssl pki/tls/certs nginx apache2 httpd haproxy postfix dovecot exim4 mysql postgresql ldap caddy rabbitmq';

const FIELDS =
  'MESSAGE,MESSAGE_ID,PRIORITY,UNIT,SYSLOG_FACILITY,SYSLOG_IDENTIFIER,_PID,_UID,_COMM,_EXE,_TRANSPORT,_BOOT_ID';

/** Entries that may be events, by what journald has noted of who wrote them; what they say is looked at afterwards. */
const MATCHES = [
  '_TRANSPORT=kernel PRIORITY=0 PRIORITY=1 PRIORITY=2 PRIORITY=3',
  '_UID=0 SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session SYSLOG_IDENTIFIER=sshd-auth SYSLOG_IDENTIFIER=login',
  '_EXE=/usr/bin/sudo _EXE=/usr/bin/su _EXE=/bin/su',
  '_UID=0 _COMM=systemd-logind MESSAGE_ID=98268866d1d54a499c4e98921d93bc40',
  '_UID=0 _PID=1 UNIT=shutdown.target',
  '_UID=0 _PID=1 MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c',
].join(' + ');

/** Who may listen for others: at these ports of TCP anybody, and at any port these units of systemd, by names or patterns. */
export type Listeners = { readonly ports: readonly number[]; readonly units: readonly string[] };

/**
 * The sensor: reads what happened since it ran last, by a cursor into the journal that it keeps with its counts in one file, so that neither a
 * restart nor a run that was cut off loses anything or counts it twice.
 */
export function eventScript({ root, path }: Ground, { ports, units }: Listeners): string {
  return String.raw`#!/bin/sh
# By Steward: reads this guest's sensors, its event logs among them, into a file for node_exporter (MO-12).
set -eu
umask 077
LC_ALL=C; export LC_ALL
PATH=${shellWord(path)}; export PATH
R=${shellWord(root)}
folder=$R${SENSOR_FOLDER}
now=$(date +%s)
read -r uptime _ < /proc/uptime; begun=${'$'}{uptime%%.*}

late() { read -r uptime _ < /proc/uptime; [ $(( ${'$'}{uptime%%.*} - begun )) -ge ${RUN_SECONDS} ]; }
limit() { if late; then return 124; fi; timeout -k 1 "$@"; }
has() { command -v "$1" > /dev/null; }

# tell SENSOR: what it says counts only where it came to its end.
tell() { if facts=$("read_$1"); then printf '%s\nU %s 1\n' "$facts" "$1"; else echo "U $1 0"; fi; }

# Whom and which keys Steward has noted as its own.
read_notes() {
  find "$R${KEYS_FOLDER}" -maxdepth 1 -type f -printf 'O %f\n' 2> /dev/null | head -n 128
  find "$R${KEYS_FOLDER}" -maxdepth 1 -type f -exec head -q -c 8192 -- {} + 2> /dev/null | awk '/^SHA256:/ { print "N " $1 }'
}

# A service's account whose password is locked is none to log in with, whatever its shell: packages bring it (postgres). Its keys are told by themselves.
read_accounts() {
  [ -r "$R/etc/passwd" ] || return 1
  { head -c 262144 "$R/etc/shadow" 2> /dev/null | sed 's/^/=:/'; head -c 262144 "$R/etc/passwd"; } | awk -F: '
    $1 == "=" { locked[$2] = $3 ~ /^[!*]/; next }
    NF >= 7 && $3 ~ /^[0-9]+$/ {
      opens = $7 !~ /\/(nologin|false|sync|halt|shutdown)$/ && !($3 < 1000 && locked[$1])
      gsub(/[^A-Za-z0-9_.-]/, "?", $1)
      if ($1 != "" && !seen[$1]++ && n++ < 2000) print "A " $1 " " (($3 == 0 || opens) ? "login" : "system")
    }'
}

# With the account's own rights, and never for long, for its folders may be links to anywhere.
read_keys() {
  has ssh-keygen || return 1
  count=0
  while IFS=: read -r name _ uid gid _ home shell; do
    case "$shell" in */nologin|*/false|*/sync|*/halt|*/shutdown) continue;; esac
    case "$name:$uid:$gid" in *[!A-Za-z0-9_.:-]*|*:|*::*) continue;; esac
    count=$((count + 1)); [ "$count" -le 64 ] || break
    for file in authorized_keys authorized_keys2; do
      [ -f "$R$home/.ssh/$file" ] || continue
      text=$(limit 2 setpriv --reuid="$uid" --regid="$gid" --clear-groups -- head -c 65536 -- "$R$home/.ssh/$file" < /dev/null 2> /dev/null | tr -d '\000'; late && echo late || :)
      case "$text" in *late) return 1;; esac
      printf '%s\n' "$text" | limit 4 ssh-keygen -lf - 2> /dev/null | awk -v name="$name" '$2 ~ /^SHA256:[A-Za-z0-9+\/]+$/ && n++ < 256 { print "K " name " " $2 }'
    done
  done < "$R/etc/passwd"
}

read_sshd() {
  has sha256sum || return 1
  echo "S sshd_config_changed $(cat "$R"/etc/ssh/sshd_config "$R"/etc/ssh/sshd_config.d/*.conf "$R"/usr/etc/ssh/sshd_config "$R"/usr/etc/ssh/sshd_config.d/*.conf 2> /dev/null | sha256sum | cut -c 1-64)"
  echo "S host_key_changed $(cat "$R"/etc/ssh/ssh_host_* 2> /dev/null | sha256sum | cut -c 1-64)"
}

# Sockets that the units of the order hold, by their number: who they belong to is the kernel's word, and no name of a program's.
ordered_sockets() {
  for group in $(limit 4 systemctl show --value --property=ControlGroup -- ${units.map(shellWord).join(' ')} < /dev/null 2> /dev/null); do
    for each in "$R/sys/fs/cgroup$group/cgroup.procs" "$R/sys/fs/cgroup/systemd$group/cgroup.procs"; do
      if [ -r "$each" ]; then head -n 64 "$each"; fi
    done
  done | while read -r process; do
    limit 2 find "$R/proc/$process/fd" -maxdepth 1 -lname 'socket:*' -printf '%l ' 2> /dev/null < /dev/null || :
  done | head -c 65536
}

# TCP ports that are open to others and that nobody ordered, of the kernel's own table.
read_ports() {
  [ -r "$R/proc/net/tcp" ] || return 1
  open=$(open_ports)
  [ -n "$open" ] || return 0
  sockets=${units.length === 0 ? '' : '$(ordered_sockets)'}
  printf '%s\n' "$open" | awk -v ordered="$sockets" '!index(ordered, "socket:[" $2 "]") && !seen[$1]++ { print "P " $1 }' | sort -k 2n | head -n 64
}

open_ports() {
  cat "$R/proc/net/tcp" "$R/proc/net/tcp6" 2> /dev/null | awk -v ordered=' ${ports.join(' ')} ' '
    function number(hex,   i, n) { for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1; return n }
    $4 == "0A" && split($2, at, ":") == 2 {
      if (at[1] ~ /^......7F$/ || at[1] == "00000000000000000000000001000000" || at[1] ~ /^0000000000000000FFFF0000......7F$/) next
      port = number(at[2]); if (!index(ordered, " " port " ") && n++ < 500) print port, $10
    }'
}

# Certificates of services, at most 64, asked for anew after a quarter of an hour.
read_certificates() {
  if [ -n "$(find "$folder" -maxdepth 1 -name certificates -mmin -15)" ]; then cat "$folder/certificates"; return; fi
  files=$({
    for each in ${CERTIFICATE_FOLDERS}; do
      if [ -d "$R/etc/$each" ]; then limit 3 find "$R/etc/$each" -maxdepth 4 -type f -size -65k \( -name '*.pem' -o -name '*.crt' -o -name '*.cer' \) ! -name 'ca-*' ! -name '*bundle*'; fi
    done
    if [ -d "$R/etc/letsencrypt/live" ]; then limit 3 find "$R/etc/letsencrypt/live" -maxdepth 2 -name cert.pem; fi
  } < /dev/null 2> /dev/null | awk '/^[A-Za-z0-9._@+\/-]+$/ && length($0) <= 200' | sort -u | head -n 64)
  if [ -n "$files" ]; then has openssl || return 1; fi
  for each in $files; do
    end=$(limit 2 openssl x509 -noout -enddate -in "$each" < /dev/null 2> /dev/null) || continue
    end=$(date -d "${'$'}{end#notAfter=}" +%s 2> /dev/null) || continue
    echo "C $end ${'$'}{each#"$R"}"
  done > "$folder/certificates.new"
  mv -fT -- "$folder/certificates.new" "$folder/certificates"
  cat "$folder/certificates"
}

# Each time from the entry on that was read last, which is known again and not counted: --after-cursor of older versions leaves one out that is another.
read_journal() {
  has journalctl || return 0
  limit 4 journalctl -q --no-pager -n 1 -o json --output-fields=_BOOT_ID < /dev/null 2> /dev/null | sed 's/^{/T{/'
  cursor=$(sed -n 's/^cursor //p' "$folder/state")
  if [ -z "$cursor" ]; then return 0; fi
  { status=0; limit 8 journalctl -q --no-pager -o json --output-fields=${FIELDS} --cursor="$cursor" ${MATCHES} || status=$?; echo "Z entries $status"; } < /dev/null 2> /dev/null | head -n ${MOST_ENTRIES}
  cursor=$(sed -n 's/^errors //p' "$folder/state")
  if [ -z "$cursor" ]; then return 0; fi
  limit 5 journalctl -q --no-pager -o json --output-fields=_SYSTEMD_UNIT,_UID --cursor="$cursor" -p 3 < /dev/null 2> /dev/null | head -n ${MOST_ERRORS} | sed 's/^{/E{/'
}

mkdir -p -- "$folder"
# One that is not whole is none.
if [ "$(tail -n 1 "$folder/state" 2> /dev/null)" != end ]; then : > "$folder/state"; fi
touch "$folder/excerpt"
metrics=$(mktemp "$R${TEXTFILE_FOLDER}/.steward.XXXXXX")
trap 'rm -f "$metrics" "$folder"/*.new' EXIT
{
  echo "B $(tr -d - < "$R/proc/sys/kernel/random/boot_id")"
  read_notes
  tell accounts
  tell keys
  tell sshd
  tell ports
  read_journal
  tell certificates
} | awk -v now="$now" -v state="$folder/state.new" -v excerpt="$folder/excerpt.new" -v prom="$metrics" '${EVENT_AWK}' \
  from=state "$folder/state" from=excerpt "$folder/excerpt" from=facts -
if [ "$(tail -n 1 "$folder/state.new")" != end ]; then echo "there was no room for what was counted" >&2; exit 1; fi
sync -- "$folder/state.new"
mv -fT -- "$folder/state.new" "$folder/state"
if [ -e "$folder/excerpt.new" ]; then mv -fT -- "$folder/excerpt.new" "$folder/excerpt"; fi
chmod 0644 "$metrics"
mv -fT -- "$metrics" "$R${SENSOR_METRICS}"
`;
}
