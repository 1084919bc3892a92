import { describe, expect, it } from 'vitest';
import type { IncidentSpec } from '../../api/incident.ts';
import type { AgreedTerms, SubjectFacts } from './facts.ts';
import { agreedTerms, alertSpec, INCIDENT_UID, incidentOf, reportSpec, vmFacts } from './incident.fixtures.ts';
import { ratedAs } from './rating.ts';

const NOON = new Date('2026-12-01T11:00:00Z');
const NIGHT = new Date('2026-12-01T23:00:00Z');
const rate = (spec: IncidentSpec, facts: SubjectFacts = vmFacts(), agreed: AgreedTerms = agreedTerms(), at = NOON) =>
  ratedAs(incidentOf(spec), facts, agreed, at);
const unit = (service: string) => alertSpec({}, { labels: [{ name: 'service', value: service }] });
const down = alertSpec({}, { name: 'ManagedVMDown' });
const standard = vmFacts({ level: 'MonitoringAndPatching' });
const app = (level: 'Basic' | 'Advanced' | 'Expert') => ({
  name: 'orders',
  level,
  units: ['postgresql@17-main.service'],
  remedied: ['ManagedVMFileSystemFull'],
});

describe('MO-14: an incident is prioritised', () => {
  it.each<[string, IncidentSpec, string]>([
    ['a VM that is down', down, 'P1'],
    ['a service that does not run', unit('ssh'), 'P2'],
    ['a file system that fills', alertSpec({}, { name: 'ManagedVMFileSystemAlmostFull', severity: 'warning' }), 'P4'],
    ['what a person reports without more', reportSpec(), 'P3'],
    ['what a person reports as everything, now', reportSpec({}, { impact: 1, urgency: 1 }), 'P1'],
  ])('%s', (_what, spec, priority) => {
    expect(rate(spec).rating.priority).toBe(priority);
  });

  it('by the matrix of the plan, and says so in a sentence', () => {
    const rows = [
      ['P1', 'P1', 'P1'],
      ['P1', 'P2', 'P2'],
      ['P2', 'P2', 'P2'],
    ];
    const plan = agreedTerms();
    const spec = { ...plan.plan?.spec, incidents: { ...plan.plan?.spec.incidents, matrix: rows } };
    const { rating } = rate(unit('ssh'), vmFacts(), agreedTerms(spec));
    expect(rating).toMatchObject({ incident: INCIDENT_UID, impact: 2, urgency: 1, priority: 'P1' });
    expect(rating.reason).toBe(
      'Impact 2 (a part of it is concerned) and urgency 1 (now), because ManagedVMServiceNotRunning is critical, are P1 by the matrix of ServicePlan advanced-2026. Scope OperatingSystem: ssh belongs to the operating system. Level AdvancedMonitoringAndPatching includes it at every hour.',
    );
  });
});

describe('MO-9, GE-15: the scope of an incident', () => {
  it.each<[string, IncidentSpec, string]>([
    ['a unit of the system', unit('systemd-journald'), 'OperatingSystem'],
    ['a unit that the customer named', unit('nginx'), 'Customer'],
    ['a unit of a managed application', unit('postgresql@17-main'), 'Application'],
    ['the metrics of the platform', alertSpec({}, { name: 'ManagedVMMonitoringImpaired' }), 'Platform'],
    ['a guest', down, 'OperatingSystem'],
  ])('%s', (_what, spec, scope) => {
    expect(rate(spec, vmFacts({ applications: [app('Basic')] })).rating.scope).toBe(scope);
  });

  it("what is the customer's is told, without promised times, by effort (GE-3)", () => {
    expect(rate(unit('nginx'))).toMatchObject({ rating: { billing: 'ByEffort' } });
    expect(rate(unit('nginx')).terms).toBeUndefined();
  });
});

describe('MO-6, AP-3, AP-4: by which hours an incident is handled', () => {
  it.each<[string, SubjectFacts, IncidentSpec, Date, 'none' | 'core' | 'always', string]>([
    ['Admin: on order', vmFacts({ level: 'Admin' }), down, NOON, 'none', 'ByEffort'],
    ['Monitoring & Patching: core hours', standard, down, NIGHT, 'core', 'Included'],
    ['Advanced: always', vmFacts(), down, NIGHT, 'always', 'Included'],
    [
      'application Basic',
      { kind: 'ManagedApplication', level: 'Basic', vmLevel: 'AdvancedMonitoringAndPatching' },
      down,
      NOON,
      'none',
      'ByEffort',
    ],
    [
      'application Advanced',
      { kind: 'ManagedApplication', level: 'Advanced', vmLevel: 'AdvancedMonitoringAndPatching' },
      down,
      NOON,
      'core',
      'Included',
    ],
    [
      'application Expert',
      { kind: 'ManagedApplication', level: 'Expert', vmLevel: 'AdvancedMonitoringAndPatching' },
      down,
      NIGHT,
      'always',
      'Included',
    ],
    [
      'a VM that takes Expert down, by day',
      vmFacts({ level: 'MonitoringAndPatching', applications: [app('Expert')] }),
      down,
      NOON,
      'always',
      'Included',
    ],
    [
      'a VM that takes Expert down, at night: beyond its level (GE-3)',
      vmFacts({ level: 'MonitoringAndPatching', applications: [app('Expert')] }),
      down,
      NIGHT,
      'always',
      'ByEffort',
    ],
    [
      'a VM with Expert on it, of which a part fails',
      vmFacts({ level: 'MonitoringAndPatching', applications: [app('Expert')] }),
      unit('ssh'),
      NIGHT,
      'core',
      'Included',
    ],
    [
      'a disk that the ladder of Expert on it is for, at night (AP-4)',
      vmFacts({ level: 'MonitoringAndPatching', applications: [app('Expert')] }),
      alertSpec({}, { name: 'ManagedVMFileSystemFull' }),
      NIGHT,
      'always',
      'ByEffort',
    ],
    [
      'the same with Advanced on it (AP-3)',
      vmFacts({ level: 'MonitoringAndPatching', applications: [app('Advanced')] }),
      alertSpec({}, { name: 'ManagedVMFileSystemFull' }),
      NIGHT,
      'core',
      'Included',
    ],
    [
      'a unit of Basic, whatever else runs on the VM (AP-3)',
      vmFacts({ applications: [app('Basic'), { ...app('Expert'), units: ['nginx.service'] }] }),
      unit('postgresql@17-main'),
      NIGHT,
      'none',
      'ByEffort',
    ],
  ])('%s', (_what, facts, spec, at, hours, billing) => {
    const { rating, terms } = rate(spec, facts, agreedTerms(), at);
    expect(rating.billing).toBe(billing);
    expect(terms === undefined ? 'none' : terms.calendar ? 'core' : 'always').toBe(hours);
  });

  it('core hours that nobody can read promise nothing, rather than something else', () => {
    const { plan } = agreedTerms();
    expect(rate(down, standard, { plan }).terms).toBeUndefined();
    expect(rate(down, standard, {}).rating.reason).toContain('no plan applies');
  });

  it('the calendar is pinned with all that it says (GE-8)', () => {
    const { terms } = rate(down, standard);
    expect(terms).toMatchObject({
      plan: { name: 'advanced-2026' },
      calendar: { name: 'lower-saxony', spec: { timeZone: 'Europe/Berlin', holidays: { region: 'DE-NI' } } },
      ...{ response: '30m', resolution: '4h' },
    });
  });
});
