/** File systems of a guest that are held still for a backup or a snapshot, and what becomes of them where nobody lets them go (AP-13, ADR 0168). */
import type { Freeze, ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import type { Observed } from './observed.ts';
import { machineUnreadable } from './unreadable.ts';

/** KubeVirt's hook lets go by itself after five minutes (its cmd/virt-freezer), and tells of it some seconds late. */
const HOOK_HOLDS_MS = 290_000;
/** What KubeVirt ends by itself has ended by then: its hook for backups, and its snapshots of VMs where nobody has set another deadline. */
const TOO_LONG_MS = 360_000;
/** Between two attempts to let go. */
const AGAIN_MS = 300_000;
const REMEMBERED = 4;

type Seen = Pick<Observed, 'virtualMachine' | 'virtualMachineInstance' | 'unreadable'>;

/** What is remembered: a time that goes on, and those before that took longer than KubeVirt's hook holds. `askedAt`: KubeVirt was told just now to let go. */
export function freezesOf({ status }: ManagedVM, observed: Seen, now: Date, askedAt?: Date): readonly Freeze[] {
  const known = status?.freezes ?? [];
  if (machineUnreadable(observed.unreadable)) return known;
  const open = known.find(isOpen);
  const before = known.filter(freeze => freeze !== open);
  if (!observed.virtualMachineInstance?.frozen) {
    const ended = open && { ...open, until: instant(now) };
    return ended && lasted(ended) >= HOOK_HOLDS_MS ? [ended, ...before].slice(0, REMEMBERED) : before;
  }
  const goesOn = { ...(open ?? { since: instant(now) }), ...(askedAt && { askedAt: instant(askedAt) }) };
  return [goesOn, ...before].slice(0, REMEMBERED);
}

/** Since when they have been held still, where that is for too long. */
export function heldTooLong({ status }: ManagedVM, observed: Seen, now: Date): Date | undefined {
  const open = observed.virtualMachineInstance?.frozen ? status?.freezes?.find(isOpen) : undefined;
  const since = open && new Date(open.since);
  return since && now.getTime() - since.getTime() >= TOO_LONG_MS ? since : undefined;
}

/** Since when they have been held still, where KubeVirt must be asked now to let go. A snapshot that KubeVirt makes has a deadline of its own. */
export function thawDue(managedVM: ManagedVM, observed: Seen, now: Date): Date | undefined {
  const since = heldTooLong(managedVM, observed, now);
  const { virtualMachine, virtualMachineInstance } = observed;
  if (virtualMachine?.snapshotInProgress !== undefined || virtualMachineInstance?.phase !== 'Running') return undefined;
  const asked = managedVM.status?.freezes?.find(isOpen)?.askedAt;
  return asked !== undefined && now.getTime() - Date.parse(asked) < AGAIN_MS ? undefined : since;
}

/** When time alone makes it too long, or due again. */
export function nextThaw(freezes: readonly Freeze[]): Date | undefined {
  const open = freezes.find(isOpen);
  if (open === undefined) return undefined;
  const { since, askedAt } = open;
  return new Date(askedAt === undefined ? Date.parse(since) + TOO_LONG_MS : Date.parse(askedAt) + AGAIN_MS);
}

/** Whether file systems that were held still for a backup were let go before it had ended, because nobody else did in time. */
export function wasLetGo({ status }: ManagedVM, start: Date, end: Date): boolean {
  return (status?.freezes ?? []).some(freeze => {
    const released = new Date(freeze.until ?? freeze.askedAt ?? Number.NaN);
    return released >= start && released <= end && lasted(freeze) >= HOOK_HOLDS_MS;
  });
}

function isOpen({ until }: Freeze): boolean {
  return until === undefined;
}

function lasted({ since, until, askedAt }: Freeze): number {
  return Date.parse(until ?? askedAt ?? since) - Date.parse(since);
}
