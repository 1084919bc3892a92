/** The matrix of managed applications, cell by cell, and the rows below it: by what is rendered and said of an order at each level. */
import { expect, test } from 'vitest';
import { readCitations } from '../../hack/generate/citations.ts';
import { readRequirements } from '../../hack/generate/requirements.ts';
import { ApplicationLevel } from '../../src/api/applicationlevel.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { Forbidding, ProductRemediation } from '../../src/api/productremediation.ts';
import { advisorsAt } from '../../src/domain/application/advisors.ts';
import { bindingSecret, interfaceService } from '../../src/domain/application/children.ts';
import { exporterAt } from '../../src/domain/application/performance.ts';
import { application, product, VERIFIERS } from '../../src/domain/application/product.fixtures.ts';
import { LADDER } from '../../src/domain/application/remediation.fixtures.ts';
import { remedyFor } from '../../src/domain/application/remediation.ts';
import { MEASURED } from '../../src/domain/application/watched.fixtures.ts';
import { watchedOf } from '../../src/domain/application/watched.ts';
import { sealed } from '../../src/domain/contract/applicationplan.ts';
import { type DecisionFacts, decide } from '../../src/domain/policies/applicationdecision.ts';
import { renderApplicationRules } from '../../src/domain/policies/applicationrules.ts';
import { type ApplicationFacts, assessApplication } from '../../src/domain/policies/applicationstatus.ts';
import { calendarOf } from '../../src/domain/time/calendar.fixtures.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const INSTALLED = '2026-11-01T12:00:00Z';

/** A Product with all that a level may include. */
const entry = product({
  ...MEASURED,
  interface: { port: 5432, type: 'postgresql', database: 'app', username: 'app' },
  backup: { engine: 'PostgreSQL', everyHours: 24, proveEveryDays: 7 },
  modules: [{ name: 'pg_trgm' }],
  lines: [
    {
      ...{ name: '17', endOfSupport: '2029-11-08' },
      operatingSystems: [{ name: 'debian-13', designated: { version: '17.13', since: '2026-11-20' } }],
    },
  ],
});

type Said = { readonly status: string; readonly reason: string };

const machine = (serviceLevel = 'MonitoringAndPatching', says: Readonly<Record<string, Said>> = {}): ManagedVM =>
  ({
    metadata: { name: 'shop-db', namespace: 'acme' },
    spec: { serviceLevel, operatingSystem: 'debian-13', backupPolicyRef: { name: 'nightly' } },
    status: {
      conditions: ['GuestReachable', 'SoleRoot', 'BackupCompliant'].map(type => ({
        ...{ type, status: 'True', reason: 'Proven', message: 'It is proven.', lastTransitionTime: INSTALLED },
        ...says[type],
      })),
    },
  }) as unknown as ManagedVM;

type Guest = { readonly version?: string; readonly failing?: string[]; readonly dumped?: string };

/** An order at a level: what becomes of it in the guest, what is rendered of it, and what is said of it. */
function ordered(
  level: ApplicationLevel,
  { guest = {}, facts = {}, order = {} }: { guest?: Guest; facts?: Partial<DecisionFacts>; order?: object } = {},
) {
  const { version = '17.13', failing = [], dumped = '2026-12-01T02:00:00Z' } = guest;
  const managedVM = facts.managedVM ?? machine();
  const asked = { ...application({ serviceLevel: level, ...order }), status: { installed: INSTALLED } };
  const decision = decide(
    asked,
    {
      ...{ entry, product: entry.spec, productFaults: [], managedVM, earlier: [], agreed: undefined },
      ...{ told: undefined, verifiers: VERIFIERS, window: undefined, patchWindows: [], ...facts },
    },
    NOW,
  );
  const { plan } = decision;
  const told = plan && { plan, revision: sealed(plan).revision };
  const of = { bytes: 1, tookSeconds: 1, databases: 1, tables: 1, rows: 1 };
  const backup = { last: { at: dumped, ...of }, proven: { at: dumped, of: dumped, ...of } };
  const looked = { name: 'shop-orders', revision: told?.revision ?? '', version, failing, backup };
  const record = { state: 'read', status: { applications: [{ ...looked, modules: { count: 0, named: [] } }] } };
  const outcomes: ApplicationFacts['outcomes'] = [
    { child: { kind: 'PrometheusRule', namespace: 'acme', name: 'x' }, action: 'unchanged' },
  ];
  const { conditions } = assessApplication({
    ...{ application: asked, product: entry.spec, managedVM, decision, told, outcomes, incidents: [], now: NOW },
    reception: { state: 'heard' },
    record: record as unknown as ApplicationFacts['record'],
    watch: { installed: true, product: entry.spec, prometheus: { state: 'answers', lacks: [] }, figures: undefined },
    kept: told === undefined ? {} : { plan: { revision: told.revision, since: INSTALLED } },
  });
  const condition = (type: string) => conditions.find(each => each.type === type);
  const watched = watchedOf(asked, entry.spec);
  const settings = { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' };
  const { groups } = renderApplicationRules(watched, settings).spec as { groups: { rules: Rule[] }[] };
  return {
    plan,
    refusal: decision.refusal?.reason,
    alerts: groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined),
    exporter: exporterAt(entry.spec, level),
    said: (type: string) => `${condition(type)?.status}/${condition(type)?.reason}`,
    sum: condition('SLACompliant')?.message ?? '',
  };
}

