import type { ReadBack } from '../../domain/patching/runstatus.ts';
import type { Scan } from '../../domain/patching/update.ts';

/** Exactly this version of a package. Without an architecture: the guest's own. `comesAlong`: it is not asked for, and may come where another brings it. */
export type Pin = {
  readonly package: string;
  readonly architecture?: string;
  readonly version: string;
  readonly comesAlong?: true | undefined;
};

/** What stands before a patch run, found before anything is changed. */
export type Preflight = {
  /** Why nothing may be installed, a bounded sentence each; none: it may go on. */
  readonly blockers: readonly string[];
  /** Whether a restart is due; undefined: nothing in the guest tells. */
  readonly rebootPending: boolean | undefined;
  /** Units that have failed already; absent: the family does not ask. */
  readonly failedUnits?: readonly string[] | 'Unreadable';
};

/** What an attempt to install came to. What is installed, only {@link ReadBack} proves. */
export type Install = {
  /** Why not all of it was installed, in bounded words; undefined: the package manager says that it was. */
  readonly failure: string | undefined;
  /** Of single packages, by name, why they were not installed. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Packages of which the guest has a newer version than was asked for, by the package manager's own comparison: nothing was to be done for them. */
  readonly newer: ReadonlySet<string>;
  /** What came along with them as new, by name: versions. */
  readonly brought: ReadonlyMap<string, string>;
  /** What was found interrupted and brought to its end first, in bounded words; undefined: nothing. */
  readonly repaired: string | undefined;
  /** Configuration files of which the guest's own version was kept and the package's lies beside it. */
  readonly kept: readonly string[];
};

/**
 * What is asked of the package manager of a guest, and done by it. Each script is a step's: for `/bin/sh` as root, or PowerShell as SYSTEM, and it says what
 * its reader reads. Throws RangeError for a pin that is not made of what names and versions are made of. A reader gives undefined for anything but a
 * script's own whole answer: then nothing is concluded from it.
 */
export type PackageFamily = {
  /** Reads the sources anew, and lists what could be newer. Changes nothing but the lists of packages. */
  readonly scanScript: () => string;
  readonly readScan: (text: string, at: Date) => Scan | undefined;
  /** Reads the sources anew, and looks at what an install needs. Changes nothing but the lists of packages. */
  readonly preflightScript: () => string;
  readonly readPreflight: (text: string) => Preflight | undefined;
  /** Installs exactly these versions in one transaction, and nothing that was not named; what is installed already stays, and what may come along is not asked for. */
  readonly installScript: (pins: readonly Pin[]) => string;
  readonly readInstall: (text: string, exitCode: number) => Install | undefined;
  readonly readBackScript: (pins: readonly Pin[]) => string;
  readonly readBack: (text: string) => ReadBack | undefined;
  /** Restarts the guest, and runs until it goes down: it exits with 1 where the system refuses to, and with another status where it has not come to it. */
  readonly rebootScript: () => string;
};
