/**
 * How the data of Valkey are restored from a dump: into a new data folder in the place of the old one, which is kept as it is. A server that keeps an
 * append-only file reads that and no dump: where there is one beside the dump it serves the data of before, and where there is none it serves nothing,
 * without a word (Redis issue 12762). So a server of our own reads the dump and writes such a file, and the keys are counted in the one that serves.
 */
import { CONFIGURED_VALKEY, KEYS_VALKEY } from './valkeybackup.ts';

/** Seconds within which data are read from disk, or written as an append-only file. */
const READS_WITHIN = 3600;

/** After `socket`, `username` and `password_file`: how the server that serves is asked. */
export const RESTORE_VALKEY = `${KEYS_VALKEY}${CONFIGURED_VALKEY}
unit=valkey-server.service
own="$work/socket/server"

data_folder() {
  data=$(configured dir '')
  data=\${data%/}
  case "$data" in /*/*) ;; *) fail "where its data are cannot be told";; esac
  file=$(configured dbfilename dump.rdb); folder=$(configured appenddirname appendonlydir); log=$(configured appendfilename appendonly.aof)
  case "$file/$folder/$log" in */*/*/*|*'"'*) fail "how its files are called cannot be told";; esac
}

fits() { command -v valkey-server > /dev/null && id -u valkey > /dev/null 2>&1 || fail "the server is not installed"; }

# The server of the unit, and the private one of an attempt before.
stop_server() {
  systemctl stop "$unit"
  end_private as_valkey "$own" && ! systemctl is-active --quiet "$unit"
}
start_server() { systemctl start "$unit" 9>&- && systemctl is-active --quiet "$unit"; }

as_valkey() { as_account valkey "$@"; }
ask_own() { limit 10 valkey-cli -s "$own" "$@" < /dev/null 2> /dev/null | tr -d '\\r'; }
ask_server() { REDISCLI_AUTH=$(cat -- "$password_file") limit 10 valkey-cli -s "$socket" --user "$username" "$@" < /dev/null 2> /dev/null | tr -d '\\r'; }

# has_read ASK: it has all that is on its disk.
has_read() {
  for i in $(seq $((${READS_WITHIN} * 10))); do
    case "$("$1" info persistence)" in *loading:0*) return;; esac
    if [ "$i" -gt 50 ] && [ "$1" = ask_own ] && [ -z "$(private_ones "$own")" ]; then return 1; fi
    if [ "$i" -gt 600 ] && ! systemctl is-active --quiet "$unit" && [ "$1" = ask_server ]; then return 1; fi
    sleep 0.1
  done
  return 1
}

restore() {
  install -d -m "$(stat -c %a -- "$kept")" -o valkey -g valkey -- "$data" || fail "nothing can be written on its disk"
  install -d -m 0700 -o valkey -g valkey -- "$work/socket" || fail "nothing can be written in /run"
  as_valkey sh -c 'cat > "$0"' "$data/$file" < "$dump/db-1.dump" || fail "the dump cannot be written to the disk of the data"
  beside as_valkey valkey-server --port 0 --unixsocket "$own" --dir "$data" --dbfilename "$file" --appenddirname "$folder" --appendfilename "$log" --save '' --appendonly no \\
    --databases "$(configured databases 16)" --set-proc-title no --logfile "$work/socket/log"
  has_read ask_own || fail "the dump cannot be restored: $(tail -n 3 -- "$work/socket/log" | tr '\\n' ' ' | tail -c 160)"
  asks=ask_own
}

count() { "$asks" info keyspace | keys_in; }

finish() {
  if [ "$(configured appendonly no)" = yes ]; then write_log; fi
  ask_own shutdown nosave > /dev/null
  gone_private "$own" 600 || fail "the server does not end"
  sync -f -- "$data" || fail "the data cannot be written to their disk"
}

write_log() {
  ask_own config set appendonly yes > /dev/null
  for i in $(seq ${READS_WITHIN}); do
    case "$(ask_own info persistence)" in
      *aof_rewrite_in_progress:1*|*aof_rewrite_scheduled:1*) sleep 1;;
      *aof_enabled:1*aof_last_bgrewrite_status:ok*) break;;
      *) fail "the append-only file could not be written";;
    esac
  done
  [ -s "$data/$folder/$log.manifest" ] || fail "the append-only file could not be written"
}

served() {
  has_read ask_server || fail "the server does not answer with the restored data"
  asks=ask_server
  compare
}
`;
