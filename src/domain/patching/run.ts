import {
  type FinalPhase,
  isFinal,
  type PatchRunPackage,
  type PatchRunSpec,
  type PatchRunStatus,
  type PatchRunStep,
} from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import { mayBeStopped, whyNotAround, withServices, wrongAfter } from './around.ts';
import { lastOf, type Run, type StepAttempt, sentence } from './attempts.ts';

/** What comes next in a run. */
export type RunAct =
  /** Bring the step as far as it comes. It may begin until `until`, and is only followed to its end afterwards. */
  | { readonly act: 'carryOut'; readonly step: GuestStep; readonly attempt: number; readonly until: Date }
  /** A step in the cluster, which the operator takes: ask for it by noting it in the record, hold the guest's lease, and look again. */
  | { readonly act: 'ask'; readonly step: OperatorStep; readonly why?: string }
  /** Look again later: the window is not open yet, or the guest cannot be worked in now. */
  | { readonly act: 'wait' }
  | { readonly act: 'end'; readonly phase: FinalPhase; readonly message: string }
  /** It has its verdict. */
  | { readonly act: 'nothing' };

/** How long a guest may take from the order to reboot until it is reached again: Windows ends its updates on both sides of it. Milliseconds. */
export function rebootMs({ packageManager }: Pick<PatchRunSpec, 'packageManager'>): number {
  return (packageManager === 'WindowsUpdate' ? 30 : 10) * 60_000;
}
/** How long after the end of the window what has begun is still followed, and read back. Milliseconds. */
export const GRACE_MS = 30 * 60_000;
/** So often a step that only reads is tried. */
const ATTEMPTS = 5;

/** How long KubeVirt may take for a snapshot before it calls it failed, and how long it is waited for its word. Milliseconds. */
export const SNAPSHOT_MS = 5 * 60_000;
const SNAPSHOT_WORD_MS = SNAPSHOT_MS + 2 * 60_000;

/** How long the operator may take to turn a VM back: to stop it, restore its disks and start it again. Milliseconds. */
export const ROLLBACK_MS = 25 * 60_000;

/** Of a step by which a guest is changed there is one attempt, ever. */
const CHANGES: readonly PatchRunStep[] = ['before', 'install', 'reboot', 'restart', 'after', 'rollback'];

/** Whether anything was begun by which the guest is changed, or its disks are held: it is followed to its end then, whatever goes on beside it. */
export function hasBegunChange({ status }: Pick<Run, 'status'>): boolean {
  return (status?.steps ?? []).some(({ name }) => name === 'snapshot' || CHANGES.includes(name));
}

/** Steps that are taken in the cluster, by the operator. */
export type OperatorStep = 'snapshot' | 'restart' | 'rollback';
export type GuestStep = Exclude<PatchRunStep, OperatorStep>;

function isOperators(step: PatchRunStep): step is OperatorStep {
  return step === 'snapshot' || step === 'restart' || step === 'rollback';
}

/** When the run is given up if nothing more is seen of it. */
export function givenUpAt({ occurrence }: PatchRunSpec): Date {
  return new Date(Date.parse(occurrence.end) + GRACE_MS);
}

/**
 * Decides from the run's record what comes next (MO-3, GE-8). `hindrance`: why the guest cannot be worked in now (not reached, another holds its
 * lease), in words for a sentence. Nothing that changes the guest begins outside the window; nothing is installed after the cutoff; the reboot
 * that completes it may begin in the reserve as long as it fits in. Only what the run has stopped is started again whenever it is. From the end of
 * the reserve on there is a verdict.
 */
export function nextOf(run: Run, hindrance: string | undefined, now: Date): RunAct {
  if (isFinal(run.status?.phase)) return { act: 'nothing' };
  if (now < new Date(run.spec.occurrence.start)) return { act: 'wait' };
  const due = dueIn(run, now);
  if ('phase' in due) return ended(run, due, hindrance, now);
  const { step, attempt } = due;
  const open = lastOf(run, step);
  const begun = open !== undefined && open.verdict === undefined;
  const until = latestBeginning(step, run.spec);
  if (now >= givenUpAt(run.spec) || (now >= until && !(begun && CHANGES.includes(step))))
    return ended(run, tooLate(run, step, hindrance), hindrance, now);
  if (isOperators(step)) return asked(run, step, hindrance, now);
  if (hindrance === undefined) return { act: 'carryOut', step, attempt, until };
  const down = goneDown(run, step);
  const lost = down !== undefined && now.getTime() >= Date.parse(down.began) + rebootMs(run.spec);
  return lost ? concluded(run, notBack(down, hindrance, run.spec), now) : { act: 'wait' };
}

