/** What there is to be inside of PostgreSQL. It is asked over its local socket as its own administrator, so that no password is needed. */
import { shellWord } from '../shellword.ts';
import type { Scripts, StepOf } from './planwords.ts';
import { thereIn } from './sqlengines.ts';
import { sqlName, sqlText } from './sqlwords.ts';

const thereBy = thereIn('PostgreSQL');

/** The login of a binding: it may log in, and has no right over the server, for from there a way leads to root (AP-9). */
export function roleThere({ role, verifier }: StepOf<'role'>): Scripts {
  if (role === 'postgres' || role.startsWith('pg_')) throw new RangeError(`the role ${role} is PostgreSQL's own`);
  const password = sqlText(verifier);
  return thereBy({
    database: 'postgres',
    check: `select coalesce((select case
      when rolpassword is distinct from ${password} then 'its password is another'
      when not rolcanlogin then 'it may not log in'
      when rolvaliduntil < pg_catalog.now() then 'its password has expired'
      when rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls then 'it has rights that nobody ordered'
      else 'so' end from pg_catalog.pg_authid where rolname = ${sqlText(role)}), 'there is no such role');`,
    apply: `begin;
      select pg_catalog.format('create role %I', ${sqlText(role)}) where not exists (select from pg_catalog.pg_authid where rolname = ${sqlText(role)}) \\gexec
      alter role ${sqlName(role)} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password ${password} valid until 'infinity';
      commit;`,
  });
}

export function databaseThere({ database, owner }: StepOf<'database'>): Scripts {
  if (OWN_DATABASES.includes(database)) throw new RangeError(`the database ${database} is nobody's to order`);
  return databaseOf(database, owner);
}

function databaseOf(database: string, owner: string): Scripts {
  return thereBy({
    database: 'postgres',
    check: `select coalesce((select case
      when pg_catalog.pg_get_userbyid(datdba) <> ${sqlText(owner)} then 'it belongs to another role'
      else 'so' end from pg_catalog.pg_database where datname = ${sqlText(database)}), 'there is no such database');`,
    apply: `select pg_catalog.format('create database %I owner %I template template0 encoding ''UTF8''', ${sqlText(database)}, ${sqlText(owner)})
        where not exists (select from pg_catalog.pg_database where datname = ${sqlText(database)}) \\gexec
      alter database ${sqlName(database)} owner to ${sqlName(owner)};`,
  });
}

/**
 * In the schema `public`, as by hand: without a path there is none in which one without a schema of its own could be. What has come with its packages
 * since is brought into the database too (AP-2); where no way leads there, as after packages were taken back, it stays.
 */
export function extensionThere({ database, extension }: StepOf<'extension'>): Scripts {
  const outdated = `pg_catalog.pg_extension e join pg_catalog.pg_available_extensions a on a.name = e.extname and a.default_version <> e.extversion
      where e.extname = ${sqlText(extension)} and exists (select from pg_catalog.pg_extension_update_paths(a.name) p
        where p.source = e.extversion and p.target = a.default_version and p.path is not null)`;
  return thereBy({
    database,
    check: `select coalesce((select 'version ' || extversion || ' is in use, and its packages have ' || default_version from ${outdated}),
      (select 'so' from pg_catalog.pg_extension where extname = ${sqlText(extension)}), 'there is no such extension');`,
    apply: `set search_path = public;
      create extension if not exists ${sqlName(extension)};
      select pg_catalog.format('alter extension %I update', e.extname) from ${outdated} \\gexec`,
  });
}

/** Database and table of the provider's, into which the probe writes: never the customer's data. */
const PROBE_DATABASE = 'steward';

const OWN_DATABASES = [PROBE_DATABASE, 'postgres', 'template0', 'template1'];

const probeDatabase = databaseOf(PROBE_DATABASE, 'postgres');
const probeTable = thereBy({
  database: PROBE_DATABASE,
  check: `select coalesce((select case
    when pg_catalog.pg_get_userbyid(relowner) <> 'postgres' then 'the table of the probe is not the provider''s'
    when exists (select from pg_catalog.aclexplode((select datacl from pg_catalog.pg_database where datname = '${PROBE_DATABASE}')) where grantee = 0) then 'anybody may enter the database of the probe'
    else 'so' end from pg_catalog.pg_class where oid = pg_catalog.to_regclass('steward.probe')), 'there is no table for the probe');`,
  apply: `revoke all on database ${PROBE_DATABASE} from public;
    create schema if not exists steward;
    create table if not exists steward.probe (token bigint not null);`,
});

export const probeTableThere: Scripts = {
  look: `${probeDatabase.look}\nif [ "$standing" = kept ]; then ${probeTable.look}; fi`,
  heal: `${probeDatabase.heal}\n${probeTable.heal}`,
};

/**
 * One row goes through the whole of it: into a file of the table's own (a truncated table begins a new one, so that a full disk is met), through a
 * commit, out again and away. The administrator has connections of his own, so whether one is left for anybody else is asked besides.
 */
const TRANSACTION = `begin;
truncate steward.probe;
insert into steward.probe values (%s);
commit;
select 'so' from steward.probe where token = %s and (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend')
  <= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - coalesce(current_setting('reserved_connections', true)::int, 0);
delete from steward.probe;`;

/** A command that succeeds where the server does what it is for within that time. */
export function postgresqlProbe(transaction: boolean, withinSeconds: string): string {
  const sql = transaction ? `${TRANSACTION}\n` : "select 'so';\n";
  return `token=$(date +%s%N)
  answer=$(printf ${shellWord(sql)} ${transaction ? '"$token" "$token" ' : ''}| ask_PostgreSQL ${probeDatabaseOf(transaction)} ${withinSeconds})
  [ "$answer" = so ]`;
}

const probeDatabaseOf = (transaction: boolean): string => (transaction ? PROBE_DATABASE : 'postgres');

/**
 * For all: `ask_PostgreSQL DATABASE SECONDS` runs the SQL of its standard input. A statement stands in no argument, and in no log of the server's,
 * for it may have a verifier: neither the failed, nor the slow, nor those that extensions note. Nothing is looked for but where PostgreSQL has it.
 */
export const ASK_POSTGRESQL = `
ask_PostgreSQL() {
  limit "$2" setpriv --reuid=postgres --regid=postgres --init-groups -- env -i PATH="$PATH" LC_ALL=C PGCLIENTENCODING=UTF8 PGDATABASE="\${1:-postgres}" \\
    PGOPTIONS="-c log_statement=none -c log_min_error_statement=panic -c log_min_duration_statement=-1 -c log_min_duration_sample=-1 -c log_transaction_sample_rate=0 -c pgaudit.log=none -c pg_stat_statements.track=none -c search_path=pg_catalog -c statement_timeout=$2s -c lock_timeout=$2s" \\
    psql -X -A -t -q -w -v ON_ERROR_STOP=1 -v VERBOSITY=terse
}
`;
