import type { ManagedVM } from '../../api/managedvm.ts';

/** What a ManagedVM says of a guest that its worker gets into. */
export const REACHED: NonNullable<NonNullable<ManagedVM['status']>['conditions']>[number] = {
  ...{ type: 'GuestReachable', status: 'True', reason: 'Reached', message: '' },
  lastTransitionTime: '2026-12-01T00:00:00Z',
};
