import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../testbed/process/command.ts';
import { isDynamic } from './elf.ts';
import { staticImage } from './program.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'steward-program-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The head of an ELF program with one program header of the given type. */
async function elf(name: string, type: number): Promise<string> {
  const program = Buffer.alloc(64 + 56);
  program.write('\x7fELF\x02\x01\x01', 'latin1');
  program.writeBigUInt64LE(64n, 32);
  program.writeUInt16LE(56, 54);
  program.writeUInt16LE(1, 56);
  program.writeUInt32LE(type, 64);
  const file = join(scratch, name);
  await writeFile(file, program);
  return file;
}

const load = 1;
const interpreter = 3;

describe('an image of one program', () => {
  it('starts the program by its name in the root folder, as an unprivileged user', async () => {
    const binary = await elf('pause', load);
    const digest = await staticImage(
      { name: 'steward.testbed/pause:1', binary, args: ['--quiet'] },
      join(scratch, 'pause.tar'),
    );
    await run('tar', ['-xf', join(scratch, 'pause.tar'), '-C', scratch]);
    const blob = (name: string) => join(scratch, 'blobs', name.replace(':', '/'));
    const manifest = JSON.parse(await readFile(blob(digest), 'utf8'));
    const { config } = JSON.parse(await readFile(blob(manifest.config.digest), 'utf8'));
    expect(config).toEqual({ Entrypoint: ['/pause'], Cmd: ['--quiet'], User: '65532:65532' });
    const list = await run('tar', ['-tvf', blob(manifest.layers[0].digest)]);
    expect(list).toMatch(/-rwxr-xr-x .* pause$/m);
  });

  it('is refused for a program that needs a loader the image would not have', async () => {
    const binary = await elf('dynamic', interpreter);
    const image = staticImage({ name: 'steward.testbed/x:1', binary }, join(scratch, 'x.tar'));
    await expect(image).rejects.toThrow('linked dynamically');
  });

  it('knows the Node that runs this for dynamic, and a text for no program', async () => {
    expect(await isDynamic(process.execPath)).toBe(true);
    await writeFile(join(scratch, 'script'), '#!/bin/sh\n'.repeat(20));
    await expect(isDynamic(join(scratch, 'script'))).rejects.toThrow('not a 64-bit ELF program');
  });
});
