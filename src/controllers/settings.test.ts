import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('readSettings', () => {
  it('has a default for everything, so that the operator starts with an empty environment', () => {
    expect(readSettings({}, 'host')).toMatchObject({
      namespace: 'steward-system',
      watchNamespaces: [],
      veleroNamespace: 'velero',
      sandboxNamespace: 'steward-drills',
      permitted: { storageLocations: ['default'], instanceTypes: ['u1.*'], metadataPrefixes: ['app.kubernetes.io'] },
      backupBounds: { minimumInterval: 900_000, maximumRetention: 315_360_000_000 },
      problemTerms: { incidents: 3, within: '720h', heldFor: '336h' },
      guestIntervalMs: 600_000,
      leaderElection: true,
      remediation: 'Active',
    });
  });

  it.each([
    ['a namespace list with blanks', { STEWARD_WATCH_NAMESPACES: ' a, b,' }, { watchNamespaces: ['a', 'b'] }],
    ['labels as JSON', { STEWARD_MONITORING_LABELS: '{"release":"kps"}' }, { monitoringLabels: { release: 'kps' } }],
    [
      'a runbook address without a slash',
      { STEWARD_RUNBOOK_BASE_URL: 'https://wiki.example/run' },
      { runbookBaseURL: 'https://wiki.example/run/' },
    ],
    [
      'the address of Prometheus without its last slash',
      { STEWARD_PROMETHEUS_URL: 'https://prometheus.example/k8s/', STEWARD_PROMETHEUS_INTERVAL: '1m30s' },
      { prometheus: { url: 'https://prometheus.example/k8s', intervalMs: 90_000, toleranceMs: 300_000 } },
    ],
    ['no routes of alerts as: none are rendered', {}, { alertRouting: undefined }],
    [
      'routes of alerts',
      { STEWARD_ALERT_ROUTING: '{"labels":{"a":"b"},"machine":{"url":"http://receive:9095/alerts","httpConfig":{}}}' },
      { alertRouting: { labels: { a: 'b' }, machine: { url: 'http://receive:9095/alerts' }, people: undefined } },
    ],
    ['no blackbox exporter as: nobody asks from outside', {}, { blackbox: undefined }],
    [
      'a blackbox exporter with its modules',
      { STEWARD_BLACKBOX_ADDRESS: 'blackbox.monitoring:9115', STEWARD_BLACKBOX_HTTP_MODULE: 'http_ok' },
      { blackbox: { address: 'blackbox.monitoring:9115', modules: { TCP: 'tcp_connect', HTTP: 'http_ok' } } },
    ],
    ['no address of Prometheus as: do not ask', { STEWARD_PROMETHEUS_URL: '' }, { prometheus: undefined }],
    [
      'empty lists as: nothing is permitted',
      { STEWARD_STORAGE_LOCATIONS: '', STEWARD_INSTANCE_TYPES: '', STEWARD_METADATA_PREFIXES: '' },
      { permitted: { storageLocations: [], instanceTypes: [], metadataPrefixes: [] } },
    ],
    ['the Pod name as identity', { POD_NAME: 'steward-0' }, { identity: 'steward-0' }],
  ])('reads %s', (_, environment, expected) => {
    expect(readSettings(environment, 'host')).toMatchObject(expected);
  });

  it.each([
    ['STEWARD_MONITORING_LABELS', 'release=kps'],
    ['STEWARD_LEADER_ELECTION', 'yes'],
    ['STEWARD_REMEDIATION', 'on'],
    ['STEWARD_ALERT_ROUTING', '{"labels":{}}'],
    ['STEWARD_ALERT_ROUTING', '{"machine":{"url":"receive:9095"}}'],
    ['STEWARD_METRICS_PORT', '99999'],
    ['STEWARD_BACKUP_MINIMUM_INTERVAL', '0s'],
    ['STEWARD_BACKUP_MAXIMUM_RETENTION', 'ever'],
    ['STEWARD_PROBLEM_INCIDENTS', '1'],
    ['STEWARD_PROBLEM_WITHIN', 'a month'],
    ['STEWARD_PROBLEM_HELD_FOR', '0s'],
    ['STEWARD_LOG_LEVEL', 'loud'],
    ['STEWARD_PROMETHEUS_URL', 'prometheus:9090'],
    ['STEWARD_PROMETHEUS_URL', 'ftp://prometheus'],
    ['STEWARD_PROMETHEUS_INTERVAL', '0s'],
    ['STEWARD_BLACKBOX_ADDRESS', 'http://blackbox:9115/probe'],
    ['STEWARD_PROMETHEUS_TOLERANCE', 'long'],
    ['STEWARD_GUEST_INTERVAL', '0s'],
  ])('refuses a wrong %s and names it', (variable, value) => {
    expect(() => readSettings({ [variable]: value }, 'host')).toThrow(variable);
  });
});
