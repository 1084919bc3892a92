import type {
  FinalPhase,
  PatchRunPackage,
  PatchRunPart,
  PatchRunPhase,
  PatchRunStatus,
  PatchRunStep,
} from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import type { StepAttempt } from './attempts.ts';

/** What is installed, read from the package database after something was done in the guest: the only proof. */
export type ReadBack = {
  /** Versions of the packages that were asked for, by name; those that are not installed whole are absent. */
  readonly installed: ReadonlyMap<string, string>;
  /** Whether the package database is whole; undefined: it could not be asked. */
  readonly healthy: boolean | undefined;
  readonly rebootPending: boolean | undefined;
  /** Units that have failed; Unreadable: it was asked and not understood; absent: the family does not ask. */
  readonly failedUnits?: readonly string[] | 'Unreadable';
};

/** How a step ended, and in which boot of the guest that was seen. */
export type StepEnd = {
  readonly verdict: NonNullable<StepAttempt['verdict']>;
  readonly detail?: string | undefined;
  readonly parts?: readonly PatchRunPart[] | undefined;
  readonly bootId?: string | undefined;
};

const PHASES = {
  preflight: 'PreChecks',
  plan: 'Planning',
  snapshot: 'Snapshotting',
  before: 'StepsBefore',
  install: 'Patching',
  verify: 'Verifying',
  reboot: 'Rebooting',
  restart: 'Rebooting',
  recheck: 'Verifying',
  startagain: 'StepsAfter',
  after: 'StepsAfter',
  rollback: 'RollingBack',
  backcheck: 'Verifying',
} as const satisfies Record<PatchRunStep, PatchRunPhase>;

const LISTED = 200;
const STEPS = 32;

/** The status from when the step may have begun: written before its start is sent. */
export function withBegun(
  status: PatchRunStatus | undefined,
  begin: { step: PatchRunStep; attempt: number; bootId?: string; worker: string },
  now: Date,
): PatchRunStatus {
  const { step, attempt, bootId, worker } = begin;
  const { steps = [], bootIdBefore = bootId, ...rest } = status ?? { phase: 'Planned' };
  const known = steps.find(each => each.name === step && each.attempt === attempt);
  const begun = known ?? { name: step, attempt, began: instant(now) };
  return {
    ...rest,
    phase: PHASES[step],
    worker: excerpt(worker, 253),
    steps: [...steps.filter(each => each !== known), begun].slice(-STEPS),
    ...bootBefore(known === undefined ? (toldToEnd(step, bootId, rest.bootIdAfter) ?? bootIdBefore) : bootIdBefore),
  };
}

/** The boot that ends by the step: another one proves it. In that of a restart the guest was seen last. */
function toldToEnd(step: PatchRunStep, bootId: string | undefined, lastSeen: string | undefined): string | undefined {
  return step === 'reboot' ? bootId : step === 'restart' ? lastSeen : undefined;
}

function bootBefore(bootIdBefore: string | undefined): Pick<PatchRunStatus, 'bootIdBefore'> {
  return bootIdBefore === undefined ? {} : { bootIdBefore };
}

/** The status with the step's end. */
export function withEnd(
  status: PatchRunStatus,
  step: PatchRunStep,
  { verdict, detail, parts, bootId }: StepEnd,
  now: Date,
): PatchRunStatus {
  const more = {
    ...(detail !== undefined && { detail: excerpt(detail, 300) }),
    ...(parts !== undefined && { parts: [...parts] }),
  };
  const steps = (status.steps ?? []).map(each =>
    each.name === step && each.verdict === undefined ? { ...each, ended: instant(now), verdict, ...more } : each,
  );
  return { ...status, steps, ...(bootId !== undefined && { bootIdAfter: bootId }) };
}

/** The status with whether settings of the VM wait for a restart. */
export function withRestartPending(status: PatchRunStatus, pending: boolean): PatchRunStatus {
  const { restartPending: _, ...rest } = status;
  return pending ? { ...rest, restartPending: true } : rest;
}

/** The status with what had failed before anything was changed; nothing where the family does not ask. */
export function withFailedBefore(status: PatchRunStatus, failedUnits: readonly string[] | undefined): PatchRunStatus {
  return failedUnits === undefined ? status : { ...status, failedBefore: [...failedUnits] };
}

/** The status with what is to be installed, and what is left as it is. */
export function withPlan(
  status: PatchRunStatus,
  packages: readonly PatchRunPackage[],
  rebootPending: boolean | undefined,
): PatchRunStatus {
  const more = packages.length - LISTED;
  const pendingFirst = packages.toSorted((a, b) => Number(b.state === 'Pending') - Number(a.state === 'Pending'));
  return {
    ...status,
    packages: pendingFirst.slice(0, LISTED),
    ...(more > 0 && { more }),
    ...rebootIs(rebootPending),
  };
}

