/** What a window has come to: of each way to fail the verdicts, and the costs. */
import { isFinal, type PatchRun, patchRun } from '../../../src/api/patchrun.ts';
import { KEPT_RUNS } from '../../../src/domain/patching/keeping.ts';
import type { KubeObject } from '../../../src/runtime/api/object.ts';
import type { GuestBed } from '../../../test/integration/support/guestbed.ts';
import { isWrite, readCalls, tally } from '../../testbed/client/audit.ts';
import { isRead } from '../calls.ts';
import { atMost, type Check, exactly } from '../checks.ts';
import { type Guest, NAMESPACE, shardOfGuest } from './fleet.ts';
import { isMeasured, type Stage } from './stage.ts';
import { WAYS, WELL } from './ways.ts';

const RUNNER = 'system:serviceaccount:steward-system:steward-patch';
/** Goal of issue 15, for 500 guests at once in one Pod. */
const MOST_KILOBYTES = 300;
/** Two handovers of a half of the guests, and those that nobody reaches, among them. */
const MOST_READS = 25;
const MOST_WRITES = 25;

/** VMs of the fleet for which ADR 0154 says what runs take in etcd. */
const FLEET = 10_000;

type Run = PatchRun & KubeObject;

export type Cost = {
  /** Leases that a Pod has kept which was told to end. */
  readonly kept: number;
  readonly exits: readonly (number | null)[];
  /** Of the Pod of the first shard. */
  readonly emptyMB: number;
  readonly peakMB: number;
  readonly cpuSeconds: number;
};

function runs(bed: GuestBed): Promise<readonly Run[]> {
  return bed.api.list(patchRun, NAMESPACE);
}

export async function openRuns(bed: GuestBed): Promise<readonly Run[]> {
  return (await runs(bed)).filter(({ status }) => !isFinal(status?.phase));
}

export async function resultsOf(stage: Stage, cost: Cost): Promise<Check[]> {
  return [...(await verdicts(stage)), ...pods(stage, cost), ...(await calls(stage))];
}

/** Of each way, how many VMs have one run with the phase that is right; and that no guest has installed packages twice. */
async function verdicts({ bed, played, guests, say }: Stage): Promise<Check[]> {
  const byVM = Map.groupBy(await runs(bed), ({ spec }) => spec.managedVM.uid);
  const installs = await played.installs();
  const isRight = ({ uid, way }: Guest) => {
    const [run, ...others] = byVM.get(uid) ?? [];
    return others.length === 0 && run?.status?.ended !== undefined && run.status.phase === way.phase;
  };
  for (const { uid, name, way } of guests.filter(guest => !isRight(guest)).slice(0, 5)) {
    const status = byVM.get(uid)?.[0]?.status;
    say(`${name} (${way.name}) is ${status?.phase}: ${status?.message}`);
  }
  const checks = [WELL, ...WAYS].map(way => {
    const those = guests.filter(guest => guest.way.name === way.name);
    const right = those.filter(isRight).length;
    return exactly(`guests that end as ${way.phase} in one run: ${way.what}`, right, those.length);
  });
  const otherwise = guests.filter(({ way }, index) => installs[index] !== way.installs).length;
  return [...checks, exactly('guests in which packages were installed more or less often than is right', otherwise, 0)];
}

function pods(stage: Stage, { kept, exits, emptyMB, peakMB, cpuSeconds }: Cost): Check[] {
  const own = stage.guests.filter(({ uid }) => shardOfGuest(uid) === 0).length;
  stage.say(
    `a Pod with ${own} guests at once: memory ${emptyMB} MB before, ${peakMB} MB at most; ${cpuSeconds.toFixed(1)} s of CPU`,
  );
  const kilobytes = rounded(((peakMB - emptyMB) * 1000) / own);
  return [
    exactly('leases kept by a Pod that was told to end', kept, 0),
    exactly('Pods that ended otherwise than well', exits.filter(code => code !== 0).length, 0),
    ...(isMeasured(stage) ? [atMost(`kB of memory for each of ${own} guests at once`, kilobytes, MOST_KILOBYTES)] : []),
  ];
}

async function calls(stage: Stage): Promise<Check[]> {
  const { bed, guests, say } = stage;
  const { calls: all } = await readCalls(bed.bed.auditLog, { user: RUNNER });
  say(`calls of the runners: ${JSON.stringify(tally(all))}`);
  const each = (some: typeof all) => rounded(some.length / guests.length);
  const sizes = (await runs(bed)).map(run => JSON.stringify(run).length).toSorted((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const kept = Math.round((FLEET * KEPT_RUNS * median) / 1_000_000);
  say(
    `bytes of a run: ${median} median, ${sizes.at(-1)} most; of ${FLEET} VMs with ${KEPT_RUNS} of the median: ${kept} MB`,
  );
  // A clock that hurries renews leases that a real one would not.
  if (!isMeasured(stage)) return [];
  return [
    atMost('reads of the API server for each guest', each(all.filter(isRead)), MOST_READS),
    atMost('writes for each guest', each(all.filter(isWrite)), MOST_WRITES),
  ];
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
