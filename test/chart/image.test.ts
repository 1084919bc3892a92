import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStewardImage, config } from '../../hack/images/steward.ts';
import { CommandFailed, run } from '../../hack/testbed/process/command.ts';

let scratch = '';
let digest = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'steward-imagetest-'));
  digest = await buildStewardImage({ outFile: join(scratch, 'image.tar') });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The file systems of the image's layers, one over the other, as a container would see them. */
async function unpacked(): Promise<string> {
  const [layout, root] = [join(scratch, 'layout'), join(scratch, 'root')];
  await run('mkdir', ['-p', layout, root]);
  await run('tar', ['-xf', join(scratch, 'image.tar'), '-C', layout]);
  const blob = (name: string) => join(layout, 'blobs', name.replace(':', '/'));
  const { layers } = JSON.parse(await readFile(blob(digest), 'utf8'));
  for (const layer of layers) await run('tar', ['-xzf', blob(layer.digest), '-C', root]);
  return root;
}

/** What an instruction of the Dockerfile's last stage says, its lines joined. */
async function dockerfile(instruction: string): Promise<string> {
  const text = (await readFile('Dockerfile', 'utf8')).replaceAll('\\\n', '');
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  return new RegExp(`^${instruction} +(.+)$`, 'm').exec(stage)?.[1] ?? '';
}

describe('the image that `npm run image` writes', () => {
  it('has the same digest wherever and however often it is built', async () => {
    const umask = process.umask(0o077);
    try {
      expect(await buildStewardImage({ outFile: join(scratch, 'elsewhere/again.tar') })).toBe(digest);
    } finally {
      process.umask(umask);
    }
  });

  it('says what the Dockerfile says', async () => {
    expect(config.entrypoint).toEqual(JSON.parse(await dockerfile('ENTRYPOINT')));
    expect(config.cmd).toEqual(JSON.parse(await dockerfile('CMD')));
    expect(config.user).toBe(await dockerfile('USER'));
    expect(config.exposedPorts).toEqual((await dockerfile('EXPOSE')).split(' ').map(Number));
    const labels = [...(await dockerfile('LABEL')).matchAll(/(\S+)="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(config.labels).toEqual(Object.fromEntries(labels));
  });

  it.runIf(process.getuid?.() === 0)(
    'runs as an unprivileged user with nothing but itself and no environment',
    async () => {
      const root = await unpacked();
      const command = ['/usr/sbin/chroot', '--userspec=65532:65532', root, ...(config.entrypoint ?? [])];
      // A command it does not know: the bundle was loaded and read its arguments, and needed no cluster for it.
      const answer = run(command[0] ?? '', [...command.slice(1), 'dance'], { env: {} });
      await expect(answer).rejects.toThrow(CommandFailed);
      await expect(answer).rejects.toThrow('unknown command dance; known: run');
    },
  );

  it('has no shell, no package manager and nothing that runs as another user', async () => {
    const root = await unpacked();
    expect(await run('find', [root, '-perm', '/6000'])).toBe('');
    const programs = await run('find', [root, '-type', 'f', '-perm', '/111', '-printf', '%P\n']);
    expect(programs.trim().split('\n').sort()).toEqual([
      'nodejs/bin/node',
      expect.stringMatching(/^usr\/lib.*\/ld-linux/),
    ]);
  });
});
