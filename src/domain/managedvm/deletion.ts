import type { ManagedVM } from '../../api/managedvm.ts';
import { DISK_LABEL, RECLAIM_POLICY_LABEL } from '../contract/child.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { bounded, cut, saying } from '../contract/excerpt.ts';
import type { Assessment } from './assess.ts';
import { CONDITIONS } from './conditions.ts';

/** Minutes after which a deletion that still waits is reported as stalled. */
export const DELETION_GRACE_MINUTES = 15;

/** A child that exists, as far as a deletion looks at it. */
export type RemainingChild = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly deletionTimestamp?: string | undefined;
  /** Stands for whatever there may be of a kind that cannot be read now, and says why. */
  readonly unreadable?: string | undefined;
};

/** Whom Kubernetes' garbage collector asks to let the children stay (`--cascade=orphan`). */
const ORPHAN_FINALIZER = 'orphan';

export type DeletionPlan = {
  /** To delete now; what is being deleted already is not named again. */
  readonly remove: readonly RemainingChild[];
  /** What still exists and must go before the ManagedVM may. */
  readonly blockers: readonly RemainingChild[];
  /** What stays: disks that are kept, and the keys of the guest on them. */
  readonly retained: readonly RemainingChild[];
  readonly done: boolean;
};

/**
 * What to delete next. Backups and monitoring end first, so that nothing backs up or alerts on a machine that goes on
 * purpose; then the machine; its disks and first boot when no guest can use them any more; the key pair last, so that
 * the provider can look into a guest that does not shut down. Keys are kept with the disks of the guest that knows them.
 * Needs no policy, catalogue entry or upstream kind; of a kind that is there and cannot be read, nothing is taken for gone.
 * Where the order says Release, the machine runs on with its disks, and only backups and monitoring end.
 * `children` are this ManagedVM's own; `others` were made for it and are not its own (any more), claims among them: they are never touched.
 */
export function deletionPlan({
  managedVM,
  children,
  others = [],
}: {
  readonly managedVM: ManagedVM;
  readonly children: readonly RemainingChild[];
  readonly others?: readonly RemainingChild[];
}): DeletionPlan {
  const releases = managedVM.spec.deletionPolicy === 'Release';
  if (!releases && isOrphaning(managedVM, others)) return { remove: [], blockers: [], retained: children, done: true };
  const seen = children.filter(({ unreadable }) => unreadable === undefined);
  const disks = seen.filter(
    child => isDisk(child) && (releases || retains(managedVM, dataVolumeOf(child, children) ?? child)),
  );
  const keysStay = releases || disks.length > 0 || others.some(other => isDisk(other) && retains(managedVM, other));
  const stays = (child: RemainingChild) =>
    disks.includes(child) || (keysStay && isKeys(child, managedVM)) || (releases && isRunning(child, managedVM));
  const retained = children.filter(stays);
  const blockers = children.filter(child => !retained.includes(child));
  const stage = Math.min(...blockers.map(child => stageOf(child, managedVM)));
  const remove = blockers.filter(
    child =>
      stageOf(child, managedVM) === stage &&
      child.deletionTimestamp === undefined &&
      child.unreadable === undefined &&
      !dataVolumeOf(child, children),
  );
  return { remove, blockers, retained, done: blockers.length === 0 };
}

/**
 * Whoever deletes may want the children to live on. The garbage collector takes their references away and then the finalizer that says so:
 * who comes late sees it by the machine, which is there and has lost its reference.
 */
function isOrphaning({ metadata }: ManagedVM, others: readonly RemainingChild[]): boolean {
  return (
    metadata.finalizers?.includes(ORPHAN_FINALIZER) === true || others.some(({ kind }) => kind === 'VirtualMachine')
  );
}

/** What a guest that runs on needs, beside its disks. */
function isRunning({ kind, namespace, unreadable }: RemainingChild, { metadata }: ManagedVM): boolean {
  const isFirstBoot = kind === 'Secret' && namespace === metadata.namespace;
  return (kind === 'VirtualMachine' || isFirstBoot) && unreadable === undefined;
}

function isKeys({ kind, namespace }: RemainingChild, { metadata }: ManagedVM): boolean {
  return kind === 'Secret' && namespace !== metadata.namespace;
}

/** Children of one stage go together, and only when all earlier ones are gone. */
function stageOf({ kind, namespace }: RemainingChild, managedVM: ManagedVM): number {
  if (kind === 'VirtualMachine') return 1;
  if (kind === 'DataVolume' || kind === 'PersistentVolumeClaim') return 2;
  if (kind !== 'Secret') return 0;
  return namespace === managedVM.metadata.namespace ? 2 : 3;
}