/** The status with why the package manager did not install some of what was planned. What is installed, only a read-back tells. */
export function withReasons(
  status: PatchRunStatus,
  reasons: ReadonlyMap<string, string>,
  newer: ReadonlySet<string> = new Set(),
): PatchRunStatus {
  const packages = (status.packages ?? []).map((each): PatchRunPackage => {
    if (each.state === 'Pending' && newer.has(each.package)) return { ...each, state: 'Left', reason: AHEAD };
    const reason = each.state === 'Pending' ? reasons.get(each.package) : undefined;
    return reason === undefined ? each : { ...each, reason: excerpt(reason, 200) };
  });
  return { ...status, packages };
}

/** The status with packages that came along as new: what is to be read back beside what was planned. */
export function withBrought(status: PatchRunStatus, brought: ReadonlyMap<string, string>): PatchRunStatus {
  const { packages = [] } = status;
  const names = new Set(packages.map(each => each.package));
  const added = [...brought].filter(([name]) => !names.has(name));
  const room = Math.max(0, LISTED - packages.length);
  return {
    ...status,
    packages: [
      ...packages,
      ...added.slice(0, room).map(([name, to]): PatchRunPackage => ({ package: name, to, state: 'Pending' })),
    ],
  };
}

/** Somebody was faster, or the guest is in another ring than it was: what it has proves nothing, and is no failure. */
const AHEAD = 'the guest has a newer version than is to be installed';

/** The status with what is installed in truth: a package is Installed at the version that was planned, or Failed. */
export function withReadBack(status: PatchRunStatus, { installed, rebootPending }: ReadBack): PatchRunStatus {
  const packages = (status.packages ?? []).map((each): PatchRunPackage => {
    if (each.state === 'Left') return each;
    const { reason: before, ...rest } = each;
    const version = installed.get(each.package);
    if (version === each.to) return { ...rest, state: 'Installed' };
    const is = version === undefined ? 'it is not installed' : `${version} is installed`;
    return { ...rest, state: 'Failed', reason: excerpt(before ?? is, 200) };
  });
  return { ...status, packages, ...rebootIs(rebootPending) };
}

/** The status with why the guest is to be turned back. */
export function withReason(status: PatchRunStatus, why: string): PatchRunStatus {
  return { ...status, rollback: { ...status.rollback, reason: excerpt(why, 400).replace(/([^.…])$/, '$1.') } };
}

/** The status after the guest was turned back: what was planned is not installed. */
export function withTurnedBack(status: PatchRunStatus, { installed, rebootPending }: ReadBack): PatchRunStatus {
  const packages = (status.packages ?? []).map((each): PatchRunPackage => {
    if (each.state === 'Left') return each;
    const version = installed.get(each.package);
    const is = version === undefined ? 'it is not installed' : `${version} is installed`;
    return { ...each, state: 'Failed', reason: excerpt(`the VM was rolled back: ${is}`, 200) };
  });
  return { ...status, packages, ...rebootIs(rebootPending) };
}

/** What shows that the guest is not as it was before the run, in words for a sentence. */
export function notTurnedBack({ packages = [], failedBefore }: PatchRunStatus, read: ReadBack): string | undefined {
  const other = packages.find(
    ({ state, package: name, from }) => state !== 'Left' && read.installed.get(name) !== from,
  );
  if (other !== undefined)
    return `${other.package} is at ${read.installed.get(other.package) ?? 'no version'}, and was at ${other.from ?? 'none'}`;
  return unhealthy(read, failedBefore);
}

/** The status with the verdict. */
export function withVerdict(
  status: PatchRunStatus | undefined,
  { phase, message }: { readonly phase: FinalPhase; readonly message: string },
  now: Date,
): PatchRunStatus {
  return { ...status, phase, message: excerpt(message, 1000).replace(/([^.…])$/, '$1.'), ended: instant(now) };
}

function rebootIs(rebootPending: boolean | undefined): Pick<PatchRunStatus, 'rebootPending'> {
  return rebootPending === undefined ? {} : { rebootPending };
}

/** What of a read-back breaks the health of the guest, in words for a sentence; undefined: nothing that it tells. */
export function unhealthy(
  { healthy, failedUnits }: Pick<ReadBack, 'healthy' | 'failedUnits'>,
  before: readonly string[] = [],
): string | undefined {
  if (healthy === false) return 'the package manager says that its records are not whole';
  const broken = Array.isArray(failedUnits) ? failedUnits.filter(unit => !before.includes(unit)) : [];
  if (broken.length === 0) return undefined;
  const more = broken.length > 5 ? ` and ${broken.length - 5} more` : '';
  return `services have failed that had not before: ${broken.slice(0, 5).join(', ')}${more}`;
}
