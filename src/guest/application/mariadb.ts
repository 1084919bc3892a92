/** What there is to be inside of MariaDB. It is asked over its local socket as root, whom it knows by the socket, so that no password is needed. */
import { shellWord } from '../shellword.ts';
import { mariadbName, mariadbVerifier, type Scripts, type StepOf } from './planwords.ts';
import { thereIn } from './sqlengines.ts';

const thereBy = thereIn('MariaDB');

/** The login of a binding: its rights are those of its databases, and none is over the server. */
export function userThere({ role, verifier }: StepOf<'role'>): Scripts {
  const [user, password] = [mariadbName(role), mariadbVerifier(verifier)];
  return thereBy({
    database: 'mysql',
    check: `select coalesce((select case
      when not json_value(priv, '$.authentication_string') <=> '${password}' then 'its password is another'
      when json_value(priv, '$.account_locked') in ('1', 'true') then 'it may not log in'
      when json_value(priv, '$.access') <> 0 then 'it has rights that nobody ordered'
      else 'so' end from global_priv where user = '${user}' and host = '%'), 'there is no such user');`,
    apply: `create user if not exists '${user}'@'%' identified by password '${password}';
      alter user '${user}'@'%' identified by password '${password}' account unlock;
      revoke all privileges on *.* from '${user}'@'%';
      revoke grant option on *.* from '${user}'@'%';`,
  });
}

export function schemaThere({ database, owner }: StepOf<'database'>): Scripts {
  const [schema, user] = [mariadbName(database), mariadbName(owner)];
  if (OWN.includes(schema)) throw new RangeError(`the database ${schema} is nobody's to order`);
  // In a grant an underscore stands for any character.
  const pattern = schema.replaceAll('_', '\\_');
  return thereBy({
    database: 'mysql',
    check: `select case
      when not exists (select 1 from information_schema.schemata where schema_name = '${schema}') then 'there is no such database'
      when not exists (select 1 from db where replace(db, '\\\\', '') = '${schema}' and user = '${user}' and host = '%' and select_priv = 'Y' and create_priv = 'Y' and drop_priv = 'Y') then 'its owner has not all rights'
      else 'so' end;`,
    apply: `create database if not exists \`${schema}\` character set utf8mb4;
      grant all privileges on \`${pattern}\`.* to '${user}'@'%';`,
  });
}

const PROBE_DATABASE = 'steward';
const OWN = [PROBE_DATABASE, 'mysql', 'sys', 'information_schema', 'performance_schema'];

export const probeSchemaThere: Scripts = thereBy({
  database: 'mysql',
  check: `select if(exists (select 1 from information_schema.tables where table_schema = '${PROBE_DATABASE}' and table_name = 'probe' and engine = 'InnoDB'), 'so', 'there is no table for the probe');`,
  apply: `create database if not exists ${PROBE_DATABASE};
    create table if not exists ${PROBE_DATABASE}.probe (token bigint not null) engine = InnoDB;`,
});

/** As PostgreSQL's: through a new file and a commit. Root writes where others may not, and has a connection of its own: both are asked besides. */
const TRANSACTION = `truncate table steward.probe;
insert into steward.probe values (%s);
commit;
select if(not @@global.read_only and (select variable_value from information_schema.global_status where variable_name = 'threads_connected') <= @@max_connections, 'so', '')
  from steward.probe where token = %s;
delete from steward.probe;
commit;`;

/** A command that succeeds where the server does what it is for within that time. */
export function mariadbProbe(transaction: boolean, withinSeconds: string): string {
  const sql = transaction ? `${TRANSACTION}\n` : "select 'so';\n";
  return `token=$(date +%s%N)
  answer=$(printf ${shellWord(sql)} ${transaction ? '"$token" "$token" ' : ''}| ask_MariaDB '' ${withinSeconds})
  [ "$answer" = so ]`;
}

/** For all: `ask_MariaDB DATABASE SECONDS`. Statements stand in no argument, and in none of the logs that a session may leave. */
export const ASK_MARIADB = `
ask_MariaDB() {
  limit "$2" env -i PATH="$PATH" LC_ALL=C mariadb --no-defaults --protocol=socket --batch --skip-column-names --default-character-set=utf8mb4 \\
    --init-command="set sql_log_off = 1, slow_query_log = 0, autocommit = 1, sql_mode = default, max_statement_time = $2, lock_wait_timeout = $2" "\${1:-mysql}"
}
`;
