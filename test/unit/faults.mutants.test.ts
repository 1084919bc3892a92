import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mutants } from '../faults/mutants/mutants.ts';
import { olderOperators } from '../faults/mutants/older.ts';

const runtime = join(import.meta.dirname, '../../src/runtime');

describe('the mutations of the fault suite', () => {
  test.each([...mutants, ...olderOperators].map(mutant => [mutant.name, mutant] as const))(
    '"%s" still fits the source',
    async (_name, mutant) => {
      const source = await readFile(join(runtime, mutant.file), 'utf8');
      expect(source.split(mutant.find)).toHaveLength(2);
    },
  );
});
