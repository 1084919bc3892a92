import { describe, expect, it } from 'vitest';
import { type PatchRunStatus, PatchRunStatus as Schema } from '../../api/patchrun.ts';
import { at, openssl, step } from './run.fixtures.ts';
import {
  unhealthy,
  withBegun,
  withBrought,
  withEnd,
  withPlan,
  withReadBack,
  withReasons,
  withVerdict,
} from './runstatus.ts';

const status: PatchRunStatus = { phase: 'Patching', steps: [step('install')], packages: [openssl()] };
const back = { installed: new Map<string, string>(), healthy: true, rebootPending: false };
const begun = { step: 'preflight', attempt: 1, bootId: 'a', worker: 'steward-patch-0' } as const;

describe('the status of a run', () => {
  it('says that a step may have begun, where, and by whom, before it does (GE-8)', () => {
    const first = withBegun(undefined, begun, at('02:00'));
    expect(first).toMatchObject({ phase: 'PreChecks', worker: 'steward-patch-0', bootIdBefore: 'a' });
    expect(first.steps).toEqual([{ name: 'preflight', attempt: 1, began: '2026-12-02T02:00:00Z' }]);
    // Claimed anew by who takes over: since when it may have begun does not change.
    expect(withBegun(first, begun, at('02:30')).steps).toEqual(first.steps);
  });

  it('keeps the boot in which the guest was told to reboot, which somebody may have rebooted before', () => {
    const reboot = withBegun({ ...status, bootIdBefore: 'a' }, { ...begun, step: 'reboot', bootId: 'b' }, at('02:00'));
    expect(reboot.bootIdBefore).toBe('b');
    expect(withEnd(reboot, 'reboot', { verdict: 'CutOff', bootId: 'c' }, at('02:03'))).toMatchObject({
      bootIdAfter: 'c',
    });
  });

  it('is Installed only at exactly the version that was planned, whatever the package manager said (MO-3)', () => {
    const state = (version: string | undefined, reasons: ReadonlyMap<string, string> = new Map()) =>
      withReadBack(withReasons(status, reasons), {
        ...back,
        installed: new Map(version === undefined ? [] : [['openssl', version]]),
      }).packages?.[0];
    expect(state('3.5.0-2')).toEqual(openssl('Installed'));
    expect(state('3.5.0-1')).toEqual(openssl('Failed', '3.5.0-1 is installed'));
    expect(state(undefined)).toEqual(openssl('Failed', 'it is not installed'));
    expect(state('3.5.0-1', new Map([['openssl', 'a script of it failed']]))?.reason).toBe('a script of it failed');
  });

  it('is Left where the guest has a newer version already, and is not read back (MO-11)', () => {
    const ahead = withReasons(status, new Map(), new Set(['openssl']));
    expect(ahead.packages).toEqual([openssl('Left', 'the guest has a newer version than is to be installed')]);
    expect(withReadBack(ahead, { ...back, installed: new Map([['openssl', '4.0.0-1']]) }).packages).toEqual(
      ahead.packages,
    );
  });

  it('reads back too what came along as new, as long as there is room to list it (MO-11)', () => {
    const brought = new Map([
      ['openssl', '9'],
      ['libssl4', '4.0'],
    ]);
    const added = { package: 'libssl4', to: '4.0', state: 'Pending' };
    expect(withBrought(status, brought).packages).toEqual([...(status.packages ?? []), added]);
    const full = { ...status, packages: Array.from({ length: 200 }, () => openssl()) };
    expect(withBrought(full, brought).packages).toHaveLength(200);
  });

  it('corrects what it said of a package when the guest was looked at again, after a rollback for instance', () => {
    const first = withReadBack(status, { ...back, installed: new Map([['openssl', '3.5.0-2']]) });
    expect(withReadBack(first, { ...back, installed: new Map([['openssl', '3.5.0-1']]) }).packages).toEqual([
      openssl('Failed', '3.5.0-1 is installed'),
    ]);
  });

  it('lists what is to be installed first, and counts what there is no room for', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ ...openssl('Left'), package: `lib${index}` }));
    const planned = withPlan(status, [...many, openssl()], undefined);
    expect(planned.packages?.[0]).toEqual(openssl());
    expect([planned.packages?.length, planned.more]).toEqual([200, 51]);
  });

  it('fits its schema whatever a guest said', () => {
    const hostile = 'a\u001b[2J\n\u202e'.repeat(500);
    const ended = withEnd(status, 'install', { verdict: 'Failed', detail: hostile, bootId: 'a' }, at('02:03'));
    const read = withReadBack(withReasons(ended, new Map([['openssl', hostile]])), {
      ...back,
      installed: new Map([['openssl', hostile]]),
    });
    const over = withVerdict(read, { phase: 'Failed', message: hostile }, at('02:04'));
    expect(Schema.safeParse(over).success).toBe(true);
    expect(JSON.stringify(over)).not.toMatch(/\\u001b|\\n|\u202e/);
  });

  it.each([
    [{ ...back, healthy: false }, /not whole/],
    [{ ...back, failedUnits: ['nginx.service'] }, /nginx/],
  ])('is not healthy by %j', (read, words) => expect(unhealthy(read)).toMatch(words));

  it('is healthy where nothing says otherwise', () => {
    expect(unhealthy({ ...back, healthy: undefined, failedUnits: [] })).toBeUndefined();
  });
});