/** By what the guest went down and was not seen since; undefined: it is to be there. */
function goneDown(run: Run, due: PatchRunStep): StepAttempt | undefined {
  if (due === 'reboot') return lastOf(run, 'reboot');
  return due === 'recheck' && lastOf(run, 'recheck') === undefined ? lastOf(run, 'restart') : undefined;
}

/** A rollback comes first where one is due, for the guest boots anew by it; else nothing is concluded before services run again. */
function ended(run: Run, ending: Ending, hindrance: string | undefined, now: Date): RunAct {
  const act = concluded(run, ending, now);
  const again = mayBeStopped(run).length === 0 ? undefined : reading(run, 'startagain', () => ending);
  if (act.act !== 'end' || again === undefined || 'phase' in again || now >= givenUpAt(run.spec)) return act;
  if (hindrance !== undefined) return { act: 'wait' };
  return { act: 'carryOut', step: 'startagain', attempt: again.attempt, until: givenUpAt(run.spec) };
}

/** It is asked for where the guest can be worked in; once asked for, it is waited for whatever becomes of the guest. */
function asked(run: Run, step: OperatorStep, hindrance: string | undefined, now: Date): RunAct {
  const open = lastOf(run, step);
  if (open === undefined) return hindrance === undefined ? { act: 'ask', step } : { act: 'wait' };
  const late = step === 'snapshot' && now.getTime() >= Date.parse(open.began) + SNAPSHOT_WORD_MS;
  if (!late) return { act: 'ask', step };
  return { act: 'end', ...withoutSnapshot(`it was not ready within ${SNAPSHOT_WORD_MS / 60_000} minutes`) };
}

/** The verdict, or the rollback that the terms want before it: once, where the guest has changed, and as long as the window is open. */
function concluded(run: Run, ending: Ending, now: Date): Extract<RunAct, { act: 'end' | 'ask' }> {
  const end = { act: 'end', ...withServices(run, ending) } as const;
  if (end.phase !== 'Failed' || !hasChanged(run) || lastOf(run, 'rollback') !== undefined) return end;
  switch (run.spec.terms.rollback) {
    case 'Never':
      return end;
    case 'Propose':
      return { ...end, message: `${end.message} ${proposal(run)}` };
    case 'Automatic':
      if (now < latestBeginning('rollback', run.spec)) return { act: 'ask', step: 'rollback', why: end.message };
      return { ...end, message: `${end.message} It was not rolled back, for the window had closed.` };
  }
}

/** As read back: where no package is another and the guest is whole, going back would lose data for nothing. */
function hasChanged(run: Run): boolean {
  return inState(run.status?.packages ?? [], 'Installed').length > 0 || hasFailed(run);
}

/** The commands that would turn the VM back; nothing is done. */
function proposal({ spec, status }: Run): string {
  const { snapshot } = status ?? {};
  if (snapshot?.takenAt === undefined)
    return 'The policy proposes a rollback, and there is no snapshot: a backup can be restored.';
  const { name } = spec.managedVM;
  const stop = `kubectl patch managedvm ${name} --type merge -p '{"spec":{"powerState":"Stopped"}}'`;
  return `Proposed, and not done: to go back to VirtualMachineSnapshot ${snapshot.name} of ${snapshot.takenAt} (${snapshot.consistency}); ${loss(snapshot)} In its namespace: ${stop}; then a VirtualMachineRestore of ${snapshot.name} (docs/patching.md).`;
}

function loss({ takenAt }: { readonly takenAt?: string | undefined }): string {
  return `what was written in the guest since ${takenAt ?? 'then'} is lost to it.`;
}

type Ending = { readonly phase: FinalPhase; readonly message: string };
type Due = { readonly step: PatchRunStep; readonly attempt: number };

/** The step that is due, or the verdict where there is none. */
function dueIn(run: Run, now: Date): Due | Ending {
  if (lastOf(run, 'rollback') !== undefined) return dueAfterRollback(run);
  const impossible = whyNotAround(run.spec);
  if (impossible !== undefined) return { phase: 'Skipped', message: `Nothing was begun in the guest. ${impossible}` };
  return reading(run, 'preflight', failedBefore) ?? reading(run, 'plan', failedBefore) ?? dueAfterPlan(run, now);
}

