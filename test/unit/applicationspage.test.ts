import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { managedApplication } from '../../src/api/managedapplication.ts';

test('AP-1: docs/applications.md shows the columns that kubectl shows today', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/applications.md'), 'utf8');
  const [, header = ''] = /\$ kubectl -n acme get mapp\n(.*)\n/.exec(page) ?? [];
  const columns = (managedApplication.printerColumns ?? []).filter(({ priority = 0 }) => priority === 0);
  expect(header.split(/ {2,}/)).toEqual(['NAME', ...columns.map(({ name }) => name.toUpperCase())]);
});
