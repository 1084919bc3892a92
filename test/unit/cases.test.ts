import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FaultCase } from '../cases/case.ts';
import { faultCases } from '../cases/cases.ts';
import { standingOf } from '../cases/standing.ts';

const root = join(import.meta.dirname, '../..');

describe('the table of faults that were found', () => {
  it('names each fault once', () => {
    const ids = faultCases.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has a test for every fault that is not open', () => {
    const bare = faultCases.filter(({ tests, open }) => tests.length === 0 && open === undefined);
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('names only files that exist', async () => {
    const files = new Set(faultCases.flatMap(({ tests }) => tests.map(({ file }) => file)));
    for (const file of files) await expect(access(join(root, file)), file).resolves.toBeUndefined();
  });
});

describe('how a fault stands', () => {
  const fault: FaultCase = { id: 'a', kind: 'k', fault: 'It failed.', tests: [{ file: 'a.test.ts', name: 'keeps' }] };
  const result = (fullName: string, passed: boolean) => ({ file: 'a.test.ts', fullName, passed });
  const ran = new Set(['a.test.ts']);

  it.each([
    ['mended by a test that passes', fault, [result('it keeps all', true)], ran, 'mended'],
    ['failed by one of several that match', fault, [result('keeps a', true), result('keeps b', false)], ran, 'FAILED'],
    ['failed by a test that is not there any more', fault, [result('other', true)], ran, 'FAILED'],
    ['not run, where its file was not', fault, [], new Set<string>(), 'not run'],
    ['no fault, where the report was wrong', { ...fault, noFault: 'Why.' }, [result('keeps', true)], ran, 'no fault'],
    ['open, though its test passes', { ...fault, open: 'What.' }, [result('keeps', true)], ran, 'open'],
    ['failed before it is open', { ...fault, open: 'What.' }, [result('keeps', false)], ran, 'FAILED'],
    ['not run without a test', { ...fault, tests: [] }, [], ran, 'not run'],
  ] as const)('is %s', (_, each, results, files, expected) => {
    expect(standingOf(each, results, files)).toBe(expected);
  });
});
