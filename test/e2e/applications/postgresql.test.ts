import { tell } from '../support/applicationscenario.ts';
import { askedFromPod } from '../support/podclient.ts';

const asPostgres = (sql: string) => `runuser -u postgres -- psql -XAtc '${sql}' app`;

tell({
  ...{ product: 'postgresql', line: '17', version: /^17\.\d+-/ },
  ...{ package: 'postgresql-17', data: '/var/lib/postgresql/17/main/PG_VERSION' },
  parameters: { max_connections: 50 },
  modules: ['pg_trgm'],
  shows: [
    [asPostgres('show max_connections'), '50'],
    [asPostgres('show data_checksums'), 'on'],
  ],
  client: of =>
    `psql -XAtc 'select 40 + 2' 'host=127.0.0.1 sslmode=require user=${of('username')} dbname=${of('database')} password=${of('password')}' 2>&1 || true`,
  served: '42',
  refused: /password authentication failed/,
  file: '/etc/postgresql/17/main/conf.d/91-steward.conf',
  tampered: 'work_mem = 1GB',
  change: { max_connections: 60, work_mem: '8Mi' },
  atOnce: [[asPostgres('show work_mem'), '8MB']],
  waits: [[asPostgres('show max_connections'), '50']],
  inWindow: [[asPostgres('show max_connections'), '60']],
  added: {
    modules: ['citext'],
    shows: [[asPostgres('select count(*) from pg_extension where extname = $$citext$$'), '1']],
  },
  fromPod: askedFromPod,
  updated: {
    ...{ package: 'postgresql-17', broken: 'printf "#!/bin/sh\\nexit 1\\n" > usr/lib/postgresql/17/bin/postgres' },
    writes: of =>
      `psql -XAtqc "create table if not exists written (id bigint primary key); insert into written values ($i)" 'host=127.0.0.1 sslmode=require connect_timeout=3 user=${of('username')} dbname=${of('database')} password=${of('password')}'`,
    written: () => asPostgres('select id from written'),
  },
  isDumped: true,
  unit: 'postgresql@17-main.service',
  stop: 'runuser -u postgres -- pg_ctlcluster 17 main stop -m fast --skip-systemctl-redirect',
  lie: ['systemctl is-active postgresql.service', 'active'],
});
