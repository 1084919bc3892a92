/** Patches: each window of each system, by the decisions of a real run; guests, workers and networks fail as they do. */
import type { PatchRunPackage, PatchRunSpec, PatchRunStatus, PatchRunStep } from '../../src/api/patchrun.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import { byBothRecords, nextOf } from '../../src/domain/patching/run.ts';
import {
  withBegun,
  withEnd,
  withPlan,
  withReadBack,
  withReason,
  withTurnedBack,
  withVerdict,
} from '../../src/domain/patching/runstatus.ts';
import { nextOccurrence, type Occurrence } from '../../src/domain/patching/window.ts';
import { apiVersion, type System, type World } from './world.ts';

type Guest = {
  readonly step: PatchRunStep;
  readonly attempt: number;
  readonly began: number;
  readonly ends: number;
  readonly fails: boolean;
};
type Run = {
  readonly name: string;
  readonly uid: string;
  readonly spec: PatchRunSpec;
  status: PatchRunStatus | undefined;
  /** What the guest itself knows of the run. */
  readonly guest: Guest[];
  readonly system: System;
};

const CHANGES: ReadonlySet<string> = new Set(['install', 'reboot', 'restart', 'rollback']);
const DAY = 86_400;

/** Opens each window again and again. */
export function keepWindows(world: World): void {
  for (const name of world.windows.keys()) openNext(world, name);
  offer(world);
}

/** Vendors publish something twice a week. */
function offer(world: World): void {
  for (const system of world.systems)
    if (!system.isGone && world.dice.chance(0.6)) system.updates = 1 + world.dice.int(0, 3);
  world.simulation.in(3.5 * DAY, () => offer(world));
}

function openNext(world: World, name: string): void {
  const window = world.windows.get(name);
  const next = window && nextOccurrence([window], world.now);
  if (next === undefined) return;
  world.simulation.at(next.start, () => {
    for (const system of world.systems) if (isPatched(system) && system.window === name) begin(world, system, next);
    openNext(world, name);
  });
  // Somebody is early: a worker that is started before its window, or by a clock that goes fast.
  world.simulation.at(next.start.getTime() - 600_000, () => {
    for (const system of world.systems)
      if (isPatched(system) && system.window === name && world.fault('a worker came before its window', 0.02))
        begin(world, system, next);
  });
}

function isPatched({ isGone, isSetUp, level }: System): boolean {
  return !isGone && isSetUp && level !== 'Admin';
}

function begin(world: World, system: System, { window, date, start, cutoff, end }: Occurrence): void {
  const { dice } = world;
  const name = `${system.name}-${window}-${date}`;
  const reboot = dice.pick(['IfRequired', 'IfRequired', 'Always', 'Never'] as const);
  const isTurnedBack = dice.chance(0.3);
  const spec: PatchRunSpec = {
    managedVM: { name: system.name, uid: system.uid },
    packageManager: 'apt',
    policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: 'policy', generation: 1 },
    occurrence: { window, date, start: instant(start), cutoff: instant(cutoff), end: instant(end) },
    terms: {
      ...{ updates: 'All', allow: [], deny: [], exclude: [], reboot, rollback: isTurnedBack ? 'Automatic' : 'Never' },
      ...(isTurnedBack && { snapshot: true }),
      minimumAge: { Critical: '0s', Important: '0s', Other: '0s' },
      deadlines: { Critical: '72h', Important: '336h', Other: '720h' },
    },
    parallel: 1,
    change: { name: `patch-${window}-${date}`, uid: 'change' },
    keep: '9480h',
    askedBy: 'ClusterPatchPolicy standard',
  };
  // A run is one record, whoever begins it.
  if (system.runs.has(name)) return;
  system.runs.add(name);
  const run: Run = { name, uid: world.uid('run'), spec, status: undefined, guest: [], system };
  if (world.fault('a guest was not reached', 0.06)) system.lost = world.seconds + dice.int(300, 4 * 3600);
  look(world, run);
}

/** One pass of the worker; then another until there is a verdict. */
function look(world: World, run: Run): void {
  const { system } = run;
  const hindrance =
    system.isGone || !system.isOn
      ? 'the guest is not running'
      : world.seconds < system.lost
        ? 'the guest is not reached'
        : undefined;
  const act = nextOf(run, hindrance, world.now);
  if (act.act === 'nothing') return;
  if (act.act === 'end') write(world, run, withVerdict(run.status, act, world.now));
  else if (act.act === 'ask') askOperator(world, run, act.step, act.why);
  else if (act.act === 'carryOut') carryOut(world, run, act);
  world.simulation.in(world.dice.int(20, 240), () => look(world, run));
}

/** A write that is lost leaves what was there, and is made again by whoever looks next. */
function write(world: World, run: Run, status: PatchRunStatus): boolean {
  if (world.fault('a worker was ended before its write', 0.03)) return false;
  run.status = status;
  const { name, uid, spec, system } = run;
  const metadata = { name, namespace: system.contract, uid };
  world.record(system.contract, { apiVersion, kind: 'PatchRun', metadata, spec, status });
  return true;
}

