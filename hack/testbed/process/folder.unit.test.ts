import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newFolder } from './folder.ts';

/** More than the kernel gives to a process. */
const DEAD = 4_194_305;
const NOBODY = 65_534;

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'folders-'));
  vi.stubEnv('TMPDIR', scratch);
  vi.stubEnv('STEWARD_BOX', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true });
});

test('folders of this person whose process has ended are removed, others are not', async () => {
  for (const pid of [DEAD, process.pid]) await mkdir(join(scratch, `steward-testbed-${pid}-x`));
  const folder = await newFolder();
  const left = await readdir(scratch);
  expect(left.sort()).toEqual([`steward-testbed-${process.pid}-x`, basename(folder)].sort());
});

test.runIf(process.getuid?.() === 0)("another person's folder is left to them", async () => {
  const foreign = join(scratch, `steward-testbed-${DEAD}-x`);
  await mkdir(foreign);
  await chown(foreign, NOBODY, NOBODY);
  await newFolder();
  expect(await readdir(scratch)).toContain(`steward-testbed-${DEAD}-x`);
});
