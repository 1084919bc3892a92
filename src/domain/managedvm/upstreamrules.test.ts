/** What systems that the test bed only plays would refuse of our renderings, each rule with its source (docs/testbed.md). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { secondsOf } from '../../api/duration.ts';
import { renderDefaultRules } from '../monitoring/prometheusrules.ts';
import { renderScrape } from '../monitoring/scrape.ts';
import { anyInput } from './rendering.fixtures.ts';

type Relabeling = {
  readonly action: string;
  readonly targetLabel?: string;
  readonly replacement?: string;
  readonly regex?: string;
};
type Endpoint = {
  readonly interval?: string;
  readonly scrapeTimeout: string;
  readonly relabelings: readonly Relabeling[];
  readonly metricRelabelings: readonly Relabeling[];
};

/** Default of spec.scrapeInterval of a Prometheus (prometheus-operator, pkg/apis/monitoring/v1/prometheus_types.go). */
const DEFAULT_INTERVAL = '30s';
/** What a ConfigMap holds, less what its metadata takes (prometheus-operator, pkg/operator/rules.go, MaxConfigMapDataSize). */
const LARGEST_RULE = 512 * 1024;
/** Stricter than prometheus-operator, which also takes references to groups (pkg/prometheus/resource_selector.go). */
const TARGET_LABEL = /^[a-zA-Z_]\w*$/;

const endpoints = fc.sample(anyInput, { seed: 20261128, numRuns: 200 }).flatMap(input =>
  renderScrape({ ...input, monitoringLabels: {} })
    .filter(({ kind }) => kind === 'ServiceMonitor')
    .flatMap(({ spec }) => (spec as { endpoints: Endpoint[] }).endpoints),
);

describe('prometheus-operator takes every ServiceMonitor (MO-5)', () => {
  it('whose timeout is no longer than the interval (checkServiceMonitor, validateScrapeIntervalAndTimeout)', () => {
    expect(endpoints.length).toBeGreaterThan(50);
    for (const { interval = DEFAULT_INTERVAL, scrapeTimeout } of endpoints)
      expect(secondsOf(scrapeTimeout)).toBeLessThanOrEqual(secondsOf(interval));
  });

  it('whose relabelings are well formed (LabelConfigValidator)', () => {
    for (const { action, targetLabel, replacement, regex } of endpoints.flatMap(each => [
      ...each.relabelings,
      ...each.metricRelabelings,
    ])) {
      if (['replace', 'lowercase'].includes(action)) expect(targetLabel).toMatch(TARGET_LABEL);
      if (action === 'lowercase') expect(replacement).toBeUndefined();
      if (regex !== undefined) expect(() => new RegExp(`^(?:${regex})$`)).not.toThrow();
    }
  });
});

describe('prometheus-operator takes every PrometheusRule (MO-12)', () => {
  it('that is no larger than a ConfigMap (ValidateRule)', () => {
    const rules = renderDefaultRules('n'.repeat(63), {
      monitoringLabels: {},
      runbookBaseURL: `https://${'r'.repeat(200)}.example/`,
    });
    expect(Buffer.byteLength(stringify(rules.spec))).toBeLessThan(LARGEST_RULE);
  });
});
