import { describe, expect, test } from 'vitest';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { application, product } from '../application/product.fixtures.ts';
import { type ApplicationPlan, sealed } from '../contract/applicationplan.ts';
import type { Outcome } from '../contract/outcome.ts';
import { type ApplicationFacts, assessApplication } from './applicationstatus.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const plan: ApplicationPlan = {
  ...{ application: 'shop-orders', uid: '7f3c', present: true, versionOf: 'postgresql-17' },
  steps: [
    { type: 'package', name: 'packages', packages: ['postgresql-17'] },
    { type: 'file', name: 'settings', path: '/etc/x', owner: 'root', group: 'root', mode: '0644', content: 'a' },
    { type: 'unit', name: 'server', unit: 'x.service' },
  ],
  probes: [{ type: 'tcp', name: 'listens', port: 5432, timeoutSeconds: 5 }],
};
const { revision } = sealed(plan);

const vm = (
  reached = 'True',
  soleRoot = { status: 'Unknown', reason: 'EvidenceIncomplete', message: 'Not all is known.' },
) =>
  ({
    metadata: { name: 'shop-db' },
    spec: { operatingSystem: 'debian-13' },
    status: {
      conditions: [
        { type: 'GuestReachable', status: reached, reason: 'x', message: 'It says why.' },
        { type: 'SoleRoot', ...soleRoot },
      ],
    },
  }) as unknown as ManagedVM;

const looked = (
  differences: GuestStateStatus['differences'] = [],
  compared = revision,
  failing: string[] | undefined = [],
) => ({
  state: 'read' as const,
  status: {
    applications: [{ name: 'shop-orders', revision: compared, version: '17.6-1', failing }],
    differences,
  } as GuestStateStatus,
});

const differs = (setting: string) => ({ setting, found: 'something else', since: '2026-12-01T11:00:00Z' });

function said(change: Partial<ApplicationFacts> = {}) {
  const { status, conditions } = assessApplication({
    ...{ application: application(), product: product().spec, managedVM: vm(), record: looked() },
    ...{ decision: { pending: [] }, told: { plan, revision }, outcomes: [], now: NOW },
    incidents: [],
    reception: { state: 'heard' },
    watch: { installed: true, product: product().spec, prometheus: undefined, figures: undefined },
    kept: { plan: { revision, since: '2026-12-01T10:00:00Z' } },
    ...change,
  });
  const of = (type: string) => conditions.find(each => each.type === type);
  const verdict = (type: string) => `${of(type)?.status}/${of(type)?.reason}`;
  return { status, verdict, message: (type: string) => of(type)?.message ?? '' };
}

/** One that was installed, whose rules are in place, and of which Prometheus lacks nothing. */
const watchedByPrometheus: Partial<ApplicationFacts> = {
  application: { ...application(), status: { installed: '2026-12-01T10:00:00Z' } },
  outcomes: [{ child: { kind: 'PrometheusRule', namespace: 'acme', name: 'x' }, action: 'unchanged' }],
  watch: {
    ...{ installed: true, product: product().spec, figures: undefined },
    prometheus: { state: 'answers', lacks: [] },
    performance: {
      ...{ decided: true, firing: [] },
      readings: new Map(['cpu', 'memory', 'disk'].map(name => [name, { percent: 40, peak: 60 }])),
    },
  },
};

