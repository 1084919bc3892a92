import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../testbed/process/command.ts';
import { writeFolderLayer, writeLayer } from './layer.ts';
import type { TarEntry } from './tar.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'steward-layer-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const folder = () => mkdtemp(join(scratch, 'f-'));

/** What `work` writes under another umask and in another time zone than this process has. */
async function elsewhere<T>(work: () => Promise<T>): Promise<T> {
  const { TZ } = process.env;
  const umask = process.umask(0o077);
  process.env.TZ = 'Pacific/Auckland';
  try {
    return await work();
  } finally {
    process.umask(umask);
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
}

async function layerOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const file = join(await folder(), 'layer.tar');
  await writeLayer(entries, file);
  return readFile(file);
}

async function unpacked(entries: readonly TarEntry[]): Promise<string> {
  const place = await folder();
  await writeLayer(entries, join(place, 'layer.tar'));
  await mkdir(join(place, 'root'));
  await run('tar', ['-xf', join(place, 'layer.tar'), '-C', join(place, 'root'), '--no-same-owner']);
  return join(place, 'root');
}

describe('a layer of entries', () => {
  const entries: readonly TarEntry[] = [
    { path: 'usr/bin/node', content: 'program', mode: 0o755 },
    { path: 'etc/passwd', content: 'root:x:0:0::/:\n' },
    { path: 'app', folder: true, uid: 65532, gid: 65532, mode: 0o700 },
    { path: 'lib', target: 'usr/lib' },
  ];

  it('is the same bytes for the same entries in any order, under any umask and in any time zone', async () => {
    const here = await layerOf(entries);
    const there = await elsewhere(() => layerOf(entries.toReversed()));
    expect(there.equals(here)).toBe(true);
  });

  it('has every folder before what it holds, and says owner, permissions and the epoch', async () => {
    const file = join(await folder(), 'layer.tar');
    await writeLayer(entries, file);
    const list = await run('tar', ['-tvf', file, '--numeric-owner', '--utc'], { env: { ...process.env, LC_ALL: 'C' } });
    expect(
      list
        .trim()
        .split('\n')
        .map(line => line.replace(/ +/g, ' ')),
    ).toEqual([
      'drwx------ 65532/65532 0 1970-01-01 00:00 app/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
      '-rw-r--r-- 0/0 15 1970-01-01 00:00 etc/passwd',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 lib -> usr/lib',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/',
      '-rwxr-xr-x 0/0 7 1970-01-01 00:00 usr/bin/node',
    ]);
  });

  it('takes of a source file its content, not its permissions or times', async () => {
    const place = await folder();
    const sources = [join(place, 'one'), join(place, 'other')];
    for (const source of sources) await writeFile(source, 'x'.repeat(100_000));
    await chmod(sources[1] ?? '', 0o600);
    await utimes(sources[1] ?? '', 1, 1);
    const [one, other] = await Promise.all(sources.map(source => layerOf([{ path: 'f', source }])));
    expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true);
  });

  it('refuses two entries of one path, and paths that leave the root', async () => {
    await expect(
      layerOf([
        { path: 'a', content: '' },
        { path: 'a', folder: true },
      ]),
    ).rejects.toThrow('have the path a');
    for (const path of ['/etc/passwd', '../x', 'a//b', 'a/./b', ''])
      await expect(layerOf([{ path, content: '' }])).rejects.toThrow('not a relative path');
  });

  it('gives back any path, target, permission and content through tar', async () => {
    const name = fc
      .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.stringMatching(/^[a-z.-]{80,120}$/))
      .map(text => text.replaceAll(/[/\0]/g, '_'))
      .filter(text => text !== '.' && text !== '..' && Buffer.byteLength(text) < 250);
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/'));
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(1500).map(size => new Uint8Array(size).fill(65)),
    );
    const mode = fc.integer({ min: 0o400, max: 0o777 });
    await fc.assert(
      fc.asyncProperty(path, path, body, mode, async (file, target, content, mode) => {
        const root = await unpacked([
          { path: `files/${file}`, content, mode },
          { path: 'link', target },
        ]);
        expect(new Uint8Array(await readFile(join(root, 'files', file)))).toEqual(new Uint8Array(content));
        expect((await lstat(join(root, 'files', file))).mode & 0o777).toBe(mode);
        expect(await readlink(join(root, 'link'))).toBe(target);
        await rm(root, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });

  it('holds numbers that ustar has no room for', async () => {
    const file = join(await folder(), 'layer.tar');
    await writeLayer([{ path: 'f', content: '', uid: 4_000_000_000, gid: 2_097_152 }], file);
    expect(await run('tar', ['-tvf', file, '--numeric-owner'])).toContain('4000000000/2097152');
  });
});

describe('a layer of a folder', () => {
  async function sample(): Promise<string> {
    const root = await folder();
    await mkdir(join(root, 'bin'));
    await writeFile(join(root, 'bin/tool'), 'program');
    await chmod(join(root, 'bin/tool'), 0o4755);
    await link(join(root, 'bin/tool'), join(root, 'bin/alias'));
    await symlink('tool', join(root, 'bin/link'));
    await writeFile(join(root, `${'long-'.repeat(30)}name`), '');
    await chmod(root, 0o755);
    await chmod(join(root, 'bin'), 0o755);
    await chmod(join(root, `${'long-'.repeat(30)}name`), 0o644);
    return root;
  }

  it('is the same bytes for the same content, made elsewhere and later', async () => {
    const layers = [join(scratch, 'here.tar'), join(scratch, 'there.tar')] as const;
    await writeFolderLayer(await sample(), layers[0]);
    await elsewhere(async () => {
      const other = await sample();
      await utimes(join(other, 'bin/tool'), 1e9, 1e9);
      await writeFolderLayer(other, layers[1]);
    });
    const [here, there] = await Promise.all(layers.map(layer => readFile(layer)));
    expect(there?.equals(here ?? Buffer.alloc(0))).toBe(true);
    const list = await run('tar', ['-tvf', layers[0]]);
    expect(list).toContain('rwsr-xr-x');
    expect(list).toContain('bin/tool link to ./bin/alias');
    expect(list).toContain('bin/link -> tool');
  });

  it('leaves out what is excluded and gives everything to root when told to', async () => {
    const file = join(scratch, 'part.tar');
    await writeFolderLayer(await sample(), file, { owner: 'root', exclude: ['./long*'] });
    const list = await run('tar', ['-tvf', file, '--numeric-owner']);
    expect(list).not.toContain('long');
    expect(
      list
        .trim()
        .split('\n')
        .every(line => line.includes(' 0/0 ')),
    ).toBe(true);
  });

  it.runIf(process.getuid?.() === 0)('keeps file capabilities', async () => {
    const root = await sample();
    const hasSetcap = await run('setcap', ['cap_net_bind_service=+ep', join(root, 'bin/tool')]).catch(() => undefined);
    if (hasSetcap === undefined) return;
    const file = join(scratch, 'capable.tar');
    await writeFolderLayer(root, file);
    expect(await run('tar', ['--xattrs', '--xattrs-include=*', '-tvvf', file])).toContain('security.capability');
  });
});
