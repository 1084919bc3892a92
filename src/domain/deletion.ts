import type { ManagedVM } from '../api/managedvm.ts';
import type { Assessment } from './assess.ts';

/** A child that exists, as far as a deletion looks at it. */
export type RemainingChild = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly deletionTimestamp?: string | undefined;
};

export type DeletionPlan = {
  /** To delete now; what is being deleted already is not named again. */
  readonly remove: readonly RemainingChild[];
  /** What still exists and must go before the ManagedVM may. */
  readonly blockers: readonly RemainingChild[];
  /** Disks that stay. */
  readonly retained: readonly RemainingChild[];
  readonly done: boolean;
};

/** What to delete next: backups and monitoring end first, then the machine goes, then its disks, its keys last. */
export function deletionPlan(_input: {
  readonly managedVM: ManagedVM;
  readonly children: readonly RemainingChild[];
}): DeletionPlan {
  throw new Error('not yet');
}

/** The status while a deletion is in progress: what it waits for, and since when. */
export function assessDeletion(_input: {
  readonly managedVM: ManagedVM;
  readonly blockers: readonly RemainingChild[];
  readonly now: Date;
}): Assessment {
  throw new Error('not yet');
}
