import type { PatchRunStatus } from '../../api/patchrun.ts';
import type { StepAfter, StepBefore } from '../../api/patchsteps.ts';
import { shortHash } from '../../domain/contract/child.ts';
import { toStartAgain } from '../../domain/patching/around.ts';
import { lastOf } from '../../domain/patching/attempts.ts';
import { chosen, mayComeAlong } from '../../domain/patching/choose.ts';
import { type GuestStep, pendingOf, rebootMs } from '../../domain/patching/run.ts';
import {
  notTurnedBack,
  type ReadBack,
  type StepEnd,
  unhealthy,
  withBrought,
  withEnd,
  withFailedBefore,
  withPlan,
  withReadBack,
  withReasons,
  withTurnedBack,
} from '../../domain/patching/runstatus.ts';
import {
  type Around,
  aroundScript,
  failedPart,
  readAround,
  readStartAgain,
  startAgainScript,
} from '../../guest/packages/around.ts';
import type { PackageFamily, Pin } from '../../guest/packages/family.ts';
import type { Verdict } from '../../guest/run/step.ts';
import type { Record, Run } from './store.ts';

type AroundName = 'before' | 'after' | 'startagain';

/** Exit statuses of the script for a reboot (`rebootScript`): its system refused it, and the guest did not go down in the time that it may take. */
const [REFUSED, STAYED] = [1, 2];

/** How a step of a run ended in the guest: what it printed, and in which boot that was seen. */
export type Ended = { readonly verdict: Verdict; readonly bootId: string; readonly output: string | undefined };

/** Never twice the same: of one run, step and attempt. */
export function stepIdOf(run: Run, step: GuestStep, attempt: number): string {
  return `patch-${shortHash(run.metadata.uid ?? '', 10)}-${step}-${attempt}`;
}

/** What the step runs in the guest, as root or SYSTEM. */
export function scriptOf(run: Run, step: GuestStep, family: PackageFamily): string {
  switch (step) {
    case 'preflight':
      return family.preflightScript();
    case 'plan':
      return family.scanScript();
    case 'install':
      return family.installScript([...pinsOf(run), ...mayComeAlong(run.spec)]);
    case 'verify':
    case 'recheck':
    case 'backcheck':
      return family.readBackScript(plannedOf(run));
    case 'reboot':
      return family.rebootScript();
    case 'before':
    case 'after':
      return aroundScript(stepsOf(run, step));
    case 'startagain':
      return startAgainScript(toStartAgain(run));
  }
}

function stepsOf({ spec }: Run, step: 'before' | 'after'): readonly (StepBefore | StepAfter)[] {
  return spec.terms[step] ?? [];
}

function pinsOf(run: Run): readonly Pin[] {
  return pendingOf(run).map(({ package: name, to }) => ({ package: name, version: to }));
}

function plannedOf({ status }: Run): readonly Pin[] {
  const planned = (status?.packages ?? []).filter(({ state }) => state !== 'Left');
  return planned.map(({ package: name, to }) => ({ package: name, version: to }));
}

