import { describe, expect, it } from 'vitest';
import { ContractSpec } from '../../api/contract.ts';
import type { RecordPageSpec } from '../../api/recordpage.ts';
import type { ServiceReport, ServiceReportSpec } from '../../api/servicereport.ts';
import { beginningOf, type Head, seal } from '../record/entry.ts';
import { newSigner } from '../record/stream.fixtures.ts';
import { assessReport } from './assess.ts';
import { closing } from './closing.ts';
import { readDay } from './format.ts';
import { NOTHING_BEFORE } from './hash.ts';
import { sightOf } from './measured.ts';
import { monthOfPages } from './monthofpages.ts';
import { nextMonth, nextStep, spanOf } from './nextday.ts';
import { linesOf, pagesOf } from './pages.ts';
import { lastBefore, recordsOfDay } from './recordsofday.ts';
import { VM } from './report.fixtures.ts';

const REPORT: ServiceReportSpec = {
  contract: { name: 'acme', uid: 'ctr-1' },
  ...{ month: '2026-12', timeZone: 'Europe/Berlin', since: '2026-12-30', before: { sha256: NOTHING_BEFORE, last: 0 } },
};
const day = (name: string, last: number) => ({
  day: name,
  sha256: name.replaceAll('-', '').padStart(64, 'a'),
  pages: 1,
  last,
});
const stepOf = (report: ServiceReportSpec) => {
  const step = nextStep(report);
  if (step.step !== 'CloseDay') throw new Error('no day is next');
  return step;
};

describe('the days of a month', () => {
  it('GE-8: are closed one after another, each where the one before ended', () => {
    expect(stepOf(REPORT)).toMatchObject({ day: '2026-12-30', previous: NOTHING_BEFORE, after: 0 });
    const first = day('2026-12-30', 7);
    expect(stepOf({ ...REPORT, days: [first] })).toMatchObject({
      ...{ day: '2026-12-31', previous: first.sha256, after: 7 },
      due: new Date('2026-12-31T23:30:00Z'),
    });
  });

  it('GE-1: are followed by the close, and by the report of the next month', () => {
    const days = [day('2026-12-30', 7), day('2026-12-31', 9)];
    expect(nextStep({ ...REPORT, days })).toEqual({ step: 'CloseMonth', days: ['2026-12-30', '2026-12-31'] });
    expect(nextMonth({ ...REPORT, days })).toEqual({
      ...{ month: '2027-01', since: '2027-01-01', before: { sha256: days[1]?.sha256, last: 9 } },
    });
    expect(nextMonth({ ...REPORT, days: days.slice(0, 1) })).toBeUndefined();
    const closed = { at: '2027-01-01T00:00:00Z', sha256: NOTHING_BEFORE, pages: 1 };
    expect(nextStep({ ...REPORT, days, closed })).toEqual({ step: 'None' });
  });

  it.each([
    ['2026-03-29', 1380],
    ['2026-10-25', 1500],
    ['2026-12-01', 1440],
  ])('GE-1: %s has %i minutes in Berlin', (name, minutes) =>
    expect(spanOf(name, 'Europe/Berlin').minutes).toBe(minutes),
  );
});

const signer = newSigner();
/** A page of records that were written at these instants, each of a VM of its own. */
function page(
  times: readonly string[],
  number = 1,
  head: Head = beginningOf('contract-acme'),
): RecordPageSpec & { head: Head } {
  const entries: string[] = [];
  let end = head;
  for (const [index, at] of times.entries()) {
    const sealed = seal(
      end,
      {
        ...{ at: new Date(at), what: 'Appeared', who: {}, why: { requirements: ['GE-8'] }, after: VM },
        object: { kind: 'ManagedVM', namespace: 'acme', name: `vm-${index}`, uid: `uid-${index}` },
      },
      signer,
    );
    entries.push(sealed.line);
    end = sealed.head;
  }
  const at = { sequence: end.sequence, hash: end.hash, key: signer.id, stream: end.stream };
  return { stream: 'contract-acme', number, first: head.sequence + 1, head: at, entries };
}
const END = new Date('2026-12-30T23:00:00Z');

