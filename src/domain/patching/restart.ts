/** Restarting a VM where a run would reboot its guest, because changed settings wait for it (RestartPending). */
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { isFinal, type PatchRun, type PatchRunStatus } from '../../api/patchrun.ts';
import { type Fields, textAt } from '../contract/json.ts';
import { lastOf } from './attempts.ts';
import { rebootMs } from './run.ts';
import { withEnd } from './runstatus.ts';

type Run = Pick<PatchRun, 'metadata' | 'spec' | 'status'>;

/** What there is of it in the cluster. */
export type RestartFacts = {
  /** The ManagedVM that the run is of, and none that has its name today. */
  readonly order: ManagedVM | undefined;
  readonly instance: Fields | undefined;
};

/** Whether a ManagedVM says that settings wait for a restart, and for nobody's agreement. */
export function waitsForRestart({ status }: Pick<ManagedVM, 'status'>): boolean {
  const pending = status?.conditions?.find(({ type }) => type === 'RestartPending');
  return pending?.status === 'True' && pending.reason === 'RestartNeeded';
}

/** Whether a run waits for its VM to be restarted. */
export function isRestarting({ status }: Pick<PatchRun, 'status'>): boolean {
  const step = lastOf({ status }, 'restart');
  return step !== undefined && step.verdict === undefined && !isFinal(status?.phase);
}

/** UID of the instance that a run waits for the end of, as the operator has noted, and as long as there is time; the ManagedVM's pass ends it, and no other. */
export function instanceToRestart(runs: readonly Pick<PatchRun, 'spec' | 'status'>[], now: Date): string | undefined {
  return runs.find(run => isRestarting(run) && now < restartedBy(run))?.status?.restart?.instance;
}

/**
 * The run's status after what is seen of its restart; undefined: nothing new. Everything that the runner says is looked at anew before which instance
 * ends is noted: after that it is ended at most once, for another has another uid.
 */
export function withRestart(run: Run, facts: RestartFacts, now: Date): PatchRunStatus | undefined {
  const { status } = run;
  const step = lastOf(run, 'restart');
  if (status === undefined || step === undefined || !isRestarting(run)) return undefined;
  const ended = (verdict: 'Failed' | 'CutOff', detail: string) => withEnd(status, 'restart', { verdict, detail }, now);
  const uid = textAt(facts.instance, 'metadata', 'uid');
  if (status.restart === undefined) {
    const why = whyNot(run, facts, now);
    return why === undefined && uid !== undefined
      ? { ...status, restart: { instance: uid } }
      : ended('Failed', why ?? 'no instance of the VM runs');
  }
  const isAnother = uid !== undefined && uid !== status.restart.instance;
  if (isAnother && textAt(facts.instance, 'status', 'phase') === 'Running')
    return withEnd(status, 'restart', { verdict: 'Passed' }, now);
  if (now < restartedBy(run)) return undefined;
  const minutes = `within ${rebootMs(run.spec) / 60_000} minutes`;
  return uid === status.restart.instance
    ? ended('Failed', `the instance was not ended ${minutes}`)
    : ended('CutOff', `no other instance ran ${minutes}`);
}

/** When a restart that has not come about is given up. */
export function restartedBy(run: Pick<Run, 'spec' | 'status'>): Date {
  return new Date(Date.parse(lastOf(run, 'restart')?.began ?? '') + rebootMs(run.spec));
}

function whyNot({ spec }: Run, { order, instance }: RestartFacts, now: Date): string | undefined {
  if (order === undefined || order.metadata.deletionTimestamp !== undefined)
    return 'the ManagedVM is gone, or is being deleted';
  if (order.spec.powerState !== 'Running' || order.spec.paused !== undefined)
    return `${managedVM.kind} ${order.metadata.name} is switched off or paused by its order`;
  if (spec.terms.reboot === 'Never') return 'the terms allow no reboot';
  if (!waitsForRestart(order)) return 'no setting of the VM waits for a restart';
  const latest = Date.parse(spec.occurrence.end) - rebootMs(spec);
  if (now < new Date(spec.occurrence.start) || now.getTime() >= latest) return 'the window has no time for it';
  return textAt(instance, 'status', 'phase') === 'Running' ? undefined : 'no instance of the VM runs';
}
