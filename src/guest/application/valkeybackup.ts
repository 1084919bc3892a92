/**
 * Dumps of Valkey by its own BGSAVE, and their proof in a second server. The dump has a checksum of its own, and a server that loads it says how many
 * keys it has; those that expire go by themselves meanwhile, so only the others are compared by number.
 */
import type { PlanProbe } from '../../domain/contract/applicationplan.ts';
import { path, valkeyUser } from './planwords.ts';

/** How a server of the plan is asked: as its probe does. Throws RangeError where there is none. */
export function loginOf(probes: readonly PlanProbe[]): string {
  const probe = probes.find(each => each.type === 'keyValue');
  if (probe?.type !== 'keyValue') throw new RangeError('a plan dumps a Valkey of which no probe says how it is asked');
  return `socket=${path(probe.socket)}\nusername=${valkeyUser(probe.username)}\npassword_file=${path(probe.passwordFile)}\n`;
}

/** Seconds for which a save that runs already is waited for, and then our own. */
const SAVES_WITHIN = 3600;

export const DUMP_VALKEY = `
ask() { REDISCLI_AUTH=$(cat -- "$password_file") limit 10 valkey-cli -s "$socket" --user "$username" "$@" < /dev/null 2> /dev/null | tr -d '\\r'; }
# info SECTION FIELD
info() { ask info "$1" | sed -n "s/^$2://p"; }
# setting NAME: what the server is set to.
setting() { ask config get "$1" | sed -n 2p; }
as_owner() { setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- env -i PATH="$PATH" LC_ALL=C "$@" 9>&-; }

prepare() {
  memory=$(info memory used_memory)
  folder=$(setting dir); file=$(setting dbfilename)
  # One whose last save failed answers no ping, and saves all the same.
  case "$memory" in ''|*[!0-9]*) fail "Valkey does not answer";; esac
  case "$folder/$file" in /*/*) ;; *) fail "Valkey does not say where it saves";; esac
  user=$(stat -c %U -- "$folder") && [ "$user" != root ] || fail "the folder of Valkey is root's"
  needed=$memory
  room "$folder" "$needed" "a dump"
  printf 'YWxs %s\\n' "$memory" > "$new/.databases"
  server=$memory
}

# Its answer says nothing, and a save is counted when it begins: what says how it ended is said once none runs any more.
saved() {
  before=$(info persistence rdb_saves)
  ask bgsave schedule > /dev/null
  for i in $(seq ${SAVES_WITHIN}); do
    status=$(ask info persistence | awk -F : -v before="$before" '
      { is[$1] = $2 }
      END { if (is["rdb_bgsave_in_progress"] == "0" && is["rdb_saves"] + 0 > before + 0) print is["rdb_last_bgsave_status"] }')
    if [ -n "$status" ]; then [ "$status" = ok ]; return; fi
    sleep 1
  done
  status='none within an hour'
  return 1
}

dump_database() {
  saved || fail "Valkey could not save: rdb_last_bgsave_status is $status"
  as_owner valkey-check-rdb "$folder/$file" > "$new/.check" 2>&1 && grep -q -F 'RDB looks OK' "$new/.check" || fail "what Valkey saved is broken: $(tail -n 1 -- "$new/.check" | head -c 160)"
  as_owner cat -- "$folder/$file" > "$1" || fail "what Valkey saved cannot be read"
  number() { sed -n -E "s/^\\[info\\] ([0-9]+) $1\\$/\\1/p" "$new/.check"; }
  keys=$(number 'keys read'); expires=$(number expires)
  case "$keys/$expires" in *[!0-9/]*|/*|*/) fail "valkey-check-rdb does not say how many keys there are";; esac
  printf 'table a2V5cw== cGVyc2lzdGVudA== %s -\\n' "$((keys - expires))" > "$new/.rows"
}
`;

/** `keys_in`: of the keyspace that a server tells on standard input, how many keys do not expire; nothing where it tells none. */
export const KEYS_VALKEY = `
keys_in() {
  awk -F '[=,]' '/^# Keyspace/ { told = 1 } /^db[0-9]+:keys=/ { keys += $2 - $4 } END { if (told) printf "table a2V5cw== cGVyc2lzdGVudA== %d -\\ncounted\\n", keys }'
}
`;

/** `configured NAME DEFAULT`: what the file of the server says of a setting, whether it runs or not. */
export const CONFIGURED_VALKEY = `
configured() {
  set -- "$1" "$2" "$(awk -v name="$1" 'tolower($1) == name { value = $2 } END { print value }' < /etc/valkey/valkey.conf)"
  printf %s "\${3:-$2}"
}
`;

export const PROVE_VALKEY = `${KEYS_VALKEY}${CONFIGURED_VALKEY}
second() { limit 60 valkey-cli -s "$proof/socket" "$@" < /dev/null 2> /dev/null | tr -d '\\r'; }

restore() {
  memory=$(manifest server | cut -d ' ' -f 2)
  free=$(awk '$1 == "MemAvailable:" { printf "%d", $2 * 1024 }' /proc/meminfo)
  case "$memory/$free" in *[!0-9/]*|/*|*/) fail "it is not known how much memory a proof takes, or is free";; esac
  if [ "$free" -lt "$memory" ]; then fail "a proof may need $(mebibytes "$memory") of memory and $(mebibytes "$free") are free, so that it was not begun"; fi
  prover sh -c 'cat > "$HOME/dump.rdb"' < "$dump/db-1.dump" || fail "the dump cannot be written for the second server"
  prover valkey-server --port 0 --unixsocket "$proof/socket" --dir "$proof" --dbfilename dump.rdb --save '' --appendonly no --databases "$(configured databases 16)" --logfile "$proof/log" > /dev/null < /dev/null &
  for i in $(seq 36000); do
    if [ "$(second ping)" = PONG ]; then return; fi
    if [ "$i" -gt 50 ] && [ ! -e "/proc/$!/exe" ]; then break; fi
    sleep 0.1
  done
  fail "the dump cannot be restored: $(prover tail -n 3 "$proof/log" | tr '\\n' ' ' | tail -c 160)"
}

count() { second info keyspace | keys_in; }
`;
