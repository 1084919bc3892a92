/** A restore in place that is rehearsed first: a guest has booted from the same recovery point before anything is exchanged (AP-13). */
import type { ManagedVM } from '../../api/managedvm.ts';
import { isRestored, type Restore } from '../../api/restore.ts';
import { shortHash } from '../contract/child.ts';
import { isProven } from '../contract/judgedbackup.ts';
import { isOwnDrill, ownDrill } from '../contract/owndrill.ts';

type Order = Pick<Restore, 'metadata' | 'spec' | 'status'>;

/** Whether the point is proven. `says`: a sentence. */
export type Rehearsal =
  | { readonly stand: 'Proven' }
  | { readonly stand: 'Awaited'; readonly says: string }
  | { readonly stand: 'Refused'; readonly says: string };

/** Whether the point that was chosen is proven. `isVerified`: an earlier restore has proven it. `drill`: what has the name of the drill for this order. */
export function rehearsal(restore: Order, isVerified: boolean, drill: Order | undefined): Rehearsal {
  const { point } = restore.status ?? {};
  if (isVerified) return { stand: 'Proven' };
  if (drill === undefined || point === undefined)
    return { stand: 'Awaited', says: `Backup ${point?.name} is rehearsed in the sandbox first.` };
  const { metadata, status } = drill;
  if (!isOurs(drill, point.name))
    return {
      stand: 'Refused',
      says: `Restore ${metadata.name} has the name of the drill that was to prove Backup ${point.name}, and is none of Steward's.`,
    };
  if (!isRestored(status?.phase))
    return {
      stand: 'Awaited',
      says: `Drill ${metadata.name} of Backup ${point.name} comes first: ${status?.message ?? 'it was ordered.'}`,
    };
  if (status?.phase === 'Succeeded' && status.point?.uid === point.uid) return { stand: 'Proven' };
  const way =
    status?.phase === 'Failed' ? 'Order another point' : 'Order it without proveFirst, or mend what stood in the way';
  return {
    stand: 'Refused',
    says: `Drill ${metadata.name} of Backup ${point.name} has proven nothing: ${status?.message ?? ''} ${way}.`,
  };
}

function isOurs(drill: Order, point: string): boolean {
  return isOwnDrill(drill) && drill.spec.point.name === point;
}

/** The drill for an order that wants one: of exactly its point. One name for an order, so that none is made twice. */
export function rehearsalOrder(restore: Order) {
  const { metadata, spec, status } = restore;
  const called = { name: rehearsalName(restore), namespace: metadata.namespace };
  const reason = `Restore ${metadata.name} (${metadata.uid}) is to be proven first.`;
  return ownDrill(called, spec.managedVMRef ?? '', { name: status?.point?.name ?? '' }, reason);
}

export function rehearsalName({ metadata: { name, uid = '' } }: Pick<Order, 'metadata'>): string {
  return `proof-${name.slice(0, 48).replace(/[.-]+$/, '')}-${shortHash(uid)}`;
}

/** Orders of a VM whose point is chosen, shall be proven first, and has been by none. */
export function unrehearsed({ status: known }: Pick<ManagedVM, 'status'>, orders: readonly Order[]): readonly Order[] {
  return orders.filter(({ spec, status }) => {
    const point = status?.phase === 'Pending' ? status.point : undefined;
    if (spec?.proveFirst !== true || point === undefined) return false;
    return !isProven(known?.backup?.verified ?? [], { name: point.name, time: new Date(point.time) });
  });
}
