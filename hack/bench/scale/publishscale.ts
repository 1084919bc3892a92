/** Writes the table of what grows into docs/benchmarks.md, and its figures beside it. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { replaceSection } from '../report/page.ts';
import { scaleRows } from './rows.ts';
import { mergedRows, type SeenRow, scaleTable } from './table.ts';

const file = join(import.meta.dirname, '../../../docs/benchmarks/scale.json');

/** What earlier runs saw of other rows stays. */
export async function publishScale(news: readonly SeenRow[]): Promise<void> {
  const earlier = JSON.parse(await readFile(file, 'utf8')) as SeenRow[];
  const rows = mergedRows(scaleRows, earlier, news);
  await writeFile(file, `${JSON.stringify(rows, undefined, 2)}\n`);
  await replaceSection(
    'npm run bench -- --scale',
    [machine(), '', scaleTable(rows), '', ...rows.map(origin), ''].join('\n'),
  );
}

function machine(): string {
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return `On ${cpus().length} cores (${cpus()[0]?.model.trim()}) with ${memory}, Node ${process.version}.`;
}

function origin({ figure, how, date }: SeenRow): string {
  return `- ${figure}: ${how}; ${date}.`;
}
