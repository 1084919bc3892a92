import { describe, expect, it } from 'vitest';
import { assess } from '../managedvm/assess.ts';
import {
  ALL_APPLIED,
  EVENTS_WATCHED,
  input,
  instance,
  managedVM,
  NOW,
  operatingSystem,
  outcome,
  type Read,
  WATCHED,
} from '../managedvm/assessment.fixtures.ts';
import type { EventNeed, EventWatch } from './prometheuswatch.ts';

type Rest = Parameters<typeof input>[1];
const found = (read: Partial<Read>, rest: Rest = {}) => {
  const { conditions, requeueAt } = assess(input({ prometheusWatch: WATCHED, ...read }, rest));
  const { status, reason, message } = conditions.find(({ type }) => type === 'EventsMonitored') ?? {};
  return { verdict: `${status}/${reason}`, message, requeueAt };
};
const lacking = (...lacks: EventNeed[]): EventWatch => ({ state: 'answers', lacks });
const having = (status: 'True' | 'False' | 'Unknown', reason: string, message = 'As it was.') =>
  managedVM(
    {},
    {
      status: {
        conditions: [{ type: 'EventsMonitored', status, reason, message, lastTransitionTime: '2026-11-23T11:30:00Z' }],
      },
    },
  );
const SILENT_MESSAGE =
  'Prometheus has no reading younger than 10 minutes of 2 of the 6 parts of the sensor for events: journal (seen last 2026-11-23T11:40:00Z), ports.';

describe('MO-12: EventsMonitored', () => {
  it.each<[string, Partial<Read>, string, string]>([
    [
      'is True only where Prometheus has fresh readings of every part of the sensor',
      { eventWatch: EVENTS_WATCHED },
      'True/EventsWatched',
      'Prometheus evaluates the rules of namespace acme, and has readings younger than 10 minutes of all 6 parts of the sensor for events in this guest (MO-12): journal, accounts, keys, sshd, ports, certificates.',
    ],
    [
      'is not included at level Admin',
      { eventWatch: EVENTS_WATCHED, managedVM: managedVM({ serviceLevel: 'Admin' }) },
      'Unknown/NotIncluded',
      'Service level Admin does not include monitoring (MO-12).',
    ],
    [
      'is Unknown of a VM that is off as ordered',
      { eventWatch: EVENTS_WATCHED, managedVM: managedVM({ powerState: 'Stopped' }) },
      'Unknown/PoweredOff',
      'The VM is powered off as ordered, so there is nothing to scrape.',
    ],
    [
      'is Unknown where nobody asks Prometheus',
      {},
      'Unknown/NotObserved',
      'Nothing proves that a Prometheus has readings of the sensor for events.',
    ],
    [
      'is Unknown while Prometheus is silent',
      { eventWatch: { state: 'silent', since: NOW, why: 'it cannot be reached (ECONNREFUSED)' } },
      'Unknown/PrometheusSilent',
      'Prometheus has given no usable answer since 2026-11-23T12:00:00Z: it cannot be reached (ECONNREFUSED).',
    ],
    [
      'is Unknown without the rules of the namespace',
      { eventWatch: EVENTS_WATCHED, rulesPresent: false },
      'Unknown/NotProvisioned',
      'PrometheusRule acme/steward-defaults is not in place.',
    ],
    [
      'is False without the rules that would tell of events',
      { eventWatch: lacking('rules', 'sensor keys') },
      'False/RulesNotEvaluated',
      'Prometheus does not evaluate the rules on events of namespace acme.',
    ],
    [
      'is False where a part of the sensor is silent, and says when it was seen last',
      {
        eventWatch: {
          ...{ state: 'answers', lacks: ['sensor journal', 'sensor ports'] },
          lastSeen: { 'sensor journal': new Date('2026-11-23T11:40:00Z') },
        },
      },
      'False/EventSensorsSilent',
      SILENT_MESSAGE,
    ],
    [
      'keeps the instants that stand there, where a process that began anew does not know them',
      {
        eventWatch: lacking('sensor journal', 'sensor ports'),
        managedVM: having('False', 'EventSensorsSilent', SILENT_MESSAGE),
      },
      'False/EventSensorsSilent',
      SILENT_MESSAGE,
    ],
    [
      'is Unknown for a guest that is not up',
      { eventWatch: lacking('sensor journal'), virtualMachineInstance: undefined },
      'Unknown/NotRunning',
      'No guest is running, so there is nothing to scrape.',
    ],
    [
      'is Unknown for Windows, whatever it tells: what looks there has met no Windows',
      {
        eventWatch: EVENTS_WATCHED,
        operatingSystem: operatingSystem({
          ...{ family: 'Windows', packageManager: 'WindowsUpdate' },
          serviceLevels: ['AdvancedMonitoringAndPatching', 'Admin'],
        }),
      },
      'Unknown/EventMonitoringNotAvailable',
      'Service level AdvancedMonitoringAndPatching includes event logs and security events (MO-12); the sensor for those of Windows has met no real Windows, so nothing proves that they are watched.',
    ],
  ])('%s', (_, read, verdict, message) => {
    expect(found(read)).toMatchObject({ verdict, message });
  });

  it.each<[string, Partial<Read>, string]>([
    ['keeps a proof', { managedVM: having('True', 'EventsWatched') }, 'True/EventsWatched'],
    ['keeps a disproof', { managedVM: having('False', 'EventSensorsSilent') }, 'False/EventSensorsSilent'],
    ['waits for what it waited for', { managedVM: having('Unknown', 'WatchStarting') }, 'Unknown/WatchStarting'],
    ['invents nothing', {}, 'Unknown/NotObserved'],
  ])('while Prometheus has not been asked long enough, %s', (_, read, verdict) => {
    expect(found({ eventWatch: { state: 'undecided' }, ...read }).verdict).toBe(verdict);
  });

  it('gives a new VM until 15 minutes after its ServiceMonitor came, and looks again then', () => {
    const monitorOf = (creationTimestamp: string): Rest => ({
      outcomes: [
        ...ALL_APPLIED.filter(({ child }) => child.kind !== 'ServiceMonitor'),
        { ...outcome('ServiceMonitor'), object: { metadata: { creationTimestamp } } },
      ],
    });
    const young = found({ eventWatch: lacking('sensor sshd') }, monitorOf('2026-11-23T11:46:00Z'));
    expect(young.verdict).toBe('Unknown/WatchStarting');
    expect(young.requeueAt).toEqual(new Date('2026-11-23T12:01:00Z'));
    const old = found({ eventWatch: lacking('sensor sshd') }, monitorOf('2026-11-23T11:45:00Z'));
    expect(old.verdict).toBe('False/EventSensorsSilent');
  });

  it('is Unknown while the first boot is not complete', () => {
    const phases = [{ phase: 'Running', phaseTransitionTimestamp: '2026-11-23T11:59:00Z' }];
    const booting = instance({ phaseTransitionTimestamps: phases, conditions: [] });
    expect(found({ eventWatch: lacking('sensor keys'), virtualMachineInstance: booting }).verdict).toBe(
      'Unknown/AgentStarting',
    );
  });

  it('says the same a minute later: no message moves with time', () => {
    const later = { now: new Date(NOW.getTime() + 60_000) };
    for (const eventWatch of [EVENTS_WATCHED, lacking('sensor journal')])
      expect(found({ eventWatch }, later)).toEqual(found({ eventWatch }));
  });
});
