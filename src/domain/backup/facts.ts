import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { BackupBounds } from './backupplan.ts';
import type { EndedRestores } from './endedrestores.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Contents } from './inspections.ts';
import type { RecoveryPoint } from './recoverypoint.ts';
import type { StandardFacts } from './standard.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';

/** What one pass read about the backups of one ManagedVM. */
export type BackupFacts = {
  /** The policy that it is backed up by, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  /** The provider's standard at the level, if the plan of the contract names one. */
  readonly standard?: StandardFacts | undefined;
  /** Whether the kind that spec.backupPolicyRef names is served. */
  readonly policyKindInstalled: boolean;
  /** Whether Velero serves Schedules and Backups where they are kept; true also where they cannot be read. */
  readonly installed: boolean;
  /** Whether all of Velero's kinds are served and can be read. */
  readonly veleroAvailable: boolean;
  readonly veleroNamespace: string;
  /** What Velero said of itself; absent: it has not been asked. */
  readonly heartbeat?: Heartbeat;
  /** What the provider allows every policy. */
  readonly bounds: BackupBounds;
  /** The BackupStorageLocation of a name, if it exists. */
  readonly storageLocation: (name: string) => BackupStorageLocation | undefined;
  /** The Velero Schedules of this ManagedVM that exist. */
  readonly schedules: readonly VeleroSchedule[];
  /** Velero Backups with this ManagedVM's owner labels, whoever made them. */
  readonly backups: readonly VeleroBackup[];
  /** What was read of the contents of a Backup since the status was written, by its UID; undefined: nothing has come yet. */
  readonly contents: (uid: string) => Contents | undefined;
  /** Those that are kept beyond their time because a disk is lost. */
  readonly held?: readonly RecoveryPoint[];
  /** Restores of this ManagedVM that have come to their end, as far as they are still there. */
  readonly restores?: EndedRestores | undefined;
  readonly unreadable: readonly Unreadable[];
};

export type OfBackup = OfMachine & { readonly backup: BackupFacts };
