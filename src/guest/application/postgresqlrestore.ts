/**
 * How the data of PostgreSQL are restored from a dump: into a new data folder in the place of the old one, which is kept as it is. Code of the
 * customer runs meanwhile (a check of a table, for each row): so nothing that runs any is done by the administrator (AP-9; docs/adr/0190).
 */
import { COUNT_POSTGRESQL, OPTIONS, WRITING } from './postgresqlbackup.ts';

/** Has the rights of those whose tables they are, and no others. It is there while data are restored. */
const RESTORER = 'steward_restore';

/** The server while it is filled: the settings of the customer's, and nobody reaches it but over a socket in a folder of its own. */
const PRIVATE = [
  ...["listen_addresses=''", 'port=5432', "external_pid_file=''", 'ssl=off', 'archive_mode=off', 'autovacuum=off'],
  ...[
    'fsync=off',
    'full_page_writes=off',
    'max_prepared_transactions=0',
    'logging_collector=off',
    'log_statement=none',
  ],
  ...['log_min_duration_statement=-1', 'statement_timeout=0'],
]
  .map(each => `-c ${each}`)
  .join(' ');

export const RESTORE_POSTGRESQL = `
${COUNT_POSTGRESQL}
unit="postgresql@$line-main.service"
config="/etc/postgresql/$line/main/postgresql.conf"
bin="/usr/lib/postgresql/$line/bin"
database=template1
psql='psql -X -A -t -q -w -v ON_ERROR_STOP=1 -v VERBOSITY=terse'

# Where its data are, though the server does not run.
data_folder() {
  data=$(pg_conftool -s "$line" main show data_directory 2> /dev/null)
  case "$data" in /*/*) ;; *) fail "where its data are cannot be told";; esac
}

fits() {
  case "$(manifest server)" in "server $bin "*) ;; *) fail "the dump is of another version line, and line $line is installed";; esac
  [ -x "$bin/initdb" ] && [ -f "$config" ] || fail "the server of line $line is not installed"
}

# The server of the unit, and the private one of an attempt before.
stop_server() {
  systemctl stop "$unit"
  if [ -d "$kept" ]; then stop_private; fi
  ! pg_lsclusters -h 2> /dev/null < /dev/null | grep -q "^$line *main *[0-9]* *online"
}
start_server() {
  systemctl start "$unit" 9>&-
  pg_lsclusters -h 2> /dev/null < /dev/null | grep -q "^$line *main *[0-9]* *online"
}

# as_postgres [VARIABLE=VALUE…] COMMAND…
as_postgres() { as_account postgres PATH="$bin:$PATH" PGCLIENTENCODING=UTF8 PGHOST="$work/socket" PGPORT=5432 PGDATABASE="$database" "$@"; }
run() { what=$1; shift; as_postgres "$@" > "$work/said" || fail "$what: $(said_by "$work/errors")"; }
administrator() { what=$1; shift; run "$what" PGUSER=postgres PGOPTIONS="${WRITING}" "$@"; }
anybody() { what=$1; shift; run "$what" PGUSER=${RESTORER} PGOPTIONS="${WRITING}" "$@"; }

stop_private() { if [ -f "$data/postmaster.pid" ]; then as_postgres pg_ctl stop -D "$data" -m immediate -w -t 60 > /dev/null || :; fi; }

start_private() {
  install -d -m 0700 -o postgres -g postgres -- "$work/socket" && printf 'local all all trust\\n' > "$work/hba" && chmod 0644 "$work/hba" || fail "nothing can be written in /run"
  run 'the server does not start' pg_ctl start -D "$data" -w -s -t 120 -l "$work/socket/log" \\
    -o "-c config_file=$config -c hba_file=$work/hba -c unix_socket_directories=$work/socket ${PRIVATE}"
}

# As Debian makes one: settings lie elsewhere. The locale is that of the old one, as its settings say.
new_instance() {
  locale=$(pg_conftool -s "$line" main show lc_messages 2> /dev/null) || locale=
  if [ -z "$locale" ]; then locale=C; fi
  set -- initdb -D "$data" -U postgres -A trust -E UTF8 --locale="$locale" --no-sync --no-instructions
  if "$bin/pg_controldata" -D "$kept" 2> /dev/null | grep -q '^Data page checksum version: *[1-9]'; then set -- "$@" --data-checksums; fi
  install -d -m 0700 -o postgres -g postgres -- "$data" || fail "nothing can be written on its disk"
  run initdb "$@"
  rm -f -- "$data/postgresql.conf" "$data/pg_hba.conf" "$data/pg_ident.conf"
  if [ -f "$kept/postgresql.auto.conf" ]; then cp -p -- "$kept/postgresql.auto.conf" "$data/postgresql.auto.conf"; fi
}

restore() {
  new_instance
  start_private
  # It has the administrator already, who is not made a second time.
  grep -v -x 'CREATE ROLE postgres;' < "$dump/roles.sql" > "$work/roles" || fail 'the roles that were dumped cannot be read'
  administrator 'its roles' $psql < "$work/roles"
  administrator 'its roles' $psql << 'END_OF_SQL'
drop database postgres;
drop role if exists ${RESTORER};
create role ${RESTORER} login;
grant pg_write_all_data to ${RESTORER};
select format('grant %I to ${RESTORER}', rolname) from pg_roles where not rolsuper and rolname !~ '^pg_' and rolname <> '${RESTORER}' \\gexec
END_OF_SQL
  while read -r _ number name _; do
    database=template1
    name=$(text_of "$name")
    from="$dump/db-$number.dump"
    administrator "database $name cannot be restored" pg_restore --exit-on-error --create --no-tablespaces --section=pre-data -d template1 < "$from"
    database=$name
    restore_section data '^(BLOB|BLOBS|ACL|COMMENT|SECURITY)$' '^$'
    restore_section post-data '^$' '^postgres$'
  done < "$work/databases"
  database=template1
  administrator 'its roles' $psql -c 'drop role ${RESTORER}'
}

# restore_section SECTION KINDS OWNERS: entries of those kinds, which run nobody's code, and what is the administrator's own, by him; all others by who has no more rights than
# their owners. Names cannot look like another line of the list, for pg_restore writes none with an end of line.
restore_section() {
  as_postgres pg_restore --list --section="$1" < "$from" > "$work/list" || fail "database $name: its dump cannot be read: $(said_by "$work/errors")"
  grep -v '^;' "$work/list" | awk -v kinds="$2" -v owners="$3" -v mine="$work/mine" -v theirs="$work/theirs" '
    BEGIN { printf "" > mine; printf "" > theirs }
    { print > ($4 ~ kinds || $NF ~ owners ? mine : theirs) }'
  chmod 0644 "$work/mine" "$work/theirs"
  into="dbname='$(printf %s "$name" | sed "s/['\\\\\\\\]/\\\\\\\\&/g")'"
  set -- pg_restore --exit-on-error --no-tablespaces --section="$1" -d "$into"
  if [ -s "$work/mine" ]; then administrator "database $name cannot be restored" "$@" -L "$work/mine" < "$from"; fi
  if [ -s "$work/theirs" ]; then anybody "database $name cannot be restored" "$@" -L "$work/theirs" < "$from"; fi
}

count() { sql_of_count | as_postgres PGUSER=postgres PGOPTIONS="${OPTIONS}" $psql -F ' '; }

# It was filled without waiting for its disk.
finish() {
  run 'the server does not end' pg_ctl stop -D "$data" -m fast -w -t 300
  run 'the data cannot be written to their disk' initdb --sync-only -D "$data"
}
`;
