import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../transport/limits.ts';
import { admits, type Fence } from './fence.ts';
import { LAUNCHER as launcher } from './launcher.fixtures.ts';
import { readBeginning, readSaid } from './saying.ts';
import { askScript, beginScript, outputScript, STEP_OUTPUT_BYTES } from './scripts.ts';
import type { Report } from './step.ts';
import type { Step } from './stepscripts.ts';

const NONCE = 'n0nce';
let folder: string;
let boot: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-steps-'));
  boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** As the session runs it: the script on the standard input of a shell. */
function shell(script: string, environment: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('/bin/sh', ['-s'], { env: environment }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(script);
  });
}

const ground = () => ({ folder: join(folder, 'steps'), launcher });
const ask = async (id: string, generation: number) =>
  readSaid(await shell(askScript(id, generation, NONCE, ground())), NONCE)?.report;
const begin = async (step: Step, fence: Fence) =>
  readBeginning(await shell(beginScript(step, fence, NONCE, ground())), NONCE);
const until = (id: string, generation: number, report: Report) =>
  vi.waitFor(async () => expect(await ask(id, generation)).toEqual(report), { timeout: 20_000, interval: 20 });
const counting = (id: string, more = ''): Step => ({ id, script: `echo once >> ${folder}/effects\n${more}` });
const effects = () => readFile(join(folder, 'effects'), 'utf8').catch(() => '');

