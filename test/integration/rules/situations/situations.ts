/** Every situation in which the alerts are tried. */
import { backupSituations } from './backups.ts';
import { eventSituations } from './events.ts';
import { handlingSituations } from './handling.ts';
import { loadSituations } from './load.ts';
import { promiseSituations } from './promises.ts';
import { runningSituations } from './running.ts';
import { serviceSituations } from './services.ts';
import type { Situation } from './world.ts';

export const situations: readonly Situation[] = [
  ...runningSituations,
  ...serviceSituations,
  ...eventSituations,
  ...loadSituations,
  ...promiseSituations,
  ...backupSituations,
  ...handlingSituations,
];
