import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cached, cacheFolder, recipeDigest } from './cache.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-cache-'));
  vi.stubEnv('STEWARD_CACHE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('the cache', () => {
  it('lies where STEWARD_CACHE says, else where XDG says, else in the home folder', () => {
    expect(cacheFolder({ STEWARD_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/steward');
    expect(cacheFolder({})).toMatch(/\.cache\/steward$/);
  });

  it('builds a thing once, also for two who ask at the same time', async () => {
    const gate = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<void>();
    const build = vi.fn(() => gate.promise);
    // Whichever of them comes second waits.
    const first = cached('thing', build, waiting.resolve);
    const second = cached('thing', build, waiting.resolve);
    await waiting.promise;
    gate.resolve();
    expect(await first).toBe(await second);
    await cached('thing', build);
    expect(build).toHaveBeenCalledOnce();
  });

  it('leaves nothing half when a build fails, and lets the next one try', async () => {
    const fails = cached('thing', async partial => {
      await writeFile(join(partial, 'half'), '');
      throw new Error('interrupted');
    });
    await expect(fails).rejects.toThrow('interrupted');
    const built = await cached('thing', partial => writeFile(join(partial, 'whole'), ''));
    expect(await readdir(built)).toEqual(['whole']);
    expect(await readdir(folder)).toEqual(['thing']);
  });

  it('names a recipe anew when a word or a file of it changes', async () => {
    await writeFile(join(folder, 'source'), '1');
    const before = await recipeDigest(['v1'], folder);
    expect(await recipeDigest(['v1'], folder)).toBe(before);
    expect(await recipeDigest(['v2'], folder)).not.toBe(before);
    await writeFile(join(folder, 'source'), '2');
    expect(await recipeDigest(['v1'], folder)).not.toBe(before);
  });
});
