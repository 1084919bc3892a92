/** What it costs to patch N guests in one window, and that each comes to the verdict that is right for it, whatever goes wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuestState, guestState } from '../../../src/api/gueststate.ts';
import { type PatchRun, patchRun } from '../../../src/api/patchrun.ts';
import { shardOf } from '../../../src/domain/contract/shard.ts';
import { isFinal } from '../../../src/domain/patching/run.ts';
import type { KubeObject } from '../../../src/runtime/api/object.ts';
import { GuestBed, newGuestKeys } from '../../../test/integration/support/guestbed.ts';
import { isWrite, readCalls, tally } from '../../testbed/client/audit.ts';
import { isRead } from '../calls.ts';
import { atMost, type Check, exactly, sentence } from '../checks.ts';
import { cpuSeconds, memoryOf } from '../process.ts';
import { type Guest, makeFleet, makeRuns, NAMESPACE, openWindow } from './fleet.ts';
import { PlayedGuests } from './guestsprocess.ts';
import { type Pod, startPod } from './runners.ts';
import { WAYS, WELL, waysOf } from './ways.ts';

const RUNNER = 'system:serviceaccount:steward-system:steward-patch';
const SHARDS = 2;
/** A worker of 500 guests at once is what the goal is set for; of a few nothing can be said. */
const MEASURED = 400;
const MOST_KILOBYTES = 300;
const MOST_CALLS = 40;
const LIMIT_MS = Number(process.env.LIMIT ?? 600) * 1000;
const ASKED_MS = 500;
/** So long a runner that has no guest yet is left alone before its memory is read. */
const REST_MS = 3_000;
/** Half of the time until a guest is tried again that was not reached. */
const RETRY_PART_MIN = 1 / 12;
/** A third of a lease. */
const LEASE_PART_MIN = 0.25;
/** Beyond the cutoff, beyond what a reboot may take, and too late for another. */
const LATE_MIN = 140;

type Run = PatchRun & KubeObject;

export async function patching(count: number, say: (line: string) => void): Promise<Check[]> {
  const [bed, keys, ways] = [await GuestBed.start(), newGuestKeys(), waysOf(count)] as const;
  const played = await PlayedGuests.start(keys, ways);
  const pods: Pod[] = [];
  try {
    const guests = await makeFleet(bed, keys, ways);
    say(`${count} VMs are ordered, their guests are played`);
    return await patched({ bed, played, guests, pods, say });
  } finally {
    for (const { steward } of pods)
      console.log(
        (await (await import('node:fs/promises')).readFile(steward.logFile, 'utf8')).split('\n').slice(-60).join('\n'),
      );
    for (const { steward } of pods) await steward.stop('SIGKILL');
    played.stop();
    await bed.stop();
  }
}

type Stage = {
  readonly bed: GuestBed;
  readonly played: PlayedGuests;
  readonly guests: readonly Guest[];
  readonly pods: Pod[];
  readonly say: (line: string) => void;
};

