import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/reliability.md'), 'utf8');
/** Rows that say which test of which file shows something. */
const rows = [...page.matchAll(/^\| (.+?) \| `(test\/[^`]+)` \| (.+?) \|$/gm)].map(
  ([, what = '', file = '', name = '']) => ({
    ...{ what, file, name },
  }),
);

describe('docs/reliability.md', () => {
  test('AP-1, AP-11: names a test for each fault of applications and each check that lies', () => {
    expect(rows.length).toBeGreaterThanOrEqual(28);
  });

  test.each(rows)('$what: there is a test of that name in $file', async ({ file, name }) => {
    expect(await readFile(join(root, file), 'utf8')).toContain(name);
  });
});
