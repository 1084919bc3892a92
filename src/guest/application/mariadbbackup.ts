/**
 * Dumps of MariaDB by its own mariadb-dump, and their proof in a second server. No snapshot is shared between its sessions: while commits wait for a
 * moment, the dump and what counts begin, so that both see the same instant.
 */
import { ASK_MARIADB } from './mariadb.ts';
import { sqlFunction } from './sqlwords.ts';

/** As in SQL: a name as a name, and a text as base64 without line ends. */
const named = (name: string): string => `concat('\`', replace(${name}, '\`', '\`\`'), '\`')`;
const encoded = (text: string): string => `replace(to_base64(${text}), char(10), '')`;

const TABLES =
  "from information_schema.tables t where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')";

/** Statements that hold each table until the transaction ends: nobody puts a view of his own in its place meanwhile. */
const HOLDS = `select concat('select 1 from ', ${named('table_name')}, ' limit 0;') ${TABLES};`;

/**
 * A statement for each table that says its rows, and the sum of a hash of each, whatever their order. Of a table without transactions nobody can say
 * what it was at an instant: only that it is there is compared.
 */
const COUNTS = `select if(engine = 'InnoDB',
    concat('select ''table'', ''', ${encoded('table_schema')}, ''', ''', ${encoded('table_name')}, ''', count(*), coalesce(sum(cast(conv(left(md5(concat_ws(''|'', ',
      (select group_concat(concat('ifnull(md5(', ${named('column_name')}, '), ''N'')') order by column_name separator ', ') from information_schema.columns c
        where c.table_schema = t.table_schema and c.table_name = t.table_name and coalesce(generation_expression, '') not in ('ROW START', 'ROW END')),
      ')), 15), 16, 10) as decimal(20))), 0) from ', ${named('table_name')}, ';'),
    concat('select ''table'', ''', ${encoded('table_schema')}, ''', ''', ${encoded('table_name')}, ''', ''-'', ''-'';'))
  ${TABLES};`;

const OBJECTS = `select 'objects', kind, count(*) from (
    select case table_type when 'VIEW' then 'views' else 'sequences' end as kind from information_schema.tables where table_schema = database() and table_type in ('VIEW', 'SEQUENCE')
    union all select 'routines' from information_schema.routines where routine_schema = database()
    union all select 'triggers' from information_schema.triggers where trigger_schema = database()
    union all select 'events' from information_schema.events where event_schema = database()
    union all select 'keys' from information_schema.table_constraints where constraint_schema = database()
  ) each_one group by kind order by kind;
select 'counted';`;

/** Every session reads the same data as the same text. */
export const SESSION = `--batch --skip-column-names --default-character-set=utf8mb4 --max-allowed-packet=1G --init-command="set sql_log_off = 1, slow_query_log = 0, sql_mode = '', time_zone = '+00:00', max_statement_time = 0, lock_wait_timeout = 10, group_concat_max_len = 16777216"`;

export const STATEMENTS = [
  sqlFunction('sql_of_holds', HOLDS),
  sqlFunction('sql_of_counts', COUNTS),
  sqlFunction('sql_of_objects', OBJECTS),
].join('');

/** Tenths of a second for which commits wait at most. */
const HELD = 100;

