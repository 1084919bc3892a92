import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { Blackbox } from './asked.ts';
import { application, product } from './product.fixtures.ts';
import { type Watched, watchedOf } from './watched.ts';

/** A Product that is measured in every way there is. */
export const MEASURED = {
  levels: ['Basic', 'Advanced', 'Expert'],
  steps: [
    { name: 'packages', package: { names: ['postgresql-{{ line }}'] } },
    { name: 'exporter-port', firewallPort: { port: 9187 } },
  ],
  probes: [
    { name: 'transaction', sql: { engine: 'PostgreSQL' } },
    { name: 'listens', tcp: { port: 5432 } },
  ],
  interface: { port: 5432, type: 'postgresql' },
  monitoring: {
    objectives: [
      { level: 'Basic', availability: '99' },
      { level: 'Advanced', availability: '99.5', responseTime: { percent: 95, milliseconds: 500 } },
      { level: 'Expert', availability: '99.9', responseTime: { percent: 95, milliseconds: 500 } },
    ],
    outside: { protocol: 'TCP' },
    exporter: {
      port: 9187,
      prefixes: ['pg_'],
      metrics: [
        'pg_scrape_collector_success',
        'pg_stat_activity_count',
        'pg_settings_max_connections',
        'pg_rolled_back',
      ],
    },
    indicators: [
      {
        name: 'connections',
        value: [{ metric: 'pg_stat_activity_count' }],
        dividedBy: [{ metric: 'pg_settings_max_connections', series: 'Greatest' }],
        ...{ above: '0.8', says: 'Soon nobody can connect.' },
      },
      {
        name: 'rollbacks',
        value: [{ metric: 'pg_rolled_back', rateSeconds: 300, where: [{ label: 'datname', value: 'app' }] }],
        ...{ above: '1', severity: 'Critical', says: 'Transactions are rolled back.' },
      },
    ],
  },
} as const;

/** Who asks from outside of guests. */
export const BLACKBOX = {
  address: 'blackbox.monitoring:9115',
  modules: { TCP: 'tcp_connect', HTTP: 'http_2xx' },
} as const;

/** An order of it, as rules look at it. */
export function watched(
  serviceLevel: ApplicationLevel = 'Expert',
  monitoring: object = MEASURED.monitoring,
  blackbox?: Blackbox,
): Watched {
  return watchedOf(application({ serviceLevel }), product({ ...MEASURED, monitoring }).spec, blackbox);
}
