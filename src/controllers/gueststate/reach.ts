import type { GuestStateStatus } from '../../api/gueststate.ts';
import { type DesiredGuest, desiredGuest } from '../../domain/guest/desired.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Target } from '../../guest/transport/sessions.ts';
import type { Contact, Found } from './judge.ts';
import type { Parts } from './parts.ts';
import type { Situation } from './situation.ts';

/** A guest that can be tried: who it is, and how it shall be. */
export type Reachable = { readonly target: Target; readonly address: string; readonly desired: DesiredGuest };

/** How the guest can be tried, or why it is not: then nothing has been sent anywhere. Throws ApiError. */
export async function wayInto(
  { managedVM, operatingSystem, way }: Situation,
  record: GuestStateStatus,
  { keyring, hands }: Pick<Parts, 'keyring' | 'hands'>,
): Promise<Reachable | Contact> {
  if (way.kind !== 'Address') return { outcome: way.kind };
  if (operatingSystem.spec.family === 'Windows') return { outcome: 'NotSupported' };
  const { uid } = managedVM.metadata;
  const found = await keyring.keysOf(uid, managedVM.status?.keys);
  if (found.kind !== 'Ready') return { outcome: found.kind };
  const desired = desiredGuest({
    ...{ managedVM, operatingSystem, providerPublicKey: found.keys.providerPublicKey },
    ...{ accounts: record.accounts ?? [], patchingServed: false },
  });
  return { target: hands.targetAt(uid, way.address, found.keys), address: way.address, desired };
}

/** One look into the guest. Throws GuestFailure. */
export async function lookInto(
  { managedVM, way }: Situation,
  { target, address, desired }: Reachable,
  { hands, clock }: Pick<Parts, 'hands' | 'clock'>,
): Promise<{ readonly contact: Contact; readonly found: Found }> {
  const look = await hands.look(target, desired, clock.now());
  const instance = way.kind === 'PoweredOff' ? '' : way.instance;
  const found = { look, desired, instance, generation: managedVM.metadata.generation ?? 0 };
  return { contact: { outcome: 'Reached', address }, found };
}

/** Why the guest was not reached. Keys that did not open it are read anew the next time. */
export function contactOf(error: unknown, { managedVM, way }: Situation, { keyring }: Pick<Parts, 'keyring'>): Contact {
  if (!(error instanceof GuestFailure)) throw error;
  const { reason, message } = error;
  if (reason === 'LoginRefused' || reason === 'HostKeyMismatch') keyring.forget(managedVM.metadata.uid);
  return { outcome: reason, detail: message, ...(way.kind === 'Address' && { address: way.address }) };
}
