import { describe, expect, it } from 'vitest';
import { FINAL_PHASES, type PatchRunSpec, type PatchRunStatus } from '../../api/patchrun.ts';
import type { StepAttempt } from './attempts.ts';
import { at, openssl, runSpec, runWith, step } from './run.fixtures.ts';
import { type GuestStep, nextOf, type OperatorStep, type RunAct } from './run.ts';

const CUTOFF = at('03:30');
const SILENT = 'it does not answer';
const checked = step('preflight', 'Passed');
const planned = [checked, step('plan', 'Passed')];
const pending = { packages: [openssl()] };
const installed = [...planned, step('install', 'Passed'), step('verify', 'Passed')];
const done: Partial<PatchRunStatus> = { packages: [openssl('Installed')], bootIdAfter: 'a' };
const toReboot = { ...done, rebootPending: true };
const rebooted = { ...done, rebootPending: false, bootIdAfter: 'b' };

const carry = (name: GuestStep, until: Date, attempt = 1): RunAct => ({
  ...{ act: 'carryOut', step: name, attempt, until },
});
const ask = (name: OperatorStep): RunAct => ({ act: 'ask', step: name });
const WAIT = { act: 'wait' };
const ended = (phase: string, ...words: readonly string[]) => {
  const pattern = words.map(word => word.replace(/[.()]/g, '\\$&')).join('.*');
  return { act: 'end', phase, message: expect.stringMatching(pattern) };
};

type Case = {
  readonly it: string;
  readonly steps?: readonly StepAttempt[];
  readonly status?: Partial<PatchRunStatus>;
  readonly terms?: Partial<PatchRunSpec['terms']>;
  readonly now: string;
  readonly but?: string;
  readonly next: unknown;
};

