/** A restore in place that is rehearsed first: a guest has booted from the same recovery point before anything is exchanged (AP-13). */
import type { ManagedVM } from '../../api/managedvm.ts';
import { isRestored, type Restore } from '../../api/restore.ts';
import { shortHash } from '../contract/child.ts';
import { STEWARD } from '../contract/setout.ts';

type Order = Pick<Restore, 'metadata' | 'spec' | 'status'>;

/** `wait`, `never`: sentences. */
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

/** Admission lets nobody else order in Steward's name. */
function isOurs({ spec }: Order, point: string): boolean {
  return spec?.requestedBy === STEWARD && spec.target.sandbox === true && spec.point.name === point;
}

/** The drill for an order that wants one: of exactly its point. One name for an order, so that none is made twice. */
export function rehearsalOrder({ metadata, spec, status }: Order) {
  const { name, namespace = '', uid = '' } = metadata;
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Restore',
    metadata: { name: rehearsalName({ metadata }), namespace },
    spec: {
      managedVMRef: spec.managedVMRef,
      point: { name: status?.point?.name ?? '' },
      target: { sandbox: true },
      reason: `Restore ${name} (${uid}) is to be proven first.`,
      requestedBy: STEWARD,
    },
  };
}

export function rehearsalName({ metadata: { name, uid = '' } }: Pick<Order, 'metadata'>): string {
  return `proof-${name.slice(0, 48).replace(/[.-]+$/, '')}-${shortHash(uid)}`;
}

/** Orders of a VM whose point is chosen, shall be proven first, and has been by none. */
export function unrehearsed({ status: known }: Pick<ManagedVM, 'status'>, orders: readonly Order[]): readonly Order[] {
  const verified = new Set((known?.backup?.verified ?? []).map(({ point }) => point));
  return orders.filter(({ spec, status }) => {
    const point = status?.phase === 'Pending' ? status.point?.name : undefined;
    return spec?.proveFirst === true && point !== undefined && !verified.has(point);
  });
}
