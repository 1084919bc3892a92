import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { GuestRestore } from '../../api/guestrestore.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { Restore } from '../../api/restore.ts';
import type { BackupPlan } from '../contract/backupplan.ts';
import type { Fields } from '../contract/json.ts';
import type { JudgedBackup } from '../contract/judgedbackup.ts';

/** Whether the change of a Restore is agreed to. `says`: a sentence. */
export type Consent =
  | { readonly stand: 'Agreed' }
  | { readonly stand: 'Awaited'; readonly says: string }
  | { readonly stand: 'Refused'; readonly says: string };

/** What there is in the cluster for one Restore. */
export type RestoreFacts = {
  /** Why the order itself cannot be read, as a clause: it was stored under another schema. */
  readonly problem: string | undefined;
  /** The ManagedVM that has the name today. */
  readonly order: ManagedVM | undefined;
  readonly candidates: readonly JudgedBackup[];
  /** Why something that it stands on cannot be read now, as a sentence: then nothing is known to be gone, and nothing is done. */
  readonly unreadable: string | undefined;
  /** Of a restore of the data of an application: what there is of that. */
  readonly application?: RestoredApplication | undefined;
  /** Undefined: its change has not been made. */
  readonly consent: Consent | undefined;
  /** Why it must wait for others of its kind, as a sentence. */
  readonly ahead: string | undefined;
  /** Of a drill: why the sandbox is none, as a sentence. */
  readonly sandboxDefect: string | undefined;
  /** Of a drill: what the catalogue says of the system in the guest. */
  readonly operatingSystem: OperatingSystem | undefined;
  /** The drill that was ordered for this order, if it is proven first. */
  readonly rehearsal: Pick<Restore, 'metadata' | 'spec' | 'status'> | undefined;
  /** A PatchRun that works in the guest. */
  readonly patchRun: string | undefined;
  /** UID of the Backup of a name. */
  readonly backup: (name: string) => string | undefined;
  /** What was asked of the engine. */
  readonly request: Fields | undefined;
  /** A claim in the namespace that it is restored into, by its name. */
  readonly staged: (name: string) => Fields | undefined;
  /** A PersistentVolume as it is now, past every cache; only of those that are being moved. */
  readonly volume: (name: string) => Fields | undefined;
  /** A claim in the namespace of the VM. */
  readonly claim: (name: string) => Fields | undefined;
  /** Of a drill the machine in the sandbox, else that of the VM; and the instance of it. */
  readonly virtualMachine: Fields | undefined;
  readonly instance: Fields | undefined;
  /** Longest that a restore may take by the plan, as a duration. */
  readonly target: string | undefined;
  /** Namespace that claims are restored into: the staging namespace, or the sandbox. */
  readonly staging: string;
  /** Where the engine has its own objects. */
  readonly engineNamespace: string;
};

/** The application that has the name today, and what its guest says. */
export type RestoredApplication = {
  readonly application: ManagedApplication | undefined;
  /** How its data are dumped, as the guest was told; undefined: they are not, or nothing was told. */
  readonly backup: BackupPlan | undefined;
  /** What the guest said last of its dumps; undefined: it has not been looked into yet. */
  readonly dumped: ApplicationBackup | undefined;
  /** What the guest says of this very order, of the plan that it was told last. */
  readonly found: GuestRestore | undefined;
};

export type Ordered = Pick<Restore, 'apiVersion' | 'kind' | 'metadata' | 'spec' | 'status'>;
