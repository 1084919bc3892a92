import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { execute } from './execute.ts';
import type { Step } from './steps.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-execute-'));
});
afterAll(() => rm(folder, { recursive: true }));

const step = (command: readonly string[]): Step => ({ name: 'types', checks: '', command });
const program = (text: string) => step([process.execPath, '-e', text]);

describe('a step', () => {
  it('that ends well has passed', async () => {
    expect(await execute(program(''), folder, true)).toMatchObject({ passed: 1, failed: 0, failures: [] });
  });

  it('that ends badly has failed, and says with what', async () => {
    const failures = [expect.stringMatching(/ended with exit code 3$/)];
    expect(await execute(program('process.exit(3)'), folder, true)).toMatchObject({ passed: 0, failed: 1, failures });
  });

  it('that is killed has failed', async () => {
    expect(await execute(program('process.kill(process.pid, "SIGKILL")'), folder, true)).toMatchObject({ failed: 1 });
  });

  it('whose program is not there has failed, and the others go on', async () => {
    const failures = [expect.stringMatching(/^could not be run: .*ENOENT/)];
    expect(await execute(step(['no-such-program']), folder, true)).toMatchObject({ passed: 0, failed: 1, failures });
  });

  it('leaves nothing running behind', async () => {
    const behind = 'require("node:child_process").spawn("sleep", ["600"], { stdio: "inherit" }).unref()';
    expect(await execute(program(behind), folder, false)).toMatchObject({ passed: 1, failed: 0 });
  });

  it('that died before it wrote its report has failed once', async () => {
    const dies = { ...program('process.exit(1)'), reportTo: (file: string) => [file] };
    expect(await execute(dies, folder, true)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('that runs beside others says with each line which step it is', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    await execute(program('console.log("out"); console.error("err")'), folder, false);
    const told = log.mock.calls.map(([text]) => text);
    log.mockRestore();
    expect(told.sort()).toEqual(['\n── types', 'types │ err', 'types │ out']);
  });
});
