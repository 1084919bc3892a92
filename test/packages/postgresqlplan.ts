import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';

export const UNIT = 'postgresql@17-main.service';
/** All of the file that Debian would write: without its second line the server reads no conf.d. */
const PRESEED = "initdb_options = '--data-checksums'\nadd_include_dir = 'conf.d'\n";
export const CONF = '/etc/postgresql/17/main/conf.d/90-steward.conf';

/** A plan as the operator renders it for PostgreSQL 17: its settings, the login of the binding, its database and a module. */
export function postgresqlPlan(
  verifier: string,
  change: { port?: number; workMem?: string; line?: '15' | '17' } = {},
): ApplicationPlan {
  const { port = 5432, workMem = '8MB', line = '17' } = change;
  const transaction = { type: 'sql', name: 'transaction', engine: 'PostgreSQL', transaction: true } as const;
  const probe = { ...transaction, timeoutSeconds: 5 };
  return {
    ...{ application: 'shop', uid: 'uid', present: true, versionOf: `postgresql-${line}` },
    steps: [
      {
        type: 'directory',
        name: 'preseed-folder',
        path: '/etc/postgresql-common',
        owner: 'root',
        group: 'root',
        mode: '0755',
      },
      {
        ...{ type: 'file', name: 'preseed', path: '/etc/postgresql-common/createcluster.conf' },
        ...{ owner: 'root', group: 'root', mode: '0644', content: PRESEED },
      },
      { type: 'package', name: 'packages', packages: [`postgresql-${line}`] },
      {
        ...{
          type: 'file',
          name: 'settings',
          path: CONF.replace('17', line),
          owner: 'root',
          group: 'postgres',
          mode: '0640',
        },
        content: `port = ${port}\nwork_mem = ${workMem}\nmax_connections = 20\n`,
        validate: ['grep', '-q', '^port = ', '{{ file }}'],
        change: { unit: UNIT.replace('17', line), how: 'Restart' },
      },
      { type: 'unit', name: 'server', unit: UNIT.replace('17', line) },
      {
        type: 'waitFor',
        name: 'answers',
        probe: { ...probe, name: 'answers', transaction: false },
        timeoutSeconds: 30,
      },
      { type: 'role', name: 'login', engine: 'PostgreSQL', role: 'shop', verifier },
      { type: 'database', name: 'database', engine: 'PostgreSQL', database: 'shop', owner: 'shop' },
      { type: 'extension', name: 'module', engine: 'PostgreSQL', database: 'shop', extension: 'pg_trgm' },
      {
        ...{ type: 'command', name: 'once', run: ['touch', '/var/lib/postgresql/once'], runAs: 'postgres' },
        unless: ['sh', '-c', 'if [ -e /var/lib/postgresql/once ]; then exit 100; else exit 101; fi'],
        ...{ timeoutSeconds: 60, safeToRepeat: false },
      },
      { type: 'firewallPort', name: 'port', port },
    ],
    probes: [probe, { type: 'tcp', name: 'port', port, timeoutSeconds: 5 }],
  };
}
