import type { GuestModules } from '../../api/guestmodules.ts';
import type { BackupFound } from './backupfound.ts';

/**
 * What one look into a guest found, parsed and bounded. The customer has root there at every Managed OS level (MO-8): it is compared and
 * quoted, never believed further than that, and never part of a command.
 */
export type Look = {
  readonly bootId: string;
  /** One for each setting that was asked for, in that order. */
  readonly settings: readonly SettingFound[];
  readonly access: readonly LoginFound[];
  readonly foreign: readonly ForeignFound[];
  /** Accounts that Steward's own notes in the guest name, neither ordered nor known to have been: whom a lost record has forgotten. */
  readonly noted: readonly string[];
  /** Each application that it was asked about. */
  readonly applications: readonly ApplicationFound[];
  /** The last lines of its log that matter, the newest first; undefined: they were not asked for. */
  readonly lines?: readonly LogLineFound[];
};

/** A line that the sensor has read: anybody's words. */
export type LogLineFound = { readonly at: Date; readonly event: string; readonly text: string };

export type ApplicationFound = {
  readonly name: string;
  /** Its exact version; absent: it is not installed. */
  readonly version?: string;
  /** Probes that did not succeed when they were read last, or were not read for minutes. */
  readonly failing: readonly string[];
  /** What its dumps and proofs have recorded; absent: nothing. */
  readonly backup?: BackupFound;
  /** Extensions in its databases that nobody ordered; absent: it has none that could be asked for, or not every database has answered. */
  readonly modules?: GuestModules;
  /** The last update of it, where a version is designated and one was ever begun. */
  readonly update?: ApplicationUpdate;
  /** How far a change of its line is, where its plan has one. */
  readonly line?: LineChangeFound;
  /** How far a restore of its data is, where its plan has one. */
  readonly restore?: RestoreFound;
};

/** `Failed`: the data of before serve. Absent: nothing was begun. */
export type RestoreFound = {
  /** UID of the Restore that asks for it. */
  readonly order: string;
  readonly phase?: 'Begun' | 'Filled' | 'Done' | 'Back' | 'Failed';
  /** When nobody was let in any more, by the guest's clock. */
  readonly closed?: Date;
  readonly tables?: number;
  readonly rows?: number;
  /** Why it was taken back, in bounded words. */
  readonly why?: string;
};

/** `Failed`: the line of before serves again. Absent: nothing was begun. */
export type LineChangeFound = {
  readonly phase?: 'Begun' | 'Changed' | 'Done' | 'Back' | 'Failed' | 'Retired';
  /** When it was begun, by the guest's clock. */
  readonly at?: Date;
  /** What stands against it, in bounded words; empty: nothing, or nobody has asked. */
  readonly checks: string;
};

/** What an update inside the version line has come to (AP-2). `Failed`: it works neither way, and nobody is let in. */
export type ApplicationUpdate = {
  readonly from: string;
  readonly to: string;
  readonly outcome: 'Running' | 'Updated' | 'RolledBack' | 'Failed';
  /** When it was begun, by the guest's clock. */
  readonly at: Date;
  /** Since when its interface is closed; absent: it is open. */
  readonly closedSince?: Date;
};

/** `Kept`: as ordered. `Differs`: it can be put right. `Stopped`: so can it, and it is a server that does not run and is otherwise as ordered. `Failed`: it could not be looked at, for instance because the disk is full. */
export type Standing = 'Kept' | 'Differs' | 'Stopped' | 'Failed';

export type SettingFound = {
  /** What is set: `account:kim`, `exporter`, `updater`. */
  readonly setting: string;
  readonly standing: Standing;
  /** What was found, in bounded words; empty where it is kept. */
  readonly found: string;
};

export type LoginFound = {
  readonly name: string;
  /** It has a key or a password, a shell, and is not locked or expired. */
  readonly login: boolean;
  readonly administrator: boolean;
  /** Fingerprints of the keys that open it. */
  readonly keys: readonly string[];
};

/** What nobody ordered (MO-16). */
export type ForeignFound = {
  readonly kind: 'Account' | 'Key' | 'SudoRule' | 'Administrator';
  readonly name: string;
  readonly detail: string;
  /** When the guest says that it was last changed. */
  readonly changed?: Date;
};
