import { PAGE_LINES, PAGE_SIZE, type ReportPageSpec } from '../../api/reportpage.ts';
import { instant } from '../contract/condition.ts';
import { hashOfLines } from './hash.ts';

export type PageOf = Pick<ReportPageSpec, 'contract' | 'month' | 'day' | 'correction'>;

/** Lines on as few pages as hold them; their hash is on each. `lines`: at least one. */
export function pagesOf(of: PageOf, lines: readonly string[], now: Date): ReportPageSpec[] {
  const pages: string[][] = [];
  let size = 0;
  for (const line of lines) {
    const open = pages.at(-1);
    if (open === undefined || open.length >= PAGE_LINES || size + line.length > PAGE_SIZE) {
      pages.push([line]);
      size = line.length;
    } else {
      open.push(line);
      size += line.length;
    }
  }
  const sha256 = hashOfLines(lines);
  return pages.map((each, index) => ({
    ...{ ...of, page: index + 1, pages: pages.length, sha256, writtenAt: instant(now), lines: each },
  }));
}

/** The lines of what has this hash; undefined where its pages are not there, or not as they were closed. */
export function linesOf(pages: readonly ReportPageSpec[], sha256: string): string[] | undefined {
  const inOrder = pages.toSorted((a, b) => a.page - b.page);
  const isWhole = inOrder.length === inOrder[0]?.pages && inOrder.every(({ page }, index) => page === index + 1);
  const lines = inOrder.flatMap(({ lines }) => lines);
  return isWhole && hashOfLines(lines) === sha256 ? lines : undefined;
}
