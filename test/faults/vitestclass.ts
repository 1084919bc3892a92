import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tallyOf as reported, vitestReport } from '../../hack/verify/report.ts';
import { report, type Tally } from './tally.ts';

type VitestClass = {
  readonly id: number;
  readonly title: string;
  readonly project: string;
  /** Only these files; absent: all of the project. */
  readonly files?: readonly string[];
};

/** A class of faults whose cases are tests of a project of vitest. */
export async function runVitestClass({ id, title, project, files = [] }: VitestClass): Promise<Tally> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'steward-faults-'));
  const file = join(folder, 'report.json');
  try {
    const words = ['run', '--project', project, ...vitestReport(file, 'verbose'), ...files];
    const child = spawn('vitest', words, { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
    const [code] = await once(child, 'exit');
    const { passed, failed, failures } = await reported(file, code ?? 1);
    const seconds = Math.round((performance.now() - began) / 1000);
    return report({ id, title, passed, failed, failures, idle: 0, seconds });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
