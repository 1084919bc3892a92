import { virtualMachineName } from '../../domain/contract/child.ts';
import { inOrderOfTrial } from '../../domain/guest/providerkeys.ts';
import { occupation } from '../../domain/machine/occupied.ts';
import { waitsForRestart } from '../../domain/patching/restart.ts';
import type { Target } from '../../guest/transport/sessions.ts';
import type { Led } from '../../guest/transport/ways.ts';
import type { Keyring } from '../gueststate/keyring.ts';
import { targetAt, type WaySettings } from '../gueststate/target.ts';
import { wayTo } from '../gueststate/way.ts';
import type { PatchStore, Record, Run } from './store.ts';

/** A guest that can be tried, or why it cannot, in words for a sentence. */
export type Sight = Seen | { readonly hindrance: string };
export type Seen = {
  readonly record: Record;
  readonly target: Target;
  /** What the platform does with the VM: a change waits for its end. */
  readonly occupation: string | undefined;
  /** Whether settings of the VM wait for a restart. */
  readonly restartPending: boolean;
};

export type SightParts = {
  readonly store: PatchStore;
  readonly keyring: Pick<Keyring, 'keysOf' | 'forget'>;
  readonly ways: WaySettings;
  /** Steady milliseconds. */
  readonly monotonic: () => number;
};

/** How the guest of a run can be worked in now. Nothing is sent to it. Throws ApiError. */
export async function sightOf(
  { metadata, spec }: Run,
  memory: { led?: Led | undefined },
  parts: SightParts,
): Promise<Sight> {
  const { store, keyring, ways, monotonic } = parts;
  const key = { namespace: metadata.namespace ?? '', name: spec.managedVM.name };
  const { uid } = spec.managedVM;
  const owner = await store.managedVM(key);
  if (owner?.metadata.uid !== uid || owner.metadata.deletionTimestamp !== undefined)
    return { hindrance: `ManagedVM ${key.name} is gone, or is being deleted` };
  const record = await store.record(key);
  if (record?.spec.managedVM !== uid) return { hindrance: 'the guest worker has made no record of the guest yet' };
  const name = virtualMachineName(owner);
  const instance = await store.instance({ ...key, name });
  const way = wayTo(instance);
  if (way.kind === 'PoweredOff') return { hindrance: 'the guest does not run' };
  if (way.kind === 'NoPath') return { hindrance: 'the guest has no address on the Pod network' };
  const found = await keyring.keysOf(uid, owner.status?.keys);
  if (found.kind !== 'Ready') return { hindrance: 'the keys to the guest are missing or others than it was given' };
  const forwarded = way.forwarded ? { namespace: key.namespace, name } : undefined;
  const place = { uid, address: way.address, forwarded };
  const target = targetAt(place, inOrderOfTrial(found.keys), memory, monotonic, ways);
  return { record, target, occupation: occupation(instance), restartPending: waitsForRestart(owner) };
}
