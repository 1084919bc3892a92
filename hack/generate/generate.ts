/**
 * Writes every generated file (`npm run generate`). With `--check` it writes nothing and exits 1, naming each file that
 * differs from what would be generated, is missing, or is no longer generated.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { drift } from './drift.ts';
import { generators } from './generators.ts';

const root = resolve(import.meta.dirname, '../..');
process.chdir(root);
const checkOnly = process.argv.includes('--check');

let drifted = 0;
for (const generator of generators) {
  const files = await generator.generate();
  const differences = await drift(root, files, generator.folders);
  for (const { path, why } of differences) {
    console.log(`${checkOnly ? 'drifted' : 'wrote'}: ${path} (${why}; ${generator.name})`);
    if (!checkOnly) await put(path, files.get(path));
  }
  drifted += differences.length;
}

if (checkOnly && drifted > 0) {
  console.error(`${drifted} generated files drifted: run "npm run generate" and commit what it writes.`);
  process.exitCode = 1;
} else {
  console.log(drifted === 0 ? 'Generated files are up to date.' : `${drifted} files written.`);
}

async function put(path: string, content: string | undefined): Promise<void> {
  if (content === undefined) return rm(resolve(root, path));
  await mkdir(dirname(resolve(root, path)), { recursive: true });
  await writeFile(resolve(root, path), content);
}