describe('the records of a day', () => {
  it('GE-8: are those up to the first that was written after it; one from a clock that was set back is of the next day', () => {
    const pages = [
      page(['2026-12-29T23:10:00Z', '2026-12-30T10:00:00Z', '2026-12-31T01:00:00Z', '2026-12-30T22:00:00Z']),
    ];
    expect(recordsOfDay(pages, 0, END)).toMatchObject({ range: { first: 1, last: 2 }, isWhole: true, missing: [] });
    const next = recordsOfDay(pages, 2, new Date('2026-12-31T23:00:00Z'));
    expect(next).toMatchObject({ range: { first: 3, last: 4 }, isWhole: false });
    expect(lastBefore(pages, new Date('2026-12-30T05:00:00Z'))).toBe(1);
    expect(lastBefore([], END)).toBe(0);
  });

  it('GE-8: that have left the cluster are named, and so is a stream that was changed', () => {
    const first = page(['2026-12-30T01:00:00Z', '2026-12-30T02:00:00Z']);
    const second = page(['2026-12-31T03:00:00Z'], 2, first.head);
    expect(recordsOfDay([second], 0, END)).toMatchObject({
      missing: [expect.stringMatching(/^Records 1 to 2 have left/)],
    });
    const [line = ''] = first.entries;
    const changed = { ...first, entries: [line.replace('vm-0', 'vm-9'), ...first.entries.slice(1)] };
    expect(recordsOfDay([changed, second], 0, END)).toMatchObject({
      isWhole: false,
      missing: [expect.stringMatching(/cannot be followed: its hash is not/)],
    });
  });
});

const agreed = {
  spec: ContractSpec.parse({
    ...{ customer: 'Acme GmbH', namespaces: ['acme'], billingId: '10042' },
    contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
    plans: [{ level: 'AdvancedMonitoringAndPatching', plan: 'advanced-2026', from: '2026-01-01' }],
  }),
  ...{ begun: [], plan: () => undefined },
};
const SIGHTS = { measured: () => ({ bad: [], noData: [] }), missing: [] };
const whole = recordsOfDay([page(['2026-12-30T10:00:00Z', '2026-12-31T01:00:00Z'])], 0, END);
const half = recordsOfDay([page(['2026-12-30T10:00:00Z'])], 0, END);
const close = (more: Partial<Parameters<typeof closing>[0]> = {}) =>
  closing({
    report: REPORT,
    step: stepOf(REPORT),
    agreed,
    records: whole,
    sights: SIGHTS,
    now: new Date('2026-12-30T23:31:00Z'),
    ...more,
  });

describe('a day', () => {
  it('GE-8: is closed once its records and its sensors are there, and names its records by their hash', () => {
    const { closes, waits } = close();
    expect(waits).toEqual([]);
    expect(closes?.day).toMatchObject({ day: '2026-12-30', pages: 1, last: 1 });
    const { header, plans } = readDay(closes?.pages.flatMap(({ lines }) => lines) ?? []);
    expect(header).toMatchObject({
      contract: 'acme',
      customer: 'Acme GmbH',
      records: { first: 1, last: 1, head: whole.range.head },
      missing: [],
    });
    expect(plans).toMatchObject([{ level: 'AdvancedMonitoringAndPatching', plan: 'advanced-2026' }]);
  });

  it.each([
    ['the record writer', { records: half }, /recorded nothing since 2026-12-30 ended/],
    ['Prometheus', { sights: { ...SIGHTS, missing: ['Prometheus did not say it.'] } }, /did not say/],
    ['the Contract', { agreed: undefined }, /uid ctr-1 cannot be read/],
  ])('GE-8: waits for %s, and names it', (_, more, why) => {
    expect(close(more)).toEqual({ waits: [expect.stringMatching(why)] });
  });

  it('GE-8: is closed after three days without what is missing still, and says so', () => {
    const { closes } = close({ records: half, now: new Date('2027-01-02T23:00:00Z') });
    expect(closes?.day).toMatchObject({ missing: 1 });
    const { header } = readDay(closes?.pages.flatMap(({ lines }) => lines) ?? []);
    expect(header.missing).toEqual([expect.stringMatching(/recorded nothing/)]);
  });

  it('GE-8: does not wait for what cannot come: no Prometheus that is asked, records that have left', () => {
    const none = { ...SIGHTS, missing: ['No Prometheus is asked: nobody can say whether systems were up.'] };
    expect(close({ sights: none }).closes?.day).toMatchObject({ missing: 1 });
  });
});

