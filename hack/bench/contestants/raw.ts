/** The limit: a client that writes what Steward writes and does nothing else. */
import { join } from 'node:path';
import { type Contestant, IN_FLIGHT, managedVMs, startProgram } from './contestant.ts';
import type { Template } from './template.ts';

export function rawClient(template: Template): Contestant {
  return {
    name: 'raw client',
    roots: managedVMs,
    async start(bench) {
      const program = await startProgram(bench, {
        name: 'raw',
        command: [process.execPath, join(import.meta.dirname, 'rawprogram.ts')],
        environment: { BENCH_IN_FLIGHT: `${IN_FLIGHT}` },
        template,
      });
      return {
        ...program,
        told: ({ metadata: { name, uid } }) => program.child.stdin?.write(`${name} ${uid}\n`),
      };
    },
  };
}
