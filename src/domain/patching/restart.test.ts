import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchRunSpec, PatchRunStatus } from '../../api/patchrun.ts';
import { instance, managedVM } from '../managedvm/assessment.fixtures.ts';
import type { StepAttempt } from './attempts.ts';
import { instanceToRestart, type RestartFacts, withRestart } from './restart.ts';
import { at, openssl, runWith, step } from './run.fixtures.ts';
import { nextOf } from './run.ts';
import { withBegun, withRestartPending } from './runstatus.ts';

const SILENT = 'it does not answer';
const asked = step('restart', undefined, { began: '2026-12-02T02:30:00Z' });
const verified = [
  step('preflight', 'Passed'),
  step('plan', 'Passed'),
  step('install', 'Passed'),
  step('verify', 'Passed'),
];
const waiting: Partial<PatchRunStatus> = {
  ...{
    packages: [openssl('Installed')],
    bootIdBefore: 'a',
    bootIdAfter: 'a',
    rebootPending: true,
    restartPending: true,
  },
};
const metadata = { name: 'run', namespace: 'acme', uid: 'r' };
function runOf(
  steps: readonly StepAttempt[],
  more: Partial<PatchRunStatus> = {},
  terms: Partial<PatchRunSpec['terms']> = {},
) {
  const { spec, status = { phase: 'Planned' as const } } = runWith(steps, { ...waiting, ...more }, terms);
  return { metadata, spec, status };
}
const next = (steps: readonly StepAttempt[], now: string, status: Partial<PatchRunStatus> = {}, but?: string) =>
  nextOf(runOf(steps, status), but, at(now));

const pending = (reason = 'RestartNeeded', status: 'True' | 'False' = 'True') =>
  ({ type: 'RestartPending', status, reason, message: '', lastTransitionTime: '2026-12-01T00:00:00Z' }) as const;
function order(spec: Partial<ManagedVM['spec']> = {}, condition = pending()): ManagedVM {
  const ordered = managedVM();
  return { ...ordered, spec: { ...ordered.spec, ...spec }, status: { ...ordered.status, conditions: [condition] } };
}
const running = (uid = 'vmi-uid') => ({
  ...instance(),
  metadata: { name: 'shop-db', uid },
  status: { phase: 'Running' },
});
const facts = (more: Partial<RestartFacts> = {}): RestartFacts => ({ order: order(), instance: running(), ...more });
const verdictOf = (status: PatchRunStatus | undefined) => status?.steps?.at(-1);
const noted = { restart: { instance: 'vmi-uid' } };