export const DUMP_MARIADB = `${ASK_MARIADB}
${STATEMENTS}
ask() { printf '%s\\n' "$1" | ask_MariaDB '' 60 2> "$new/.errors" || fail "MariaDB does not answer: $(said_by "$new/.errors")"; }
as_root() { env -i PATH="$PATH" LC_ALL=C "$@" 9>&-; }
session() { as_root mariadb --no-defaults --protocol=socket --unbuffered ${SESSION} --database="$database" "$@"; }
dumping() { as_root mariadb-dump --no-defaults --protocol=socket --default-character-set=utf8mb4 --max-allowed-packet=1G "$@"; }
# complete FILE: its last line, for without it what ended with 0 has been cut off.
complete() { tail -n 1 -- "$1" | grep -q -e '^-- Dump completed'; }

prepare() {
  databases=$(ask "select ${encoded('schema_name')}, (select cast(coalesce(sum(data_length), 0) as signed) from information_schema.tables where table_schema = schema_name)
    from information_schema.schemata where schema_name not in ('information_schema', 'performance_schema', 'mysql', 'sys', 'steward') order by schema_name;") || exit 1
  printf '%s' "\${databases:+$databases
}" | tr '\\t' ' ' > "$new/.databases"
  # What is no text takes two characters for each byte.
  needed=$(awk '{ sum += $2 } END { printf "%d", sum * 2 }' "$new/.databases")
  server=$(ask 'select version();') || exit 1
}

dump_accounts() {
  dumping --system=users > "$new/accounts.sql" 2> "$new/.errors" || fail "the accounts: $(said_by "$new/.errors")"
  complete "$new/accounts.sql" || fail "the dump of the accounts did not come to its end"
}

# Commits and changes of tables wait until all that shall see this instant has begun, and no longer than ${HELD / 10} seconds.
hold() {
  printf '%s\\n' 'backup stage start;' 'backup stage flush;' 'backup stage block_ddl;' 'backup stage block_commit;' "select 'held';"
  for i in $(seq ${HELD}); do if [ -e "$new/.begun" ]; then echo "select 'let go';"; break; fi; sleep 0.1; done
  echo 'backup stage end;'
}

# soon FUNCTION: it succeeds before commits are let go.
soon() { for i in $(seq ${HELD}); do if "$1"; then return 0; fi; sleep 0.1; done; return 1; }
held() { grep -q -x held "$new/.hold"; }
# What the dump writes first, it writes after its snapshot; where it is short, all of it at its end.
both_begun() { grep -q -x begun "$new/.counted" && { grep -q -a -m 1 -e '^-- Current Database' "$dumping_to" || [ -e "$new/.written" ]; }; }

dump_database() {
  why="database $database"
  dumping_to=$1
  rm -f -- "$new/.begun" "$new/.written"
  : > "$new/.hold"; : > "$new/.counted"
  hold | session > "$new/.hold" 2> "$new/.errors-hold" & holding=$!
  soon held || fail "$why: commits could not be held for a moment: $(said_by "$new/.errors-hold")"
  ( ulimit -f $(($(free_of "$store") * 2)); dumping --single-transaction --quick --routines --events --triggers --hex-blob --databases -- "$database" > "$1" 2> "$new/.errors"; code=$?; : > "$new/.written"; exit "$code" ) & writing=$!
  sql_of_holds | session --raw > "$new/.sql-holds" 2> "$new/.errors-list" && sql_of_counts | session --raw > "$new/.sql-counts" 2> "$new/.errors-list" ||
    fail "$why: $(said_by "$new/.errors-list")"
  { echo 'set session transaction isolation level repeatable read; start transaction with consistent snapshot, read only;'; cat "$new/.sql-holds"; echo "select 'begun';"
    cat "$new/.sql-counts"; sql_of_objects; } | session > "$new/.counted" 2> "$new/.errors-count" & counting=$!
  soon both_begun && : > "$new/.begun"
  wait "$holding"
  wait "$writing" || fail "$why: $(said_by "$new/.errors")"
  grep -q -x 'let go' "$new/.hold" || fail "$why: the dump did not begin while commits were held"
  complete "$1" || fail "$why: its dump did not come to its end"
  wait "$counting" && grep -q -x counted "$new/.counted" || fail "$why: $(said_by "$new/.errors-count")"
  tr '\\t' ' ' < "$new/.counted" > "$new/.rows"
}
`;

export const PROVE_MARIADB = `
${STATEMENTS}
second() { prover mariadb --no-defaults --socket="$proof/socket" --user=root ${SESSION} "$@"; }
run() { what=$1; shift; "$@" > "$work/said" || fail "$what: $(said_by "$work/errors")"; }

restore() {
  for each in mariadbd mariadb-install-db; do command -v "$each" > /dev/null || fail "$each is not installed any more"; done
  run 'a second server' prover mariadb-install-db --no-defaults --datadir="$proof/data" --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve
  prover mariadbd --no-defaults --datadir="$proof/data" --socket="$proof/socket" --pid-file="$proof/pid" --log-error="$proof/log" --tmpdir="$proof" --skip-networking --event-scheduler=OFF \\
    --secure-file-priv="$proof" --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite --max-allowed-packet=1G > /dev/null < /dev/null &
  for i in $(seq 120); do if echo 'select 1;' | second > /dev/null; then break; fi; sleep 0.5; done
  echo 'select 1;' | second > /dev/null || fail "the second server does not start: $(said_by "$work/errors")"
  while read -r _ number name _; do
    run "database $(text_of "$name") cannot be restored" second < "$dump/db-$number.dump"
  done < "$work/databases"
}

count() {
  sql_of_counts | second --database="$database" --raw > "$work/sql" || return 1
  { cat "$work/sql"; sql_of_objects; } | second --database="$database" | tr '\\t' ' '
}
`;
