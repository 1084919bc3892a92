import { describe, expect, test } from 'vitest';
import type { ServiceLevel } from '../../api/common.ts';
import { type Entitlements, entitlements, levelSuitsFamily } from './service-levels.ts';

const LEVELS: readonly ServiceLevel[] = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];

/** The matrix of the service description, row by row; columns in the order of LEVELS. */
const matrix: readonly [string, keyof Entitlements, readonly [unknown, unknown, unknown]][] = [
  ['MO-1: provisioning of the VM with a supported operating system', 'provisioning', [true, true, true]],
  ['MO-2: service on demand', 'onDemand', [true, true, true]],
  ['MO-3: fully automated installation of security and OS patches', 'patching', [false, true, true]],
  ['MO-4: individual patch planning', 'patchPlanning', [false, false, true]],
  ['MO-5: monitoring of the system sensors around the clock', 'monitoring', [false, true, true]],
  ['MO-6: proactive incident handling', 'incidentHandling', ['None', 'CoreHours', 'Always']],
];

describe('service levels grant exactly what the matrix says', () => {
  for (const [promise, entitlement, cells] of matrix) {
    test.each(LEVELS.map((level, column) => [level, cells[column]] as const))(`${promise}: %s → %s`, (level, cell) => {
      expect(entitlements(level)[entitlement]).toBe(cell);
    });
  }

  test('the table above has every entitlement', () => {
    for (const level of LEVELS) {
      expect(Object.keys(entitlements(level)).sort()).toEqual(matrix.map(([, entitlement]) => entitlement).sort());
    }
  });

  test.each([
    ['Admin', true, true],
    ['MonitoringAndPatching', true, false],
    ['AdvancedMonitoringAndPatching', true, true],
  ] as const)('MO-7: %s for Linux: %s, for Windows: %s', (level, linux, windows) => {
    expect(levelSuitsFamily(level, 'Linux')).toBe(linux);
    expect(levelSuitsFamily(level, 'Windows')).toBe(windows);
  });
});
