import type { GuestStateStatus } from '../../api/gueststate.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { type DesiredGuest, desiredGuest } from '../../domain/guest/desired.ts';
import { inOrderOfTrial, keysToHave } from '../../domain/guest/providerkeys.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Target } from '../../guest/transport/sessions.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import type { Contact, Found } from './judge.ts';
import type { GuestMemory } from './memory.ts';
import type { Parts } from './parts.ts';
import type { Situation } from './situation.ts';

/** A guest that can be tried: who it is, with which of the provider's keys, and how it shall be once one of them has opened it. */
export type Reachable = {
  readonly target: Target;
  readonly address: string;
  /** In the order in which they are offered. */
  readonly offered: readonly [WorkerKeys, ...WorkerKeys[]];
  readonly desiredBy: (opened: WorkerKeys) => DesiredGuest;
};

/** How the guest can be tried, or why it is not: then nothing has been sent anywhere. Throws ApiError. */
export async function wayInto(
  { managedVM, operatingSystem, way }: Situation,
  record: GuestStateStatus,
  memory: GuestMemory,
  { keyring, plans, hands, clock, windows }: Pick<Parts, 'keyring' | 'plans' | 'hands' | 'clock' | 'windows'>,
): Promise<Reachable | Contact> {
  if (way.kind !== 'Address') return { outcome: way.kind };
  if (operatingSystem.spec.family === 'Windows' && !windows) return { outcome: 'NotSupported' };
  const { uid, namespace = '' } = managedVM.metadata;
  const found = await keyring.keysOf(uid, managedVM.status?.keys);
  if (found.kind !== 'Ready') return { outcome: found.kind };
  const { keys } = found;
  const offered = inOrderOfTrial(keys);
  const applications = await plans.plansOf(managedVM);
  const desiredBy = (opened: WorkerKeys) =>
    desiredGuest({
      ...{
        managedVM,
        operatingSystem,
        accounts: record.accounts ?? [],
        windows,
        applications,
      },
      providerKeys: keysToHave(keys, opened).map(({ providerPublicKey }) => providerPublicKey),
    });
  const { address } = way;
  const forwarded = way.forwarded ? { namespace, name: virtualMachineName(managedVM) } : undefined;
  const target = hands.targetAt({ uid, address, forwarded }, offered, memory, () => clock.monotonic());
  return { target, address, offered, desiredBy };
}

/** One look into the guest. Throws GuestFailure. */
export async function lookInto(
  { managedVM, way }: Situation,
  { target, address, offered, desiredBy }: Reachable,
  memory: GuestMemory,
  { hands, clock }: Pick<Parts, 'hands' | 'clock'>,
): Promise<{ readonly contact: Contact; readonly found: Found }> {
  let opened = offered[0];
  const desiredNow = (refusedKeys: number) => {
    opened = offered[refusedKeys] ?? opened;
    return desiredBy(opened);
  };
  const { look, desired } = await hands.look(target, desiredNow, clock.now());
  const instance = way.kind === 'PoweredOff' ? '' : way.instance;
  const found = {
    look,
    desired,
    opened: opened.prints.provider,
    instance,
    generation: managedVM.metadata.generation ?? 0,
  };
  return { contact: { outcome: 'Reached', address, ...wayOf(memory) }, found };
}

/** Why the guest was not reached. Keys that did not open it are read anew the next time. */
export function contactOf(
  error: unknown,
  { managedVM, way }: Situation,
  memory: GuestMemory,
  { keyring }: Pick<Parts, 'keyring'>,
): Contact {
  if (!(error instanceof GuestFailure)) throw error;
  const { reason, message } = error;
  if (reason === 'LoginRefused' || reason === 'HostKeyMismatch') keyring.forget(managedVM.metadata.uid);
  const where = way.kind === 'Address' ? { address: way.address, ...wayOf(memory) } : {};
  return { outcome: reason, detail: message, ...where };
}

/** Told only where it is not the usual one. */
function wayOf({ led }: GuestMemory): Pick<Contact, 'way'> {
  return led?.name === 'PortForward' ? { way: led.name } : {};
}
