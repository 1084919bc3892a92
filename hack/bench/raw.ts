/** The limit: a client that writes what Steward writes and does nothing else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Contestant, IN_FLIGHT, managedVMs, startProgram, untilItSpeaks } from './contestant.ts';
import type { Template } from './template.ts';

export function rawClient(template: Template): Contestant {
  return {
    name: 'raw client',
    roots: managedVMs,
    async start(bench) {
      const file = join(bench.bed.dir, 'template.json');
      await writeFile(file, JSON.stringify(template));
      const program = await startProgram(bench, {
        name: 'raw',
        command: [process.execPath, join(import.meta.dirname, 'rawprogram.ts')],
        environment: { BENCH_TEMPLATE: file, BENCH_IN_FLIGHT: `${IN_FLIGHT}` },
      });
      await untilItSpeaks(program.child);
      return {
        ...program,
        told: ({ metadata: { name, uid } }) => program.child.stdin?.write(`${name} ${uid}\n`),
      };
    },
  };
}
