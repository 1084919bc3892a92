import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeDeb } from './madepackages.ts';

test('a package is the same one whenever it is built: apt takes two of one version for two where they differ', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steward-made-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const made = { name: 'both', version: '2', files: { '/etc/both.conf': 'one\n' } };
  const first = await makeDeb(folder, made);
  const second = Math.trunc(Date.now() / 1000);
  await vi.waitUntil(() => Math.trunc(Date.now() / 1000) > second, { timeout: 5000, interval: 10 });
  expect((await makeDeb(folder, made)).sha256).toBe(first.sha256);
});