/** Once it was asked for nothing of before is due any more, whatever the disk says that was turned back: the record decides. */
function dueAfterRollback(run: Run): Due | Ending {
  const { rollback, snapshot = {} } = run.status ?? {};
  const reason = rollback?.reason ?? 'The run had failed.';
  const step = lastOf(run, 'rollback');
  if (step === undefined || step.verdict === undefined) return { step: 'rollback', attempt: 1 };
  if (step.verdict !== 'Passed')
    return { phase: 'Failed', message: `${reason} It was not rolled back: ${sentence(step.detail ?? 'it failed')}` };
  const due = reading(run, 'backcheck', unreadBack);
  if (due !== undefined) return due;
  const back = `${reason} The VM was turned back to its snapshot: ${loss(snapshot)}`;
  const check = lastOf(run, 'backcheck');
  if (check?.verdict === 'Passed') return { phase: 'RolledBack', message: `${back}${keptDisks(rollback?.disks)}` };
  return { phase: 'Failed', message: `${back} But ${sentence(check?.detail ?? 'it is not as before')}` };
}

function keptDisks(disks: NonNullable<PatchRunStatus['rollback']>['disks'] = []): string {
  const kept = disks.flatMap(({ before }) => before ?? []);
  return kept.length === 0
    ? ''
    : ` The disks as they were stay until somebody deletes them: ${kept.slice(0, 4).join(', ')}.`;
}

function dueAfterPlan(run: Run, now: Date): Due | Ending {
  if (pendingOf(run).length === 0 && !hasDone(run) && !isToReboot(run)) return nothingToDo(run);
  return (
    dueSnapshot(run) ??
    dueBefore(run) ??
    dueInstall(run) ??
    dueReboot(run, now) ??
    dueStartAgain(run) ??
    dueAfter(run) ??
    verdictOf(run)
  );
}

function hasDone(run: Run): boolean {
  return lastOf(run, 'install') !== undefined || toldToReboot(run) !== undefined;
}

/** A restart that was refused is followed by a reboot. */
function toldToReboot(run: Pick<Run, 'status'>): StepAttempt | undefined {
  return lastOf(run, 'reboot') ?? lastOf(run, 'restart');
}

/** Before the first change, a reboot too. One that has failed blocks. */
function dueBefore(run: Run): Due | Ending | undefined {
  if ((run.spec.terms.before ?? []).length === 0) return undefined;
  const before = lastOf(run, 'before');
  if (before?.verdict === undefined) return { step: 'before', attempt: 1 };
  if (before.verdict === 'Passed') return undefined;
  if (before.verdict === 'Withdrawn') return tooLate(run, 'before', undefined);
  const why = before.detail === undefined ? `ended as ${before.verdict}.` : `did not pass: ${sentence(before.detail)}`;
  return { phase: 'Failed', message: `Nothing was installed. A step before it ${why}` };
}

function dueStartAgain(run: Run): Due | Ending | undefined {
  if (mayBeStopped(run).length === 0) return undefined;
  return reading(run, 'startagain', () => verdictOf(run));
}

/** Where the install itself has gone wrong they would prove nothing. */
function dueAfter(run: Run): Due | undefined {
  const after = lastOf(run, 'after');
  if (!hasDone(run) || after?.verdict !== undefined || wrongAfter(run) === undefined) return undefined;
  return isWhole(run) ? { step: 'after', attempt: 1 } : undefined;
}

/** Before anything is installed; what only reboots needs none. */
function dueSnapshot(run: Run): Due | Ending | undefined {
  const begun = lastOf(run, 'install') !== undefined;
  if (begun || pendingOf(run).length === 0 || !needsSnapshot(run.spec.terms)) return undefined;
  const snapshot = lastOf(run, 'snapshot');
  if (snapshot?.verdict === undefined) return { step: 'snapshot', attempt: 1 };
  return snapshot.verdict === 'Passed' ? undefined : withoutSnapshot(snapshot.detail ?? 'it was not made');
}

/** Whether nothing is installed without a snapshot: the terms say so, or a guest is to be rolled back by it. */
export function needsSnapshot({ snapshot, rollback }: PatchRunSpec['terms']): boolean {
  return snapshot === true || rollback === 'Automatic';
}

function withoutSnapshot(why: string): Ending {
  const what = 'Nothing was installed: the policy wants a snapshot of every disk before';
  return { phase: 'Skipped', message: `${what}. ${sentence(why)}` };
}

function dueInstall(run: Run): Due | Ending | undefined {
  const install = lastOf(run, 'install');
  if (install === undefined && pendingOf(run).length === 0) return undefined;
  if (install?.verdict === undefined) return { step: 'install', attempt: 1 };
  if (install.verdict === 'Withdrawn') return tooLate(run, 'install', undefined);
  return reading(run, 'verify', unreadBack);
}

