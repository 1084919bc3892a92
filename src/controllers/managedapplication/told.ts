import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { bindingName } from '../../domain/application/children.ts';
import { type ApplicationPlan, sealed } from '../../domain/contract/applicationplan.ts';
import { instant } from '../../domain/contract/condition.ts';
import { deepEqual } from '../../runtime/api/json.ts';
import type { Login } from './credentials.ts';
import type { Facts, Ordered } from './facts.ts';

/** What the guest worker is told, and by which hash it believes it. */
export type Told = { readonly plan: ApplicationPlan; readonly revision: string };

/** What is told now, or still; undefined: nothing, or what is stored is not what the status speaks of. */
export function toldNow(
  { status }: Ordered,
  next: ApplicationPlan | undefined,
  stored: ApplicationPlan | undefined,
): Told | undefined {
  const plan = next ?? stored;
  if (plan === undefined) return undefined;
  const { revision } = sealed(plan);
  return next !== undefined || revision === status?.plan?.revision ? { plan, revision } : undefined;
}

/** What of the status is state: it says what was told and given, and is not found again anywhere else. */
export function keptOf(
  object: Ordered,
  told: Told | undefined,
  login: Login | 'lost' | undefined,
  { product: entry }: Facts,
  now: Date,
) {
  const before = object.status?.plan;
  const isSame = told === undefined || told.revision === before?.revision;
  const plan = isSame ? before : { revision: told.revision, since: instant(now) };
  const given = login === undefined || login === 'lost' ? object.status?.credentials : { verifier: login.hash };
  const isBound = plan !== undefined && entry?.interface !== undefined;
  return {
    ...(plan !== undefined && { plan }),
    ...(given !== undefined && { credentials: given }),
    ...(isBound && { binding: { name: bindingName(object) } }),
  };
}

/** What the worker is told must stand in the status at once: by its hash alone is it believed. What the customer was offered and has answered must too (GE-12). */
export function opensRecord(
  previous: Partial<ManagedApplicationStatus>,
  next: Partial<ManagedApplicationStatus>,
): boolean {
  return (
    previous.plan?.revision !== next.plan?.revision ||
    previous.credentials?.verifier !== next.credentials?.verifier ||
    !deepEqual(previous.endOfLife, next.endOfLife)
  );
}