const cases: readonly Case[] = [
  { it: 'Planned: waits for its window (MO-3)', now: '01:59', next: WAIT },
  { it: 'Planned: begins by the checks', now: '02:00', next: carry('preflight', CUTOFF) },
  { it: 'Planned: waits for a guest that is not reached', now: '02:00', but: SILENT, next: WAIT },
  {
    it: 'Skipped: not reached until the cutoff',
    now: '03:30',
    but: SILENT,
    next: ended('Skipped', 'cutoff', 'answer'),
  },
  {
    ...{ it: 'PreChecks: goes on with the same attempt', steps: [step('preflight')], now: '02:01' },
    next: carry('preflight', CUTOFF),
  },
  {
    it: 'Failed: a check did not pass, and nothing was changed',
    ...{ steps: [step('preflight', 'Failed', { detail: 'the disk is full' })], now: '02:10' },
    next: ended('Failed', 'Nothing was changed', 'The disk is full.'),
  },
  {
    it: 'PreChecks: asks again where the answer was cut off',
    ...{ steps: [step('preflight', 'CutOff')], now: '02:10', next: carry('preflight', CUTOFF, 2) },
  },
  {
    it: 'Failed: no answer in five attempts',
    ...{ steps: [step('preflight', 'NotUnderstood', { attempt: 5 })], now: '02:10' },
    next: ended('Failed', 'Nothing was changed', 'NotUnderstood'),
  },
  { it: 'Planning: asks what is missing', steps: [checked], now: '02:10', next: carry('plan', CUTOFF) },
  { it: 'WindowExceeded: the plan came too late', steps: [checked], now: '03:30', next: ended('WindowExceeded') },
  { it: 'NothingToDo: nothing is missing (MO-10)', steps: planned, now: '02:10', next: ended('NothingToDo', '0 that') },
  {
    it: 'StepsBefore: takes what the policies name, before anything is changed (MO-4)',
    ...{ steps: planned, status: pending, terms: { before: [{ pathAbsent: { path: '/run/lock' } }] }, now: '03:29' },
    next: carry('before', CUTOFF),
  },
  {
    it: 'StepsAfter: takes what the policies name once all is installed (MO-4)',
    ...{ steps: installed, status: done, terms: { after: [{ pathExists: { path: '/srv/ready' } }] }, now: '03:50' },
    next: carry('after', at('04:00')),
  },
  {
    it: 'Patching: installs what was planned',
    ...{ steps: planned, status: pending, now: '03:29', next: carry('install', CUTOFF) },
  },
  {
    it: 'Snapshotting: asks the operator where the terms want one',
    ...{ steps: planned, status: pending, terms: { snapshot: true }, now: '03:29', next: ask('snapshot') },
  },
  {
    it: 'Snapshotting: asks for one where the guest is to be rolled back by it',
    ...{ steps: planned, status: pending, terms: { rollback: 'Automatic' }, now: '02:10', next: ask('snapshot') },
  },
  {
    it: 'Snapshotting: does not ask while another works in the guest',
    ...{ steps: planned, status: pending, terms: { snapshot: true }, now: '02:10', but: SILENT, next: WAIT },
  },
  {
    it: 'Snapshotting: waits for it whatever becomes of the guest meanwhile',
    ...{ steps: [...planned, step('snapshot')], status: pending, terms: { snapshot: true }, now: '02:11', but: SILENT },
    next: ask('snapshot'),
  },
  {
    it: 'Skipped: KubeVirt said nothing about the snapshot in time, and nothing is installed',
    ...{ steps: [...planned, step('snapshot')], status: pending, terms: { snapshot: true }, now: '02:12' },
    next: ended('Skipped', 'Nothing was installed', 'not ready within 7 minutes'),
  },
  {
    it: 'Skipped: a disk is not in the snapshot, and nothing is installed',
    steps: [...planned, step('snapshot', 'Failed', { detail: 'disks are not in it: data' })],
    ...{ status: pending, terms: { snapshot: true }, now: '02:11' },
    next: ended('Skipped', 'Nothing was installed', 'Disks are not in it: data.'),
  },
  {
    it: 'Patching: installs once the snapshot is there',
    ...{ steps: [...planned, step('snapshot', 'Passed')], status: pending, terms: { snapshot: true }, now: '02:11' },
    next: carry('install', CUTOFF),
  },
  {
    it: 'WindowExceeded: the snapshot came after the cutoff (MO-3)',
    ...{ steps: [...planned, step('snapshot', 'Passed')], status: pending, terms: { snapshot: true }, now: '03:30' },
    next: ended('WindowExceeded', '1 packages stay pending'),
  },
  {
    it: 'Rebooting: without a snapshot where nothing is installed',
    ...{ steps: planned, status: { rebootPending: true }, terms: { snapshot: true }, now: '02:20' },
    next: carry('reboot', at('03:50')),
  },
  {
    it: 'WindowExceeded: nothing is installed after the cutoff (MO-3)',
    ...{ steps: planned, status: pending, now: '03:30', next: ended('WindowExceeded', '1 packages stay pending') },
  },
  {
    it: 'Patching: what runs is followed after the cutoff, and may not begin any more',
    ...{ steps: [...planned, step('install')], status: pending, now: '03:45', next: carry('install', CUTOFF) },
  },
  {
    it: 'Patching: a running transaction is waited for after the end of the window too (GE-8)',
    ...{ steps: [...planned, step('install')], status: pending, now: '04:29', next: carry('install', CUTOFF) },
  },
  {
    it: 'Unknown: it has run for half an hour after the end',
    ...{ steps: [...planned, step('install')], status: pending, now: '04:30', but: SILENT },
    next: ended('Unknown', 'may have been installed', 'answer'),
  },
  {
    it: 'WindowExceeded: it had not begun when it was too late',
    ...{ steps: [...planned, step('install', 'Withdrawn')], status: pending, now: '03:40' },
    next: ended('WindowExceeded', '1 packages stay pending'),
  },
  ...(['Passed', 'Failed', 'CutOff', 'Unknown', 'NotUnderstood'] as const).map(verdict => ({
    it: `Verifying: reads back however the installation ended (${verdict})`,
    ...{ steps: [...planned, step('install', verdict)], status: pending, now: '03:45' },
    next: carry('verify', at('04:30')),
  })),
  {
    it: 'Verifying: waits for a guest that somebody reboots',
    ...{ steps: [...planned, step('install', 'CutOff')], status: pending, now: '03:45', but: SILENT, next: WAIT },
  },
  {
    it: 'Unknown: what is installed was never read back',
    steps: [...planned, step('install', 'Passed'), step('verify', 'NotUnderstood', { attempt: 5 })],
    ...{ status: pending, now: '03:00', next: ended('Unknown', '5 attempts') },
  },
  {
    it: 'Succeeded: read back at the planned version',
    ...{ steps: installed, status: done, now: '02:20', next: ended('Succeeded', '1 of 1') },
  },
  {
    it: 'Failed: read back at another version',
    ...{ steps: installed, status: { packages: [openssl('Failed', 'a script of it failed')] }, now: '02:20' },
    next: ended('Failed', '0 of 1', 'openssl: A script of it failed.'),
  },
  {
    it: 'Failed: the records of the package manager are not whole, and it is not rebooted',
    steps: [...planned, step('install', 'Passed'), step('verify', 'Failed', { detail: 'half of it' })],
    ...{ status: toReboot, now: '02:20', next: ended('Failed', '1 of 1', 'Half of it.') },
  },
  {
    it: 'Rebooting: where it is required',
    ...{ steps: installed, status: toReboot, now: '02:20', next: carry('reboot', at('03:50')) },
  },
  {
    it: 'Rebooting: also in the reserve, which is there for it',
    ...{ steps: installed, status: toReboot, now: '03:49', next: carry('reboot', at('03:50')) },
  },
  {
    it: 'SucceededRebootPending: it would not be back by the end',
    ...{ steps: installed, status: toReboot, now: '03:50' },
    next: ended('SucceededRebootPending', 'no time before 2026-12-02T04:00:00Z'),
  },
  {
    it: 'SucceededRebootPending: the policy does not allow it',
    ...{ steps: installed, status: toReboot, terms: { reboot: 'Never' }, now: '02:20' },
    next: ended('SucceededRebootPending', 'does not allow'),
  },
  {
    it: 'Rebooting: always, where the policy says so',
    ...{
      steps: installed,
      status: done,
      terms: { reboot: 'Always' },
      now: '02:20',
      next: carry('reboot', at('03:50')),
    },
  },
  {
    it: 'Rebooting: first of all, where nothing but a reboot is pending from before',
    ...{ steps: planned, status: { rebootPending: true }, now: '02:20', next: carry('reboot', at('03:50')) },
  },
  {
    it: 'Rebooting: the guest is down for a while',
    ...{ steps: [...installed, step('reboot')], status: toReboot, now: '02:14', but: SILENT, next: WAIT },
  },
  {
    it: 'Failed: the guest has not come back within its time',
    ...{ steps: [...installed, step('reboot')], status: toReboot, now: '02:15', but: SILENT },
    next: ended('Failed', 'within 10 minutes'),
  },
  {
    it: 'Verifying: reads back after another boot (boot id)',
    ...{ steps: [...installed, step('reboot', 'CutOff')], status: { ...toReboot, bootIdAfter: 'b' }, now: '02:20' },
    next: carry('recheck', at('04:30')),
  },
  {
    it: 'SucceededRebootPending: it was told to reboot, and is in the same boot',
    ...{ steps: [...installed, step('reboot', 'Failed')], status: toReboot, now: '02:20' },
    next: ended('SucceededRebootPending', 'did not'),
  },
  {
    it: 'Succeeded: with the reboot',
    steps: [...installed, step('reboot', 'CutOff'), step('recheck', 'Passed')],
    ...{ status: rebooted, now: '02:20', next: ended('Succeeded', 'was rebooted') },
  },
  {
    it: 'Failed: a service has not come back after the reboot',
    steps: [
      ...installed,
      step('reboot', 'CutOff'),
      step('recheck', 'Failed', { detail: 'services have failed: nginx' }),
    ],
    ...{ status: rebooted, now: '02:20', next: ended('Failed', 'nginx') },
  },
];

