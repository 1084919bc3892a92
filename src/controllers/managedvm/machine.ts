import { type ChangeRequest, ChangeRequestSpec, changeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, managedVM as managedVMKind } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { restore } from '../../api/restore.ts';
import {
  DataVolume,
  InstanceSubresources,
  KubeVirt,
  MachineSubresources,
  Namespace,
  PersistentVolumeClaim,
  Secret,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../api/upstream.ts';
import { DISK_LABEL, MANAGED_VM_LABEL, OWNER_UID_LABEL, virtualMachineName } from '../../domain/contract/child.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { claimBrought, isConsentedTo } from '../../domain/machine/adoption.ts';
import { isNamedAsPart } from '../../domain/machine/childnames.ts';
import {
  claimNames,
  type DiskHold,
  type DiskHolds,
  diskHolds,
  type StorageFacts,
} from '../../domain/machine/diskhold.ts';
import { isRetained, ROOT_DISK } from '../../domain/machine/disks.ts';
import { diskSources } from '../../domain/machine/disksource.ts';
import { exchangeOf } from '../../domain/machine/exchanging.ts';
import type { MachineFacts } from '../../domain/machine/facts.ts';
import { printsOf } from '../../domain/machine/guestkeys.ts';
import { type KeyPlaces, keyNamespaces } from '../../domain/machine/keymove.ts';
import { nameClaimedBy, observe } from '../../domain/machine/observed.ts';
import { givenRoot } from '../../domain/machine/rootplace.ts';
import { turningBack } from '../../domain/machine/turningback.ts';
import { worksInGuest } from '../../domain/patching/underway.ts';
import { RESTORE_LABEL } from '../../domain/restore/velero.ts';
import type { KubeObject, ObjectKey, ResourceKind } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { listsOf, permittedFor } from '../namespacelists.ts';
import { allow, OWN, READ } from '../permission.ts';
import { type Place, unreadableAt } from '../unreadable.ts';
import { OWNER_UID_INDEX, type Whose } from '../whose.ts';
import { storedKeys } from './keys.ts';
import { newRootSeen } from './newroot.ts';
import { runsOf } from './patching.ts';
import { found, keysOf, pathOf, type Reading, type Sources, specOf, thoseThat } from './reading.ts';
import { restoresIndex, restoresOf } from './restores.ts';

const OPERATING_SYSTEM_INDEX = 'operatingSystem';
/** By the VirtualMachine that they want: `namespace/name`. */
const VIRTUAL_MACHINE_INDEX = 'virtualMachine';
/** By the claims that are, or may become, their disks: `namespace/name`. */
const CLAIM_INDEX = 'claim';
/** By the ManagedVMs of whose disks theirs are to be copies: `namespace/name`. */
const COPIED_INDEX = 'copiedVM';

/** By the ManagedVM that they change: `namespace/name`. */
const TARGET_INDEX = 'changesOf';

const plannedIn = readOnce(ChangeRequestSpec);

const PART = { named: isNamedAsPart };

/** Reads machines, their disks and keys, and what decides about them. */
export const machine: Reading<MachineFacts> = {
  gather,
  indexes: {
    [OPERATING_SYSTEM_INDEX]: vm => [systemNameOf(vm)],
    [VIRTUAL_MACHINE_INDEX]: vm => [machinePath(vm)],
    [COPIED_INDEX]: ({ metadata, spec }) =>
      spec.disks.flatMap(({ source }) => (source?.managedVM ? `${metadata.namespace}/${source.managedVM.name}` : [])),
    [CLAIM_INDEX]: vm => claimNames(vm).map(name => `${vm.metadata.namespace}/${name}`),
  },
  owns: ({ keys }) => [
    { kind: VirtualMachine, selector: '', ...PART },
    // Every one, so that what has a wanted name and is not ours is noticed.
    { kind: DataVolume, selector: '', ...PART, prune: child => !isRetained(child) },
    { kind: PersistentVolumeClaim, selector: '', ...PART, prune: () => false },
    { kind: Secret, read: 'named', named: isNamedAsPart },
    // Keys are made once: new ones in their place would lock the provider out of the guest. They end with the last that knows them.
    ...keyNamespaces(keys).map(namespace => {
      return { kind: Secret, namespace, ...PART, prune: () => false, reap: isKnownToNobody };
    }),
  ],
  watches: () => [
    {
      kind: operatingSystem,
      part: specOf,
      toKeys: ({ metadata }, read) => keysOf(read.byIndex(managedVMKind, OPERATING_SYSTEM_INDEX, metadata.name)),
    },
    {
      kind: changeRequest,
      indexes: { [TARGET_INDEX]: change => [`${targetOf(change).namespace}/${targetOf(change).name}`] },
      part: ({ spec, status }) => [spec, status],
      toKeys: change => [targetOf(change)],
    },
    {
      kind: restore,
      indexes: restoresIndex,
      part: ({ metadata, status }) => [metadata.deletionTimestamp, at(status, 'phase'), at(status, 'disks')],
      toKeys: ({ metadata, spec }) => [
        { namespace: metadata.namespace ?? '', name: textAt(spec, 'managedVMRef') ?? '' },
      ],
    },
    // Who wants the same name gets it when this one has gone, which may be after the VirtualMachine has.
    { kind: managedVMKind, toKeys: (object, read) => [...rivalsOf(object, read), ...copiesOf(object, read)] },
    { kind: VirtualMachineInstance, selector: MANAGED_VM_LABEL, toKeys: found(VIRTUAL_MACHINE_INDEX) },
    // Every VirtualMachine, so that one of the wanted name that is not ours is noticed, and noticed to be gone.
    { kind: VirtualMachine, selector: '', toKeys: found(VIRTUAL_MACHINE_INDEX) },
    // There is one, and it changes seldom.
    { kind: KubeVirt, part: settingsOf, toKeys: (_, read) => thoseThat(read, isPluggable) },
    { kind: PersistentVolumeClaim, selector: '', toKeys: found(CLAIM_INDEX) },
    { kind: DataVolume, selector: '', toKeys: found(CLAIM_INDEX) },
    {
      kind: Namespace,
      part: listsOf,
      toKeys: ({ metadata }, read) => thoseThat(read, namesShared, { namespace: metadata.name }),
    },
  ],
  permissions: [
    allow('children', VirtualMachine, OWN, 'The virtual machine.'),
    allow(
      'children',
      VirtualMachineInstance,
      [...READ, 'delete', 'patch'],
      'Reads what the running guest has and says; ends it where the restart policy is Automatic; labels it where its VirtualMachine was taken over.',
    ),
    allow('children', KubeVirt, READ, 'Reads whether KubeVirt plugs disks into running guests.'),
    allow(
      'children',
      InstanceSubresources,
      ['update'],
      'Lets go of file systems that a backup has left held still.',
      'unfreeze',
    ),
    ...['restart', 'stop'].map(subresource =>
      allow(
        'children',
        MachineSubresources,
        ['update'],
        'Ends a guest that does not shut down, where a change that was agreed says so.',
        subresource,
      ),
    ),
    allow('children', DataVolume, OWN, 'One disk each.'),
    allow(
      'children',
      PersistentVolumeClaim,
      [...READ, 'create', 'patch'],
      "Reads and grows the disks' claims, which CDI creates; makes those of restored disks.",
    ),
    allow(
      'children',
      Secret,
      ['create', 'patch', 'delete'],
      'First-boot content, by name: never listed, watched or got; looked at by a patch that changes nothing, which a policy can refuse.',
    ),
    allow('keys', Secret, OWN, 'Provider key pair and host key of each VM.'),
    allow('images', DataVolume, ['create'], 'CDI clones an image only for who may do this where it lies.', 'source'),
  ],
};

function gather(managedVM: ManagedVM, { read, settings, whose }: Sources): MachineFacts {
  const { namespace = '' } = managedVM.metadata;
  const key = { namespace, name: virtualMachineName(managedVM) };
  const virtualMachine = read.get(VirtualMachine, key);
  const rivals = read.byIndex<ManagedVM & KubeObject>(managedVMKind, VIRTUAL_MACHINE_INDEX, machinePath(managedVM));
  const isHolder = (claimant: ManagedVM) =>
    virtualMachine !== undefined && whose(claimant, virtualMachine) !== 'foreign';
  const isAnothers = rivals.some(rival => rival.metadata.uid !== managedVM.metadata.uid && isHolder(rival));
  const consented = isConsentedTo(managedVM, virtualMachine) && !isAnothers;
  const adopting = consented && !isHolder(managedVM);
  const holdsMachine = (claimant: ManagedVM) =>
    isHolder(claimant) || (adopting && claimant.metadata.uid === managedVM.metadata.uid);
  const ours = holdsMachine(managedVM) ? virtualMachine : undefined;
  const turnsBack = turningBack(runsOf(managedVM, read));
  const storage = storageOf(managedVM, read, whose, ours);
  const exchange = exchangeOf(restoresOf(managedVM, read), ({ claim, uid }) => {
    const { metadata } = read.get(PersistentVolumeClaim, { namespace, name: claim }) ?? {};
    return metadata?.uid === uid && metadata.deletionTimestamp === undefined;
  });
  const holds = diskHolds(managedVM, {
    ...storage,
    brought: disk => (adopting ? claimBrought(disk, ours) : undefined),
    turnedBack: disk => turnsBack?.claims.get(disk),
    exchanged: disk =>
      exchange?.disks.get(disk) ?? (disk === ROOT_DISK ? givenRoot(managedVM.status?.newRoot) : undefined),
  });
  const permitted = permittedFor(namespace, read, settings);
  const liveDataVolumes = disksOf(namespace, holds, read, DataVolume, (dataVolume, hold) => {
    return whose(managedVM, dataVolume) !== 'foreign' || (hold.standing === 'ours' && hold.taken);
  });
  const livePVCs = disksOf(namespace, holds, read, PersistentVolumeClaim);
  const { present: keys, sets: keySets } = storedKeys(read, managedVM, settings.keys);
  const isInstalled = (kind: ResourceKind) => read.state(kind, namespace) !== 'missing';
  const observed = observe({
    managedVM,
    operatingSystem: read.get<OperatingSystem & KubeObject>(operatingSystem, {
      namespace: '',
      name: systemNameOf(managedVM),
    }),
    virtualMachine,
    foreignVirtualMachine: virtualMachine !== undefined && ours === undefined,
    consented,
    adopting,
    virtualMachineInstance: read.get(VirtualMachineInstance, key),
    dataVolumes: liveDataVolumes,
    claims: livePVCs,
    holds,
    sources: diskSources(managedVM, {
      claim: storage.claim,
      managedVM: name => read.get<ManagedVM & KubeObject>(managedVMKind, { namespace, name }),
      permitted,
    }),
    kubeVirt: read.available(KubeVirt) ? read.list(KubeVirt)[0] : undefined,
    installed: {
      kubevirt: isInstalled(VirtualMachine) && isInstalled(VirtualMachineInstance),
      cdi: isInstalled(DataVolume),
    },
    unreadable: unreadableAt(read, placesOf(namespace, settings.keys)),
    claimedBy: nameClaimedBy(managedVM, rivals, holdsMachine),
    permitted,
    keyPlaces: settings.keys,
    keysPresent: keys !== undefined,
    keyPrints: keys && printsOf(keys),
    keySets,
  });
  const dataVolumes = dataVolumesOf(managedVM, read);
  const changeRequests = changesOf(managedVM, read);
  return {
    ...observed,
    changeRequests,
    turningBack: turnsBack,
    exchange,
    newRoot: newRootSeen(managedVM, read, whose),
    patchRun: runsOf(managedVM, read).find(worksInGuest)?.metadata.name,
    live: { virtualMachine: ours, dataVolumes, liveDataVolumes, livePVCs, keys },
  };
}

/** The part of KubeVirt's own object that says whether it plugs disks in. */
function settingsOf({ spec, status }: KubeObject): unknown {
  return [at(spec, 'configuration', 'developerConfiguration'), textAt(status, 'observedKubeVirtVersion')];
}

/** Whether the order names what the provider permits by namespace. */
function namesShared({ spec }: ManagedVM): boolean {
  const isFetched = spec.disks.some(({ source }) => (source?.http ?? source?.registry) !== undefined);
  const isNamed = (spec.labels ?? spec.annotations) !== undefined;
  return spec.sizing?.instanceType !== undefined || spec.hardware !== undefined || isFetched || isNamed;
}

function isPluggable({ spec }: ManagedVM): boolean {
  return spec.disks.some(({ hotpluggable, cdrom }) => hotpluggable ?? cdrom !== undefined);
}

/**
 * All that have, or once had, a disk of the order: those of its names, and root disks of before, which stay until somebody deletes them. What came to
 * nothing before a guest saw it is none.
 */
function dataVolumesOf(managedVM: ManagedVM & KubeObject, read: Reader): readonly KubeObject[] {
  const { namespace = '', uid = '' } = managedVM.metadata;
  const named = claimNames(managedVM).flatMap(name => read.get(DataVolume, { namespace, name }) ?? []);
  const ordered = new Set(managedVM.spec.disks.map(({ name }) => name));
  const former = read
    .byIndex(DataVolume, OWNER_UID_INDEX, uid)
    .filter(({ metadata }) => metadata.namespace === namespace && ordered.has(metadata.labels?.[DISK_LABEL] ?? ''));
  const { newRoot } = managedVM.status ?? {};
  const unused = newRoot?.phase === 'Failed' ? newRoot.after.claim : undefined;
  return [...new Set([...named, ...former])].filter(({ metadata }) => metadata.name !== unused);
}

/** Those that cannot be listed now are none: nothing is done for one, and none excuses anything. */
function changesOf(managedVM: ManagedVM & KubeObject, read: Reader): MachineFacts['changeRequests'] {
  if (!read.available(changeRequest, managedVM.metadata.namespace ?? '')) return [];
  return read.byIndex<ChangeRequest & KubeObject>(changeRequest, TARGET_INDEX, pathOf(managedVM)).flatMap(change => {
    const { spec } = plannedIn(change.spec);
    return spec === undefined ? [] : [{ ...change, spec }];
  });
}

/** What was stored under another schema may name nothing. */
function targetOf({ metadata, spec }: KubeObject): ObjectKey {
  return {
    namespace: metadata.namespace ?? '',
    name: String(Reflect.get(Object(Reflect.get(Object(spec), 'target')), 'name')),
  };
}

function placesOf(namespace: string, keys: KeyPlaces): readonly Place[] {
  const beside = [VirtualMachine, VirtualMachineInstance, DataVolume, PersistentVolumeClaim];
  const stored = keyNamespaces(keys).map((place): Place => [Secret, place]);
  return [[operatingSystem, ''], ...stored, ...beside.map((kind): Place => [kind, namespace])];
}

/** `namespace/name` of the VirtualMachine that is, or shall be, its own. */
export function machinePath(managedVM: ManagedVM): string {
  return `${managedVM.metadata.namespace}/${virtualMachineName(managedVM)}`;
}

/** A disk that is to be a copy is made once the other is filled. */
function copiesOf(object: KubeObject, read: Reader): readonly ObjectKey[] {
  return keysOf(read.byIndex(managedVMKind, COPIED_INDEX, pathOf(object)));
}

function rivalsOf(object: KubeObject, read: Reader): readonly ObjectKey[] {
  const wanted = machinePath(object as ManagedVM & KubeObject);
  const claimants = keysOf(read.byIndex(managedVMKind, VIRTUAL_MACHINE_INDEX, wanted));
  return claimants.filter(({ name }) => name !== object.metadata.name);
}

/** Storage as the decision about disks looks at it. A claim that another ManagedVM remembers, or fills, is that one's. */
function storageOf(
  managedVM: ManagedVM,
  read: Reader,
  whose: Whose,
  virtualMachine: KubeObject | undefined,
): StorageFacts {
  const { namespace = '', uid } = managedVM.metadata;
  const dataVolumeOf = (name: string) => read.get(DataVolume, { namespace, name });
  const fills = (owner: ManagedVM, name: string) => {
    const dataVolume = dataVolumeOf(name);
    return dataVolume !== undefined && whose(owner, dataVolume) !== 'foreign' ? dataVolume : undefined;
  };
  return {
    virtualMachine,
    claim: name => read.get(PersistentVolumeClaim, { namespace, name }),
    ownDataVolume: name => fills(managedVM, name),
    holderOf: ({ metadata }) => {
      const key = `${namespace}/${metadata.name}`;
      const others = read.byIndex<ManagedVM & KubeObject>(managedVMKind, CLAIM_INDEX, key);
      const holds = (other: ManagedVM) => other.status?.disks?.some(disk => disk.claimUID === metadata.uid) ?? false;
      return others
        .filter(other => other.metadata.uid !== uid)
        .find(other => holds(other) || fills(other, metadata.name) !== undefined)?.metadata.name;
    },
  };
}

function disksOf(
  namespace: string,
  holds: DiskHolds,
  read: Reader,
  kind: ResourceKind,
  counts: (object: KubeObject, hold: DiskHold) => boolean = () => true,
): ReadonlyMap<string, KubeObject> {
  const live = [...holds].flatMap(([disk, hold]): [string, KubeObject][] => {
    const object = read.get(kind, { namespace, name: hold.claim });
    return object === undefined || !counts(object, hold) ? [] : [[disk, object]];
  });
  return new Map(live);
}

/** The guest on a disk that somebody kept, or on a copy of it, still lets these keys in and no others. */
function isKnownToNobody(keys: KubeObject, read: Reader): boolean {
  // Keys come back before the orders and the disks that know them, where all has been lost.
  if (keys.metadata.labels?.[RESTORE_LABEL] !== undefined) return false;
  const uid = keys.metadata.labels?.[OWNER_UID_LABEL] ?? '';
  return [VirtualMachine, DataVolume, PersistentVolumeClaim].every(
    kind => read.available(kind) && read.byIndex(kind, OWNER_UID_INDEX, uid).length === 0,
  );
}