function isDisk({ kind }: RemainingChild): boolean {
  return kind === 'DataVolume' || kind === 'PersistentVolumeClaim';
}

/** As ordered now; a disk that is no longer ordered stays unless its label says otherwise. A protected one stays in any case. */
function retains({ spec }: ManagedVM, { labels }: RemainingChild): boolean {
  if (spec.deletionProtection) return true;
  const ordered = spec.disks.find(disk => disk.name === labels?.[DISK_LABEL])?.reclaimPolicy;
  return (ordered ?? labels?.[RECLAIM_POLICY_LABEL]) !== 'Delete';
}

/** The DataVolume that a claim belongs to, and goes or stays with. */
function dataVolumeOf(
  { kind, namespace, name }: RemainingChild,
  children: readonly RemainingChild[],
): RemainingChild | undefined {
  if (kind !== 'PersistentVolumeClaim') return undefined;
  return children.find(child => child.kind === 'DataVolume' && child.namespace === namespace && child.name === name);
}

/** The status while a deletion is in progress: what it waits for, and since when. Nothing is promised any more. */
export function assessDeletion({
  managedVM,
  blockers,
  now,
}: {
  readonly managedVM: ManagedVM;
  readonly blockers: readonly RemainingChild[];
  readonly now: Date;
}): Assessment {
  const began = managedVM.metadata.deletionTimestamp ?? instant(now);
  const waitingFor = blockers.slice(0, 16).map(child => wait(child, began));
  const deadline = deadlineOf(blockers, began);
  const overdue = deadline !== undefined && now >= deadline;
  const reason = overdue ? 'DeletionBlocked' : 'Deleting';
  const message = bounded(deletionMessage(began, blockers.length, waitingFor));
  const { conditions: _, pendingChanges: __, ...last } = managedVM.status ?? {};
  const active = (type: string, status: boolean): ConditionInput => ({
    type,
    status: status ? 'True' : 'False',
    reason: status ? reason : 'Settled',
    message: status ? message : 'The ManagedVM is being deleted.',
  });
  return {
    status: {
      ...last,
      ...(managedVM.metadata.generation !== undefined && { observedGeneration: managedVM.metadata.generation }),
      state: 'Deleting',
      waitingFor,
    },
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      active('Reconciling', !overdue),
      active('Stalled', overdue),
      ...PROMISES.map(endOfPromise),
    ],
    ...(deadline && !overdue && { requeueAt: deadline }),
  };
}

const PROMISES = Object.keys(CONDITIONS).filter(type => !['Ready', 'Reconciling', 'Stalled'].includes(type));

function endOfPromise(type: string): ConditionInput {
  return {
    type,
    status: 'Unknown',
    reason: 'Deleting',
    message: 'The ManagedVM is being deleted; nothing is promised any more.',
  };
}

type Wait = { object: string; since: string; reason: string };

function wait(child: RemainingChild, began: string): Wait {
  const { kind, namespace, name, finalizers = [], deletionTimestamp, unreadable } = child;
  const object = cut(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`, 320);
  if (unreadable !== undefined)
    return { object, since: began, reason: bounded(`What there is of them cannot be read${saying(unreadable)}`) };
  if (deletionTimestamp === undefined) return { object, since: began, reason: 'It is deleted in its turn.' };
  const held =
    finalizers.length === 0 ? 'It is being deleted.' : `Its finalizers are not removed yet: ${finalizers.join(', ')}.`;
  return { object, since: deletionTimestamp, reason: bounded(held) };
}

/** When the object that has been going for the longest, or a kind that cannot be read, counts as stuck. */
function deadlineOf(blockers: readonly RemainingChild[], began: string): Date | undefined {
  const since = blockers
    .map(({ deletionTimestamp, unreadable }) => Date.parse((unreadable && began) ?? deletionTimestamp ?? ''))
    .filter(time => !Number.isNaN(time));
  return since.length === 0 ? undefined : new Date(Math.min(...since) + DELETION_GRACE_MINUTES * 60_000);
}

function deletionMessage(began: string, count: number, waits: readonly Wait[]): string {
  if (count === 0) return `Deletion was asked for at ${began}; every object that must go is gone.`;
  const named = waits.slice(0, 4).map(({ object, since, reason }) => `${object} (since ${since}): ${reason}`);
  return `Deletion was asked for at ${began} and waits for ${count} object${count === 1 ? '' : 's'}. ${named.join(' ')}`;
}
