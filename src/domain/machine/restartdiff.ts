import { ByteQuantity, bytesOf } from '../../api/bytequantity.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { cut } from '../contract/excerpt.ts';
import { at, type Fields, isFields, listAt, numberAt, textAt } from '../contract/json.ts';
import { growsAtRestart } from './diskgrowth.ts';
import { mayStart } from './diskhold.ts';
import { NETWORKS_ANNOTATION, networksOf } from './firstboot/networksettings.ts';
import { hotpluggedNames } from './hotplug.ts';
import { metadataChanges } from './machinemetadata.ts';
import type { Observed } from './observed.ts';
import { holds, type VirtualMachine, type VirtualMachineInstance } from './observedvm.ts';
import { machineUnreadable } from './unreadable.ts';
import { generationObserved, guestRuns, kubeVirtWantsRestart } from './vmstate.ts';

export type PendingChange = NonNullable<ManagedVMStatus['pendingChanges']>[number];

/** Bound of status.pendingChanges. */
export const MOST_CHANGES = 64;

/**
 * What the running guest would get by a restart, in a stable order, at most MOST_CHANGES entries.
 * KubeVirt's RestartRequired is not asked: it stays True for fields that its own webhooks default (kubevirt#17610).
 * The template's fields are looked up in the instance; what only the instance has was defaulted there or comes from an
 * instance type or preference, and is no difference. Elements of named lists that only the instance has were removed.
 */
export function pendingChanges(
  vm: VirtualMachine | undefined,
  vmi: VirtualMachineInstance | undefined,
  claims: Observed['claims'] = new Map(),
): readonly PendingChange[] {
  if (vm === undefined || !guestRuns(vmi)) return [];
  const changes = [...templateChanges(vm, vmi), ...notPluggedIn(vm, vmi), ...growths(claims, vmi)];
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)).slice(0, MOST_CHANGES);
}

function templateChanges(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  if (startedFromThisTemplate(vm)) return [];
  const plugged = pluggedPaths(vm, vmi);
  const isReal = (change: PendingChange) =>
    !comesLive(change, vm, vmi) && !isNewSerial(change) && !plugged.some(path => change.path.startsWith(path));
  return [
    ...compare(vm.template, vmi.spec, 'spec'),
    ...withdrawn(vm, vmi),
    ...references(vm, vmi),
    ...networkSettings(vm, vmi),
    ...metadataOf(vm, vmi),
  ].filter(isReal);
}

/**
 * Settings that the guest was started with and that are not ordered any more, where KubeVirt wants a restart too: KubeVirt itself defaults
 * none of them, and what a preference may set is left out where there is one.
 */
function withdrawn(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  if (!kubeVirtWantsRestart(vm)) return [];
  return [...withdrawnDevices(vm, vmi), ...withdrawnOfDisks(vm, vmi)];
}

function withdrawnDevices(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  const paths = vm.preference === undefined ? [...OF_MACHINE, ...OF_MACHINE_BY_PREFERENCE] : OF_MACHINE;
  return paths.flatMap(path => {
    const [now, then] = [at(vmi.spec, ...path), at(vm.template, ...path)];
    return now === undefined || then !== undefined ? [] : [entry(`spec.${path.join('.')}`, now, '')];
  });
}

function withdrawnOfDisks(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  const settings = vm.preference === undefined ? [...OF_DISKS, ...OF_DISKS_BY_PREFERENCE] : OF_DISKS;
  const [wanted, had] = [vm.template, vmi.spec].map(spec => byName(listAt(spec, 'domain', 'devices', 'disks')));
  return [...(wanted ?? [])].flatMap(([name, disk]) =>
    settings.flatMap(setting => {
      const [now, then] = [own(had?.get(name), setting), own(disk, setting)];
      if (now === undefined || then !== undefined) return [];
      return [entry(`spec.domain.devices.disks[${name}].${setting}`, now, '')];
    }),
  );
}

const OF_MACHINE = [
  ['domain', 'devices', 'watchdog'],
  ['domain', 'devices', 'gpus'],
  ['domain', 'devices', 'hostDevices'],
] as const;
/** instancetype.kubevirt.io v1beta1 types.go, FirmwarePreferences and DevicePreferences. */
const OF_MACHINE_BY_PREFERENCE = [
  ['domain', 'firmware', 'bootloader'],
  ['domain', 'devices', 'tpm'],
  ['domain', 'devices', 'autoattachSerialConsole'],
  ['domain', 'devices', 'autoattachGraphicsDevice'],
] as const;

const OF_DISKS = ['serial', 'bootOrder'] as const;
/** instancetype.kubevirt.io v1beta1 types.go, DevicePreferences. */
const OF_DISKS_BY_PREFERENCE = ['cache', 'io', 'blockSize', 'dedicatedIOThread'] as const;

