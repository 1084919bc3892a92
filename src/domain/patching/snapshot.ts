/** The snapshot of a VM before it is patched: what is asked of KubeVirt, what its answer proves, and until when it is kept. */
import { millisecondsOf } from '../../api/duration.ts';
import { isFinal, type PatchRun, type PatchRunSnapshot, type PatchRunStatus } from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import { at, type Fields, textAt, textsAt, timeAt } from '../contract/json.ts';
import { consistencyOf, flawOf, type SnapshotFacts, snapshotFailure } from '../machine/snapshot.ts';
import { lastOf } from './attempts.ts';
import { restoreFailure } from './rollback.ts';
import { SNAPSHOT_MS } from './run.ts';
import { withEnd } from './runstatus.ts';

const DAY = 86_400_000;
/** Where the terms do not say how long: as long as a ring soaks by default. Milliseconds. */
const SOAK_MS = DAY;
/** Who must decide what becomes of a guest that a patch broke gets the time for it. Milliseconds. */
const DECIDE_MS = 7 * DAY;

type Run = Pick<PatchRun, 'apiVersion' | 'kind' | 'metadata' | 'spec' | 'status'>;

/** One name for each run: it is made at most once. */
export function snapshotName({ metadata }: Pick<PatchRun, 'metadata'>): string {
  return metadata.name;
}

/** The VirtualMachineSnapshot of a run. It goes with the run, should nobody remove it before. */
export function snapshotFor(run: Run, virtualMachine: string) {
  return {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineSnapshot',
    metadata: { name: snapshotName(run), namespace: run.metadata.namespace ?? '' },
    spec: {
      source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: virtualMachine },
      failureDeadline: `${SNAPSHOT_MS / 60_000}m0s`,
      deletionPolicy: 'Delete',
    },
  };
}

/** What a run is to do about its snapshot now. */
export type SnapshotAct =
  /** Make it where there is none yet, and say what KubeVirt says of it. */
  | { readonly act: 'observe' }
  /** The run asks for none, or a restore needs it. */
  | { readonly act: 'nothing' }
  /** It is there as long as somebody may want to go back to it. */
  | { readonly act: 'keep'; readonly until: Date }
  | { readonly act: 'remove' };

/** `restores`: all VirtualMachineRestores of the namespace. One that is under way still needs its snapshot, whoever has ordered it. */
export function snapshotAct(run: Run, isThere: boolean, restores: readonly Fields[], now: Date): SnapshotAct {
  if (!isFinal(run.status?.phase)) return isAsked(run) ? { act: 'observe' } : { act: 'nothing' };
  if (!isThere || restores.some(restore => isUnderWay(run, restore))) return { act: 'nothing' };
  const until = keptUntil(run);
  return now >= until ? { act: 'remove' } : { act: 'keep', until };
}

function isUnderWay(run: Run, restore: Fields): boolean {
  if (textAt(restore, 'spec', 'virtualMachineSnapshotName') !== snapshotName(run)) return false;
  return at(restore, 'status', 'complete') !== true && restoreFailure(restore) === undefined;
}

function isAsked(run: Run): boolean {
  const step = lastOf(run, 'snapshot');
  return step !== undefined && step.verdict === undefined;
}

/** As long as a broken patch may show, and longer where one did. A run that has installed nothing needs none. */
export function keptUntil({ spec, status }: Pick<PatchRun, 'spec' | 'status'>): Date {
  const { phase = 'Planned', ended = spec.occurrence.end } = status ?? {};
  const install = lastOf({ status }, 'install');
  if (install === undefined || install.verdict === 'Withdrawn') return new Date(ended);
  const soak = spec.terms.soak === undefined ? SOAK_MS : millisecondsOf(spec.terms.soak);
  const wentWell = phase === 'Succeeded' || phase === 'SucceededRebootPending';
  return new Date(Date.parse(ended) + (wentWell ? soak : Math.max(soak, DECIDE_MS)));
}

/** The run's status after what KubeVirt says of the snapshot; undefined: nothing new. */
export function withSnapshot(run: Run, made: Fields, facts: SnapshotFacts, now: Date): PatchRunStatus | undefined {
  const { status } = run;
  if (status === undefined || !isAsked(run)) return undefined;
  const uid = textAt(made, 'metadata', 'uid') ?? '';
  const known: PatchRunStatus = { ...status, snapshot: { name: snapshotName(run), uid } };
  const refused = (why: string) => withEnd(known, 'snapshot', { verdict: 'Failed', detail: why }, now);
  if (status.snapshot !== undefined && status.snapshot.uid !== uid)
    return withEnd(status, 'snapshot', { verdict: 'Failed', detail: 'somebody has deleted it meanwhile' }, now);
  switch (textAt(made, 'status', 'phase')) {
    case 'Succeeded': {
      if (at(made, 'status', 'readyToUse') !== true) break;
      const flaw = flawOf(made, facts);
      if (flaw !== undefined) return refused(flaw);
      return withEnd({ ...status, snapshot: taken(run, made, uid) }, 'snapshot', { verdict: 'Passed' }, now);
    }
    case 'Failed':
      return refused(`KubeVirt could not make it: ${snapshotFailure(made)}`);
  }
  return status.snapshot === undefined ? known : undefined;
}

function taken(run: Run, made: Fields, uid: string): PatchRunSnapshot {
  const takenAt = timeAt(made, 'status', 'creationTime');
  return {
    ...{ name: snapshotName(run), uid, consistency: consistencyOf(made) },
    ...(takenAt && { takenAt: instant(takenAt) }),
    disks: textsAt(made, 'status', 'snapshotVolumes', 'includedVolumes').slice(0, 64),
  };
}
