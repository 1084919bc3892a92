/** Hundreds of VMs under one policy: their starts are spread, and neither writes nor memory grow beyond what one costs. The operator is a process of its own. */
import { readFile } from 'node:fs/promises';
import { AuditTail, isWrite } from '../../../hack/testbed/client/audit.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { VeleroSchedule } from '../../../src/api/upstream.ts';
import { dailyPolicy, linuxSystem, machine } from '../../integration/support/orders.ts';
import type { Outcome } from '../cases.ts';
import { namespace, startBed } from '../cluster/bed.ts';
import { type Live, World } from '../cluster/world.ts';
import { type Program, startProgram } from '../operator/program.ts';

const PLACE = 'f-9000';
const SPREAD_MINUTES = 120;
const AT = { hour: 1, minute: 0 };
/** The chart's limit is 512 MiB. */
const MOST_MEMORY = 400 * 1024 * 1024;
/** A machine, two disks, their keys, a Schedule, scraping, and the statuses on the way. */
const MOST_WRITES = 25;
/** The change of a policy costs each VM its Schedule and a status. */
const MOST_WRITES_OF_CHANGE = 4;
const QUIET_MS = 4_000;
const LIMIT_MS = 900_000;

export async function fleetUnderOnePolicy(count: number, say: (line: string) => void): Promise<Outcome[]> {
  const bed = await startBed(() => {});
  const world = new World(bed.client);
  const programs: Program[] = [];
  const outcomes: Outcome[] = [];
  const check = (name: string, isSo: boolean, found: string) => {
    say(`${count} VMs under one policy: ${found}`);
    outcomes.push({ name: `${count} VMs under one policy: ${name}`, ...(!isSo && { failure: found }) });
  };
  const start = async (name: string) => {
    const program = await startProgram(bed, name);
    programs.push(program);
    return { program, tail: await AuditTail.fromNow(bed.auditLog, program.user) };
  };
  try {
    await bed.client.create('/api/v1/namespaces', namespace(PLACE));
    await bed.client.create(pathOf(operatingSystem), linuxSystem('os-f-9000'));
    const spec = { spread: `${SPREAD_MINUTES}m`, recoveryPointObjective: '30h' };
    await bed.client.create(pathOf(backupPolicy, PLACE), dailyPolicy(PLACE, 'daily', spec));
    const { program, tail } = await start('faults-fleet');
    for (let first = 0; first < count; first += 25) {
      const some = Array.from({ length: Math.min(25, count - first) }, (_, index) => `vm-${first + index}`);
      const backupPolicyRef = { kind: 'BackupPolicy', name: 'daily' };
      const order = { operatingSystem: 'os-f-9000', backupPolicyRef };
      await Promise.all(some.map(name => bed.client.create(pathOf(managedVM, PLACE), machine(PLACE, name, order))));
    }
    const schedules = () => world.all(VeleroSchedule, PLACE);
    await settled(world, () => schedules().length >= count);
    const minutes = schedules().map(minuteOf);
    const perMinute = Map.groupBy(minutes, minute => minute);
    const most = Math.max(...[...perMinute.values()].map(({ length }) => length));
    const allowed = Math.ceil(count / SPREAD_MINUTES) * 4 + 2;
    check('each has one Schedule', schedules().length === count, `${schedules().length} Schedules`);
    check(
      'all start within the spread, and few in one minute',
      minutes.every(minute => minute >= 0 && minute <= SPREAD_MINUTES) && most <= allowed,
      `starts in ${perMinute.size} minutes of ${SPREAD_MINUTES}, ${most} in one at most (${allowed} allowed)`,
    );
    const writes = (await tail.look()).filter(isWrite).length / count;
    check(
      'writes for each are bounded',
      writes <= MOST_WRITES,
      `${writes.toFixed(1)} writes for each (${MOST_WRITES} allowed)`,
    );
    const memory = await residentOf(program);
    check('memory is bounded', memory <= MOST_MEMORY, `${Math.round(memory / 1024 / 1024)} MiB are resident`);
    const tier = { name: 'daily', schedule: '0 1 * * *', retention: '800h' };
    await bed.client.patch('merge', pathOf(backupPolicy, PLACE, 'daily'), { spec: { tiers: [tier] } });
    // What only repeats itself in a status may wait a minute, and whoever comes next would write it.
    const told = () => world.all(managedVM, PLACE).every(({ status }) => JSON.stringify(status).includes('800h'));
    await settled(world, () => schedules().every(({ spec }) => JSON.stringify(spec).includes('800h')) && told());
    const changed = (await tail.look()).filter(isWrite).length / count;
    check(
      'a change of the policy costs each little',
      changed <= MOST_WRITES_OF_CHANGE,
      `${changed.toFixed(1)} writes for each`,
    );
    const moved = schedules().map(minuteOf).toSorted().join() !== minutes.toSorted().join();
    check('and leaves each its start', !moved, moved ? 'some start otherwise' : 'all start as before');
    await program.stop();
    const again = await start('faults-fleet-again');
    await settled(world, () => true);
    const restarted = (await again.tail.look()).filter(isWrite).length;
    check('another operator finds all as it should be', restarted === 0, `${restarted} writes by it`);
    await bed.client.delete(pathOf(backupPolicy, PLACE, 'daily'));
    await settled(world, () => world.all(backupPolicy, PLACE).length === 0);
    check(
      'the policy is deleted: every Schedule stays',
      schedules().length === count,
      `${schedules().length} Schedules`,
    );
    return outcomes;
  } finally {
    await Promise.all(programs.map(each => each.stop()));
    world.end();
    await bed.stop();
  }
}

/** Minutes after the tier's own start; -1: its schedule reads otherwise. */
function minuteOf({ spec }: Live): number {
  const { schedule = '' } = spec as { readonly schedule?: string };
  const [, minute, hour] = /(?:^|\s)(\d+) (\d+) \* \* \*$/.exec(schedule) ?? [];
  return hour === undefined ? -1 : (Number(hour) - AT.hour) * 60 + Number(minute) - AT.minute;
}

/** So it is, and nothing changes any more. */
async function settled(world: World, holds: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  let [seen, since] = [-1, 0];
  for (;;) {
    if (world.changes !== seen) [seen, since] = [world.changes, performance.now()];
    if (holds() && performance.now() - since > QUIET_MS) return;
    if (performance.now() > end) throw new Error(`the fleet has not come to its end in ${LIMIT_MS / 60_000} minutes`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function residentOf({ pid }: Program): Promise<number> {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
