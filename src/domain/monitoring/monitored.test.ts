import { describe, expect, it } from 'vitest';
import { assess } from '../managedvm/assess.ts';
import {
  ALL_APPLIED,
  condition,
  input,
  instance,
  managedVM,
  NOW,
  outcome,
  type Read,
  SILENT,
  UNDECIDED,
  UNSCRAPED,
  WATCHED,
} from '../managedvm/assessment.fixtures.ts';
import type { Need, PrometheusWatch } from './prometheuswatch.ts';

type Rest = Parameters<typeof input>[1];
const found = (read: Partial<Read>, rest: Rest = {}) => {
  const { conditions, requeueAt } = assess(input(read, rest));
  const { status, reason, message } = conditions.find(({ type }) => type === 'Monitored') ?? {};
  return { verdict: `${status}/${reason}`, message, requeueAt };
};
const lacking = (...lacks: Need[]): Extract<PrometheusWatch, { state: 'answers' }> => ({ state: 'answers', lacks });
const having = (status: 'True' | 'False' | 'Unknown', reason: string, message = 'As it was.', spec = {}) =>
  managedVM(spec, {
    status: {
      conditions: [{ type: 'Monitored', status, reason, message, lastTransitionTime: '2026-11-23T11:30:00Z' }],
    },
  });
const guest = (...conditions: ReturnType<typeof condition>[]) => instance({ conditions });
const noAgent = guest(condition('Ready', 'True'));
const startedAt = (time: string) =>
  instance({ phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: time }], conditions: [] });
const monitorOf = (creationTimestamp: string) => [
  ...ALL_APPLIED.filter(({ child }) => child.kind !== 'ServiceMonitor'),
  { ...outcome('ServiceMonitor'), object: { metadata: { creationTimestamp } } },
];

const WATCHES =
  'Prometheus evaluates the rules of namespace acme and scrapes the guest, so its CPU, memory, file systems, clock and no services are watched (MO-5). Event logs and security events (MO-12) are not part of this: see EventsMonitored.';

