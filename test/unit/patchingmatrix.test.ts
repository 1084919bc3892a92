import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readCitations } from '../../hack/generate/citations.ts';
import { readRequirements } from '../../hack/generate/requirements.ts';
import { ServiceLevel } from '../../src/api/common.ts';
import { PatchRunPhase } from '../../src/api/patchrun.ts';
import { BUCKETS } from '../../src/domain/patching/approve.ts';

/** The requirements that patching keeps, by rows of the service description; what each says is in docs/requirements.md. */
const ROWS = [
  ...['MO-3', 'MO-4', 'MO-10', 'MO-11', 'MO-14', 'MO-16'],
  ...['GE-4', 'GE-6', 'GE-8', 'GE-9', 'GE-11', 'GE-13'],
];

/** Tests of patching, by their paths. What is ordered, agreed to, seen from outside and refused is tested with that of other promises. */
const OF_PATCHING =
  /patch|\/packages\/|gueststate\/scan|domain\/change\/|rules\/situations|integration\/(promises|api\/refusals)/;

const patching = (await readCitations()).filter(({ by, file }) => by === 'test' && OF_PATCHING.test(file));

const domain = 'src/domain/patching';
/** Tables whose rows begin with what they are of: there the decision is made that the cell is about. */
const cells: readonly (readonly [of: string, names: readonly string[], file: string])[] = [
  ['bucket', BUCKETS, `${domain}/compliant.test.ts`],
  [
    'bucket',
    BUCKETS.filter(bucket => bucket !== 'Compliant' && bucket !== 'PendingReboot'),
    `${domain}/approve.test.ts`,
  ],
  ['phase', PatchRunPhase.options, `${domain}/run.test.ts`],
  ['level', ServiceLevel.options, `${domain}/policyfor.test.ts`],
];
const count = ROWS.length + cells.reduce((sum, [, names]) => sum + names.length, 0);

describe(`what patching promises: ${count} rows, buckets, phases and levels, each with a test that names it`, () => {
  it.each(ROWS)('%s is a requirement, and the name of a test of patching cites it', async id => {
    expect((await readRequirements()).map(requirement => requirement.id)).toContain(id);
    expect(patching.filter(({ ids }) => ids.includes(id)).map(({ file }) => file)).not.toEqual([]);
  });

  for (const [of, names, file] of cells)
    it.each(names)(`${of} %s begins a row of ${file}`, async name => {
      expect(rowsOf(await readFile(file, 'utf8')).has(name)).toBe(true);
    });

  for (const [of, names, file] of cells.filter(([of]) => of !== 'level'))
    it(`no row of ${file} begins with a ${of} that there is not any more`, async () => {
      expect([...rowsOf(await readFile(file, 'utf8'))].filter(row => !names.includes(row))).toEqual([]);
    });
});

/** What the rows of a test's tables begin with: before a colon, or, of a level, in a column of its own. */
function rowsOf(source: string): ReadonlySet<string> {
  const named = source.matchAll(/(?:\[\s*|it: )['"`]([A-Z][A-Za-z]+)(?:: |', '(?:none|the |a ))/g);
  return new Set([...named].map(([, name = '']) => name));
}
