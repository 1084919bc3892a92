/**
 * What Steward does by itself about each alarm of an operating system (MO-6, MO-13): a ladder for each, gentlest first, a person last. An alarm without a
 * ladder is a person's at once. Those of applications stand in their Products (src/api/productremediation.ts).
 */
import type { RemedyAction } from '../../api/remedy.ts';
import type { Rung } from '../contract/ladder.ts';

/** What a rung is about, out of the labels of the alarm. */
export type About = 'service' | 'mountpoint';

export type LadderRung = Rung & {
  readonly action: RemedyAction;
  /** The label that says what it is done to. */
  readonly about?: About;
  /** Of FreeSpace: more than so much is in use. */
  readonly above?: 'warning' | 'critical' | number;
  /** It is harsh, and done only where the guest is silent by every sign: neither agent nor guest worker is answered. */
  readonly onlySilent?: boolean;
};

const restartService: LadderRung = {
  ...{ name: 'service', action: 'RestartService', about: 'service' },
  ...{ maxPer: { count: 2, hours: 6 }, cooldownMinutes: 10 },
};

const restartExporter: LadderRung = {
  ...{ name: 'exporter', action: 'RestartExporter', maxPer: { count: 2, hours: 6 }, cooldownMinutes: 10 },
};

const restartAgent: LadderRung = {
  ...{ name: 'agent', action: 'RestartAgent', maxPer: { count: 2, hours: 6 }, cooldownMinutes: 15 },
};

/** Its guest is asked to shut down, and switched off where it does not: one that hangs is power cycled by it. */
const restartGuest: LadderRung = {
  ...{ name: 'guest', action: 'RestartGuest', maxPer: { count: 1, hours: 24 }, cooldownMinutes: 30, onlySilent: true },
};

const freeSpace = (above: NonNullable<LadderRung['above']>): LadderRung => ({
  ...{ name: 'space', action: 'FreeSpace', about: 'mountpoint', above },
  ...{ maxPer: { count: 1, hours: 6 }, cooldownMinutes: 20 },
});

/** By the name of the alarm. A Map has no names of its own. */
export const LADDERS: ReadonlyMap<string, readonly LadderRung[]> = new Map([
  ['ManagedVMServiceNotRunning', [restartService]],
  ['ManagedVMFileSystemAlmostFull', [freeSpace('warning')]],
  ['ManagedVMFileSystemFull', [freeSpace('critical')]],
  ['ManagedVMFileSystemFilling', [freeSpace(60)]],
  ['ManagedVMTargetMissing', [restartExporter, restartGuest]],
  ['ManagedVMAgentLost', [restartAgent, restartGuest]],
]);

/** What a rung does, as a part of a sentence after "would" or "does". */
export function rungWords({ action }: Pick<LadderRung, 'action'>, to = ''): string {
  switch (action) {
    case 'Reload':
      return `reload ${to || 'the server'}`;
    case 'RestartUnit':
      return `restart ${to || 'the server'}`;
    case 'Look':
      return 'look in the guest whether anything stands against a restart of it';
    case 'RestartService':
      return `start service ${to || 'that does not run'} where it does not run`;
    case 'FreeSpace':
      return `free known space on ${to || 'the file system'}: fetched packages, rotated logs of the system, the journal down to 64 MiB`;
    case 'RestartExporter':
      return 'start the exporter anew where it does not answer in the guest';
    case 'RestartAgent':
      return 'start the guest agent anew';
    case 'RestartGuest':
      return 'restart the guest, by force where it does not shut down';
  }
}
