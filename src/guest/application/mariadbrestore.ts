/**
 * How the data of MariaDB are restored from a dump: into a new data folder in the place of the old one, which is kept as it is. A dump is statements, and
 * names in it are the customer's: so they are run by a login that has the rights of its databases and no others (AP-9; docs/adr/0190).
 */
import { ASK_MARIADB } from './mariadb.ts';
import { SESSION, STATEMENTS } from './mariadbbackup.ts';
import { sqlFunction } from './sqlwords.ts';

/** May say whose a routine, view, trigger or event is; it is there while data are restored. */
const RESTORER = 'steward_restore';

/** The server while it is filled: the settings of the customer's, and nobody reaches it but over a socket in a folder of its own. */
const PRIVATE = [
  ...['--skip-networking', '--event-scheduler=OFF', '--skip-log-bin', '--skip-slave-start', '--read-only=0'],
  ...['--general-log=0', '--slow-query-log=0', "--init-connect=''", '--max-allowed-packet=1G'],
  ...['--innodb-flush-log-at-trx-commit=0', '--skip-innodb-doublewrite'],
].join(' ');

/** What any login may set. */
const LOADING = `--batch --default-character-set=utf8mb4 --max-allowed-packet=1G --init-command="set max_statement_time = 0, lock_wait_timeout = 60"`;

/** To the database @name. In a grant `_` and `%` stand for others, unless there is a backslash before them. */
const GRANT = String.raw`set @pattern = replace(replace(replace(@name, '\\', '\\\\'), '_', '\\_'), '%', '\\%');
execute immediate concat('grant all privileges on ', char(96), replace(@pattern, char(96), concat(char(96), char(96))), char(96), '.* to ${RESTORER}@localhost');`;

/** Something of the customer's that would run by the rights of who has more than databases of the dump: no dump of ours makes one. */
const OVER = `select concat(kind, ' ', object, ' is of ', definer, ', who has rights over the server') from (
    select 'view' as kind, table_schema as folder, table_name as object, definer from information_schema.views
    union all select 'routine', routine_schema, routine_name, definer from information_schema.routines
    union all select 'trigger', trigger_schema, trigger_name, definer from information_schema.triggers
    union all select 'event', event_schema, event_name, definer from information_schema.events
  ) each_one
  where folder not in ('information_schema', 'performance_schema', 'mysql', 'sys')
    and exists (select 1 from mysql.global_priv g where definer = concat(g.user, '@', g.host) and (json_value(g.priv, '$.access') <> 0
      or exists (select 1 from mysql.db where user = g.user and host = g.host and db in ('mysql', 'sys'))
      or exists (select 1 from mysql.tables_priv where user = g.user and host = g.host and db in ('mysql', 'sys'))))
  limit 1;`;