/** Where settings wait for it the VM is restarted, once, instead: whether they still wait then is not asked (kubevirt#17610). */
function dueReboot(run: Run, now: Date): Due | Ending | undefined {
  const [reboot, restart] = [lastOf(run, 'reboot'), lastOf(run, 'restart')];
  if (reboot === undefined && restart !== undefined && restart.verdict !== 'Failed') return dueRestart(run, restart);
  if (reboot === undefined) {
    const inTime = now < latestBeginning('reboot', run.spec);
    const step = run.status?.restartPending === true && restart === undefined ? 'restart' : 'reboot';
    return isToReboot(run) && !hasFailed(run) && inTime ? { step, attempt: 1 } : undefined;
  }
  if (reboot.verdict === undefined) return { step: 'reboot', attempt: 1 };
  return hasRebooted(run) ? reading(run, 'recheck', unreadBack) : undefined;
}

function dueRestart(run: Run, restart: StepAttempt): Due | Ending | undefined {
  if (restart.verdict === undefined) return { step: 'restart', attempt: 1 };
  if (restart.verdict === 'Passed') return reading(run, 'recheck', unreadBack);
  const why = sentence(restart.detail ?? 'no other instance runs');
  return { phase: 'Failed', message: `The VM was restarted at ${restart.began} and has not come back. ${why}` };
}

/** A step that only reads: again where it came to nothing, and `otherwise` after so many attempts. Undefined: it has been done. */
function reading(run: Run, step: PatchRunStep, otherwise: (last: StepAttempt) => Ending): Due | Ending | undefined {
  const last = lastOf(run, step);
  if (last === undefined) return { step, attempt: 1 };
  if (last.verdict === undefined) return { step, attempt: last.attempt };
  if (last.verdict === 'Passed') return undefined;
  if (last.verdict === 'Failed') return step === 'preflight' || step === 'plan' ? otherwise(last) : undefined;
  return last.attempt < ATTEMPTS ? { step, attempt: last.attempt + 1 } : otherwise(last);
}

/** When a step may begin at the latest; what only reads after the change may as long as anything is followed. */
function latestBeginning(step: PatchRunStep, spec: PatchRunSpec): Date {
  switch (step) {
    case 'preflight':
    case 'plan':
    case 'snapshot':
    case 'before':
    case 'install':
      return new Date(spec.occurrence.cutoff);
    case 'reboot':
    case 'restart':
      return new Date(Date.parse(spec.occurrence.end) - rebootMs(spec));
    case 'after':
    case 'rollback':
      return new Date(spec.occurrence.end);
    case 'startagain':
    case 'verify':
    case 'recheck':
    case 'backcheck':
      return givenUpAt(spec);
  }
}

function tooLate(run: Run, step: PatchRunStep, hindrance: string | undefined): Ending {
  const { cutoff } = run.spec.occurrence;
  const because = hindrance === undefined ? '' : ` ${sentence(hindrance)}`;
  const install = lastOf(run, 'install');
  if (lastOf(run, 'rollback') !== undefined)
    return { phase: 'Unknown', message: `Whether the VM was turned back to its snapshot is not known.${because}` };
  if (step === 'startagain' || step === 'after') return verdictOf(run);
  if (install !== undefined && install.verdict !== 'Withdrawn')
    return {
      phase: 'Unknown',
      message: `Packages may have been installed since ${install.began}, and were not read back by ${instant(givenUpAt(run.spec))}.${because}`,
    };
  if (toldToReboot(run) !== undefined)
    return { phase: 'Unknown', message: `Whether the guest has come back from its reboot is not known.${because}` };
  if ((run.status?.steps ?? []).length === 0)
    return { phase: 'Skipped', message: `Nothing was begun in the guest before the cutoff at ${cutoff}.${because}` };
  return {
    phase: 'WindowExceeded',
    message: `No package was installed: the cutoff at ${cutoff} came first. ${pendingOf(run).length} packages stay pending.${because}`,
  };
}

function failedBefore({ name, detail, verdict }: StepAttempt): Ending {
  const what = name === 'preflight' ? 'The checks before the first change' : 'The question what is to be installed';
  const why = detail === undefined ? ` ended as ${verdict}.` : ` did not pass: ${sentence(detail)}`;
  return { phase: 'Failed', message: `Nothing was changed in the guest. ${what}${why}` };
}

function unreadBack({ attempt, detail }: StepAttempt): Ending {
  const why = detail === undefined ? '' : ` ${sentence(detail)}`;
  return {
    phase: 'Unknown',
    message: `What is installed could not be read back from the guest in ${attempt} attempts.${why}`,
  };
}