/** The status of a run after its step has ended. What is not understood proves nothing. Undefined: the guest is going down, and is not in its next boot yet. */
export function statusAfter(run: Run, record: Record, step: GuestStep, ended: Ended, family: PackageFamily, now: Date) {
  const status = run.status ?? { phase: 'Planned' as const };
  const { verdict, bootId, output } = ended;
  const told = (end: Omit<StepEnd, 'bootId'>, of = status) => withEnd(of, step, { ...end, bootId }, now);
  if (step === 'reboot') {
    const end = rebootEnd(verdict, bootId !== status.bootIdBefore);
    return end === undefined && now < tooLongAt(run) ? undefined : told(end ?? NOT_GONE_DOWN);
  }
  if (verdict.kind !== 'Finished') return told({ verdict: verdict.kind });
  const text = output ?? '';
  switch (step) {
    case 'preflight': {
      const read = family.readPreflight(text);
      if (read === undefined) return told(notUnderstood(verdict.exitCode));
      if (read.failedUnits === 'Unreadable') return told(UNREAD_SERVICES);
      const [blocker] = read.blockers;
      if (blocker !== undefined) return told({ verdict: 'Failed', detail: read.blockers.join(' ') });
      return told({ verdict: 'Passed' }, withFailedBefore(status, read.failedUnits));
    }
    case 'plan': {
      const scan = family.readScan(text, now);
      if (scan === undefined) return told(notUnderstood(verdict.exitCode));
      if (!scan.complete)
        return told({ verdict: 'NotUnderstood', detail: 'not every source of packages could be read' });
      const packages = chosen(scan, record.status?.updates, run.spec, now);
      return told({ verdict: 'Passed' }, withPlan(status, packages, scan.rebootPending));
    }
    case 'install': {
      const read = family.readInstall(text, verdict.exitCode);
      if (read === undefined) return told(notUnderstood(verdict.exitCode));
      const { failure, reasons, newer, brought } = read;
      return told(
        failure === undefined ? { verdict: 'Passed' } : { verdict: 'Failed', detail: failure },
        withBrought(withReasons(status, reasons, newer), brought),
      );
    }
    case 'before':
    case 'after':
    case 'startagain': {
      const read =
        step === 'startagain' ? readStartAgain(text, toStartAgain(run)) : readAround(text, stepsOf(run, step));
      return told(read === undefined ? notUnderstood(verdict.exitCode) : aroundEnd(step, read, status));
    }
    case 'verify':
    case 'recheck':
    case 'backcheck': {
      const read = family.readBack(text);
      if (read === undefined) return told(notUnderstood(verdict.exitCode));
      if (read.failedUnits === 'Unreadable') return told(UNREAD_SERVICES);
      const isBack = step === 'backcheck';
      const detail = isBack ? notBack(status, read, bootId) : unhealthy(read, status.failedBefore);
      const after = isBack ? withTurnedBack(status, read) : withReadBack(status, read);
      return told({ verdict: detail === undefined ? 'Passed' : 'Failed', detail }, after);
    }
  }
}

/** Services that have failed by what was stopped and started are the run's doing; before the install they are no matter of it. */
function aroundEnd(step: AroundName, read: Around, { failedBefore }: PatchRunStatus): Omit<StepEnd, 'bootId'> {
  const { parts, failedUnits } = read;
  const failed = failedPart(read);
  if (failed === undefined && step !== 'before' && failedUnits === 'Unreadable') return { ...UNREAD_SERVICES, parts };
  const detail =
    failed ?? (step === 'before' ? undefined : unhealthy({ healthy: undefined, failedUnits }, failedBefore));
  return { verdict: detail === undefined ? 'Passed' : 'Failed', detail, parts };
}

/** Why the guest is not turned back; undefined: it is, and in another boot. */
function notBack(status: PatchRunStatus, read: ReadBack, bootId: string): string | undefined {
  const sameBoot = bootId === (status.bootIdAfter ?? status.bootIdBefore);
  return sameBoot ? 'the guest is in the same boot as before' : notTurnedBack(status, read);
}

/** Nothing is concluded from it: neither that a patch has broken a service, nor that it has not. */
const UNREAD_SERVICES = {
  verdict: 'NotUnderstood',
  detail: 'which services have failed could not be read',
} as const satisfies Omit<StepEnd, 'bootId'>;

function notUnderstood(exitCode: number): Omit<StepEnd, 'bootId'> {
  return {
    verdict: 'NotUnderstood',
    detail: `the guest ended it with exit status ${exitCode}, and said nothing that is understood`,
  };
}

const NOT_GONE_DOWN = { verdict: 'Failed', detail: 'the guest did not go down' } as const satisfies Omit<
  StepEnd,
  'bootId'
>;

/** What a reboot has come to. Undefined: its step was ended with everything else in the guest, which answers to the last while it goes down. */
function rebootEnd(verdict: Verdict, anotherBoot: boolean): Omit<StepEnd, 'bootId'> | undefined {
  if (verdict.kind === 'Withdrawn') return { verdict: 'Withdrawn' };
  if (anotherBoot) return { verdict: 'Passed' };
  const exitCode = verdict.kind === 'Finished' ? verdict.exitCode : undefined;
  if (exitCode === REFUSED) return { verdict: 'Failed', detail: 'its system refused it' };
  return exitCode === STAYED ? NOT_GONE_DOWN : undefined;
}

function tooLongAt(run: Run): Date {
  return new Date(Date.parse(lastOf(run, 'reboot')?.began ?? '') + rebootMs(run.spec));
}