/** Disks whose file system grows when they are mounted again. A start that brought nothing is not asked for twice. */
function growths(claims: Observed['claims'], vmi: VirtualMachineInstance): readonly PendingChange[] {
  return [...claims].flatMap(([disk, claim]) => {
    const since = growsAtRestart(claim);
    const startedSince = since === undefined || (vmi.startedAt !== undefined && vmi.startedAt > since);
    return startedSince ? [] : [entry(`spec.disks[${disk}].size`, claim.capacity, claim.requested)];
  });
}

/**
 * Uid of the instance that must end now, for the restart that restartPolicy Automatic promises: KubeVirt has seen the newest
 * change, could not apply it live, and nothing is under way that a restart would disturb. The restart is of this instance and
 * no other: whatever runs by the time it is carried out may have the change already.
 */
export function restartDue(managedVM: ManagedVM, observed: Observed): string | undefined {
  const instance = restartable(managedVM, observed);
  const { virtualMachine: vm, virtualMachineInstance: vmi, claims } = observed;
  if (managedVM.spec.restartPolicy !== 'Automatic' || vm === undefined || !generationObserved(vm, vmi))
    return undefined;
  return pendingChanges(vm, vmi, claims).length > 0 ? instance : undefined;
}

/** Uid of the running instance, if nothing stands against its end and the start of another. */
export function restartable(
  managedVM: ManagedVM,
  { virtualMachine: vm, virtualMachineInstance: vmi, unreadable, holds: disks, claims }: Observed,
): string | undefined {
  if (machineUnreadable(unreadable)) return undefined;
  // The guest that runs may be the last that has the data of a disk.
  if (!mayStart(disks) || [...claims.values()].some(claim => claim.deletedAt !== undefined)) return undefined;
  if (managedVM.spec.powerState !== 'Running' || managedVM.metadata.deletionTimestamp) return undefined;
  if (vm === undefined || !guestRuns(vmi) || vm.deletedAt !== undefined || vm.changingState) return undefined;
  return isBusy(vm) ? undefined : vmi.uid;
}

/** What KubeVirt's own restart would wait for or refuse (virt-api pkg/virt-api/rest/lifecycle.go), and what it would disturb. */
function isBusy(vm: VirtualMachine): boolean {
  return (
    vm.snapshotInProgress !== undefined ||
    vm.restoreInProgress !== undefined ||
    vm.printableStatus === 'Migrating' ||
    holds(vm, 'VolumesChange')
  );
}

/** virt-controller says that the guest was started with the template as it is now: a restart could change nothing. */
function startedFromThisTemplate(vm: VirtualMachine): boolean {
  const { generation, startedGeneration, desiredGeneration } = vm;
  const known = generation !== undefined && startedGeneration === generation && desiredGeneration === generation;
  return known && !kubeVirtWantsRestart(vm);
}

/**
 * More CPUs or memory, within the room that the guest was started with, come to it by themselves: KubeVirt asks for a
 * restart if not, and while it does it applies nothing live.
 */
function comesLive(
  { path, running, desired }: PendingChange,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
): boolean {
  if (kubeVirtWantsRestart(vm)) return false;
  // KubeVirt gives it to the instance, by which the next Pod is placed; where the guest is now it stays either way.
  if (path.startsWith('spec.affinity')) return true;
  const { domain } = vmi.spec;
  if (path === 'spec.domain.cpu.sockets') {
    return Number(desired) > Number(running) && Number(desired) <= (numberAt(domain, 'cpu', 'maxSockets') ?? 0);
  }
  if (path !== 'spec.domain.memory.guest') return false;
  const [now, then, most] = [bytes(running), bytes(desired), bytes(textAt(domain, 'memory', 'maxGuest'))];
  return now !== undefined && then !== undefined && most !== undefined && then > now && then <= most;
}

/** A disk that has no serial yet gets it at the next start; that alone is no reason for one. */
function isNewSerial({ path, running }: PendingChange): boolean {
  return running === '' && /^spec\.domain\.devices\.disks\[[^\]]+\]\.serial$/.test(path);
}

