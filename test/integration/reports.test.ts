/** Days and a month closed on a real API server, whose rules hold what is closed; recomputed by the program that shares nothing with Steward. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recompute } from '../../hack/recompute/recompute.ts';
import { applyCrds } from '../../hack/testbed/client/apply.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { contract } from '../../src/api/contract.ts';
import { recordPage } from '../../src/api/recordpage.ts';
import { type ReportPage, reportPage } from '../../src/api/reportpage.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { serviceReport } from '../../src/api/servicereport.ts';
import { serviceReportController } from '../../src/controllers/servicereport/controller.ts';
import { Preparing } from '../../src/controllers/servicereport/preparing.ts';
import { beginningOf, type Matter, seal } from '../../src/domain/record/entry.ts';
import { newSigner } from '../../src/domain/record/stream.fixtures.ts';
import { hashOfLines, NOTHING_BEFORE } from '../../src/domain/report/hash.ts';
import { connect } from '../../src/runtime/http/connection.ts';
import { type Operator, startOperator } from '../../src/runtime/operator.ts';
import { readCrds } from './api/support/server.ts';
import { type Any, Api } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { advancedPlan, contractOf } from './support/orders.ts';

const NAMESPACE = 'steward-records';
const LEVEL = 'AdvancedMonitoringAndPatching';
let bed: TestBed;
let api: Api;
let operator: Operator;

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false, crds: [] });
  api = await Api.as(bed);
  await applyCrds(api.client, await readCrds());
  await api.namespace(NAMESPACE);
});
afterAll(async () => {
  await operator?.stop();
  await api?.close();
  await bed?.stop();
});

function started(): Promise<Operator> {
  const preparing = new Preparing({ recordNamespace: NAMESPACE, prometheus: undefined, everyMs: 100 });
  return startOperator({
    ...{ connection: connect({ kubeconfig: bed.adminKubeconfig }), name: 'steward', prefix: 'managed.systems' },
    ...{ controllers: [serviceReportController(preparing)], log: pino({ enabled: false }) },
  });
}

/** A page of records as the writer leaves it: a VM, one that goes, and the word of the day after the month. */
function recorded(): object {
  const signer = newSigner();
  const vm = (at: string, what: Matter['what'], name: string, facts: Matter['after']): Matter => ({
    ...{ at: new Date(at), what, who: {}, why: { requirements: ['GE-8'] } },
    object: { kind: 'ManagedVM', namespace: 'acme', name, uid: `uid-${name}` },
    ...(what === 'Gone' ? { before: facts } : { after: facts }),
  });
  const facts = { 'spec.serviceLevel': LEVEL, 'spec.powerState': 'Running', 'condition.PatchCompliant': 'True InTime' };
  const matters = [
    vm('2026-10-30T08:00:00Z', 'Appeared', 'shop-db', facts),
    vm('2026-10-30T09:00:00Z', 'Appeared', 'shop-web', facts),
    vm('2026-10-31T10:00:00Z', 'Gone', 'shop-web', facts),
    vm('2026-11-01T10:00:00Z', 'Changed', 'shop-db', { 'spec.powerState': 'Stopped' }),
  ];
  const entries: string[] = [];
  let head = beginningOf('contract-acme');
  for (const matter of matters) {
    const sealed = seal(head, matter, signer);
    entries.push(sealed.line);
    head = sealed.head;
  }
  const at = { sequence: head.sequence, hash: head.hash, key: signer.id };
  return { stream: 'contract-acme', number: 1, first: 1, head: at, entries };
}