async function patched(stage: Stage): Promise<Check[]> {
  const { bed, played, guests, pods, say } = stage;
  const occurrence = openWindow(Date.now());
  const job = { port: played.port, shards: SHARDS, parallel: guests.length, until: occurrence.cutoff };
  const start = async (shard: number) => {
    const pod = await startPod(bed.bed, job, shard);
    pods.push(pod);
    return pod;
  };
  const [first, second] = [await start(0), await start(1)];
  await sleep(REST_MS);
  const { pid } = first.steward;
  const empty = await memoryOf(pid);
  await makeRuns(bed, guests, occurrence);
  say('the window is open');

  const installers = guests.filter(({ way }) => way.installs === 1).length;
  await until(
    async () => {
      // A guest that was not reached is tried again 10 s later: where nothing is measured nobody waits for it.
      if (guests.length < MEASURED) for (const pod of pods) await pod.later(RETRY_PART_MIN);
      return played.installing === installers;
    },
    async () =>
      `${played.installing} of ${installers} install packages` +
      JSON.stringify(
        (await openRuns(bed)).map(r => [
          r.metadata.name,
          guests.find(g => g.uid === r.spec.managedVM.uid)?.way.name,
          shardOf(r.spec.managedVM.uid, 2),
          r.status?.phase,
          r.status?.steps?.at(-1),
        ]),
      ),
  );
  say(`${installers} guests install packages`);
  await second.steward.stop('SIGKILL');
  const third = await start(1);
  await takenOver(bed, third);
  say('one Pod was killed, and another has taken over');
  played.finish('all but late');
  await until(
    async () => (await openRuns(bed)).length <= waiting(guests).length,
    async () =>
      JSON.stringify(
        (await openRuns(bed)).map(r => [
          r.metadata.name,
          guests.find(g => g.uid === r.spec.managedVM.uid)?.way.name,
          shardOf(r.spec.managedVM.uid, 2),
          r.status?.phase,
          r.status?.steps?.at(-1),
        ]),
      ),
  );
  say(`all that may have their verdict: ${waiting(guests).length} have none yet`);

  for (const pod of [first, third]) await pod.later(LATE_MIN);
  played.finish('late');
  await until(
    async () => (await openRuns(bed)).length === 0,
    async () => `${(await openRuns(bed)).length} runs are open`,
  );
  const peak = await memoryOf(pid);
  const cpu = await cpuSeconds(pid);
  for (const pod of [first, third]) await pod.later(2);
  const ended = await Promise.all([first, third].map(({ steward }) => steward.exited));

  const own = guests.filter(({ uid }) => shardOf(uid, SHARDS) === 0).length;
  say(
    `memory of a Pod with ${own} guests at once: ${empty.nowMB} MB before, ${peak.peakMB} MB at most; ${cpu.toFixed(1)} s of CPU`,
  );
  const checks = [
    ...(await verdicts(stage)),
    exactly('Pods that ended otherwise than well', ended.filter(code => code !== 0).length, 0),
    ...(own < MEASURED
      ? []
      : [
          atMost(
            `kB of memory for each of ${own} guests at once in a Pod, at the peak`,
            rounded(((peak.peakMB - empty.nowMB) * 1000) / own),
            MOST_KILOBYTES,
          ),
        ]),
    ...(await calls(stage)),
  ];
  for (const check of checks) say(sentence(check));
  return checks;
}

/** Until the leases of a Pod that was killed have lapsed, which is a matter of time alone. */
async function takenOver(bed: GuestBed, successor: Pod): Promise<void> {
  const holders = async () => {
    const records: GuestState[] = await bed.api.list(guestState, NAMESPACE);
    return Map.groupBy(records, ({ spec, status }) => `${shardOf(spec.managedVM, SHARDS)} ${status?.lease?.holder}`);
  };
  const before = [...(await holders()).keys()].find(of => of.startsWith('1 ') && of !== '1 undefined') ?? '';
  const left = async () => (await holders()).get(before)?.length ?? 0;
  await until(
    async () => {
      await successor.later(LEASE_PART_MIN);
      return (await left()) === 0;
    },
    async () => `${await left()} leases are held by the Pod that was killed`,
  );
}

function waiting(guests: readonly Guest[]): readonly Guest[] {
  return guests.filter(({ way }) => way.waits === true);
}

function runs(bed: GuestBed): Promise<readonly Run[]> {
  return bed.api.list(patchRun, NAMESPACE);
}

async function openRuns(bed: GuestBed): Promise<readonly Run[]> {
  return (await runs(bed)).filter(({ status }) => !isFinal(status?.phase));
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
    const [run] = byVM.get(uid) ?? [];
    say(`${name} (${way.name}) is ${run?.status?.phase}: ${run?.status?.message}`);
  }
  const checks = [WELL, ...WAYS].map(way => {
    const those = guests.filter(guest => guest.way.name === way.name);
    return exactly(
      `guests that end as ${way.phase} in one run: ${way.what}`,
      those.filter(isRight).length,
      those.length,
    );
  });
  const otherwise = guests.filter(({ way }, index) => installs[index] !== way.installs);
  return [
    ...checks,
    exactly('guests in which packages were installed more or less often than is right', otherwise.length, 0),
  ];
}

async function calls({ bed, guests, say }: Stage): Promise<Check[]> {
  const { calls: all } = await readCalls(bed.bed.auditLog, { user: RUNNER });
  say(`calls of the runners: ${JSON.stringify(tally(all))}`);
  const each = (some: typeof all) => rounded(some.length / guests.length);
  const sizes = (await runs(bed)).map(run => JSON.stringify(run).length).toSorted((a, b) => a - b);
  say(`bytes of a run: ${sizes[Math.floor(sizes.length / 2)]} median, ${sizes.at(-1)} most`);
  return [
    atMost('API calls for each guest', each(all), MOST_CALLS),
    atMost('reads among them', each(all.filter(isRead)), MOST_CALLS),
    atMost('writes among them', each(all.filter(isWrite)), MOST_CALLS),
  ];
}

async function until(reached: () => Promise<boolean>, said: () => string | Promise<string>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`not after ${LIMIT_MS / 1000} s: ${await said()}`);
    await sleep(ASKED_MS);
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
