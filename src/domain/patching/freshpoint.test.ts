import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { askedFor, asksFrom, awaitedPoint, pointOf } from './freshpoint.ts';
import { clusterPolicyOf, patchingFactsOf } from './patching.fixtures.ts';
import { termsOf } from './policyfor.ts';
import type { Occurrence } from './window.ts';

const at = (clock: string) => new Date(`2026-12-02T${clock}:00Z`);
const opening: Occurrence = {
  ...{ window: 'nightly', date: '2026-12-02' },
  ...{ start: at('02:00'), cutoff: at('03:30'), end: at('04:00') },
};

const termsWith = (recoveryPoint: object | undefined) => {
  const clusterPolicies = [clusterPolicyOf({ ...(recoveryPoint && { recoveryPoint }) })];
  const { terms } = termsOf(
    managedVM({ serviceLevel: 'MonitoringAndPatching' }),
    patchingFactsOf({ clusterPolicies }),
    at('00:00'),
  );
  return terms ?? expect.fail('no terms');
};
const terms = termsWith({ maxAge: '4h' });

function vmWith(time: string | undefined, spec: object = {}): ManagedVM {
  const backup = { policy: 'daily', ...(time && { lastBackup: 'acme-shop-1', lastRecoveryPoint: time }) };
  const { status, ...rest } = managedVM({ backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' }, ...spec });
  return { ...rest, status: { ...status, backup } };
}

describe('AP-13, MO-3: a guest whose policies ask for a recovery point', () => {
  it.each([
    ['of 4 h before, to the second', '2026-12-01T22:00:00Z', undefined],
    [
      'of a second more is not begun',
      '2026-12-01T21:59:59Z',
      /at most 4h old: the newest is acme-shop-1 of 2026-12-01T21:59:59Z\.$/,
    ],
    ['that there is not is not begun', undefined, /at most 4h old, and there is none\.$/],
    ['of which the clock is ahead counts as new', '2026-12-02T02:00:01Z', undefined],
  ])('%s', (_, time, says) => {
    const awaited = awaitedPoint(vmWith(time), terms, at('02:00'));
    if (says === undefined) expect(awaited).toBeUndefined();
    else expect(awaited).toMatch(says);
  });

  it('is not begun without a backup policy, and none is asked for', () => {
    const vm = vmWith(undefined, { backupPolicyRef: undefined });
    expect(awaitedPoint(vm, terms, at('02:00'))).toMatch(/no backup policy makes any \(spec\.backupPolicyRef\)\.$/);
    expect(askedFor(vm, terms, [opening], at('02:00'))).toBeUndefined();
  });

  it('has one asked for from an hour before the opening to its cutoff', () => {
    const vm = vmWith('2026-12-01T02:00:00Z');
    const asked = ['00:59', '01:00', '02:00', '03:29', '03:30'].map(clock => askedFor(vm, terms, [opening], at(clock)));
    expect(asked).toEqual([undefined, opening, opening, opening, undefined]);
    expect(asksFrom(opening, terms)).toEqual(at('01:00'));
  });

  it('has one asked for so late that it is young enough when the window opens', () => {
    expect(asksFrom(opening, termsWith({ maxAge: '30m' }))).toEqual(at('01:45'));
  });

  it('has none asked for while the newest is new enough', () => {
    expect(askedFor(vmWith('2026-12-01T22:00:00Z'), terms, [opening], at('02:00'))).toBeUndefined();
  });

  it('has in its run what it was begun on', () => {
    expect(pointOf(vmWith('2026-12-01T22:00:00Z'), terms)).toEqual({
      backup: 'acme-shop-1',
      time: '2026-12-01T22:00:00Z',
    });
  });
});

describe('a guest whose policies ask for none', () => {
  const none = termsWith(undefined);

  it('is begun whatever there is, and nothing is asked for', () => {
    const vm = vmWith(undefined);
    expect([
      awaitedPoint(vm, none, at('02:00')),
      askedFor(vm, none, [opening], at('02:00')),
      pointOf(vm, none),
    ]).toEqual([undefined, undefined, undefined]);
  });
});
