import type { KeyPrints, ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { textAt } from '../contract/json.ts';
import type { Permitted } from '../contract/permitted.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import type { DiskHolds } from './diskhold.ts';
import type { DiskSources } from './disksource.ts';
import { plugsDeclared } from './hotplug.ts';
import { KEY_PLACES, type KeyPlaces } from './keymove.ts';
import type { KeySet } from './keysets.ts';
import type { DataVolume, VolumeClaim } from './observedstorage.ts';
import { readDataVolume, readVolumeClaim } from './observedstorage.ts';
import type { GuestSystem, VirtualMachine, VirtualMachineInstance } from './observedvm.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';

/** Which systems that the machine needs serve their kinds; those whose kinds cannot be read are taken to. */
export type Installed = {
  readonly kubevirt: boolean;
  readonly cdi: boolean;
};

/** What one pass read about the machine of one ManagedVM. */
export type Observed = {
  /** The entry that spec.operatingSystem names. */
  readonly operatingSystem: OperatingSystem | undefined;
  /** The VirtualMachine, if it exists and is this ManagedVM's. */
  readonly virtualMachine: VirtualMachine | undefined;
  readonly virtualMachineInstance: VirtualMachineInstance | undefined;
  /** The system in the guest as its agent reported it last. Undefined: it has not yet. */
  readonly guest: GuestSystem | undefined;
  /** By disk name. */
  readonly dataVolumes: ReadonlyMap<string, DataVolume>;
  /** PersistentVolumeClaims by disk name. */
  readonly claims: ReadonlyMap<string, VolumeClaim>;
  /** By what right each claim is its disk. */
  readonly holds: DiskHolds;
  /** What disks with a source of their own are filled with. */
  readonly sources: DiskSources;
  readonly installed: Installed;
  /** Whether KubeVirt plugs volumes in and out as a VirtualMachine says; undefined: not known. */
  readonly plugs: boolean | undefined;
  /** Kinds that this pass could not read where it needs them. */
  readonly unreadable: readonly Unreadable[];
  /** A VirtualMachine of the wanted name exists and is not this ManagedVM's. */
  readonly foreignVirtualMachine: boolean;
  /** UID of that one. */
  readonly foreignUid: string | undefined;
  /** The order consents to exactly this VirtualMachine, and it is no other order's. */
  readonly consented: boolean;
  /** It is so, and the VirtualMachine is not this ManagedVM's yet: it is taken over now. */
  readonly adopting: boolean;
  /** The other ManagedVM that has the right to the VirtualMachine's name. */
  readonly claimedBy: string | undefined;
  /** Where they are looked for. */
  readonly keyPlaces: KeyPlaces;
  /** Whether the provider's and the host's key pair exist. */
  readonly keysPresent: boolean;
  /** What the provider lets the namespace name of what all share. Undefined: its Namespace has not been read. */
  readonly permitted: Permitted | undefined;
  /** Which they are. */
  readonly keyPrints: KeyPrints | undefined;
  /** Those of every generation that is stored. */
  readonly keySets: readonly KeySet[];
};

/** What the controller read, objects of other systems as the API server sent them. */
export type Read = {
  readonly managedVM: ManagedVM;
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly virtualMachine?: unknown;
  /** The VirtualMachine is not this ManagedVM's (controllers/ownership.ts decides). */
  readonly foreignVirtualMachine?: boolean;
  readonly consented?: boolean | undefined;
  readonly adopting?: boolean | undefined;
  readonly virtualMachineInstance?: unknown;
  /** By disk name. */
  readonly dataVolumes?: ReadonlyMap<string, unknown> | undefined;
  /** PersistentVolumeClaims by disk name. */
  readonly claims?: ReadonlyMap<string, unknown> | undefined;
  readonly holds?: DiskHolds | undefined;
  readonly sources?: DiskSources | undefined;
  readonly installed: Installed;
  /** KubeVirt's own object, if it can be read. */
  readonly kubeVirt?: unknown;
  readonly unreadable?: readonly Unreadable[] | undefined;
  readonly claimedBy?: string | undefined;
  readonly keyPlaces?: KeyPlaces | undefined;
  readonly keysPresent: boolean;
  readonly permitted?: Permitted | undefined;
  readonly keyPrints?: KeyPrints | undefined;
  readonly keySets?: readonly KeySet[] | undefined;
};

/** Narrows what was read to what an assessment looks at. Total: malformed foreign objects read as absent fields. */
export function observe(read: Read): Observed {
  const foreign = read.foreignVirtualMachine ?? false;
  const virtualMachine = foreign ? undefined : readVirtualMachine(read.virtualMachine);
  const virtualMachineInstance = virtualMachine && readVirtualMachineInstance(read.virtualMachineInstance);
  return {
    operatingSystem: read.operatingSystem,
    virtualMachine,
    virtualMachineInstance,
    guest: virtualMachine && guestOf(read.managedVM, virtualMachineInstance),
    dataVolumes: eachOf(read.dataVolumes, readDataVolume),
    claims: eachOf(read.claims, readVolumeClaim),
    holds: read.holds ?? new Map(),
    sources: read.sources ?? new Map(),
    installed: read.installed,
    plugs: read.kubeVirt === undefined ? undefined : plugsDeclared(read.kubeVirt),
    unreadable: read.unreadable ?? [],
    foreignVirtualMachine: foreign,
    foreignUid: foreign ? textAt(read.virtualMachine, 'metadata', 'uid') : undefined,
    consented: read.consented ?? false,
    adopting: read.adopting ?? false,
    claimedBy: read.claimedBy,
    keyPlaces: read.keyPlaces ?? KEY_PLACES,
    keysPresent: read.keysPresent,
    permitted: read.permitted,
    keyPrints: read.keyPrints,
    keySets: read.keySets ?? [],
  };
}

/** What a guest said of itself stays known while it is off or its agent starts. */
function guestOf({ status }: ManagedVM, vmi: VirtualMachineInstance | undefined): GuestSystem | undefined {
  if (vmi !== undefined && Object.values(vmi.guest).some(value => value !== undefined)) return vmi.guest;
  if (status?.guest === undefined) return undefined;
  const { name, version, kernelRelease, id, versionId } = status.guest;
  return { name, version, kernelRelease, id, versionId };
}

function eachOf<T>(
  objects: ReadonlyMap<string, unknown> | undefined,
  read: (object: unknown) => T | undefined,
): ReadonlyMap<string, T> {
  const found = [...(objects ?? [])].flatMap(([name, object]): [string, T][] => {
    const value = read(object);
    return value === undefined ? [] : [[name, value]];
  });
  return new Map(found);
}

/**
 * The other ManagedVM that has the right to a VirtualMachine's name, if there is one: whoever owns the VirtualMachine
 * that exists, else the older one, else (created in the same second) the first by name.
 */
export function nameClaimedBy(
  managedVM: ManagedVM,
  rivals: readonly ManagedVM[],
  holds: (claimant: ManagedVM) => boolean,
): string | undefined {
  const claimants = [managedVM, ...rivals.filter(rival => rival.metadata.uid !== managedVM.metadata.uid)];
  const holder = claimants.find(holds);
  const winner = holder ?? claimants.sort(bySeniority)[0];
  return winner === undefined || winner === managedVM ? undefined : winner.metadata.name;
}

function bySeniority({ metadata: a }: ManagedVM, { metadata: b }: ManagedVM): number {
  const [first, second] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (first !== second) return first < second ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
