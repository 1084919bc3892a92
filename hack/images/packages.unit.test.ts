import { expect, it } from 'vitest';
import { locked, lockedVersion } from './packages.ts';

it('a package is found by its whole name, in the order asked for', () => {
  const paths = locked(['prometheus', 'libc6']).map(({ path }) => path);
  expect(paths).toEqual([expect.stringContaining('/prometheus_'), expect.stringContaining('/libc6_')]);
});

it('its version is what its file is named after', () => {
  expect(lockedVersion('prometheus-alertmanager')).toMatch(/^\d+\.\d+/);
});

it('a package that is not in the lock file is an error that says where to add it', () => {
  expect(() => locked(['prom'])).toThrow('prom is not in lock/image.*.txt; add it to `imagePackages`');
});
