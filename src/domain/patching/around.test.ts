import { describe, expect, it } from 'vitest';
import { PatchPolicySpec } from '../../api/patchpolicy.ts';
import type { PatchRunPart, PatchRunSpec, PatchRunStatus } from '../../api/patchrun.ts';
import { mayBeStopped, toStartAgain } from './around.ts';
import type { StepAttempt } from './attempts.ts';
import { clusterPolicySpec } from './patching.fixtures.ts';
import { at, openssl, runSpec, runWith, step } from './run.fixtures.ts';
import { nextOf, type RunAct } from './run.ts';
import { together } from './terms.ts';

const service = (name: string) => ({ name: `${name}.service` });
const AROUND = {
  before: [{ stopService: service('web') }, { pathAbsent: { path: '/run/lock' } }, { stopService: service('db') }],
  after: [{ serviceRunning: service('web') }],
} satisfies Partial<PatchRunSpec['terms']>;
const [CUTOFF, END, GIVEN_UP] = [at('03:30'), at('04:00'), at('04:30')];
const SILENT = 'it does not answer';

const planned = [step('preflight', 'Passed'), step('plan', 'Passed')];
const before = [...planned, step('before', 'Passed')];
const verified = [...before, step('install', 'Passed'), step('verify', 'Passed')];
const again = [...verified, step('startagain', 'Passed')];
const installed: Partial<PatchRunStatus> = { packages: [openssl('Installed')], bootIdAfter: 'a' };
const parts = (...verdicts: PatchRunPart['verdict'][]): PatchRunPart[] =>
  verdicts.map(verdict => ({ step: 'stopService web.service', verdict }));

function next(
  steps: readonly StepAttempt[],
  now: string,
  {
    but,
    status = { packages: [openssl()] },
    terms = {},
  }: Partial<{ but: string; status: Partial<PatchRunStatus>; terms: Partial<PatchRunSpec['terms']> }> = {},
): RunAct {
  return nextOf(runWith(steps, status, { ...AROUND, ...terms }), but, at(now));
}
const carry = (name: string, until: Date, attempt = 1) => ({ act: 'carryOut', step: name, attempt, until });
const ended = (phase: string, words: RegExp) => ({ act: 'end', phase, message: expect.stringMatching(words) });

