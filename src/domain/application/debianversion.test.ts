import { expect, test } from 'vitest';
import { compareDebianVersions } from './debianversion.ts';

/** Each is older than the next, as `dpkg --compare-versions` says. */
const ASCENDING = [
  ...['1.0~rc1', '1.0', '1.0-1', '1.0-1+deb13u1', '1.0-1+deb13u2', '1.0-1+deb13u10', '1.0a', '1.0+a', '1.2', '1.10'],
  ...['17.12-0+deb13u1', '17.13-0+deb13u1~bpo12+1', '17.13-0+deb13u1', '1:0.1', '1:11.8.9-0+deb13u1', '2:0~'],
];

test('AP-2: versions are in the order in which dpkg has them', () => {
  const sign = (a: string, b: string) => Math.sign(compareDebianVersions(a, b));
  for (const [one, a] of ASCENDING.entries())
    for (const [other, b] of ASCENDING.entries()) expect([a, b, sign(a, b)]).toEqual([a, b, Math.sign(one - other)]);
  expect(sign('1.0', '1.00')).toBe(0);
  expect(sign('0:1', '1')).toBe(0);
});
