/**
 * Dumps of PostgreSQL by its own pg_dump, and their proof in a second server. What a dump holds is counted in the transaction whose snapshot it is
 * of, so that not a row may differ when it is restored.
 */
import { ASK_POSTGRESQL } from './postgresql.ts';
import { sqlFunction } from './sqlwords.ts';

/**
 * Seconds for which either session waits for a table. Who would empty or change one waits for the first, and the second for him: so the first lets
 * go soon, and both begin anew.
 */
const HELD_SECONDS = 2;
const ATTEMPTS = 3;

/** What a customer may have set on his database, and what would make the same data read otherwise, is as it must be here. */
const READABLY = [
  ...['role=none', 'search_path=pg_catalog', 'default_transaction_read_only=off', 'row_security=off', 'jit=off'],
  ...[
    'statement_timeout=0',
    `lock_timeout=${HELD_SECONDS}s`,
    'idle_in_transaction_session_timeout=0',
    'quote_all_identifiers=off',
    'standard_conforming_strings=on',
  ],
  ...['datestyle=ISO,YMD', 'intervalstyle=postgres', 'timezone=UTC', 'extra_float_digits=1', 'bytea_output=hex'],
  'lc_monetary=C',
];
const READING = [
  ...['log_statement=none', 'log_min_error_statement=panic', 'log_min_duration_statement=-1'],
  // A view in the place of a table, put there meanwhile, would run its owner's functions as the administrator (CVE-2024-7348).
  'restrict_nonsystem_relation_kind=view,foreign-table',
];

/** Words of PGOPTIONS. */
const words = (settings: readonly string[]): string => settings.map(each => `-c ${each}`).join(' ');
export const OPTIONS = words([...READABLY, ...READING]);
/** Of a session that restores: materialized views read others, and who is no administrator sets nothing of what is logged. */
export const WRITING = words(READABLY);

const encoded = (expression: string): string =>
  `replace(encode(convert_to(${expression}::text, getdatabaseencoding()), 'base64'), chr(10), '')`;

/** Of the schemas of people; what belongs to an extension comes with the extension, and is not dumped. */
const theirs = (catalog: string, oid: string): string => `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

const TABLES = `from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and c.relpersistence <> 't' and ${theirs('pg_class', 'c.oid')}`;

/**
 * A line for each table: its rows, and the sum of a hash of each, whatever their order. The columns go through their types' own output, as in a
 * dump, and through no cast, for a customer can make one of his own.
 */
const COUNT = `
select format('select %L, %L, %L, count(*), coalesce(sum(hashtextextended(format(%L, row(%s)), 0)), 0) from only %I.%I t', 'table', ${encoded('n.nspname')}, ${encoded('c.relname')}, '%s',
    (select string_agg(format('t.%I', attname), ', ' order by attname collate "C") from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated <> 'v'),
    n.nspname, c.relname)
  ${TABLES} \\gexec
select 'table', ${encoded("'pg_catalog'")}, ${encoded("'pg_largeobject'")}, (select count(*) from pg_largeobject_metadata),
  coalesce(sum(hashtextextended(format('%s %s %s', loid, pageno, rtrim(data, '\\x00'::bytea)), 0)), 0) from pg_largeobject where length(rtrim(data, '\\x00'::bytea)) > 0
  having exists (select from pg_largeobject_metadata);
select 'objects', kind, count(*) from (
  select case c.relkind when 'v' then 'views' when 'm' then 'materialized-views' when 'S' then 'sequences' when 'p' then 'partitioned-tables' else 'foreign-tables' end as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm', 'S', 'p', 'f') and ${theirs('pg_class', 'c.oid')}
  union all select 'functions' from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${theirs('pg_proc', 'p.oid')}
  union all select 'indexes' from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where i.indisvalid and ${theirs('pg_class', 'c.oid')}
  union all select 'triggers' from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and ${theirs('pg_class', 'c.oid')}
  union all select 'extensions' from pg_extension
) each group by kind order by kind;
select 'counted';
`;

/** Standard output has the lines, and file 3 the dump. A timeout of PostgreSQL 17 is no word of one before. */
const DUMP = `
select format('set %I = 0', name) from pg_settings where name = 'transaction_timeout' \\gexec
begin isolation level repeatable read read only;
select pg_export_snapshot() as snapshot \\gset
\\setenv SNAPSHOT :snapshot
select format('lock table only %I.%I in access share mode', n.nspname, c.relname) ${TABLES} \\gexec
\\! "$BIN/pg_dump" --format=custom --compress=1 --no-password --lock-wait-timeout=${HELD_SECONDS * 1000} --snapshot="$SNAPSHOT" >&3 || echo broken
${COUNT}
commit;
`;

/** The database of the probes is the provider's, is made anew, and would wait for a dump. */
const DATABASES = `select ${encoded('datname')}, pg_database_size(oid) from pg_database where datname not in ('template0', 'template1', 'steward') order by oid;`;

export const DUMP_POSTGRESQL = `${ASK_POSTGRESQL}
${sqlFunction('sql_of_dump', DUMP)}
ask() { printf '%s\\n' "$1" | ask_PostgreSQL postgres 60 2> "$new/.errors" || fail "PostgreSQL does not answer: $(said_by "$new/.errors")"; }

