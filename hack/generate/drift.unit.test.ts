import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drift } from './drift.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'steward-drift-'));
  await mkdir(join(root, 'crds/old'), { recursive: true });
  await writeFile(join(root, 'crds/same.yaml'), 'same');
  await writeFile(join(root, 'crds/edited.yaml'), 'edited by hand');
  await writeFile(join(root, 'crds/old/gone.yaml'), 'of a kind that is no more');
});
afterEach(() => rm(root, { recursive: true }));

const generated = new Map([
  ['crds/same.yaml', 'same'],
  ['crds/edited.yaml', 'as generated'],
  ['docs/new.md', 'new'],
]);

test('names each file that differs, is missing or is no longer generated', async () => {
  expect(await drift(root, generated, ['crds'])).toEqual([
    { path: 'crds/edited.yaml', why: 'differs' },
    { path: 'docs/new.md', why: 'missing' },
    { path: 'crds/old/gone.yaml', why: 'no longer generated' },
  ]);
});

test('other files are left alone in folders that are not only for generated files', async () => {
  expect(await drift(root, new Map([['crds/same.yaml', 'same']]), [])).toEqual([]);
});

test('a folder that does not exist yet has no left-overs', async () => {
  expect(await drift(root, new Map(), ['nowhere'])).toEqual([]);
});
