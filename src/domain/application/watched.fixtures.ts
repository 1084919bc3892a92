import type { ApplicationLevel } from '../../api/applicationlevel.ts';
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
  monitoring: {
    objectives: [
      { level: 'Basic', availability: '99' },
      { level: 'Advanced', availability: '99.5', responseTime: { percent: 95, milliseconds: 500 } },
      { level: 'Expert', availability: '99.9', responseTime: { percent: 95, milliseconds: 500 } },
    ],
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

/** An order of it, as rules look at it. */
export function watched(serviceLevel: ApplicationLevel = 'Expert', monitoring: object = MEASURED.monitoring): Watched {
  return watchedOf(application({ serviceLevel }), product({ ...MEASURED, monitoring }).spec);
}