describe('a month', () => {
  const { closes } = close();
  const report = { ...REPORT, since: '2026-12-30', days: closes?.day ? [closes.day] : [] };
  const now = new Date('2027-01-01T01:00:00Z');

  it('MO-16: is made of the pages of its days as they were closed, and names the days that are missing', () => {
    const { closes: month, waits } = monthOfPages(report, closes?.pages ?? [], now);
    expect(waits).toEqual([]);
    expect(month?.month).toMatchObject({ at: '2027-01-01T01:00:00Z', pages: 1, gaps: ['2026-12-31'] });
  });

  it('MO-16: is not closed over a day whose pages were changed, or are gone', () => {
    const changed = (closes?.pages ?? []).map(each => ({
      ...each,
      lines: each.lines.map(line => line.replace('acme', 'evil')),
    }));
    for (const pages of [changed, []])
      expect(monthOfPages(report, pages, now)).toEqual({
        waits: ['The pages of 2026-12-30 are not there, or not as they were closed.'],
      });
  });

  it('GE-8: lies on as many pages as it takes, in their order, and all of them', () => {
    const lines = Array.from({ length: 1200 }, (_, index) => `{"n":${index},"text":"${'x'.repeat(900)}"}`);
    const pages = pagesOf({ contract: 'acme', month: '2026-12' }, lines, now);
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.every(({ lines: each }) => each.join('').length <= 400_000)).toBe(true);
    expect(linesOf(pages.toReversed(), pages[0]?.sha256 ?? '')).toEqual(lines);
    expect(linesOf(pages.slice(1), pages[0]?.sha256 ?? '')).toBeUndefined();
  });
});

describe('a ServiceReport', () => {
  const report = (spec: Partial<ServiceReportSpec>, status = {}): ServiceReport => ({
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ServiceReport' },
    ...{ metadata: { name: 'acme-2026-12', generation: 3 }, spec: { ...REPORT, ...spec }, status },
  });
  const assess = (spec: Partial<ServiceReportSpec>, now: string, waits: string[] = [], status = {}) =>
    assessReport({ report: report(spec, status), waits, sums: undefined, now: new Date(now) });

  it('GE-8: says what day it is, so that its record proves the day before to be whole', () => {
    expect(assess({}, '2026-12-30T22:59:59Z').status).toMatchObject({ phase: 'Open', today: '2026-12-30' });
    expect(assess({}, '2026-12-30T23:00:00Z').status).toMatchObject({ phase: 'Open', today: '2026-12-31' });
    expect(assess({}, '2026-12-30T22:00:00Z').nextEdge).toEqual(new Date('2026-12-30T23:00:00Z'));
  });

  it('GE-8: is Closing once its month is over, and names each source that is missing', () => {
    const said = assess({ days: [day('2026-12-30', 1)] }, '2027-01-01T00:00:00Z', ['Prometheus did not answer.']);
    expect(said.status).toMatchObject({ phase: 'Closing', days: 1, missing: ['Prometheus did not answer.'] });
    expect(said.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'SourceMissing' }]);
  });

  it('MO-16: goes on saying what a closed month came to, also after a restart', () => {
    const closed = { at: '2027-01-01T00:40:00Z', sha256: NOTHING_BEFORE, pages: 1 };
    const status = { promises: { kept: 5, broken: 1, unproven: 0 }, breaches: 1 };
    expect(assess({ closed }, '2027-02-01T00:00:00Z', [], status)).toMatchObject({
      status: { phase: 'Closed', ...status },
      nextEdge: undefined,
      conditions: [{ status: 'True', reason: 'Closed' }],
    });
  });
});

describe('what sensors saw', () => {
  const span = spanOf('2026-12-30', 'Europe/Berlin');
  const at = (minute: number) => span.from.getTime() / 1000 + 60 * (minute + 1);

  it('MO-5: is good, bad or without data minute by minute', () => {
    const values = [
      [at(0), '1'],
      [at(1), '0'],
      [at(2), '0'],
      [at(4), '1'],
      [at(1439), '1'],
      [at(1440), '0'],
      ['x', 'y'],
      7,
    ];
    expect(sightOf({ metric: { managed_vm: 'shop-db' }, values }, span)).toEqual({
      ...{ kind: 'ManagedVM', name: 'shop-db' },
      measured: {
        bad: [[1, 3]],
        noData: [
          [3, 4],
          [5, 1439],
        ],
      },
    });
    expect(sightOf({ metric: {}, values }, span)).toBeUndefined();
  });
});