as_postgres() {
  setpriv --reuid=postgres --regid=postgres --init-groups -- env -i PATH="$PATH" LC_ALL=C PGCLIENTENCODING=UTF8 BIN="$bin" PGHOST="$host" PGPORT="$port" \\
    PGDATABASE="$database" PGOPTIONS="${OPTIONS}" "$@" 2> "$new/.errors" 9>&-
}

prepare() {
  bin=$(ask "select setting from pg_config where name = 'BINDIR';") || exit 1
  port=$(ask 'show port;') || exit 1
  host=$(ask "select split_part(current_setting('unix_socket_directories'), ',', 1);") || exit 1
  preload=$(ask "select ${encoded("current_setting('shared_preload_libraries')")};") || exit 1
  databases=$(ask "${DATABASES}") || exit 1
  printf '%s\\n' "$databases" | tr '|' ' ' > "$new/.databases"
  needed=$(awk '{ sum += $2 } END { printf "%d", sum }' "$new/.databases")
  server="$bin \${preload:--}"
}

dump_accounts() {
  database=postgres
  as_postgres "$bin/pg_dumpall" --roles-only --no-password > "$new/roles.sql" || fail "pg_dumpall: $(said_by "$new/.errors")"
  grep -q -e '^-- PostgreSQL database cluster dump complete' "$new/roles.sql" || fail "pg_dumpall did not come to its end"
}

# dump_once FILE: no file grows beyond what may be taken of the disk.
dump_once() {
  (
    ulimit -f $(($(free_of "$store") * 2))
    sql_of_dump | as_postgres "$bin/psql" -X -A -t -q -w -F ' ' -v ON_ERROR_STOP=1 -v VERBOSITY=terse 3> "$1" > "$new/.rows"
  ) && grep -q -x counted "$new/.rows" && ! grep -q -x broken "$new/.rows"
}

dump_database() {
  for attempt in $(seq ${ATTEMPTS}); do
    if dump_once "$1"; then break; fi
    grep -q -E 'due to (lock|statement) timeout' "$new/.errors" || fail "database $database: $(said_by "$new/.errors")"
    if [ "$attempt" = ${ATTEMPTS} ]; then fail "database $database: somebody empties or changes its tables, so that ${ATTEMPTS} times they could not be held for reading within ${HELD_SECONDS} seconds"; fi
  done
  "$bin/pg_restore" --list < "$1" > "$new/.list" 2> "$new/.errors" || fail "database $database: its dump cannot be read: $(said_by "$new/.errors")"
}
`;

/** Nothing of it is reached by anybody: no port, a socket in a folder of its own, and an account that has nothing else. */
const SERVER = [
  ...["listen_addresses = ''", 'port = 5432', 'max_connections = 10', 'shared_buffers = 32MB', 'autovacuum = off'],
  ...[
    'fsync = off',
    'full_page_writes = off',
    'synchronous_commit = off',
    'wal_level = minimal',
    'max_wal_senders = 0',
  ],
  ...['max_wal_size = 256MB', 'maintenance_work_mem = 64MB', 'max_parallel_maintenance_workers = 0'],
  'max_locks_per_transaction = 1024',
];

/** For whatever compares: what there is in a database, as it was counted when it was dumped. */
export const COUNT_POSTGRESQL = sqlFunction('sql_of_count', COUNT);

export const PROVE_POSTGRESQL = `
${COUNT_POSTGRESQL}
second() { prover PATH="$bin:$PATH" PGCLIENTENCODING=UTF8 PGHOST="$proof" PGPORT=5432 PGUSER=postgres PGDATABASE="$database" "$@"; }
run() { what=$1; shift; second PGOPTIONS="${WRITING}" "$@" > "$work/said" || fail "$what: $(said_by "$work/errors")"; }

restore() {
  database=template1
  bin=$(manifest server | cut -d ' ' -f 2)
  preload=$(manifest server | cut -d ' ' -f 3)
  case "$bin" in /*) ;; *) differs "the list of what was dumped names no server";; esac
  if [ ! -x "$bin/initdb" ]; then fail "$bin/initdb, by which it was dumped, is not installed any more"; fi
  run initdb initdb -D "$proof/data" -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions
  if [ "$preload" = - ]; then preload=; fi
  printf '%s\\n' "unix_socket_directories = '$proof'" "shared_preload_libraries = '$(text_of "$preload" | sed "s/'/''/g")'" ${SERVER.map(each => `"${each}"`).join(' ')} |
    run 'the second server' sh -c 'cat >> "$HOME/data/postgresql.conf"' || exit 1
  run 'the second server does not start' pg_ctl start -D "$proof/data" -w -s -t 120 -l "$proof/log"
  psql='psql -X -A -t -q -w -v ON_ERROR_STOP=1 -v VERBOSITY=terse'
  # It has the administrator of the first server, for what that one has granted nobody else could grant; and is not made a second time.
  grep -v -x 'CREATE ROLE postgres;' < "$dump/roles.sql" > "$work/roles" || fail 'the roles that were dumped cannot be read'
  run 'its roles' $psql < "$work/roles"
  run 'the second server' $psql -c 'drop database postgres'
  while read -r _ number name _; do
    run "database $(text_of "$name") cannot be restored" pg_restore --exit-on-error --create --no-tablespaces -d template1 < "$dump/db-$number.dump"
  done < "$work/databases"
}

count() { sql_of_count | second PGOPTIONS="${OPTIONS}" $psql -F ' '; }
`;
