/** `npm run bench -- --scale`: what grows with the fleet, row by row, each in a process of its own so that none weighs on another. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sentence } from '../checks.ts';
import type { Measured, ScaleRow } from './row.ts';
import { type SeenRow, seenRow } from './table.ts';

/** Says each check as soon as it is known. Throws where a row could not be measured. */
export async function scale(rows: readonly ScaleRow[], say: (line: string) => void): Promise<readonly SeenRow[]> {
  const seen: SeenRow[] = [];
  for (const row of rows) {
    say(`\n${row.figure} (${row.how})`);
    const measured = await inItsOwnProcess(row);
    for (const check of measured.checks) say(sentence(check));
    seen.push(seenRow(row, measured));
  }
  return seen;
}

async function inItsOwnProcess({ id }: ScaleRow): Promise<Measured> {
  const child = fork(join(import.meta.dirname, 'measurerow.ts'), [id], { execArgv: ['--expose-gc'] });
  let measured: Measured | undefined;
  child.once('message', message => {
    measured = message as Measured;
  });
  const [code] = await once(child, 'exit');
  if (measured === undefined) throw new Error(`${id} ended with ${code} before it was measured`);
  return measured;
}