describe('what is said of an application (AP-1, AP-11)', () => {
  test('all that was found as planned is kept; what is not known keeps the sum from being True', () => {
    const { verdict, message, status } = said();
    expect(['Ready', 'Provisioned', 'Configured', 'Available', 'Supported'].map(verdict)).toEqual([
      ...['True/AsOrdered', 'True/Installed', 'True/AsPlanned', 'True/ProbesSucceed', 'True/Supported'],
    ]);
    expect(status.version).toBe('17.6-1');
    expect(verdict('SLACompliant')).toBe('Unknown/PromiseUnknown');
    expect(message('SLACompliant')).toMatch(
      /^5 of 8 promises that count at Expert are kept; .*not known: Monitored .*SoleRoot/,
    );
    const alone = vm('True', { status: 'True', reason: 'RootAlone', message: 'Alone.' });
    const kept = said({ managedVM: alone, ...watchedByPrometheus });
    expect(kept.verdict('SLACompliant')).toBe('True/PromisesKept');
    expect(kept.message('SLACompliant')).toMatch(/^8 of 8 promises/);
    expect(kept.verdict('Responsive')).toBe('Unknown/NotIncluded');
  });

  test.each([
    ['app:shop-orders:packages', 'Provisioned', 'False/StepsDiffer', ['Configured', 'Available']],
    ['app:shop-orders:server', 'Provisioned', 'False/StepsDiffer', ['Configured', 'Available']],
    ['app:shop-orders:settings', 'Configured', 'False/FilesDiffer', ['Provisioned', 'Available']],
    ['app:shop-orders:probes', 'Provisioned', 'False/StepsDiffer', ['Configured', 'Available']],
  ])('%s that differs breaks %s, and no other', (setting, type, verdict, others) => {
    const found = said({ record: looked([differs(setting)]) });
    expect(found.verdict(type)).toBe(verdict);
    expect(found.message(type)).toContain('something else');
    for (const other of others) expect(found.verdict(other)).toMatch(/^True/);
    expect(found.verdict('SLACompliant')).toBe('False/PromiseBroken');
  });

  test('AP-2: a designated version that is not there in time breaks its promise alone, and what became of it is remembered', () => {
    const offered = (since: string) => [
      {
        name: '17',
        endOfSupport: '2029-11-08',
        operatingSystems: [{ name: 'debian-13', designated: { version: '17.13', since } }],
      },
    ];
    const late = said({ product: product({ lines: offered('2026-10-01') }).spec });
    expect(late.verdict('UpdatesCompliant')).toBe('False/UpdateOverdue');
    expect([late.verdict('Provisioned'), late.verdict('SLACompliant')]).toEqual([
      'True/Installed',
      'False/PromiseBroken',
    ]);
    const record = looked();
    const update = { from: '17.6-1', to: '17.13', outcome: 'RolledBack', at: '2026-11-30T02:00:00Z' } as const;
    for (const each of record.status.applications ?? []) each.update = update;
    const taken = said({ product: product({ lines: offered('2026-11-20') }).spec, record });
    expect([taken.verdict('UpdatesCompliant'), taken.status.updates]).toEqual(['False/RolledBack', [update]]);
    expect(said().verdict('UpdatesCompliant')).toBe('Unknown/NotIncluded');
  });

  test('a probe that does not succeed breaks Available; where none was asked nothing is known (AP-11)', () => {
    const found = said({ record: looked([], revision, ['listens']) });
    expect([found.verdict('Available'), found.verdict('Provisioned')]).toEqual(['False/ProbeFailed', 'True/Installed']);
    expect(found.message('Available')).toMatch(/^1 of 1 probe in the guest did not succeed .*listens/);
    const { record } = { record: looked() };
    delete record.status.applications?.[0]?.failing;
    expect(said({ record }).verdict('Available')).toBe('Unknown/NotMeasured');
  });

  test('its dumps and their proof count where its Product has them, with what the guest recorded (AP-6, AP-13)', () => {
    const dumping = { engine: 'PostgreSQL' as const, everyHours: 24, proveEveryDays: 7, keep: 2 };
    const dumped: ApplicationPlan = { ...plan, backup: { ...dumping, dumpMinutes: 60, proofMinutes: 60 } };
    const told = { plan: dumped, revision: sealed(dumped).revision };
    const last = { at: '2026-12-01T02:00:00Z', bytes: 1, tookSeconds: 1, databases: 1, tables: 1, rows: 1 };
    const record = looked([], told.revision);
    record.status.applications = record.status.applications?.map(each => ({ ...each, backup: { last } })) ?? [];
    const found = said({ told, record });
    expect(found.status.backup).toEqual({ last });
    expect(found.verdict('BackupCompliant')).toBe('False/NoBackupPolicy');
    expect(found.message('SLACompliant')).toMatch(/^5 of 10 promises that count .*broken: BackupCompliant/);
    const unreached = said({ told, record, managedVM: vm('False') });
    expect(unreached.verdict('RestoreVerified')).toBe('Unknown/GuestNotReached');
    expect(said().verdict('BackupCompliant')).toBe('Unknown/NotIncluded');
    expect(said({ managedVM: vm('False') }).verdict('RestoreVerified')).toBe('Unknown/NotIncluded');
  });

  test('while it is installed for the first time nothing is broken yet, for an hour', () => {
    const at = (creationTimestamp: string, installed?: string) => {
      const order = application();
      order.metadata.creationTimestamp = creationTimestamp;
      if (installed !== undefined) order.status = { installed };
      return said({ application: order, record: looked([differs('app:shop-orders:packages')]) });
    };
    const fresh = at('2026-12-01T11:30:00Z');
    expect([fresh.verdict('Provisioned'), fresh.verdict('SLACompliant')]).toEqual([
      'Unknown/Installing',
      'Unknown/PromiseUnknown',
    ]);
    expect(fresh.status.installed).toBeUndefined();
    expect(at('2026-12-01T11:00:00Z').verdict('Provisioned')).toBe('False/StepsDiffer');
    expect(at('2026-12-01T11:30:00Z', '2026-12-01T11:40:00Z').verdict('Provisioned')).toBe('False/StepsDiffer');
    expect(said().status.installed).toBe('2026-12-01T12:00:00Z');
  });

  test('what differs of another application, or of the system, is not its matter (MO-9)', () => {
    const found = said({ record: looked([differs('app:another:packages'), differs('exporter')]) });
    expect(found.verdict('Provisioned')).toBe('True/Installed');
  });

  test.each([
    ['nobody gets into the guest', { managedVM: vm('False') }, 'Unknown/GuestNotReached'],
    ['its VM is gone', { managedVM: undefined }, 'Unknown/GuestNotReached'],
    ['the guest was compared with another plan', { record: looked([], 'sha256:other') }, 'Unknown/Pending'],
    ['the record is another VM’s', { record: { state: 'others' as const } }, 'Unknown/Pending'],
    ['nothing was told yet', { told: undefined }, 'Unknown/Pending'],
  ])('nothing of the guest is True where %s', (_, change, verdict) => {
    const found = said(change);
    expect(['Provisioned', 'Configured', 'Available'].map(found.verdict)).toEqual([verdict, verdict, verdict]);
    expect(found.verdict('Ready')).toMatch(/^False/);
    expect(found.status.version).toBeUndefined();
  });

  test('an order that is refused says why, and what was installed before is judged as ever', () => {
    const refusal = { standing: 'failed', reason: 'ParameterRefused', message: 'No.' } as const;
    const decision = { refusal, pending: [] };
    const installed = application();
    installed.status = { plan: { revision, since: '2026-12-01T10:00:00Z' } };
    const found = said({ application: installed, decision });
    expect([found.verdict('Ready'), found.verdict('Stalled')]).toEqual([
      'False/ParameterRefused',
      'True/ParameterRefused',
    ]);
    expect(found.verdict('Provisioned')).toBe('True/Installed');
    const never = said({ decision, told: undefined, kept: {} });
    expect(never.verdict('Provisioned')).toBe('False/ParameterRefused');
  });

  test('GE-12: once its services have ceased no promise counts, it is not watched, and what is on record outlives whatever is not known', () => {
    const endOfLife = {
      ...{ line: '17', ends: '2026-11-30T00:00:00Z', ceased: '2026-11-30T00:00:00Z' },
      answer: { decision: 'Rejected', by: 'anna', at: '2026-10-01T08:00:00Z' },
    } as const;
    const ceased = application();
    ceased.status = { installed: '2026-01-01T00:00:00Z', endOfLife };
    const found = said({ application: ceased, record: looked([differs('app:shop-orders:packages')]) });
    expect([found.verdict('SLACompliant'), found.verdict('Monitored')]).toEqual([
      ...['Unknown/ServicesCeased', 'Unknown/ServicesCeased'],
    ]);
    expect(found.message('SLACompliant')).toMatch(/ceased since 2026-11-30T00:00:00Z \(GE-12\)\. anna has rejected it/);
    expect(found.verdict('Provisioned')).toBe('False/StepsDiffer');
    expect(found.status.endOfLife).toEqual(endOfLife);
    const decided = said({ application: ceased, decision: { pending: [], end: {} } });
    expect([decided.status.endOfLife, decided.verdict('SLACompliant')]).toEqual([undefined, 'Unknown/PromiseUnknown']);
  });

  test('a child that cannot be applied is what Ready says', () => {
    const outcome: Outcome = {
      child: { kind: 'Secret', namespace: 'acme', name: 'shop-orders-binding' },
      ...{ action: 'failed', error: { status: 409, reason: 'NotOurs', message: '' } },
    };
    expect(said({ outcomes: [outcome] }).verdict('Ready')).toBe('False/ChildNameTaken');
  });
});