/** What would be done about a probe that has failed for long, where nothing forbids it. */
function remedied(level: ApplicationLevel, at: string): string {
  const observed = {
    failing: [{ probe: 'transaction', since: new Date(0) }],
    ...{ firing: [], forbidding: Object.fromEntries(Forbidding.options.map(each => [each, false])) },
  };
  const situation = { level, observed, calendar: calendarOf(), history: [], now: new Date(at) };
  const remedy = remedyFor({ ladder: ProductRemediation.parse(LADDER), ...situation });
  return 'rung' in remedy ? remedy.rung.name : remedy.none;
}

type Rule = { readonly alert?: string; readonly labels: { readonly service_level?: string } };

const namesOf = (alerts: readonly Rule[]) => new Set(alerts.map(({ alert }) => alert));
const PERFORMANCE = [
  ...['ManagedApplicationExporterDown', 'ManagedApplicationMetricMissing'],
  ...['ManagedApplicationSlow', 'ManagedApplicationIndicator'],
];

const LEVELS = ApplicationLevel.options;
const cells: string[] = [];

/** The cells of a row whose entitlement is the same. */
function cell(name: string, levels: readonly ApplicationLevel[], check: (level: ApplicationLevel) => void) {
  const id = name.slice(0, name.indexOf(':'));
  for (const level of levels) {
    cells.push(`${id} at ${level}`);
    test(name.replace(id, `${id} at ${level}`), () => check(level));
  }
}

cell('AP-1: it is provisioned as the catalogue says, and that counts', LEVELS, level => {
  const { plan, said, sum } = ordered(level);
  expect(plan?.steps.map(({ name }) => name)).toEqual(entry.spec.steps.map(({ name }) => name));
  expect(['Provisioned', 'Configured', 'Ready'].map(said)).toEqual([
    'True/Installed',
    'True/AsPlanned',
    'True/AsOrdered',
  ]);
  expect(sum).toMatch(/kept: .*Provisioned \(Installed\)/);
});

cell('AP-2: it is brought to the designated version, and one that is late breaks the promise', LEVELS, level => {
  const { plan, said, sum } = ordered(level);
  expect(plan?.steps[0]).toMatchObject({ update: { version: '17.13' } });
  expect(said('UpdatesCompliant')).toBe('True/UpToDate');
  expect(sum).toMatch(/kept: .*UpdatesCompliant/);
});

cell('AP-3: a remedy is decided in core hours where it is included, and each alert has the level', LEVELS, level => {
  const { alerts } = ordered(level);
  expect(new Set(alerts.map(({ labels }) => labels.service_level))).toEqual(new Set([level]));
  expect(remedied(level, '2026-11-30T11:00:00Z')).toBe(level === 'Basic' ? 'NotIncluded' : 'restart');
});

cell('AP-4: out of hours no remedy is decided, and a budget that burns calls nobody', ['Basic', 'Advanced'], level => {
  expect(namesOf(ordered(level).alerts)).not.toContain('ManagedApplicationBudgetBurning');
  expect(remedied(level, '2026-11-29T11:00:00Z')).toBe(level === 'Basic' ? 'NotIncluded' : 'OutsideCoreHours');
});

cell('AP-4: at any hour a remedy is decided, and a budget that burns calls somebody', ['Expert'], level => {
  expect(namesOf(ordered(level).alerts)).toContain('ManagedApplicationBudgetBurning');
  expect(remedied(level, '2026-11-29T11:00:00Z')).toBe('restart');
});

cell(
  'AP-5: no exporter is read, nothing is told of performance, and response times are not promised',
  ['Basic'],
  level => {
    const { alerts, exporter, said, sum } = ordered(level);
    expect(exporter).toBeUndefined();
    expect(PERFORMANCE.filter(name => namesOf(alerts).has(name))).toEqual([]);
    expect(said('Responsive')).toBe('Unknown/NotIncluded');
    expect(sum).not.toContain('Responsive');
  },
);

cell('AP-5: its exporter is read, and what is told of performance counts', ['Advanced', 'Expert'], level => {
  const { alerts, exporter, said, sum } = ordered(level);
  expect(exporter?.port).toBe(9187);
  expect(PERFORMANCE.filter(name => !namesOf(alerts).has(name))).toEqual([]);
  expect(said('Responsive')).toBe('Unknown/NotMeasured');
  expect(sum).toContain('Responsive (NotMeasured)');
});

