import type { ManagedVM } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';
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
  /** Undefined: its change has not been made. */
  readonly consent: Consent | undefined;
  /** Another Restore of the same VM, which came first and is not over. */
  readonly ahead: string | undefined;
  /** A PatchRun that works in the guest. */
  readonly patchRun: string | undefined;
  /** UID of the Backup of a name. */
  readonly backup: (name: string) => string | undefined;
  /** What was asked of the engine. */
  readonly request: Fields | undefined;
  /** A claim in the staging namespace, by its name. */
  readonly staged: (name: string) => Fields | undefined;
  /** A PersistentVolume as it is now, past every cache; only of those that are being moved. */
  readonly volume: (name: string) => Fields | undefined;
  /** A claim in the namespace of the VM. */
  readonly claim: (name: string) => Fields | undefined;
  readonly virtualMachine: Fields | undefined;
  readonly instance: Fields | undefined;
  /** Longest that a restore may take by the plan, as a duration. */
  readonly target: string | undefined;
  /** Namespace that claims are staged in. */
  readonly staging: string;
};

export type Ordered = Pick<Restore, 'apiVersion' | 'kind' | 'metadata' | 'spec' | 'status'>;