function notBack({ began }: StepAttempt, hindrance: string, spec: PatchRunSpec): Ending {
  return {
    phase: 'Failed',
    message: `The guest was rebooted at ${began} and has not come back within ${rebootMs(spec) / 60_000} minutes. ${sentence(hindrance)}`,
  };
}

function nothingToDo(run: Run): Ending {
  const left = (run.status?.packages ?? []).length + (run.status?.more ?? 0);
  const pending =
    run.status?.rebootPending === true ? ' The guest waits for a reboot, which the policy does not allow.' : '';
  return {
    phase: 'NothingToDo',
    message: `No approved package is missing; ${left} that could be newer are left as they are.${pending}`,
  };
}

function verdictOf(run: Run): Ending {
  const wrong = hasDone(run) && isWhole(run) ? wrongAfter(run) : undefined;
  const installed = installedOf(run);
  return wrong === undefined ? installed : { phase: 'Failed', message: `${installed.message} ${wrong}` };
}

/** Whether all that was to be installed is, and every service runs as before, as far as the steps before those after it tell. */
function isWhole(run: Run): boolean {
  return withServices(run, installedOf(run)).phase !== 'Failed';
}

/** By what was read back, never by what the package manager said of itself. */
function installedOf(run: Run): Ending {
  const packages = run.status?.packages ?? [];
  const [failed, installed] = [inState(packages, 'Failed'), inState(packages, 'Installed')];
  const check = lastOf(run, 'recheck') ?? lastOf(run, 'verify');
  const health = check?.verdict === 'Failed' ? [sentence(check.detail ?? 'The guest is not as it should be')] : [];
  const reasons = failed
    .slice(0, 3)
    .map(({ package: name, reason }) => `${name}: ${sentence(reason ?? 'Not installed')}`);
  const planned = installed.length + failed.length;
  const count =
    planned === 0
      ? 'No package was to be installed.'
      : `${installed.length} of ${planned} planned packages are installed, as read back from the guest.`;
  if (failed.length > 0 || health.length > 0)
    return { phase: 'Failed', message: [count, ...health, ...reasons].join(' ') };
  if (run.status?.rebootPending === true || (isToReboot(run) && !hasRebooted(run)))
    return { phase: 'SucceededRebootPending', message: `${count} ${whyNotRebooted(run)}` };
  if (planned === 0 && !hasRebooted(run)) return nothingToDo(run);
  return { phase: 'Succeeded', message: `${count}${howRebooted(run)}` };
}

function howRebooted(run: Run): string {
  if (!hasRebooted(run)) return '';
  return lastOf(run, 'reboot') === undefined
    ? ' The VM was restarted, for which its settings waited.'
    : ' The guest was rebooted.';
}

function whyNotRebooted(run: Run): string {
  if (run.spec.terms.reboot === 'Never') return 'The guest waits for a reboot, which the policy does not allow.';
  if (hasRebooted(run)) return 'The guest was rebooted, and says that it waits for a reboot again.';
  if (toldToReboot(run) !== undefined) return 'It was told to reboot, and did not.';
  return `The guest waits for a reboot, for which there was no time before ${run.spec.occurrence.end}.`;
}

function isToReboot({ spec, status }: Run): boolean {
  const { reboot } = spec.terms;
  return reboot === 'Always'
    ? lastOf({ status }, 'install') !== undefined
    : reboot === 'IfRequired' && status?.rebootPending === true;
}

function hasFailed({ status }: Run): boolean {
  return lastOf({ status }, 'verify')?.verdict === 'Failed';
}

/** Another boot of the guest than that in which it was told to reboot: nothing else proves it. */
function hasRebooted({ status }: Pick<Run, 'status'>): boolean {
  return toldToReboot({ status })?.verdict !== undefined && status?.bootIdAfter !== status?.bootIdBefore;
}

/** What is to be installed, and is not yet. */
export function pendingOf({ status }: Pick<Run, 'status'>): readonly PatchRunPackage[] {
  return inState(status?.packages ?? [], 'Pending');
}

function inState(packages: readonly PatchRunPackage[], state: PatchRunPackage['state']): readonly PatchRunPackage[] {
  return packages.filter(each => each.state === state);
}

/**
 * What may be done with a step by its two records: `noted` in the run, `recorded` with the lease of the VM. Both are written before its start is
 * sent, the lease's first, so that a step of which the lease has no memory and the run has may have begun. Nobody ever begins it again.
 */
export function byBothRecords(noted: boolean, recorded: boolean): 'Begin' | 'Note' | 'Follow' | 'Forgotten' {
  if (noted) return recorded ? 'Follow' : 'Forgotten';
  return recorded ? 'Note' : 'Begin';
}
