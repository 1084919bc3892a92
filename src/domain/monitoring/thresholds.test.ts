import { describe, expect, it } from 'vitest';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { DEFAULT_THRESHOLDS, overriddenThresholds, prometheusDuration } from './thresholds.ts';

const of = (alertThresholds?: Record<string, unknown>) =>
  overriddenThresholds(
    managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', ...(alertThresholds && { alertThresholds }) })
      .spec,
  );

describe('MO-12: thresholds', () => {
  it.each([
    ['none are given', undefined],
    ['an empty object is given', {}],
    ['the defaults are written out', { ...DEFAULT_THRESHOLDS }],
    ['a default is written in another unit', { pendingFor: '900s' }],
  ])('are not overridden where %s', (_, thresholds) => {
    expect(of(thresholds)).toBeUndefined();
  });

  it.each([
    [{ cpuPercent: 95 }],
    [{ memoryPercent: 70 }],
    [{ fileSystemWarningPercent: 50 }],
    [{ fileSystemCriticalPercent: 99 }],
    [{ pendingFor: '5m' }],
  ])('that are given replace the default, the others stay: %j', thresholds => {
    expect(of(thresholds)).toEqual({ ...DEFAULT_THRESHOLDS, ...thresholds });
  });

  it.each([
    [900, '15m'],
    [3600, '1h'],
    [5400, '1h30m'],
    [90, '1m30s'],
    [3661, '1h1m1s'],
    [0, '0s'],
  ])('%d seconds are %s to Prometheus', (seconds, text) => {
    expect(prometheusDuration(seconds)).toBe(text);
  });
});
