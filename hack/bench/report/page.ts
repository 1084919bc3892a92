/** docs/benchmarks.md, of which the bench writes sections between marks. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../docs/benchmarks.md');

/** Puts lines in the place of the section that this command has written before. Throws where the page has no such section. */
export async function replaceSection(command: string, section: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  await writeFile(page, withSection(text, command, section));
}

export function withSection(text: string, command: string, section: string): string {
  const [begin, end] = ['begin', 'end'].map(side => text.indexOf(`<!-- written by ${command}: ${side} -->`));
  if (begin === undefined || end === undefined || begin < 0 || end < begin)
    throw new Error(`docs/benchmarks.md has no section that ${command} writes`);
  const from = text.indexOf('\n', begin) + 1;
  return `${text.slice(0, from)}${section}\n${text.slice(end)}`;
}
