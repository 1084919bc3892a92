/** What a policy is about to patch, and how far it is with an opening that is under way (GE-4). */
import { millisecondsOf } from '../../api/duration.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { MOST_NAMED, type Progress, type Upcoming } from '../../api/patchpolicyfields.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import type { Occurrence } from '../patching/window.ts';

const MINUTE = 60_000;
/** Where an update stands that is installed in the next window, by what is known now. */
const APPROVED: ReadonlySet<string> = new Set(['InSLA', 'Failed', 'Overdue']);

type Whose = { readonly kind: string; readonly postponable: string | undefined };

/** `approvers`: who may decide for the customer, by name; undefined: that is not known, or there are many customers. */
export function upcomingOf(
  { kind, postponable }: Whose,
  members: readonly ManagedVM[],
  next: Occurrence,
  approvers: readonly string[] | undefined,
): Upcoming {
  const due = members.filter(({ spec, status }) => isPatchedBy(kind, status) && shallRun(spec));
  const where = [
    ...new Set(due.map(({ metadata }) => (kind === 'PatchPolicy' ? metadata.name : (metadata.namespace ?? '')))),
  ];
  const until = postponable === undefined ? undefined : new Date(next.start.getTime() + millisecondsOf(postponable));
  return {
    ...{ managedVMs: due.length, updates: due.reduce((sum, each) => sum + approvedOf(each), 0) },
    where: where.sort().slice(0, MOST_NAMED),
    ...(where.length > MOST_NAMED && { more: where.length - MOST_NAMED }),
    ...(until && { postponableUntil: instant(until) }),
    ...(until && approvers && { postponableBy: [...approvers].sort().slice(0, MOST_NAMED) }),
  };
}

/** `runs`: those of its members. What is over is counted by the opening, so that runs of other windows say nothing of it. */
export function progressOf(
  { kind }: Pick<Whose, 'kind'>,
  members: readonly ManagedVM[],
  runs: readonly PatchRun[],
  open: Occurrence,
): Progress {
  const due = members.filter(({ spec, status }) => isPatchedBy(kind, status) && shallRun(spec)).length;
  const own = runs.filter(({ spec: { policy, occurrence } }) => policy.kind === kind && isOf(occurrence, open));
  const ended = own.filter(({ status }) => status?.ended !== undefined);
  const running = own.filter(({ status }) => status?.ended === undefined && (status?.steps ?? []).length > 0).length;
  const toCome = Math.max(0, Math.max(due, own.length) - ended.length - running);
  const end = estimatedEnd(ended, running + toCome);
  const [done, at] = [ended.length, end === undefined ? '' : `, till ${instant(end)}`];
  return {
    summary: `${done} of ${done + running + toCome} done, ${running} running${at}`,
    ...{ done, running, toCome },
    ...(end && { estimatedEnd: instant(end) }),
  };
}

/** Moves only when a run ends, and by whole minutes: a status is no clock. */
function estimatedEnd(ended: readonly PatchRun[], left: number): Date | undefined {
  const took = ended.flatMap(({ status }) => {
    const [first] = status?.steps ?? [];
    return first && status?.ended ? [Date.parse(status.ended) - Date.parse(first.began)] : [];
  });
  if (took.length === 0 || left === 0) return undefined;
  const last = Math.max(...ended.map(({ status }) => Date.parse(status?.ended ?? '')));
  const atOnce = Math.max(1, ...ended.map(({ spec }) => spec.parallel));
  const mean = took.reduce((sum, each) => sum + each, 0) / took.length;
  return new Date(Math.ceil((last + mean * Math.ceil(left / atOnce)) / MINUTE) * MINUTE);
}

function isOf(occurrence: PatchRun['spec']['occurrence'], open: Occurrence): boolean {
  return occurrence.window === open.window && occurrence.date === open.date;
}

/** Members of a ClusterPatchPolicy are also those that it only proves the content for. */
function isPatchedBy(kind: string, status: ManagedVM['status']): boolean {
  return status?.patching?.policy.kind === kind;
}

function shallRun({ powerState, paused }: ManagedVM['spec']): boolean {
  return powerState === 'Running' && paused === undefined;
}

function approvedOf({ status }: ManagedVM): number {
  const standing = status?.patching?.updates?.standing ?? [];
  return standing.reduce((sum, { bucket, count }) => sum + (APPROVED.has(bucket) ? count : 0), 0);
}
