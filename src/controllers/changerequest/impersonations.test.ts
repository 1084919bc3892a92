import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportImpersonations } from './impersonations.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const line = (as?: string) =>
  JSON.stringify({
    ...{ stage: 'ResponseComplete', verb: 'create', requestURI: '/x', user: { username: 'kim' } },
    ...(as && { impersonatedUser: { username: as } }),
    objectRef: { resource: 'approvals', namespace: 'acme', name: 'yes', apiGroup: 'managed.systems' },
    ...{ responseStatus: { code: 201 }, requestReceivedTimestamp: '2026-12-01T09:00:00Z' },
  });

async function report(...logs: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const files = logs.map((_, index) => join(folder, `${index}.log`));
  await Promise.all(files.map((file, index) => writeFile(file, logs[index] ?? '')));
  const code = await reportImpersonations(files, { out: each => out.push(each), error: each => error.push(each) });
  return { code, out, error };
}

const found = '2026-12-01T09:00:00.000Z  kim as anna: create approvals acme/yes';

it('GE-6: tells every decision in another name, of all logs, and that there are some by its exit code', async () => {
  expect(await report(`${line()}\n${line('anna')}\n`, line('anna'))).toEqual({
    code: 1,
    out: [found, found],
    error: [],
  });
});

it('says by its exit code that there are none', async () => {
  expect(await report(`${line()}\n`)).toEqual({ code: 0, out: [], error: [] });
});

it('reads lines that come in pieces, and says of those that it could not read', async () => {
  const big = `{"impersonatedUser":"${'x'.repeat(5 << 20)}"}`;
  const { code, out, error } = await report(`${'y'.repeat(100_000)}\n${big}\n{"impersonatedUser"\n${line('anna')}`);
  expect([code, out]).toEqual([2, [found]]);
  expect(error).toEqual(['2 lines could not be read: they are no JSON, or longer than 4194304 bytes']);
});

it('throws where there is no such log, and says how it is called without one', async () => {
  const output = { out: () => {}, error: () => {} };
  await expect(reportImpersonations([join(folder, 'none')], output)).rejects.toThrow('ENOENT');
  expect(await reportImpersonations([], output)).toBe(2);
});
