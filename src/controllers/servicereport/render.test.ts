import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closeMonth } from '../../domain/report/month.ts';
import { pagesOf } from '../../domain/report/pages.ts';
import { closed, entriesOf, hashed, VM } from '../../domain/report/report.fixtures.ts';
import { readRenderQuestion, renderReport } from './render.ts';

const folder = mkdtempSync(join(tmpdir(), 'render-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entries = entriesOf([{ at: '2026-11-30T20:00:00.000Z', after: VM }]);
const lines = closeMonth({
  ...{ month: '2026-12', since: '2026-12-01', gaps: [] },
  days: [hashed(closed(0, entries, { first: 1, last: 1 }))],
});
const pages = pagesOf({ contract: 'acme', month: '2026-12' }, lines, new Date('2027-01-01T00:31:00Z'));
const spec = {
  contract: { name: 'acme', uid: 'ctr-1' },
  ...{ month: '2026-12', timeZone: 'Europe/Berlin', since: '2026-12-01', before: { sha256: '0'.repeat(64), last: 0 } },
  closed: { at: '2027-01-01T00:31:00Z', sha256: pages[0]?.sha256 ?? '', pages: 1 },
};

function rendered(report: object, of: readonly object[]): string {
  const [reportFile, pagesFile] = [join(folder, 'report.json'), join(folder, 'pages.json')];
  writeFileSync(reportFile, JSON.stringify({ spec: report }));
  writeFileSync(pagesFile, JSON.stringify({ items: of.map(each => ({ spec: each })) }));
  return renderReport(readRenderQuestion(['render', reportFile, pagesFile, '--language', 'en']));
}

describe('steward report render', () => {
  it('MO-16: makes a page of a closed month, whose hash it shows', () => {
    expect(rendered(spec, pages)).toContain(spec.closed.sha256);
  });

  it('MO-16: makes none of pages that were changed, of a part of them, or of a month that is not closed', () => {
    const changed = pages.map(each => ({ ...each, lines: each.lines.map(line => line.replace('shop-db', 'shop-dc')) }));
    for (const of of [changed, []]) expect(() => rendered(spec, of)).toThrow(/not those of 2026-12 as it was closed/);
    expect(() => rendered({ ...spec, closed: undefined }, pages)).toThrow(/not closed yet/);
  });

  it.each([[['render', 'a']], [['show', 'a', 'b']], [['render', 'a', 'b', '--language', 'fr']]])(
    'refuses %j',
    words => {
      expect(() => readRenderQuestion(words)).toThrow();
    },
  );
});
