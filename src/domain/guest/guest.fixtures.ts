import { type GuestStateStatus, GuestStateStatus as Schema } from '../../api/gueststate.ts';
import type { GuestFacts } from './facts.ts';
import { recordOf } from './record.ts';

export const SINCE = '2026-11-23T11:30:00Z';

/** A look that found all as ordered, of the guest and the order of src/domain/managedvm/assessment.fixtures.ts. */
export const KEPT = {
  worker: 'steward-guest-0',
  contact: { outcome: 'Reached', address: '10.0.0.7', since: SINCE },
  instance: 'vmi-uid',
  compared: 3,
  lookedAt: SINCE,
  differences: [],
  access: [{ name: 'anna', ordered: true, login: true, administrator: true, keys: ['SHA256:abc'] }],
} as const;

/** What the record says, with what a test changes about it; undefined takes a field out. */
export function looked(change: Readonly<Record<string, unknown>> = {}): GuestStateStatus {
  const fields = Object.entries({ ...KEPT, ...change }).filter(([, value]) => value !== undefined);
  return Schema.parse(Object.fromEntries(fields));
}

/** Facts about a guest whose worker lives. */
export function guestFacts(status: unknown, rest: Partial<GuestFacts> = {}, uid = 'uid'): GuestFacts {
  const record = recordOf({ spec: { managedVM: uid }, status }, uid);
  return { rights: undefined, record, shard: 'held', applications: [], unreadable: [], ...rest };
}