describe('MO-5: Monitored', () => {
  it('MO-12: is False with a threshold that was stored before the API refused it, because its alert never fires', () => {
    const order = managedVM();
    const alertThresholds = { cpuPercent: 100, memoryPercent: 100, pendingFor: '999999h' };
    const stored = { ...order, spec: { ...order.spec, alertThresholds } };
    const outcomes = [...ALL_APPLIED, outcome('PrometheusRule')];
    expect(found({ prometheusWatch: WATCHED, managedVM: stored }, { outcomes })).toMatchObject({
      verdict: 'False/ThresholdNeverReached',
      message:
        'spec.alertThresholds.cpuPercent, spec.alertThresholds.memoryPercent, spec.alertThresholds.pendingFor: with this an alert never fires or comes too late, so what it is for is not watched (MO-12).',
    });
  });

  it.each<[string, Partial<Read>, string, string]>([
    ['is True only when nothing lacks', { prometheusWatch: WATCHED }, 'True/PrometheusWatches', WATCHES],
    [
      'counts the services that it watches',
      { prometheusWatch: WATCHED, managedVM: managedVM({ services: ['ssh', 'nginx'] }) },
      'True/PrometheusWatches',
      WATCHES.replace('no services', '2 services'),
    ],
    [
      'is Unknown without the rules of the namespace, although Prometheus still shows what it evaluated',
      { prometheusWatch: WATCHED, rulesPresent: false },
      'Unknown/NotProvisioned',
      'PrometheusRule acme/steward-defaults is not in place.',
    ],
    [
      'is Unknown without the rules that have its own thresholds in place',
      { prometheusWatch: WATCHED, managedVM: managedVM({ alertThresholds: { cpuPercent: 70 } }) },
      'Unknown/NotProvisioned',
      'PrometheusRule acme/shop-db-overrides is not in place.',
    ],
    [
      'is Unknown where nobody asks Prometheus',
      {},
      'Unknown/NotObserved',
      'Rules and ServiceMonitor are in place, but nothing proves that a Prometheus uses them.',
    ],
    [
      'is Unknown while Prometheus is silent, and names since when and why',
      { prometheusWatch: SILENT, managedVM: having('True', 'PrometheusWatches') },
      'Unknown/PrometheusSilent',
      'Prometheus has given no usable answer since 2026-11-23T12:00:00Z: it cannot be reached (ECONNREFUSED).',
    ],
    [
      'is False when the guest cannot be read',
      { prometheusWatch: UNSCRAPED },
      'False/GuestNotScraped',
      "Prometheus cannot read the guest's exporter.",
    ],
    [
      'is False when Prometheus has no such target',
      { prometheusWatch: lacking('target') },
      'False/GuestNotScraped',
      "Prometheus does not have the guest's exporter as a target.",
    ],
    [
      'is False without the rules of the namespace, whatever else is right',
      { prometheusWatch: lacking('rules') },
      'False/RulesNotEvaluated',
      'Prometheus does not evaluate PrometheusRule acme/steward-defaults.',
    ],
    [
      'is False without the rules that have its own thresholds',
      { prometheusWatch: lacking('thresholds') },
      'False/RulesNotEvaluated',
      'Prometheus does not evaluate PrometheusRule acme/shop-db-overrides.',
    ],
    [
      'names everything that lacks, the rules first',
      { prometheusWatch: lacking('target', 'machine', 'order', 'rules') },
      'False/RulesNotEvaluated',
      "Prometheus does not evaluate PrometheusRule acme/steward-defaults, and has no metrics of Steward about the VM (steward_managedvm_info), and has no metrics of KubeVirt about the VM (kubevirt_vm_info), and does not have the guest's exporter as a target.",
    ],
    [
      'is Unknown for a guest that is not up: there is nothing to scrape',
      { prometheusWatch: lacking('target'), virtualMachineInstance: undefined },
      'Unknown/NotRunning',
      'No guest is running, so there is nothing to scrape.',
    ],
    [
      'is False for a guest that is not up when rules lack as well',
      { prometheusWatch: lacking('rules', 'target'), virtualMachineInstance: undefined },
      'False/RulesNotEvaluated',
      "Prometheus does not evaluate PrometheusRule acme/steward-defaults, and does not have the guest's exporter as a target.",
    ],
    [
      'stays True while a guest that was scraped just now restarts',
      { prometheusWatch: WATCHED, virtualMachineInstance: undefined },
      'True/PrometheusWatches',
      WATCHES,
    ],
    [
      'is Unknown during the first boot',
      { prometheusWatch: lacking('scrape'), virtualMachineInstance: startedAt('2026-11-23T11:59:00Z') },
      'Unknown/AgentStarting',
      "Prometheus cannot read the guest's exporter: its first boot is not complete.",
    ],
    [
      'is Unknown for a VM that is powered off as ordered',
      { prometheusWatch: UNSCRAPED, managedVM: managedVM({ powerState: 'Stopped' }) },
      'Unknown/PoweredOff',
      'The VM is powered off as ordered, so there is nothing to scrape.',
    ],
  ])('%s', (_, read, verdict, message) => {
    expect(found(read)).toMatchObject({ verdict, message });
  });

  it.each<[string, Partial<Read>, string]>([
    ['keeps a proof', { managedVM: having('True', 'PrometheusWatches') }, 'True/PrometheusWatches'],
    ['keeps a disproof', { managedVM: having('False', 'GuestNotScraped') }, 'False/GuestNotScraped'],
    ['does not keep another obstacle', { managedVM: having('False', 'ApplyRefused') }, 'Unknown/NotObserved'],
    ['does not keep a silence', { managedVM: having('Unknown', 'PrometheusSilent') }, 'Unknown/NotObserved'],
    ['invents nothing', {}, 'Unknown/NotObserved'],
  ])('while Prometheus has not been asked long enough, %s', (_, read, verdict) => {
    expect(found({ prometheusWatch: UNDECIDED, ...read }).verdict).toBe(verdict);
  });

  it('keeps a disproof word for word, so that a restart of Steward writes nothing', () => {
    const ordered = having('False', 'GuestNotScraped', "Prometheus cannot read the guest's exporter.");
    expect(found({ prometheusWatch: UNDECIDED, managedVM: ordered }).message).toBe(
      "Prometheus cannot read the guest's exporter.",
    );
  });

  it('MO-12: says when each that lacks was seen last, and keeps that where a process that began anew does not know it', () => {
    const seen = { scrape: new Date('2026-11-23T11:48:00Z') };
    const message = "Prometheus cannot read the guest's exporter (seen last 2026-11-23T11:48:00Z).";
    expect(found({ prometheusWatch: { ...lacking('scrape'), lastSeen: seen } }).message).toBe(message);
    expect(found({ prometheusWatch: UNSCRAPED, managedVM: having('False', 'GuestNotScraped', message) }).message).toBe(
      message,
    );
  });

  it.each<[string, Rest, Partial<Read>, string]>([
    ['its ServiceMonitor is new', { outcomes: monitorOf('2026-11-23T11:46:00Z') }, {}, 'Unknown/WatchStarting'],
    [
      'its ServiceMonitor is 15 minutes old',
      { outcomes: monitorOf('2026-11-23T11:45:00Z') },
      {},
      'False/GuestNotScraped',
    ],
    [
      'its agent has just answered for the first time',
      {},
      {
        virtualMachineInstance: guest({
          ...condition('AgentConnected', 'True'),
          lastTransitionTime: '2026-11-23T11:59:00Z',
        }),
      },
      'Unknown/WatchStarting',
    ],
    [
      'it was seen watched before',
      { outcomes: monitorOf('2026-11-23T11:59:00Z') },
      { managedVM: having('True', 'PrometheusWatches') },
      'False/GuestNotScraped',
    ],
    ['its agent has been gone for long', {}, { virtualMachineInstance: noAgent }, 'False/GuestNotScraped'],
  ])('of a VM that cannot be scraped, when %s', (_, rest, read, verdict) => {
    expect(found({ prometheusWatch: UNSCRAPED, ...read }, rest).verdict).toBe(verdict);
  });

  it('looks again when the time of a new VM is over', () => {
    const { message, requeueAt } = found(
      { prometheusWatch: UNSCRAPED },
      { outcomes: monitorOf('2026-11-23T11:46:00Z') },
    );
    expect(message).toBe(
      "Prometheus cannot read the guest's exporter yet; it has until 2026-11-23T12:01:00Z (15 minutes).",
    );
    expect(requeueAt).toEqual(new Date('2026-11-23T12:01:00Z'));
  });

  it('says the same a minute later: no message moves with time', () => {
    const later = new Date(NOW.getTime() + 60_000);
    for (const prometheusWatch of [WATCHED, UNSCRAPED, SILENT, UNDECIDED]) {
      expect(found({ prometheusWatch }, { now: later })).toEqual(found({ prometheusWatch }));
    }
  });
});