export const RESTORE_MARIADB = `${ASK_MARIADB}
${STATEMENTS}${sqlFunction('sql_of_grant', GRANT)}${sqlFunction('sql_of_over', OVER)}
unit=mariadb.service
socket="$work/socket/server"

# Where its data are, though the server does not run.
data_folder() {
  as_mysql mariadbd --help --verbose > "$work/settings" < /dev/null || fail "its settings cannot be read: $(said_by "$work/errors")"
  data=$(setting datadir)
  data=\${data%/}
  case "$data" in /*/*) ;; *) fail "where its data are cannot be told";; esac
}
setting() { sed -n "s/^$1  *//p" "$work/settings" | head -n 1; }

fits() {
  case "$(manifest server)" in "server $line."*) ;; *) fail "the dump is of another version line, and line $line is installed";; esac
  case "$(mariadbd --version)" in *" Ver $line."*) ;; *) fail "the server of line $line is not installed";; esac
  for each in innodb-data-home-dir innodb-log-group-home-dir innodb-undo-directory aria-log-dir-path; do
    case "$(setting $each)" in ''|'('*|./|"$data"|"$data/") ;; *) fail "some of its data are elsewhere ($each)";; esac
  done
}

# The server of the unit, and the private one of an attempt before.
stop_server() {
  systemctl stop "$unit"
  end_private as_mysql "--socket=$socket" && ! systemctl is-active --quiet "$unit"
}
start_server() {
  systemctl start "$unit" 9>&-
  for i in $(seq 120); do
    if [ "$(echo 'select 1;' | ask_MariaDB '' 5 2> /dev/null)" = 1 ]; then return; fi
    sleep 0.5
  done
  return 1
}

# as_mysql COMMAND…: whom the server takes for its administrator.
as_mysql() { as_account mysql "$@"; }
# Before its error it says the statement, which may be data.
error_of() { grep -m 1 -a '^ERROR ' -- "$work/errors" | head -c 160; }
session() { as_mysql mariadb --no-defaults --protocol=socket --socket="$socket" --user=mysql ${SESSION} "$@"; }
administrator() { what=$1; shift; session "$@" > "$work/said" || fail "$what: $(error_of)"; }

start_private() {
  install -d -m 0700 -o mysql -g mysql -- "$work/socket" || fail "nothing can be written in /run"
  beside as_mysql mariadbd --datadir="$data" --socket="$socket" --pid-file="$work/socket/pid" --log-error="$work/socket/log.err" --secure-file-priv="$work/socket" \\
    ${PRIVATE}
  for i in $(seq 240); do
    if echo 'select 1;' | session > /dev/null; then return; fi
    sleep 0.5
  done
  fail "the server does not start: $(grep -F '[ERROR]' -- "$work/socket/log.err" | tail -n 1 | cut -d ']' -f 2- | head -c 160)"
}

# As Debian makes one. By what is beside the data it knows of which line they are.
new_instance() {
  install -d -m "$(stat -c %a -- "$kept")" -o mysql -g mysql -- "$data" || fail "nothing can be written on its disk"
  as_mysql mariadb-install-db --datadir="$data" --skip-test-db --skip-log-bin --skip-name-resolve --auth-root-authentication-method=socket --auth-root-socket-user=mysql > "$work/said" < /dev/null ||
    fail "mariadb-install-db: $(tail -n 1 -- "$work/said" | head -c 160)"
  for each in "$kept"/debian-*.flag "$kept/mariadb_upgrade_info"; do if [ -f "$each" ] && [ ! -L "$each" ]; then cp -p -- "$each" "$data/"; fi; done
}

restore() {
  new_instance
  start_private
  {
    echo "create user ${RESTORER}@localhost identified via mysql_native_password using password('$(head -c 32 /dev/urandom | sha256sum | cut -c 1-64 | tee "$work/password")');"
    echo "grant set user on *.* to ${RESTORER}@localhost;"
    while read -r _ _ name _; do
      echo "set @name = convert(from_base64('$name') using utf8mb4);"
      sql_of_grant
    done < "$work/databases"
  } | administrator 'a login that fills it'
  while read -r _ number name _; do
    load < "$dump/db-$number.dump" || fail "database $(text_of "$name") cannot be restored: $(error_of)"
  done < "$work/databases"
  # Those that a server has from the beginning it has already; their rights are those of the dump all the same.
  grep -v -E '^CREATE USER \`(mariadb.sys|root|mysql)\`@\`localhost\` ' < "$dump/accounts.sql" | administrator 'its accounts'
  echo "drop user ${RESTORER}@localhost;" | administrator 'its accounts'
  sql_of_over | administrator 'its accounts'
  if [ -s "$work/said" ]; then fail "$(head -c 200 -- "$work/said")"; fi
}

load() {
  as_mysql MYSQL_PWD="$(cat -- "$work/password")" \\
    mariadb --no-defaults --protocol=socket --socket="$socket" --user=${RESTORER} ${LOADING} > /dev/null
}

count() {
  sql_of_counts | session --database="$database" --raw > "$work/sql" || return 1
  { cat "$work/sql"; sql_of_objects; } | session --database="$database" | tr '\\t' ' '
}

# It was filled without waiting for its disk.
finish() {
  echo 'shutdown;' | administrator 'the server does not end'
  gone_private "--socket=$socket" 600 || fail "the server does not end"
  sync -f -- "$data" || fail "the data cannot be written to their disk"
}
`;
