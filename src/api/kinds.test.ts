import { expect, test } from 'vitest';
import { kinds } from './kinds.ts';

test('each kind is listed once, under a name, a plural and short names of its own', () => {
  const names = kinds.flatMap(({ kind, plural, shortNames }) => [kind, plural, ...shortNames]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