describe('steps around an install, as the run decides (MO-4, GE-8)', () => {
  it('are taken in their order: snapshot, before, install, read back, services again, after', () => {
    expect(next(planned, '02:10', { terms: { snapshot: true } })).toEqual({ act: 'ask', step: 'snapshot' });
    expect(next(planned, '02:10')).toEqual(carry('before', CUTOFF));
    expect(next(before, '02:10')).toEqual(carry('install', CUTOFF));
    expect(next(verified, '02:20', { status: installed })).toEqual(carry('startagain', GIVEN_UP));
    expect(next(again, '02:20', { status: installed })).toEqual(carry('after', END));
    expect(next([...again, step('after', 'Passed')], '02:20', { status: installed })).toEqual(
      ended('Succeeded', /1 of 1/),
    );
  });

  it('come after the reboot, whether there was one or no time for it', () => {
    const toReboot = { ...installed, rebootPending: true };
    expect(next(verified, '02:20', { status: toReboot })).toMatchObject({ act: 'carryOut', step: 'reboot' });
    expect(next(verified, '03:55', { status: toReboot })).toEqual(carry('startagain', GIVEN_UP));
    expect(next(again, '03:55', { status: toReboot })).toEqual(carry('after', END));
    expect(next([...again, step('after', 'Passed')], '03:55', { status: toReboot })).toMatchObject({
      phase: 'SucceededRebootPending',
    });
  });

  it('block where one before has failed: nothing is installed, and what was stopped is started again first', () => {
    const failed = [...planned, step('before', 'Failed', { detail: 'pathAbsent /run/lock: it is there' })];
    expect(next(failed, '02:10')).toEqual(carry('startagain', GIVEN_UP));
    const over = ended(
      'Failed',
      /^Nothing was installed\. A step before it did not pass: PathAbsent \/run\/lock: it is there\.$/,
    );
    expect(next([...failed, step('startagain', 'Passed')], '02:10')).toEqual(over);
  });

  it.each(['CutOff', 'Unknown', 'NotUnderstood'] as const)('block where what came of those before is %s', verdict => {
    const steps = [...planned, step('before', verdict), step('startagain', 'Passed')];
    expect(next(steps, '02:10')).toEqual(ended('Failed', new RegExp(`ended as ${verdict}`)));
  });

  it('never begin a second time, nor before-steps after the install', () => {
    expect(next([...planned, step('before')], '04:10')).toEqual(carry('before', CUTOFF));
    expect(next([...before, step('install')], '04:10')).toEqual(carry('install', CUTOFF));
    expect(next([...again, step('after')], '04:10', { status: installed })).toEqual(carry('after', END));
  });

  it('start again whatever happens: after the cutoff, after the window, and as often as it takes an answer', () => {
    expect(next(before, '03:40')).toEqual(carry('startagain', GIVEN_UP));
    expect(next(before, '04:20')).toEqual(carry('startagain', GIVEN_UP));
    expect(next(before, '04:20', { but: SILENT })).toEqual({ act: 'wait' });
    const cut = step('startagain', 'CutOff');
    expect(next([...verified, cut], '02:20', { status: installed })).toEqual(carry('startagain', GIVEN_UP, 2));
  });

  it('never end well where a service may be stopped: the verdict says which', () => {
    const told = /Whether db\.service, web\.service runs again after it was stopped is not known\.$/;
    expect(next(before, '04:30', { but: SILENT })).toEqual(ended('Failed', told));
    const tried = step('startagain', 'CutOff', { attempt: 5 });
    expect(next([...verified, tried], '02:20', { status: installed })).toEqual(ended('Failed', told));
    const failed = step('startagain', 'Failed', { detail: 'startService db.service: it did not start' });
    expect(next([...verified, failed], '02:20', { status: installed })).toEqual(
      ended(
        'Failed',
        /^1 of 1 .* What was stopped does not run as before: StartService db\.service: it did not start\.$/,
      ),
    );
  });

  it('start what ran before, and only that', () => {
    const cameTo = (...verdicts: PatchRunPart['verdict'][]) =>
      toStartAgain(runWith([step('before', 'Passed', { parts: parts(...verdicts) })], {}, AROUND));
    expect(cameTo()).toEqual(['db.service', 'web.service']);
    expect(cameTo('Unneeded', 'Passed', 'Passed')).toEqual(['db.service']);
    expect(cameTo('Failed', 'NotTried', 'NotTried')).toEqual(['web.service']);
    expect(mayBeStopped(runWith([step('before', 'Withdrawn')], {}, AROUND))).toEqual([]);
  });

  it.each([
    ['Failed', /A step after it did not pass: It is down\./],
    ['Unknown', /What came of the steps after it is not known/],
  ] as const)('make the run Failed where one after is %s, by which a rollback is due', (verdict, words) => {
    const steps = [...again, step('after', verdict, { ...(verdict === 'Failed' && { detail: 'it is down' }) })];
    expect(next(steps, '02:20', { status: installed })).toEqual(ended('Failed', words));
    const automatic = { ...installed, snapshot: { name: 'a', uid: 'b' } };
    expect(next(steps, '02:20', { status: automatic, terms: { rollback: 'Automatic' } })).toMatchObject({
      ...{ act: 'ask', step: 'rollback', why: expect.stringMatching(words) },
    });
  });

  it('are not begun after the window, and the run says so', () => {
    expect(next(again, '04:00', { status: installed })).toEqual(
      ended('Failed', /The steps after it were not taken: the window had closed/),
    );
  });

  it('do not hold up a rollback, after which the guest has booted and nothing of the run begins', () => {
    const broken = [...verified, step('reboot')];
    const lost = next(broken, '03:00', { but: SILENT, status: installed, terms: { rollback: 'Automatic' } });
    expect(lost).toMatchObject({ act: 'ask', step: 'rollback' });
    const back = [...broken, step('rollback', 'Passed'), step('backcheck', 'Passed')];
    expect(next(back, '03:10', { status: installed, terms: { rollback: 'Automatic' } })).toMatchObject({
      phase: 'RolledBack',
    });
    const refused = [...before, step('install', 'Passed'), step('verify', 'Failed'), step('rollback', 'Failed')];
    expect(next(refused, '03:10', { status: installed, terms: { rollback: 'Automatic' } })).toEqual(
      carry('startagain', GIVEN_UP),
    );
  });

  it('are refused for a Windows guest, before anything is begun in it', () => {
    const spec: PatchRunSpec = { ...runSpec(AROUND), packageManager: 'WindowsUpdate' };
    expect(nextOf({ spec }, undefined, at('02:10'))).toEqual(ended('Skipped', /a Windows guest has none/));
  });

  it("hold the customer's within the provider's (MO-11)", () => {
    const steps = (name: string) => ({
      before: [{ stopService: service(name) }],
      after: [{ serviceRunning: service(name) }],
    });
    const policy = { uid: 'a', generation: 1 };
    const terms = together({
      provider: { ...policy, name: 'standard', spec: clusterPolicySpec({ steps: steps('theirs') }) },
      customer: { ...policy, name: 'own', spec: PatchPolicySpec.parse({ windowRefs: ['w'], steps: steps('own') }) },
      ...{ windows: [], promised: undefined },
    });
    expect(terms.before.map(each => 'stopService' in each && each.stopService?.name)).toEqual([
      'theirs.service',
      'own.service',
    ]);
    expect(terms.after.map(({ serviceRunning }) => serviceRunning?.name)).toEqual(['own.service', 'theirs.service']);
  });
});
