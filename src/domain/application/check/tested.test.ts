import { expect, test } from 'vitest';
import { product } from '../product.fixtures.ts';
import { faultsOf } from '../productcheck.ts';

const passed = {
  line: '17',
  operatingSystem: 'debian-13',
  environment: 'Guest',
  day: '2026-11-30',
  command: 'npm run e2e',
};
const check = (...tested: readonly object[]) => faultsOf(product({ tested }));

test('AP-14: a Product says of lines and systems that it offers where they were tested, once of each', () => {
  expect(check(passed, { ...passed, environment: 'Chroot' })).toEqual([]);
  expect(check({ ...passed, line: '18' })).toEqual(['spec.tested: line 18 on debian-13 is not offered.']);
  expect(check({ ...passed, operatingSystem: 'debian-12' })).toEqual([
    'spec.tested: line 17 on debian-12 is not offered.',
  ]);
  expect(check(passed, passed)).toEqual([
    'spec.tested: there are two entries for line 17 on debian-13 in a Guest; keep the last that passed.',
  ]);
});
