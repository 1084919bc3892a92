import { describe, expect, test } from 'vitest';
import { application, product } from '../application/product.fixtures.ts';
import { BLACKBOX, MEASURED } from '../application/watched.fixtures.ts';
import { renderOutside } from './applicationoutside.ts';

const rendered = (monitoring: object = MEASURED.monitoring, more: object = {}) =>
  renderOutside(application(), product({ ...MEASURED, monitoring, ...more }).spec, BLACKBOX, { release: 'kps' });
const spec = (monitoring?: object) => (rendered(monitoring)[0] as { spec?: Record<string, unknown> } | undefined)?.spec;

describe('an application is asked from outside of its guest (AP-11)', () => {
  test('through its Service, as its customers reach it', () => {
    expect(rendered()[0]?.metadata).toEqual({
      name: 'shop-orders-outside',
      namespace: 'acme',
      labels: { release: 'kps' },
    });
    expect(spec()).toMatchObject({
      ...{ prober: { url: 'blackbox.monitoring:9115' }, module: 'tcp_connect', interval: '30s', scrapeTimeout: '10s' },
      targets: { staticConfig: { static: ['shop-orders.acme.svc:5432'] } },
    });
    expect(spec({ outside: { protocol: 'HTTP', path: '/.steward' } })).toMatchObject({
      module: 'http_2xx',
      targets: { staticConfig: { static: ['http://shop-orders.acme.svc:5432/.steward'] } },
    });
    expect(spec({ outside: { protocol: 'TCP', module: 'steward_valkey' } })).toMatchObject({
      module: 'steward_valkey',
    });
    expect(spec({ outside: { protocol: 'HTTP' } })).toMatchObject({
      targets: { staticConfig: { static: ['http://shop-orders.acme.svc:5432/'] } },
    });
  });

  test('and its target has none of the labels by which the exporter and the guest are known', () => {
    expect(spec()?.targets).toEqual({ staticConfig: { static: ['shop-orders.acme.svc:5432'] } });
    expect(spec()?.metricRelabelings).toEqual([
      { action: 'keep', sourceLabels: ['__name__'], regex: 'probe_success|probe_duration_seconds' },
      { action: 'replace', targetLabel: 'namespace', replacement: 'acme' },
      { action: 'replace', targetLabel: 'managed_vm', replacement: 'shop-db' },
      { action: 'replace', targetLabel: 'application', replacement: 'shop-orders' },
      { action: 'replace', targetLabel: 'service_level', replacement: 'Expert' },
    ]);
  });

  test('and not where the Product does not say how, has no interface, or the provider has no blackbox exporter', () => {
    const { outside: _, ...silent } = MEASURED.monitoring;
    expect(rendered(silent)).toEqual([]);
    expect(rendered(MEASURED.monitoring, { interface: undefined })).toEqual([]);
    expect(renderOutside(application(), product(MEASURED).spec, undefined, {})).toEqual([]);
  });
});
