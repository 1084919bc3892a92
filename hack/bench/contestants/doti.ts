/** An opponent in TypeScript's world, whose library is a dependency of this folder's own package and not of the project. */
import { join } from 'node:path';
import { exists } from '../../testbed/build/cache.ts';
import type { Progress } from '../../testbed/build/progress.ts';
import { run } from '../../testbed/process/command.ts';
import { type Contestant, managedVMs, startProgram } from './contestant.ts';
import type { Template } from './template.ts';

const folder = join(import.meta.dirname, 'doti');

/** Installs the locked packages once. */
export async function ensureDoti(progress: Progress): Promise<void> {
  if (await exists(join(folder, 'node_modules/.package-lock.json'))) return;
  progress('Installing the packages of the opponent @dot-i/k8s-operator');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

/** What the operator makes is in doti/operator.mjs. */
export function doti(template: Template): Contestant {
  return {
    name: '@dot-i/k8s-operator',
    roots: managedVMs,
    start: bench =>
      startProgram(bench, { name: 'doti', command: [process.execPath, join(folder, 'operator.mjs')], template }),
  };
}
