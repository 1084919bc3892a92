import type { Disk, ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { dataVolumeName, type LiveObject } from '../contract/child.ts';
import { listAt, textAt } from '../contract/json.ts';
import type { Given } from './exchanging.ts';

/** What status.disks remembers of a disk. */
type Memory = NonNullable<ManagedVMStatus['disks']>[number];

/**
 * Which PersistentVolumeClaim is a disk, and by what right. A disk that held data is state (design 4): it is never remade, replaced or
 * adopted silently, and a label proves nothing.
 */
export type DiskHold =
  /** Nothing is there and nothing was: Steward makes the disk. */
  | { readonly standing: 'new'; readonly claim: string }
  /** The claim that was filled for this disk, or that a DataVolume of ours makes; `taken`: an existing one, by consent. */
  | { readonly standing: 'ours'; readonly claim: string; readonly taken: boolean }
  /** It was filled, and its claim is gone, or the volume behind that. */
  | { readonly standing: 'lost'; readonly claim: string; readonly memory: Memory }
  /** A claim is there that is not known to be this disk; `memory`: what the disk was before. */
  | { readonly standing: 'foreign'; readonly claim: string; readonly uid: string; readonly memory: Memory | undefined }
  /** The claim is a disk of another ManagedVM. */
  | { readonly standing: 'held'; readonly claim: string; readonly by: string }
  /** A claim that is not this disk is being deleted; when it is gone, the disk is made. */
  | { readonly standing: 'going'; readonly claim: string }
  /** spec.disks[].adopt names a claim that does not exist. */
  | { readonly standing: 'awaited'; readonly claim: string };

export type DiskHolds = ReadonlyMap<string, DiskHold>;

/** What there is of storage in the ManagedVM's namespace, by name. */
export type StorageFacts = {
  readonly claim: (name: string) => LiveObject | undefined;
  /** A DataVolume of this ManagedVM. */
  readonly ownDataVolume: (name: string) => LiveObject | undefined;
  /** The VirtualMachine of this ManagedVM, if it exists. */
  readonly virtualMachine: unknown;
  /** UID of the claim that a rollback of Steward's own has made of a disk: consent to exactly that one; absent: there was none. */
  readonly turnedBack?: (disk: string) => string | undefined;
  /** The claim that a Restore, by now, puts in the place of a disk: consent to exactly that one. */
  readonly exchanged?: (disk: string) => Given | undefined;
  /** The claim that is a disk of a machine which is taken over: consent to the machine is consent to it. */
  readonly brought?: (disk: string) => string | undefined;
  /** The other ManagedVM whose disk the claim is. */
  readonly holderOf: (claim: LiveObject) => string | undefined;
};

/** Who holds which claim, for each disk of the order. */
export function diskHolds(managedVM: ManagedVM, facts: StorageFacts): DiskHolds {
  return new Map(managedVM.spec.disks.map(disk => [disk.name, diskHold(managedVM, disk, facts)]));
}

/** Every name under which the claim of a disk may be found: all that a change of a claim can concern. */
export function claimNames(managedVM: ManagedVM): readonly string[] {
  const names = managedVM.spec.disks.flatMap(disk => [
    dataVolumeName(managedVM, disk.name),
    disk.adopt?.claim,
    disk.source?.claim?.name,
    memoryOf(managedVM, disk.name)?.claim,
  ]);
  const { before, after } = managedVM.status?.newRoot ?? {};
  return [...new Set([...names, before?.claim, after?.claim].filter(name => name !== undefined))];
}

function diskHold(managedVM: ManagedVM, disk: Disk, facts: StorageFacts): DiskHold {
  const memory = memoryOf(managedVM, disk.name);
  const brought = memory === undefined && disk.adopt === undefined ? facts.brought?.(disk.name) : undefined;
  const name = disk.adopt?.claim ?? memory?.claim ?? brought ?? dataVolumeName(managedVM, disk.name);
  const live = facts.claim(name);
  const given = givenClaim(disk.name, facts);
  if (given !== undefined) return { standing: 'ours', claim: given.metadata.name, taken: true };
  const restored = restoredClaim(disk.name, facts);
  if (restored !== undefined && isTurnedBack(disk, restored, memory, facts))
    return { standing: 'ours', claim: restored.metadata.name, taken: true };
  if (restored !== undefined && uidOf(restored) !== memory?.claimUID && !isConsented(disk, restored, memory))
    return foreign(restored, facts, memory);
  if (live === undefined) return withoutClaim(disk, name, memory, facts);
  const uid = uidOf(live);
  // The volume behind it is gone for good, and the claim goes on being there without it.
  if (memory?.claimUID === uid && textAt(live, 'status', 'phase') === 'Lost')
    return { standing: 'lost', claim: name, memory };
  if (memory?.claimUID === uid) return { standing: 'ours', claim: name, taken: disk.adopt?.claim === name };
  const by = facts.holderOf(live);
  if (by !== undefined) return { standing: 'held', claim: name, by };
  if (isConsented(disk, live, memory) || brought !== undefined) return { standing: 'ours', claim: name, taken: true };
  const made =
    memory === undefined && (isMadeBy(live, facts.ownDataVolume(name)) || wasFilled(managedVM, disk.name, name));
  if (made) return { standing: 'ours', claim: name, taken: false };
  if (live.metadata.deletionTimestamp === undefined) return foreign(live, facts, memory);
  return memory === undefined ? { standing: 'going', claim: name } : { standing: 'lost', claim: memory.claim, memory };
}

/** Nothing stands where the disk is looked for. What was filled stays lost; a disk that is to become another one stays what it is until then. */
function withoutClaim(disk: Disk, name: string, memory: Memory | undefined, facts: StorageFacts): DiskHold {
  if (memory !== undefined && memory.claim !== name) {
    const before = facts.claim(memory.claim);
    if (before !== undefined && uidOf(before) === memory.claimUID) return { standing: 'awaited', claim: name };
  }
  if (memory !== undefined) return { standing: 'lost', claim: memory.claim, memory };
  return disk.adopt === undefined ? { standing: 'new', claim: name } : { standing: 'awaited', claim: name };
}

function foreign(live: LiveObject, facts: StorageFacts, memory: Memory | undefined): DiskHold {
  const [claim, uid] = [live.metadata.name, uidOf(live)];
  const by = facts.holderOf(live);
  return by === undefined ? { standing: 'foreign', claim, uid, memory } : { standing: 'held', claim, by };
}

/**
 * Whether spec.disks[].adopt consents to exactly this claim. Without a UID it consents to a claim of that name where the disk was none
 * before, or another one: so a consent that was used up (and may stay in Git) takes no second claim of the same name.
 */
function isConsented({ adopt }: Disk, live: LiveObject, memory: Memory | undefined): boolean {
  if (adopt === undefined || adopt.claim !== live.metadata.name || live.metadata.deletionTimestamp !== undefined)
    return false;
  return adopt.uid === undefined ? memory?.claim !== adopt.claim : adopt.uid === uidOf(live);
}

/** Until it is remembered; later a person may order otherwise. */
function isTurnedBack({ name }: Disk, restored: LiveObject, memory: Memory | undefined, facts: StorageFacts): boolean {
  const uid = uidOf(restored);
  if (uid === memory?.claimUID || facts.turnedBack?.(name) !== uid) return false;
  return facts.holderOf(restored) === undefined && restored.metadata.deletionTimestamp === undefined;
}

/** What a Restore has put there, and nothing else of its name. */
function givenClaim(disk: string, { exchanged, claim, holderOf }: StorageFacts): LiveObject | undefined {
  const given = exchanged?.(disk);
  const live = given && claim(given.claim);
  if (live === undefined || uidOf(live) !== given?.uid || live.metadata.deletionTimestamp !== undefined)
    return undefined;
  return holderOf(live) === undefined ? live : undefined;
}

/** What an operator that remembered no UIDs has said of the disk: its DataVolume may have been collected since (CDI's dataVolumeTTLSeconds). */
function wasFilled({ status }: ManagedVM, disk: string, claim: string): boolean {
  const told = status?.disks?.find(({ name }) => name === disk);
  return told?.claimUID === undefined && told?.claim === claim && told.phase === 'Filled';
}

function isMadeBy(claim: LiveObject, dataVolume: LiveObject | undefined): boolean {
  return dataVolume !== undefined && isControlledBy(claim, dataVolume);
}

/** Whether the claim is the DataVolume's: CDI refers to it by UID, and to none where somebody restored or made the claim. */
export function isControlledBy(claim: LiveObject, dataVolume: LiveObject): boolean {
  const owners = claim.metadata.ownerReferences ?? [];
  return owners.some(({ kind, uid }) => kind === 'DataVolume' && uid === dataVolume.metadata.uid);
}

/**
 * The claim that KubeVirt's own VirtualMachineRestore put in the disk's place: the machine names it, and it says so. Neither is proof:
 * it only decides that a person is asked before anything is put back.
 */
function restoredClaim(disk: string, { claim, virtualMachine }: StorageFacts): LiveObject | undefined {
  const name = claimOfVolume(volumeOf(virtualMachine, disk));
  const live = name === undefined ? undefined : claim(name);
  return textAt(live, 'metadata', 'annotations', 'restore.kubevirt.io/name') === undefined ? undefined : live;
}

/** The volume of a disk as the machine has it. */
export function volumeOf(virtualMachine: unknown, disk: string): unknown {
  const volumes = listAt(virtualMachine, 'spec', 'template', 'spec', 'volumes');
  return volumes.find(volume => textAt(volume, 'name') === disk);
}

/** The claim that a volume of KubeVirt names, directly or through its DataVolume. */
export function claimOfVolume(volume: unknown): string | undefined {
  return textAt(volume, 'persistentVolumeClaim', 'claimName') ?? textAt(volume, 'dataVolume', 'name');
}

/** What was filled; a disk that never was is not remembered. */
function memoryOf({ status }: ManagedVM, disk: string): Memory | undefined {
  return status?.disks?.find(({ name, claimUID }) => name === disk && claimUID !== undefined);
}

function uidOf({ metadata }: LiveObject): string {
  return metadata.uid ?? '';
}

/** Whether a guest may be started on the disks: none is lost, being looked for, or somebody else's. */
export function mayStart(holds: DiskHolds): boolean {
  return [...holds.values()].every(({ standing }) => standing === 'new' || standing === 'ours');
}

/**
 * Whether a disk that was filled has gone, or another claim stands in its place. As long as it does, backups hold nothing new, and the
 * last good recovery point must not be pushed out by them (AP-13).
 */
export function hasLostDisk(holds: DiskHolds): boolean {
  return [...holds.values()].some(
    hold => hold.standing === 'lost' || (hold.standing === 'foreign' && hold.memory !== undefined),
  );
}

/**
 * The claims among a ManagedVM's disks that refer to the machine as their owner, which KubeVirt's VirtualMachineRestore makes of it: they
 * would go with it. But a disk is state: it outlives its machine, whether that is deleted or made anew.
 */
export function claimsOfMachine<Claim extends LiveObject>(
  holds: DiskHolds,
  claims: ReadonlyMap<string, Claim>,
  machineUid: string,
): readonly Claim[] {
  return [...claims].flatMap(([disk, claim]) => {
    const refers = claim.metadata.ownerReferences?.some(({ uid }) => uid === machineUid) === true;
    return refers && holds.get(disk)?.standing === 'ours' ? [claim] : [];
  });
}
