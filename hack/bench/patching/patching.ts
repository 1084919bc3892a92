/** What it costs to patch N guests in one window, and that each comes to the verdict that is right for it, whatever goes wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestState } from '../../../src/api/gueststate.ts';
import { guestState } from '../../../src/api/gueststate.ts';
import type { PatchRunSpec } from '../../../src/api/patchrun.ts';
import { GuestBed, newGuestKeys } from '../../../test/integration/support/guestbed.ts';
import { type Check, sentence } from '../checks.ts';
import { cpuSeconds, memoryOf } from '../process.ts';
import { budget } from './budget.ts';
import { makeFleet, makeRuns, NAMESPACE, openWindow, SHARDS, shardOfGuest } from './fleet.ts';
import { PlayedGuests } from './guestsprocess.ts';
import { type Cost, openRuns, resultsOf } from './results.ts';
import { type Pod, startPod } from './runners.ts';
import { isMeasured, type Stage } from './stage.ts';
import { until } from './until.ts';
import { waysOf } from './ways.ts';

/** A runner that has no guest yet is left alone until so many milliseconds took it no more than so many seconds of CPU: then its memory is read. */
const REST_MS = 6_000;
const REST_CPU_S = 0.1;
/** Half of the time until a guest is tried again that was not reached, and a third of a lease. */
const RETRY_PART_MIN = 1 / 12;
const LEASE_PART_MIN = 0.25;
/** Beyond the cutoff, beyond what a reboot may take, and too late for another. */
const LATE_MIN = 140;

export async function patching(count: number, say: (line: string) => void): Promise<Check[]> {
  const [bed, keys, ways] = [await GuestBed.start(), newGuestKeys(), waysOf(count)] as const;
  const played = await PlayedGuests.start(keys, ways);
  const pods: Pod[] = [];
  try {
    const guests = await makeFleet(bed, keys, ways);
    say(`${count} VMs are ordered, their guests are played`);
    const stage = { bed, played, guests, pods, say };
    const occurrence = openWindow(Date.now());
    const checks = [
      ...(await resultsOf(stage, await patched(stage, occurrence))),
      ...(await budget(stage, occurrence)),
    ];
    for (const check of checks) say(sentence(check));
    return checks;
  } finally {
    for (const { steward } of pods) await steward.stop('SIGKILL');
    played.stop();
    await bed.stop();
  }
}

/** A window from its opening to the last verdict, with a Pod for each shard; of the second shard one is told to end, and the next is killed. */
async function patched(stage: Stage, occurrence: PatchRunSpec['occurrence']): Promise<Cost> {
  const { bed, played, guests, pods, say } = stage;
  const job = { port: played.port, shards: SHARDS, parallel: guests.length, until: occurrence.cutoff };
  const start = async (shard: number) => {
    const pod = await startPod(bed.bed, job, shard);
    pods.push(pod);
    return pod;
  };
  const [first, second] = [await start(0), await start(1)];
  const { pid } = first.steward;
  if (isMeasured(stage)) await atRest(pid);
  const empty = await memoryOf(pid);
  await makeRuns(bed, guests, occurrence);
  say('the window is open');
  await allBusy(stage);

  await second.steward.stop('SIGTERM');
  const kept = [...(await holders(bed))].reduce((sum, [who, count]) => sum + (who.startsWith('1 ') ? count : 0), 0);
  const third = await start(1);
  await takenOver(stage, third, undefined);
  const [victim] = (await holders(bed)).keys().filter(of => of.startsWith('1 '));
  await third.steward.stop('SIGKILL');
  const fourth = await start(1);
  await takenOver(stage, fourth, victim);

  played.finish('all but late');
  const waiting = guests.filter(({ way }) => way.waits === true).length;
  await untilOpen(stage, waiting);
  // With its last verdict a Pod ends: by then it believes that no more runs are made.
  const [peak, cpu] = [await memoryOf(pid), await cpuSeconds(pid)];
  for (const pod of [first, fourth]) await pod.later(LATE_MIN);
  played.finish('late');
  await untilOpen(stage, 0);
  const exits = await Promise.all([first, fourth].map(({ steward }) => steward.exited));
  return { kept, exits, emptyMB: empty.nowMB, peakMB: peak.peakMB, cpuSeconds: cpu };
}

/** Until it has loaded what it needs, and has given back what that took. */
async function atRest(pid: number): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY; ; ) {
    const used = await cpuSeconds(pid);
    if (used - before <= REST_CPU_S) return;
    before = used;
    await sleep(REST_MS);
  }
}

/** Until something runs in every guest that can be worked in: all at once. */
async function allBusy(stage: Stage): Promise<void> {
  const { played, guests, say } = stage;
  const wanted = guests.filter(({ way }) => way.untouched !== true).length;
  await until(
    async () => {
      await hurry(stage);
      return played.busy === wanted;
    },
    async () => `package managers run in ${played.busy} guests of ${wanted}`,
  );
  say(`package managers run in ${wanted} guests at once`);
}

/** How many records are held, by shard and holder. */
async function holders(bed: GuestBed): Promise<Map<string, number>> {
  const records: readonly GuestState[] = await bed.api.list(guestState, NAMESPACE);
  const held = records.filter(({ status }) => status?.lease !== undefined);
  const of = ({ spec, status }: GuestState) => `${shardOfGuest(spec.managedVM)} ${status?.lease?.holder}`;
  return new Map([...Map.groupBy(held, of)].map(([who, all]) => [who, all.length]));
}

/** Until another Pod works in all guests of the second shard; the leases of one that was killed must lapse, which is a matter of time alone. */
async function takenOver({ bed, guests, say }: Stage, successor: Pod, victim: string | undefined): Promise<void> {
  const worked = guests.filter(({ uid, way }) => shardOfGuest(uid) === 1 && way.untouched !== true).length;
  const taken = async () => {
    const others = [...(await holders(bed))].filter(([who]) => who.startsWith('1 ') && who !== victim);
    return others.reduce((sum, [, count]) => sum + count, 0);
  };
  await until(
    async () => {
      if (victim !== undefined) await successor.later(LEASE_PART_MIN);
      return (await taken()) >= worked;
    },
    async () => `${await taken()} guests of ${worked} are taken over`,
  );
  say(
    `a Pod ${victim === undefined ? 'was told to end' : 'was killed'}, and another has taken over its ${worked} guests`,
  );
}

/** A guest that was cut off is tried again 10 s later: where nothing is measured nobody waits for it. */
async function hurry(stage: Stage): Promise<void> {
  if (!isMeasured(stage)) for (const pod of stage.pods) await pod.later(RETRY_PART_MIN);
}

async function untilOpen(stage: Stage, most: number): Promise<void> {
  const { bed, say } = stage;
  const open = async () => (await openRuns(bed)).length;
  await until(
    async () => {
      await hurry(stage);
      return (await open()) <= most;
    },
    async () => `${await open()} runs are open, ${most} may be`,
  );
  say(`${most} runs have no verdict yet`);
}
