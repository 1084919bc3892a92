import { tell } from '../support/applicationscenario.ts';

const asRoot = (sql: string) => `mariadb -NBe '${sql}'`;

tell({
  ...{ product: 'mariadb', line: '11.8', version: /11\.8\./ },
  ...{ package: 'mariadb-server', data: '/var/lib/mysql/app' },
  parameters: { max_connections: 50 },
  shows: [
    [asRoot('select @@max_connections'), '50'],
    [asRoot('select @@require_secure_transport'), '1'],
  ],
  client: of =>
    `MYSQL_PWD=${of('password')} mariadb -h 127.0.0.1 -u ${of('username')} -NBe 'select 40 + 2' ${of('database')} 2>&1 || true`,
  served: '42',
  refused: /Access denied/,
  file: '/etc/mysql/mariadb.conf.d/90-steward.cnf',
  tampered: 'local_infile = on',
  change: { max_connections: 60 },
  atOnce: [],
  waits: [[asRoot('select @@max_connections'), '50']],
  inWindow: [[asRoot('select @@max_connections'), '60']],
  updated: {
    package: 'mariadb-server',
    broken: 'sed -i s,^ExecStart=.*,ExecStart=/bin/false, usr/lib/systemd/system/mariadb.service',
    writes: of =>
      `MYSQL_PWD=${of('password')} mariadb --connect-timeout=3 -h 127.0.0.1 -u ${of('username')} -e "create table if not exists written (id bigint primary key); insert into written values ($i)" ${of('database')}`,
    written: () => asRoot('select id from app.written'),
  },
  isDumped: true,
  unit: 'mariadb.service',
  stop: 'systemctl stop mariadb.service',
});