type Order = { readonly step: PatchRunStep; readonly attempt: number; readonly until: Date };

function carryOut(world: World, run: Run, { step, attempt, until }: Order): void {
  const { system, guest } = run;
  const noted = run.status?.steps?.some(each => each.name === step && each.attempt === attempt) === true;
  const own = guest.find(each => each.step === step && each.attempt === attempt);
  if (
    !noted &&
    !write(world, run, withBegun(run.status, { step, attempt, bootId: String(system.boot), worker: 'w' }, world.now))
  )
    return;
  if (own === undefined) {
    // Noted, and the guest has no memory of it: the start may have been sent and lost, and nobody begins it again.
    if (byBothRecords(noted, false) === 'Forgotten' && CHANGES.has(step))
      return void finish(world, run, step, 'Unknown');
    start(world, run, { step, attempt, until });
    return;
  }
  if (world.seconds >= own.ends) finish(world, run, step, own.fails ? 'Failed' : 'Passed');
}

/** The start reaches the guest a little later, and is refused there when it is too late. */
function start(world: World, run: Run, { step, attempt, until }: Order): void {
  const { dice, simulation } = world;
  if (world.fault('a start was lost on its way', 0.01)) return;
  const began = world.seconds + dice.int(0, 20);
  if (began * 1000 >= until.getTime()) return void finish(world, run, step, 'Withdrawn');
  const minutes = step === 'install' ? dice.int(1, 50) : step === 'reboot' ? dice.int(1, 12) : dice.int(0, 2);
  const fails = step === 'install' ? dice.chance(0.08) : step === 'verify' ? false : dice.chance(0.02);
  run.guest.push({ step, attempt, began, ends: began + minutes * 60 + 5, fails });
  if (CHANGES.has(step)) run.system.diary.changed.push({ at: began, step, run: run.name });
  if (step === 'reboot') simulation.at((began + 30) * 1000, () => (run.system.boot += 1));
}

function finish(
  world: World,
  run: Run,
  step: PatchRunStep,
  verdict: 'Passed' | 'Failed' | 'Unknown' | 'Withdrawn',
): void {
  const { dice, now } = world;
  const { system } = run;
  const bootId = String(system.boot);
  const begun = run.status;
  if (begun === undefined) return;
  let status = withEnd(begun, step, { verdict, bootId, detail: `it ended as ${verdict}` }, now);
  const installed = run.guest.find(each => each.step === 'install');
  if (step === 'plan' && verdict === 'Passed') status = withPlan(status, packagesOf(system), dice.chance(0.1));
  const reads = step === 'verify' || step === 'recheck' || step === 'backcheck';
  if (reads && verdict === 'Passed') {
    const packages = status.packages ?? [];
    const isNew = installed !== undefined && !installed.fails;
    const versions = new Map(packages.map(each => [each.package, isNew ? each.to : (each.from ?? '')]));
    const found = { installed: versions, healthy: true, rebootPending: isNew && step === 'verify' && dice.chance(0.5) };
    status = step === 'backcheck' ? withTurnedBack(status, found) : withReadBack(status, found);
    if (step === 'verify' && installed?.fails)
      status = withEnd(begun, step, { verdict: 'Failed', bootId, detail: 'services have failed' }, now);
    if (isNew) system.updates = 0;
  }
  write(world, run, status);
}

function packagesOf({ updates }: System): PatchRunPackage[] {
  const names = ['openssl', 'linux-image', 'sudo', 'bash'].slice(0, updates);
  return names.map(name => ({ package: name, from: '1', to: '2', security: true, state: 'Pending' }));
}

/** Snapshot, restart and rollback are taken in the cluster. */
function askOperator(world: World, run: Run, step: 'snapshot' | 'restart' | 'rollback', why: string | undefined): void {
  const { dice, now, seconds } = world;
  const own = run.guest.find(each => each.step === step);
  if (own === undefined) {
    const noted = withBegun(
      why === undefined ? run.status : withReason(run.status ?? { phase: 'Planned' }, why),
      { step, attempt: 1, worker: 'w' },
      now,
    );
    if (!write(world, run, noted)) return;
    run.guest.push({ step, attempt: 1, began: seconds, ends: seconds + dice.int(20, 400), fails: dice.chance(0.05) });
    if (CHANGES.has(step)) run.system.diary.changed.push({ at: seconds, step, run: run.name });
    return;
  }
  if (seconds < own.ends || run.status === undefined) return;
  const ended = withEnd(run.status, step, { verdict: own.fails ? 'Failed' : 'Passed' }, now);
  const snapshot = { name: 'snapshot', uid: run.uid, takenAt: instant(now) };
  write(world, run, step === 'snapshot' && !own.fails ? { ...ended, snapshot } : ended);
}
