import { expect, test } from 'vitest';
import { product } from '../product.fixtures.ts';
import { backupFaults } from './backup.ts';

test('AP-13: a Product dumps the data of an engine that it has', () => {
  const steps = [{ name: 'packages', package: { names: ['a'] } }];
  const probes = [{ name: 'port', tcp: { port: 1 } }];
  expect(backupFaults(product({ backup: { engine: 'PostgreSQL' } }).spec)).toEqual([]);
  expect(backupFaults(product({ backup: { engine: 'MariaDB' } }).spec)).toHaveLength(1);
  expect(backupFaults(product({ steps, probes }).spec)).toEqual([]);
  expect(backupFaults(product({ steps, probes, backup: { engine: 'PostgreSQL' } }).spec)).toEqual([
    'spec.backup.engine: no step and no probe is of PostgreSQL, so that there is none to dump.',
  ]);
});