/** Volumes that are plugged in and out of a running guest, and their disks. */
function pluggedPaths(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly string[] {
  const names = [...hotpluggedNames(vm.template), ...hotpluggedNames(vmi.spec)];
  return names.flatMap(name => [`spec.volumes[${name}]`, `spec.domain.devices.disks[${name}]`]);
}

/** Instance type and preference are expanded in the instance; only its annotations still name them. */
function references(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  if (!kubeVirtWantsRestart(vm)) return [];
  const named = (kind: string): string =>
    vmi.annotations[`kubevirt.io/cluster-${kind}-name`] ?? vmi.annotations[`kubevirt.io/${kind}-name`] ?? '';
  return [
    entry('spec.instancetype.name', named('instancetype'), vm.instancetype ?? ''),
    entry('spec.preference.name', named('preference'), vm.preference ?? ''),
  ].filter(({ running, desired }) => running !== desired);
}

function metadataOf(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  const wanted = { labels: vm.templateLabels, annotations: vm.templateAnnotations };
  return metadataChanges(wanted, vmi).map(({ path, running, desired }) => entry(path, running, desired));
}

/**
 * KubeVirt takes another bridged interface into the running instance at once, and plugs it in when that migrates (pkg/network/controllers/vm.go);
 * one that cannot migrate has it after a restart only. Its status tells which it has.
 */
function notPluggedIn(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  const { interfaces } = vmi;
  if (interfaces === undefined || vmi.phase !== 'Running' || vm.printableStatus === 'Migrating') return [];
  const wanted = byName(listAt(vm.template, 'networks'));
  return [...byName(listAt(vmi.spec, 'networks'))]
    .filter(([name, network]) => wanted.has(name) && isFields(own(network, 'multus')) && !interfaces.includes(name))
    .map(([name, network]) => entry(`spec.networks[${name}]`, '', network));
}

/** How networks are set inside of the guest, of those that it has and keeps: the Secret that says it is read when it starts. */
function networkSettings(vm: VirtualMachine, vmi: VirtualMachineInstance): readonly PendingChange[] {
  const [desired, running] = [
    networksOf(vm.templateAnnotations[NETWORKS_ANNOTATION]),
    networksOf(vmi.annotations[NETWORKS_ANNOTATION]),
  ];
  const kept = [vm.template, vmi.spec].map(spec => new Set(listAt(spec, 'networks').map(each => textAt(each, 'name'))));
  return [...new Set([...desired.keys(), ...running.keys()])]
    .filter(name => kept.every(names => names.has(name)) && desired.get(name) !== running.get(name))
    .map(name => entry(`spec.networks[${name}].settings`, running.get(name), desired.get(name)));
}

function compare(desired: unknown, running: unknown, path: string): readonly PendingChange[] {
  if (isFields(desired) && (isFields(running) || running === undefined)) return compareFields(desired, running, path);
  if (Array.isArray(desired) && (Array.isArray(running) || running === undefined)) {
    return compareLists(desired, running ?? [], path);
  }
  return same(desired, running) ? [] : [entry(path, running, desired)];
}

function compareFields(desired: Fields, running: Fields | undefined, path: string): readonly PendingChange[] {
  const names = Object.keys(desired).filter(name => desired[name] !== undefined && desired[name] !== null);
  if (names.length === 0) return running === undefined && !path.endsWith('.resources') ? [entry(path, '', {})] : [];
  return names.flatMap(name => compare(desired[name], own(running, name), `${path}.${name}`));
}

function compareLists(
  desired: readonly unknown[],
  running: readonly unknown[],
  path: string,
): readonly PendingChange[] {
  if (![...desired, ...running].every(isNamed)) return compareUnnamed(desired, running, path);
  const [wanted, had] = [byName(desired), byName(running)];
  const kept = [...wanted].flatMap(([name, item]) => {
    const before = had.get(name);
    const where = `${path}[${name}]`;
    return before === undefined ? [entry(where, '', item)] : compare(item, before, where);
  });
  const gone = [...had].filter(([name]) => !wanted.has(name) && !isAddedByKubeVirt(path));
  return [...kept, ...gone.map(([name, item]) => entry(`${path}[${name}]`, item, ''))];
}

function compareUnnamed(
  desired: readonly unknown[],
  running: readonly unknown[],
  path: string,
): readonly PendingChange[] {
  if (desired.length !== running.length) return [entry(path, running, desired)];
  return desired.flatMap((item, index) => compare(item, running[index], `${path}[${index}]`));
}

/** KubeVirt gives a VM input devices of its own. */
function isAddedByKubeVirt(path: string): boolean {
  return path.endsWith('.inputs');
}

function isNamed(item: unknown): boolean {
  return textAt(item, 'name') !== undefined;
}

function byName(items: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(items.map(item => [textAt(item, 'name') ?? '', item]));
}

function own(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function same(desired: unknown, running: unknown): boolean {
  if (Object.is(desired, running)) return true;
  const [a, b] = [bytes(desired), bytes(running)];
  return a !== undefined && a === b;
}

function bytes(value: unknown): bigint | undefined {
  return typeof value === 'string' && ByteQuantity.safeParse(value).success ? bytesOf(value) : undefined;
}

function entry(path: string, running: unknown, desired: unknown): PendingChange {
  return { path: cut(path, 253), running: short(path, running), desired: short(path, desired) };
}

/** First-boot content and passwords are nobody's business in a status. */
const CONFIDENTIAL = /(userData|networkData|userDataBase64|networkDataBase64|password)$/i;

function short(path: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return '';
  if (CONFIDENTIAL.test(path)) return '(content)';
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify(value, (key, part: unknown) => (CONFIDENTIAL.test(key) ? '(content)' : part));
  return cut(text ?? '', 256);
}
