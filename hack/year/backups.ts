/** Backups: every night, most of them whole; what is said of the newest one is held to what lies there. */
import { newestRecoveryPoint } from '../../src/domain/backup/recoverypoint.ts';
import type { VeleroBackup } from '../../src/domain/backup/velero.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import { nextRun, parseCron } from '../../src/domain/time/cron.ts';
import { RECOVERY_POINT_HOURS } from './agreed.ts';
import type { System, World } from './world.ts';

const HOUR = 3600;
const NIGHTLY = parseCron('0 1 * * *');
/** How many are looked at: the older ones have expired. */
const KEPT = 8;

export function keepBackups(world: World): void {
  const lying = new Map<string, VeleroBackup[]>();
  const night = () => {
    for (const system of world.systems)
      if (!system.isGone && system.isSetUp && system.isOn) backUp(world, system, lying);
    world.simulation.at(nextRun(NIGHTLY, 'Europe/Berlin', world.now), night);
  };
  world.simulation.at(nextRun(NIGHTLY, 'Europe/Berlin', world.now), night);
  const hourly = () => {
    for (const system of world.systems) if (!system.isGone) judge(world, system, lying.get(system.uid) ?? []);
    world.simulation.in(6 * HOUR, hourly);
  };
  world.simulation.in(30 * 60, hourly);
}

function backUp(world: World, system: System, lying: Map<string, VeleroBackup[]>): void {
  const { dice, now } = world;
  const phase = world.fault('a backup has failed', 0.06)
    ? dice.pick(['Failed', 'PartiallyFailed', 'InProgress'])
    : 'Completed';
  const isEmpty = world.fault('a backup held nothing', 0.01);
  const backup: VeleroBackup = {
    ...{ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: world.uid('backup') } },
    status: {
      ...{ phase, startTimestamp: instant(now), expiration: instant(new Date(now.getTime() + 30 * 24 * HOUR * 1000)) },
      ...{ errors: 0, progress: { itemsBackedUp: isEmpty ? 0 : 40 } },
    },
  };
  lying.set(system.uid, [...(lying.get(system.uid) ?? []), backup].slice(-KEPT));
  const own = world.diary.backups.get(system.uid) ?? { system: system.uid, good: [], told: [] };
  world.diary.backups.set(system.uid, own);
  if (phase === 'Completed' && !isEmpty) own.good.push(world.seconds);
}

function judge(world: World, system: System, backups: readonly VeleroBackup[]): void {
  const own = world.diary.backups.get(system.uid);
  if (own === undefined) return;
  const { now } = world;
  const point = newestRecoveryPoint(backups, {
    now,
    storageDefect: () => undefined,
    diskDefect: () => undefined,
    isInspected: () => true,
  });
  const inTime = point !== undefined && now.getTime() - point.time.getTime() <= RECOVERY_POINT_HOURS * HOUR * 1000;
  own.told.push({ at: world.seconds, inTime });
  if (system.hasRecoveryPoint === inTime) return;
  system.hasRecoveryPoint = inTime;
  world.recordSystem(system);
}