const BROKEN = [...planned, step('snapshot', 'Passed'), step('install', 'Passed')];
const broken = [...BROKEN, step('verify', 'Failed', { detail: 'services have failed: nginx' })];
const REASON = '1 of 1 planned packages are installed, as read back from the guest. Services have failed: nginx.';
const snapshot = { name: 'run', uid: 'a', takenAt: '2026-12-02T02:06:00Z', consistency: 'CrashConsistent' } as const;
const automatic = { rollback: 'Automatic' } as const;
const turning = { ...done, snapshot, rollback: { reason: REASON } };
const turned = {
  ...turning,
  rollback: { reason: REASON, disks: [{ disk: 'root', claim: 'b', uid: 'c', before: 'a' }] },
};

const afterFailure: readonly Case[] = [
  {
    it: 'Failed: Never says no more',
    ...{ steps: broken, status: { ...done, snapshot }, now: '02:20', next: ended('Failed', 'nginx.') },
  },
  {
    it: 'Failed: Propose says the commands and what would be lost, and does nothing',
    ...{ steps: broken, status: { ...done, snapshot }, terms: { rollback: 'Propose' }, now: '02:20' },
    next: ended(
      'Failed',
      'nginx.',
      'not done',
      'since 2026-12-02T02:06:00Z is lost',
      'kubectl patch managedvm shop-db',
    ),
  },
  {
    it: 'Failed: Propose says that there is no snapshot',
    ...{ steps: broken, status: done, terms: { rollback: 'Propose' }, now: '02:20' },
    next: ended('Failed', 'no snapshot'),
  },
  {
    it: 'RollingBack: Automatic asks the operator, in the reserve too, and says why',
    ...{ steps: broken, status: { ...done, snapshot }, terms: automatic, now: '03:59' },
    next: { act: 'ask', step: 'rollback', why: REASON },
  },
  {
    it: 'RollingBack: also where the guest has not come back from its reboot',
    ...{ steps: [...BROKEN, step('verify', 'Passed'), step('reboot')], status: { ...toReboot, snapshot } },
    ...{ terms: automatic, now: '02:15', but: SILENT },
    next: { act: 'ask', step: 'rollback', why: expect.stringContaining('within 10 minutes') },
  },
  {
    it: 'Failed: nothing is rolled back after the window has closed',
    ...{ steps: broken, status: { ...done, snapshot }, terms: automatic, now: '04:00' },
    next: ended('Failed', 'nginx.', 'the window had closed'),
  },
  {
    it: 'Failed: nothing is rolled back where nothing has changed',
    ...{ steps: [...BROKEN, step('verify', 'Passed')], status: { packages: [openssl('Failed')], snapshot } },
    ...{ terms: automatic, now: '02:20', next: ended('Failed', '0 of 1') },
  },
  {
    it: 'Failed: nothing is rolled back where nothing was begun',
    ...{ steps: [step('preflight', 'Failed', { detail: 'the disk is full' })], terms: automatic, now: '02:20' },
    next: ended('Failed', 'Nothing was changed'),
  },
  {
    it: 'Unknown: nothing is rolled back of which it is not known whether it is broken',
    ...{ steps: [...BROKEN, step('verify', 'NotUnderstood', { attempt: 5 })], status: { ...pending, snapshot } },
    ...{ terms: automatic, now: '02:20', next: ended('Unknown') },
  },
  {
    it: 'RollingBack: waits for the operator, and for nothing else, while the guest is off',
    ...{ steps: [...broken, step('rollback')], status: turning, terms: automatic, now: '04:20', but: SILENT },
    next: ask('rollback'),
  },
  {
    it: 'Unknown: the operator has said nothing half an hour after the window',
    ...{ steps: [...broken, step('rollback')], status: turning, terms: automatic, now: '04:30', but: SILENT },
    next: ended('Unknown', 'Whether the VM was turned back'),
  },
  {
    it: 'Verifying: reads back after the rollback, and begins nothing of before again (GE-8)',
    ...{ steps: [...broken, step('rollback', 'Passed')], status: turned, terms: automatic, now: '02:40' },
    next: carry('backcheck', at('04:30')),
  },
  {
    it: 'RolledBack: read back as before, with what is lost and what is kept',
    ...{
      steps: [...broken, step('rollback', 'Passed'), step('backcheck', 'Passed')],
      status: turned,
      terms: automatic,
    },
    now: '02:41',
    next: ended(
      'RolledBack',
      'nginx.',
      'turned back',
      'since 2026-12-02T02:06:00Z is lost',
      'until somebody deletes them: a.',
    ),
  },
  {
    it: 'Failed: turned back, and not as before',
    steps: [...broken, step('rollback', 'Passed'), step('backcheck', 'Failed', { detail: 'openssl is at 2' })],
    ...{ status: turned, terms: automatic, now: '02:41', next: ended('Failed', 'turned back', 'But Openssl is at 2.') },
  },
  {
    it: 'Failed: the rollback has failed, and is not tried again',
    steps: [...broken, step('rollback', 'Failed', { detail: 'the snapshot is not there any more' })],
    ...{ status: turning, terms: automatic, now: '02:41' },
    next: ended('Failed', 'nginx.', 'It was not rolled back: The snapshot is not there any more.'),
  },
];

describe('what comes after a run that failed', () => {
  it.each(afterFailure)('$it', ({ steps = [], status = {}, terms, now, but, next }) => {
    expect(nextOf(runWith(steps, status, terms), but, at(now))).toEqual(next);
  });
});

describe('what comes next in a run', () => {
  it.each(cases)('$it', ({ steps = [], status = {}, terms, now, but, next }) => {
    expect(nextOf(runWith(steps, status, terms), but, at(now))).toEqual(next);
  });

  it('is nothing where it has its verdict (GE-8)', () => {
    for (const phase of FINAL_PHASES)
      expect(nextOf(runWith([], { phase }), undefined, at('02:20'))).toEqual({ act: 'nothing' });
  });

  it('follows the terms it began with, and is told of no policy, window or VM (GE-8)', () => {
    expect(nextOf({ spec: runSpec() }, undefined, at('02:00'))).toMatchObject({ act: 'carryOut' });
    expect(nextOf.length).toBe(3);
  });
});