const object = (kind: { kind: string }, name: string, spec: object, namespace?: string) => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind: kind.kind },
  metadata: { name, ...(namespace !== undefined && { namespace }) },
  spec,
});
const report = (): Promise<Any> => api.get(serviceReport, '', 'acme-2026-10');
async function pages(): Promise<ReportPage[]> {
  const all = (await api.list(reportPage)) as unknown as ReportPage[];
  return all.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
const refused = (spec: object) =>
  expect(api.edit(serviceReport, '', 'acme-2026-10', { spec })).rejects.toThrow(/MO-16|GE-8/);

test('MO-16: a month is closed day by day, then as a whole, never changes, and is recomputed byte for byte by another program', async () => {
  await api.create(servicePlan, advancedPlan('advanced-2026', 'lower-saxony') as Any);
  const made = await api.create(contract, contractOf('acme', ['acme'], 'advanced-2026') as Any);
  await api.create(recordPage, object(recordPage, 'contract-acme-000001', recorded(), NAMESPACE) as Any);
  const spec = {
    contract: { name: 'acme', uid: (made as Any).metadata.uid },
    ...{ month: '2026-10', timeZone: 'Europe/Berlin', since: '2026-10-30' },
    before: { sha256: NOTHING_BEFORE, last: 0 },
  };
  await api.create(serviceReport, object(serviceReport, 'acme-2026-10', spec) as Any);
  // A pass that ended halfway has left it.
  const draft = { contract: 'acme', month: '2026-10', day: '2026-10-30', page: 1, pages: 2, sha256: NOTHING_BEFORE };
  await api.create(
    reportPage,
    object(reportPage, 'acme-2026-10-30-0001', {
      ...draft,
      writtenAt: '2026-10-31T00:00:00Z',
      lines: ['{"a":1}'],
    }) as Any,
  );

  operator = await started();
  const closed = await eventually(async () => {
    const now = await report();
    expect(now.status).toMatchObject({ phase: 'Closed', days: 2 });
    return now;
  }, 30_000);
  // The next month is open, whose first day follows the last of this one.
  const next = await api.get(serviceReport, '', 'acme-2026-11');
  expect((next as Any).spec).toMatchObject({
    since: '2026-11-01',
    before: { sha256: closed.spec.days[1].sha256, last: 3 },
  });
  await operator.stop();

  const written = await pages();
  const linesOf = (name: string) =>
    written.filter(({ metadata }) => metadata.name.startsWith(name)).flatMap(each => each.spec.lines);
  const text = (day: string) =>
    linesOf(`acme-${day}-`)
      .map(line => `${line}\n`)
      .join('');
  const lines = recompute('2026-10', '2026-10-30', day => text(day));
  expect(linesOf('acme-2026-10-0')).toEqual(lines);
  expect(hashOfLines(lines)).toBe(closed.spec.closed.sha256);
  const systems = lines.map(line => JSON.parse(line)).filter(({ line }) => line === 'System');
  // Nobody was asked whether they were up: no minute of it is called good.
  expect(systems).toMatchObject([
    {
      name: 'shop-db',
      days: 2,
      there: 900 + 1440,
      periods: [{ target: '99.9', raw: { good: 0, noData: 900 + 1440 }, verdict: 'Unproven' }],
    },
    { name: 'shop-web', days: 2, there: 840 + 660 },
  ]);

  await refused({ closed: { ...closed.spec.closed, sha256: NOTHING_BEFORE } });
  await refused({ closed: null });
  await refused({ days: closed.spec.days.slice(1) });
  await refused({ days: [...closed.spec.days, { ...closed.spec.days[0], day: '2026-10-29' }] });
  await refused({ since: '2026-10-01' });
  await expect(
    api.edit(reportPage, '', 'acme-2026-10-0001', { spec: { writtenAt: '2027-01-01T00:00:00Z' } }),
  ).rejects.toThrow(/MO-16/);
  await api.edit(serviceReport, '', 'acme-2026-10', { spec: { comment: { text: 'A quiet month.', by: 'kim' } } });

  operator = await started();
  await eventually(async () => expect((await api.list(serviceReport)).length).toBeGreaterThan(1), 10_000);
  await eventually(async () =>
    expect((await report()).status).toMatchObject({ phase: 'Closed', promises: closed.status.promises }),
  );
  const later = (await pages()).filter(({ spec: { month } }) => month === '2026-10');
  expect(later).toEqual(written.filter(({ spec: { month } }) => month === '2026-10'));
});