describe('a VM that is restarted where its guest would be rebooted, because settings wait for it (MO-8, GE-8)', () => {
  it('is asked for once, by the record, as long as it fits into the window', () => {
    expect(next(verified, '02:30')).toEqual({ act: 'ask', step: 'restart' });
    expect(next(verified, '02:30', { restartPending: false })).toMatchObject({ act: 'carryOut', step: 'reboot' });
    expect(next(verified, '03:51')).toMatchObject({ phase: 'SucceededRebootPending' });
    expect(next([...verified, asked], '02:35', noted)).toEqual({ act: 'ask', step: 'restart' });
    const done = [...verified, step('restart', 'Passed'), step('recheck', 'Passed')];
    // KubeVirt may want a restart for ever (kubevirt#17610).
    expect(next(done, '02:40', { bootIdAfter: 'b' })).toMatchObject({ phase: 'SucceededRebootPending' });
    expect(next(done, '02:40', { bootIdAfter: 'b', rebootPending: false })).toMatchObject({
      ...{
        phase: 'Succeeded',
        message: expect.stringContaining('The VM was restarted, for which its settings waited.'),
      },
    });
  });

  it('is proven by another boot alone', () => {
    const done = [...verified, step('restart', 'Passed')];
    expect(next(done, '02:40')).toMatchObject({ act: 'carryOut', step: 'recheck' });
    expect(next([...done, step('recheck', 'Passed')], '02:40', { bootIdAfter: 'a' })).toMatchObject({
      ...{ phase: 'SucceededRebootPending', message: expect.stringContaining('It was told to reboot, and did not.') },
    });
    const begun = withBegun(
      runOf(verified, { bootIdAfter: 'b' }).status,
      { step: 'restart', attempt: 1, worker: 'w' },
      at('02:30'),
    );
    expect(begun).toMatchObject({ phase: 'Rebooting', bootIdBefore: 'b' });
  });

  it('that has not come back is a failure, and one that was refused is followed by a reboot of the guest', () => {
    const lost = [...verified, step('restart', 'CutOff', { detail: 'no other instance ran within 10 minutes' })];
    expect(next(lost, '02:45', {}, SILENT)).toMatchObject({
      phase: 'Failed',
      message: expect.stringMatching(/has not come back\. No other/),
    });
    const silent = [...verified, step('restart', 'Passed', { began: '2026-12-02T02:30:00Z' })];
    expect(next(silent, '02:39', {}, SILENT)).toEqual({ act: 'wait' });
    expect(next(silent, '02:40', {}, SILENT)).toMatchObject({ phase: 'Failed' });
    const refused = [...verified, step('restart', 'Failed')];
    expect(next(refused, '02:45')).toMatchObject({ act: 'carryOut', step: 'reboot' });
    expect(next(refused, '03:51')).toMatchObject({ phase: 'SucceededRebootPending' });
  });

  it('ends the instance that the operator has noted, and only as long as there is time', () => {
    const run = runOf([...verified, asked]);
    expect(withRestart(run, facts(), at('02:31'))?.restart).toEqual({ instance: 'vmi-uid' });
    const told = runOf([...verified, asked], noted);
    expect(instanceToRestart([run, told], at('02:39'))).toBeUndefined();
    expect(instanceToRestart([told], at('02:39'))).toBe('vmi-uid');
    expect(instanceToRestart([told], at('02:40'))).toBeUndefined();
    expect(instanceToRestart([runOf([...verified, step('restart', 'Passed')], noted)], at('02:39'))).toBeUndefined();
    expect(
      instanceToRestart([runOf([...verified, asked], { ...noted, phase: 'Unknown' })], at('02:39')),
    ).toBeUndefined();
  });

  it.each<[string, Partial<RestartFacts>, Partial<PatchRunSpec['terms']>, string, RegExp]>([
    ['nothing waits for it', { order: order({}, pending('UpToDate', 'False')) }, {}, '02:31', /no setting/],
    ['the customer has not agreed', { order: order({}, pending('WaitingForCustomer')) }, {}, '02:31', /no setting/],
    ['the VM is to be off', { order: order({ powerState: 'Stopped' }) }, {}, '02:31', /switched off/],
    ['the VM is gone', { order: undefined }, {}, '02:31', /gone/],
    ['nothing runs', { instance: undefined }, {}, '02:31', /no instance/],
    ['the terms allow no reboot', {}, { reboot: 'Never' }, '02:31', /allow no reboot/],
    ['the window has no time for it', {}, {}, '03:50', /no time/],
  ])('is refused, whatever the runner says, where %s', (_, more, terms, now, words) => {
    const run = runOf([...verified, step('restart')], {}, terms);
    expect(verdictOf(withRestart(run, facts(more), at(now)))).toMatchObject({
      verdict: 'Failed',
      detail: expect.stringMatching(words),
    });
  });

  it('is over when another instance runs; one that has ended for nothing is told from one that has not ended', () => {
    const run = runOf([...verified, asked], noted);
    expect(withRestart(run, facts(), at('02:39'))).toBeUndefined();
    expect(withRestart(run, facts({ instance: undefined }), at('02:39'))).toBeUndefined();
    expect(verdictOf(withRestart(run, facts({ instance: running('other') }), at('02:39')))).toMatchObject({
      verdict: 'Passed',
    });
    expect(verdictOf(withRestart(run, facts(), at('02:40')))).toMatchObject({ verdict: 'Failed' });
    expect(verdictOf(withRestart(run, facts({ instance: undefined }), at('02:40')))).toMatchObject({
      verdict: 'CutOff',
    });
  });

  it('is remembered from the last look at the ManagedVM, and no longer', () => {
    const status = { phase: 'Verifying' } as const;
    expect(withRestartPending(status, true)).toEqual({ ...status, restartPending: true });
    expect(withRestartPending({ ...status, restartPending: true }, false)).toEqual(status);
  });
});