describe('a step in a guest', () => {
  it('is unknown before it begins, runs, and is finished with its exit status', async () => {
    expect(await ask('a', 1)).toEqual({ state: 'Never' });
    const gate = join(folder, 'gate');
    await shell(`mkfifo ${gate}`);
    expect(await begin(counting('a', `read line < ${gate}; exit 7`), { generation: 1, bootId: boot })).toBe('Begun');
    await until('a', 1, { state: 'Running' });
    await shell(`echo go > ${gate}`);
    await until('a', 1, { state: 'Finished', exitCode: 7 });
  });

  it('begins once, however many starts come at once and afterwards', async () => {
    const starts = Array.from({ length: 8 }, () => begin(counting('a'), { generation: 1, bootId: boot }));
    expect((await Promise.all(starts)).sort()).toEqual(['Begun', ...Array(7).fill('Known')]);
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    expect(await begin(counting('a'), { generation: 2, bootId: boot })).toBe('Known');
    expect(await effects()).toBe('once\n');
  });

  it.each([
    [1, 'this'],
    [2, 'this'],
    [3, 'this'],
    [2, 'another'],
  ])(
    'is admitted at generation %d of %s boot as the decision says, where a holder of generation 2 was',
    async (generation, which) => {
      await ask('other', 2);
      const start = { generation, bootId: which === 'this' ? boot : '00000000-0000-4000-8000-000000000000' };
      const admitted = admits({ generation: 2, bootId: boot }, start);
      expect(await begin(counting('a'), start)).toBe(admitted ? 'Begun' : 'Refused');
      if (admitted) await until('a', 3, { state: 'Finished', exitCode: 0 });
      else expect(await ask('a', 3)).toEqual({ state: 'Never' });
      expect(await effects()).toBe(admitted ? 'once\n' : '');
    },
  );

  it('is refused by the guest where its start comes earlier or later than it may begin (MO-3)', async () => {
    const start = { generation: 1, bootId: boot };
    const soon = (ms: number) => new Date(Date.now() + ms);
    const between = (from: number, until: number) => ({
      ...counting('a'),
      within: { from: soon(from), until: soon(until) },
    });
    const hour = 3_600_000;
    expect(await begin(between(-hour, -60_000), start)).toBe('Refused');
    expect(await begin(between(60_000, hour), start)).toBe('Refused');
    expect(await ask('a', 1)).toEqual({ state: 'Never' });
    expect(await begin(between(-hour, hour), start)).toBe('Begun');
    // What has begun is told however late it is.
    expect(await begin(between(-hour, hour), start)).toBe('Known');
  });

  it('leaves nothing behind once the record has forgotten it, unless it runs or a holder of the same generation began it (GE-8)', async () => {
    const gate = join(folder, 'gate');
    await shell(`mkfifo ${gate}`);
    for (const id of ['ended', 'known']) await begin({ id, script: 'true' }, { generation: 1, bootId: boot });
    await begin({ id: 'runs', script: `read line < ${gate}` }, { generation: 1, bootId: boot });
    for (const id of ['ended', 'known']) await until(id, 1, { state: 'Finished', exitCode: 0 });
    await until('runs', 1, { state: 'Running' });
    // It says that it has finished a little before it is gone.
    const gone = `kill -0 $(cat ${folder}/steps/ended/run.pid) 2> /dev/null && echo runs || echo gone`;
    await vi.waitFor(async () => expect(await shell(gone)).toBe('gone\n'), { timeout: 20_000, interval: 20 });
    await ask('now', 2);
    await begin({ id: 'same', script: 'true' }, { generation: 2, bootId: boot });
    await until('same', 2, { state: 'Finished', exitCode: 0 });
    const now = { ...counting('now'), remembered: ['known'] };
    expect(await begin(now, { generation: 2, bootId: boot })).toBe('Begun');
    expect((await shell(`cd ${folder}/steps; ls -d */`)).split('\n').filter(Boolean).sort()).toEqual([
      ...['known/', 'now/', 'runs/', 'same/'],
    ]);
    // What was sent long ago and comes now is refused by the fence, though nothing is known of the step any more.
    expect(await begin(counting('ended'), { generation: 1, bootId: boot })).toBe('Refused');
    await shell(`echo go > ${gate}`);
    await until('now', 2, { state: 'Finished', exitCode: 0 });
    expect(await effects()).toBe('once\n');
  });

  it('tells one who was overtaken so, and nothing else', async () => {
    await ask('a', 5);
    expect(await ask('a', 4)).toBe('Overtaken');
    expect(await ask('a', 5)).toEqual({ state: 'Never' });
  });

  it('that left no result and does not run any more is gone', async () => {
    await begin(counting('a', 'kill -9 $PPID $$'), { generation: 1, bootId: boot });
    await until('a', 1, { state: 'Gone' });
  });

  it('gets its input, which no argument, no environment and no file shows afterwards', async () => {
    const secret = 'sentinel-4711';
    const script =
      'read line; printf %s "$line" | wc -c; tr "\\0" " " < /proc/$$/cmdline; tr "\\0" " " < /proc/$$/environ';
    await begin({ id: 'a', script, input: `${secret}\n` }, { generation: 1, bootId: boot });
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    const [, output = ''] = (await shell(outputScript('a', NONCE, ground()))).split(' ');
    const said = Buffer.from(output, 'base64').toString();
    expect(said).toMatch(new RegExp(`^${secret.length}\n`));
    expect(said).not.toContain(secret);
    expect(await shell(`grep -rl ${secret} ${folder} || true`)).toBe('');
  });

  it('leaves no input behind, neither while it runs nor when it was cut off before it could read it', async () => {
    const gate = join(folder, 'gate');
    await shell(`mkfifo ${gate}`);
    const script = `read line < ${gate}; cat > ${folder}/got`;
    await begin({ id: 'a', script, input: 'sentinel-4711' }, { generation: 1, bootId: boot });
    await vi.waitFor(async () => expect(await shell(`ls ${folder}/steps/a`)).not.toContain('input'), {
      timeout: 20_000,
    });
    await shell(`echo go > ${gate}`);
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    expect(await readFile(join(folder, 'got'), 'utf8')).toBe('sentinel-4711');
    await shell(`mkdir ${folder}/steps/b; echo sentinel-4711 > ${folder}/steps/b/input`);
    expect(await ask('b', 1)).toEqual({ state: 'Gone' });
    expect(await shell(`ls ${folder}/steps/b`)).toBe('');
  });

  it('may say what it likes: what is kept is bounded, and it ends all the same', async () => {
    await begin({ id: 'a', script: 'head -c 3000000 /dev/zero' }, { generation: 1, bootId: boot });
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    const [, output = ''] = (await shell(outputScript('a', NONCE, ground()))).split(' ');
    expect(Buffer.from(output, 'base64').length).toBe(STEP_OUTPUT_BYTES);
  });

  it('fits, with all that it may say, into what a session keeps of one command', async () => {
    await shell(`mkdir -p ${folder}/steps/a; head -c ${STEP_OUTPUT_BYTES} /dev/zero > ${folder}/steps/a/output`);
    const said = await shell(outputScript('a', NONCE, ground()));
    expect(said.length).toBeLessThan(DEFAULT_LIMITS.outputBytes);
  });

  it('does nothing at all where only a part of its script arrived, wherever the connection was cut', async () => {
    const whole = beginScript(counting('a'), { generation: 1, bootId: boot }, NONCE, ground());
    for (let cut = 0; cut < whole.trimEnd().length; cut += 11) await shell(whole.slice(0, cut)).catch(() => '');
    expect(await shell(`ls ${folder}`)).toBe('');
  });

  /** As on a disk that is full: no file grows beyond that many blocks of 512 bytes. */
  const onFullDisk = (script: string, blocks: number) => shell(`trap '' XFSZ; ulimit -f ${blocks}; ${script}`);

  it('of which the disk does not hold all does not begin, and begins once there is room', async () => {
    const long = { ...counting('a', `# ${'x'.repeat(4096)}`), input: 'sentinel-4711' };
    const begun = beginScript(long, { generation: 1, bootId: boot }, NONCE, ground());
    await expect(onFullDisk(begun, 2)).rejects.toThrow(expect.objectContaining({ code: 74 }));
    expect(await ask('a', 1)).toEqual({ state: 'Never' });
    expect(await shell(`grep -rl sentinel-4711 ${folder} || true`)).toBe('');
    expect(await begin(long, { generation: 1, bootId: boot })).toBe('Begun');
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    expect(await effects()).toBe('once\n');
  });

  it('is not told of where the disk does not hold the fence: an older start would still begin it', async () => {
    await expect(onFullDisk(askScript('a', 1, NONCE, ground()), 0)).rejects.toThrow(
      expect.objectContaining({ code: 74 }),
    );
  });

  it('whose result the disk could not hold is gone', async () => {
    await shell(`mkdir -p ${folder}/steps/a; : > ${folder}/steps/a/exit`);
    expect(await ask('a', 1)).toEqual({ state: 'Gone' });
  });

  it.each(["'", '$(reboot)', 'END', 'a\nEND\nb', '`id`', '\\', '"', 'ü\u0000'])('carries %j as it is', async text => {
    const step = { id: 'a', script: `cat > ${folder}/got`, input: text };
    await begin(step, { generation: 1, bootId: boot });
    await until('a', 1, { state: 'Finished', exitCode: 0 });
    expect(await readFile(join(folder, 'got'), 'utf8')).toBe(text);
  });

  it.each(['', 'A', '../x', 'a b', '-a', 'a;b', 'x'.repeat(64)])('has no id like %j', id => {
    expect(() => askScript(id, 1, NONCE)).toThrow(RangeError);
    expect(() => beginScript({ id, script: '' }, { generation: 1, bootId: boot }, NONCE)).toThrow(RangeError);
  });

  it('does not choose its programs by the environment it is given', async () => {
    await shell(`mkdir ${folder}/bin; printf '#!/bin/sh\necho fake' > ${folder}/bin/cat; chmod +x ${folder}/bin/cat`);
    const environment = { PATH: `${folder}/bin`, ENV: `${folder}/profile` };
    const said = readSaid(await shell(askScript('a', 1, NONCE, ground()), environment), NONCE);
    expect(said).toEqual({ bootId: boot, report: { state: 'Never' } });
  });
});