cell('AP-6: it is dumped, carried away and proven, and a dump that is late breaks the promise', LEVELS, level => {
  const { plan, said, sum } = ordered(level);
  expect(plan?.backup).toMatchObject({ everyHours: 24, proveEveryDays: 7 });
  expect(['BackupCompliant', 'RestoreVerified'].map(said)).toEqual(['True/Dumped', 'True/Restored']);
  expect(sum).toMatch(/kept: .*BackupCompliant .*RestoreVerified/);
  const late = ordered(level, { guest: { dumped: '2026-11-01T02:00:00Z' } });
  expect(late.said('BackupCompliant')).toBe('False/DumpTooOld');
});

test('every cell of the matrix has its test', () => {
  const rows = ['AP-1', 'AP-2', 'AP-3', 'AP-4', 'AP-5', 'AP-6'];
  expect(cells.toSorted()).toEqual(rows.flatMap(id => LEVELS.map(level => `${id} at ${level}`)).toSorted());
});

/** A row that is the same at every level. */
function row(name: string, check: (level: ApplicationLevel) => void) {
  test.each(LEVELS)(`${name} (%s)`, check);
}

row('AP-7: on a VM at Admin it is refused', level => {
  const at = (vmLevel: string) => ordered(level, { facts: { managedVM: machine(vmLevel) } });
  expect([at('Admin').refusal, at('Admin').plan]).toEqual(['LevelTooLow', undefined]);
  for (const high of ['MonitoringAndPatching', 'AdvancedMonitoringAndPatching'])
    expect(at(high).refusal).toBeUndefined();
});

row('AP-8: what is not in the catalogue is refused, and what is supported by agreement only, without one', level => {
  const byAgreement = { ...entry.spec, agreement: 'ByAgreement' } as const;
  const of = (facts: Partial<DecisionFacts>) => ordered(level, { facts }).refusal;
  expect(of({ product: undefined, entry: undefined })).toBe('ProductNotFound');
  expect([of({ product: byAgreement }), of({ product: byAgreement, agreed: ['postgresql'] })]).toEqual([
    ...['NotAgreed', undefined],
  ]);
});

row('AP-9: whoever else holds root in its guest breaks the promise', level => {
  const shared = machine(undefined, { SoleRoot: { status: 'False', reason: 'RootNotAlone' } });
  const { said, sum } = ordered(level, { facts: { managedVM: shared } });
  expect(said('SoleRoot')).toBe('False/RootNotAlone');
  expect(sum).toMatch(/broken: .*SoleRoot/);
  expect(ordered(level).said('SoleRoot')).toBe('True/Proven');
});

row('AP-10: it is installed, set, reached by a Service, and opened by a Secret with a login of its own', level => {
  const order = application({ serviceLevel: level });
  const { interface: reached } = entry.spec;
  if (reached === undefined) throw new Error('the Product has no interface');
  const { metadata, type, data } = bindingSecret(order, reached, { password: 'pencil', salt: 'x' });
  expect(metadata.name).toBe('shop-orders-binding');
  expect([type, Object.keys(data as object)]).toEqual([
    'servicebinding.io/postgresql',
    expect.arrayContaining(['host', 'port', 'database', 'username', 'password']),
  ]);
  expect(interfaceService(order, machine(), reached).metadata.name).toBe('shop-orders');
});

row('AP-11: its probes are measured, one that fails breaks the promise, and somebody is told', level => {
  const { plan, alerts } = ordered(level);
  expect(plan?.probes.map(({ name }) => name)).toEqual(['transaction', 'listens']);
  expect(namesOf(alerts)).toContain('ManagedApplicationProbeFailed');
  const { said, sum } = ordered(level, { guest: { failing: ['transaction'] } });
  expect(said('Available')).toBe('False/ProbeFailed');
  expect(sum).toMatch(/broken: .*Available/);
});

row('AP-12: its performance is analysed and reviewed where that is included, and counts there', level => {
  const { said, sum } = ordered(level);
  const isIncluded = level !== 'Basic';
  expect(said('PerformanceReviewed')).toBe(isIncluded ? 'Unknown/NotObserved' : 'Unknown/NotIncluded');
  expect(sum.includes('PerformanceReviewed')).toBe(isIncluded);
  expect(advisorsAt(entry.spec, level).length > 0).toBe(isIncluded);
});

row('AP-13: a dump that was not proven in time breaks the promise', level => {
  expect(ordered(level, { guest: { dumped: '2026-11-01T02:00:00Z' } }).said('RestoreVerified')).toBe(
    'False/ProofOverdue',
  );
});

row('AP-14: a line that has ended is not sold any more', level => {
  const [line] = entry.spec.lines;
  if (line === undefined) throw new Error('the Product has no line');
  const ended = { ...entry.spec, lines: [{ ...line, endOfSupport: '2026-11-30' }] };
  expect(ordered(level, { facts: { product: ended } }).refusal).toBe('LineEnded');
});

test('every row that is kept, if only in part, is named by tests', async () => {
  const rows = (await readRequirements()).filter(({ id, state }) => id.startsWith('AP-') && state !== 'not yet');
  const cited = (await readCitations()).filter(({ by, file }) => by === 'test' && !import.meta.filename.endsWith(file));
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter(({ id }) => !cited.some(({ ids }) => ids.includes(id))).map(({ id }) => id)).toEqual([]);
});
