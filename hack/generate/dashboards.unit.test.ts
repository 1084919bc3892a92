import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BACKUP_METRICS } from '../../src/domain/application/backupmetrics.ts';
import { CLOSED_METRIC, PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import { RECORDED } from '../../src/domain/application/recorded.ts';
import { queriesOf } from './dashboardqueries.ts';
import { generateDashboards } from './dashboards.ts';
import { shippedProducts } from './products.ts';

const OURS = [...[RECORDED, PROBE_METRICS, BACKUP_METRICS].flatMap(each => Object.values(each)), CLOSED_METRIC];
const dashboards = generateDashboards();

describe.each(shippedProducts())('the dashboard of $name', ({ name, spec }) => {
  const file = dashboards.get(`charts/steward/files/dashboards/product-${name}.json`) ?? '';
  const queries = queriesOf(file);

  it('AP-5: asks for nothing but what rules record, guests write and the exporter must have', () => {
    const known = new Set<string>([...OURS, ...(spec.monitoring?.exporter?.metrics ?? [])]);
    const asked = queries.flatMap(query =>
      [...query.matchAll(/([a-z_:][a-z0-9_:]*)\{/g)].map(([, metric = '']) => metric),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter(metric => !known.has(metric))).toEqual([]);
  });

  it('AP-5: looks at the application that is chosen and at no other', () => {
    const selectors = queries.flatMap(query => query.match(/\{[^}]*\}/g) ?? []);
    const chosen = '{namespace="$namespace",managed_vm="$managed_vm",application="$application"';
    expect(selectors.filter(selector => !selector.startsWith(chosen))).toEqual([]);
    const words = queries.flatMap(
      query => query.replaceAll(/"[^"]*"/g, '').match(/[a-z]\w*[_:][\w:]*(?![\w:{(=])/g) ?? [],
    );
    expect(words).toEqual([]);
  });

  it('AP-5: has a panel for each indicator, with its limit', () => {
    const titles = JSON.parse(file).panels.map(({ title }: { title: string }) => title);
    expect(titles).toEqual(expect.arrayContaining((spec.monitoring?.indicators ?? []).map(each => each.name)));
  });
});

const source = globSync('src/{controllers,runtime}/**/*.ts')
  .filter(file => !file.endsWith('.test.ts'))
  .map(file => readFileSync(file, 'utf8'))
  .join('');

describe.each(['fleet', 'managedvm', 'incidents'])('the dashboard %s', name => {
  const queries = queriesOf(dashboards.get(`charts/steward/files/dashboards/${name}.json`) ?? '');

  it('MO-5: asks for nothing of Steward that Steward does not tell', () => {
    const asked = new Set(queries.flatMap(query => query.match(/\bsteward_\w+/g) ?? []));
    expect(asked.size).toBeGreaterThan(3);
    // Those of backups are named in two parts.
    const told = (metric: string) => source.includes(`'${metric.replace('steward_backup_', '')}'`);
    expect([...asked].filter(metric => !told(metric))).toEqual([]);
  });

  it('MO-5: looks at the namespaces that are chosen and at no other', () => {
    const selectors = queries
      .flatMap(query => query.match(/\w+\{[^}]*\}/g) ?? [])
      .filter(each => !each.startsWith('leader_'));
    expect(selectors.length).toBeGreaterThan(10);
    expect(selectors.filter(selector => !/namespace=~?"\$namespace"/.test(selector))).toEqual([]);
  });
});
