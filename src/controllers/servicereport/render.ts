/** `steward report render`: a closed month as a page for people, from what kubectl prints of it; it needs no cluster. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ReportPage, ReportPageSpec } from '../../api/reportpage.ts';
import { ServiceReportSpec } from '../../api/servicereport.ts';
import { documentOf } from '../../domain/report/document.ts';
import { htmlOf } from '../../domain/report/html.ts';
import { linesOf } from '../../domain/report/pages.ts';
import type { Language } from '../../domain/report/words.ts';

export const RENDER_USAGE = `usage: steward report render REPORT PAGES [--language de|en]

Prints a closed month as one HTML page. REPORT holds its ServiceReport, PAGES its ReportPages, as kubectl prints them with -o json:
  kubectl get servicereport acme-2026-11 -o json > REPORT
  kubectl get reportpages --field-selector spec.contract=acme,spec.month=2026-11 -o json > PAGES
`;

export type RenderQuestion = { readonly report: string; readonly pages: string; readonly language: Language };

/** Throws an Error that says what is wrong with the words. */
export function readRenderQuestion(words: readonly string[]): RenderQuestion {
  const options = { language: { type: 'string', default: 'de' } } as const;
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [command, report, pages, ...more] = positionals;
  const { language } = values;
  if (command !== 'render' || report === undefined || pages === undefined || more.length > 0)
    throw new Error('it needs the word render and two files');
  if (language !== 'de' && language !== 'en') throw new Error(`--language is de or en, and not ${language}`);
  return { report, pages, language };
}

/** The page. Throws an Error that says what is wrong: of lines that are not those that were closed nothing is rendered. */
export function renderReport({ report, pages, language }: RenderQuestion): string {
  const spec = ServiceReportSpec.parse((readJson(report) as { spec: unknown }).spec);
  const { closed, contract, month, comment, corrections } = spec;
  if (closed === undefined) throw new Error(`${month} of ${contract.name} is not closed yet`);
  const stored = (readJson(pages) as { items?: readonly ReportPage[] }).items ?? [];
  const own = stored
    .map(each => ReportPageSpec.parse(each.spec))
    .filter(
      each =>
        each.contract === contract.name &&
        each.month === month &&
        each.day === undefined &&
        each.correction === undefined,
    );
  const lines = linesOf(own, closed.sha256);
  if (lines === undefined)
    throw new Error(`the pages are not those of ${month} as it was closed: its SHA-256 is ${closed.sha256}`);
  return htmlOf(documentOf({ lines, language, sha256: closed.sha256, closedAt: closed.at, comment, corrections }));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
