import type { Disk } from '../../api/disk.ts';
import type { Network } from '../../api/network.ts';
import { canonicalQuantity } from '../../runtime/api/quantity.ts';
import {
  type Child,
  dataVolumeName,
  firstBootSecretName,
  MANAGED_VM_LABEL,
  OS_FAMILY_LABEL,
  type RenderInput,
  SERVICE_LEVEL_LABEL,
  virtualMachineName,
} from '../contract/child.ts';
import { at, fields, listAt, numberAt, textAt } from '../contract/json.ts';
import { renderDisk } from './diskdevice.ts';
import { claimOfVolume, isControlledBy, mayStart, volumeOf } from './diskhold.ts';
import { type DisksObserved, ephemeralRootImage, ROOT_DISK } from './disks.ts';
import { networkData } from './firstboot/networkdata.ts';
import { NETWORKS_ANNOTATION, networksAnnotation } from './firstboot/networksettings.ts';
import {
  architectureOf,
  machineTypeOf,
  renderBootloader,
  renderCpuFeatures,
  renderDevices,
  renderFeatures,
} from './hardware.ts';
import { foreignPlugs, isPluggedIn } from './hotplug.ts';
import { firmwareUUID, macAddress } from './identity.ts';
import { namesAnnotation, orderedMetadata } from './machinemetadata.ts';
import { affinity } from './placement.ts';
import { RESCUED_DISK, RESCUED_SERIAL, rescuedRoot } from './rootplace.ts';

/** Name of the volume with cloud-init or unattend content; no disk of a ManagedVM may have it. */
const FIRST_BOOT_VOLUME = 'first-boot';

type Input = RenderInput &
  Partial<DisksObserved> & {
    /** Spec of the guest that runs, if one does: it is left alone whatever becomes of its disks. */
    readonly runningSpec?: Fields | undefined;
    /** Whether KubeVirt plugs volumes in and out as a VirtualMachine says; undefined: not known. */
    readonly plugs?: boolean | undefined;
    /** Its disks are being turned back or exchanged, for which it must be off. */
    readonly isOff?: boolean | undefined;
  };
type Fields = Record<string, unknown>;

/**
 * The KubeVirt VirtualMachine of a ManagedVM: only what the order and the catalogue decide.
 * Fields that KubeVirt's webhooks fill are either set here (identity, architecture, machine type) or not ours at all.
 */
export function renderVirtualMachine(input: Input): Child {
  const { managedVM, operatingSystem } = input;
  const { preference } = operatingSystem.spec;
  const instanceType = managedVM.spec.sizing?.instanceType;
  const ordered = orderedMetadata(managedVM);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name: virtualMachineName(managedVM),
      namespace: managedVM.metadata.namespace ?? '',
      labels: { ...ordered.labels, ...meaningLabels(input) },
      ...(Object.keys(ordered.annotations).length > 0 && { annotations: { ...ordered.annotations } }),
    },
    spec: {
      runStrategy: shallRun(input) ? 'Always' : 'Halted',
      ...(instanceType && { instancetype: { kind: 'VirtualMachineClusterInstancetype', name: instanceType } }),
      ...(preference && { preference: { kind: 'VirtualMachineClusterPreference', name: preference } }),
      template: { metadata: templateMetadata(input), spec: renderTemplateSpec(input) },
    },
  };
}

/** No guest is started on a disk that is lost or that nobody has consented to; one that runs on it still has the data. */
function shallRun({ managedVM, holds, runningSpec, isOff }: Input): boolean {
  if (managedVM.spec.powerState !== 'Running' || isOff === true) return false;
  return holds === undefined || mayStart(holds) || runningSpec !== undefined;
}

function meaningLabels({ managedVM, operatingSystem }: RenderInput): Record<string, string> {
  return {
    [MANAGED_VM_LABEL]: managedVM.metadata.name,
    [SERVICE_LEVEL_LABEL]: managedVM.spec.serviceLevel,
    [OS_FAMILY_LABEL]: operatingSystem.spec.family,
  };
}

function templateMetadata(input: Input): Fields {
  const networks = setsNetworksAtStart(input) ? networksAnnotation(input.managedVM) : undefined;
  const ordered = orderedMetadata(input.managedVM);
  const annotations = {
    ...ordered.annotations,
    ...namesAnnotation(ordered),
    ...(networks !== undefined && { [NETWORKS_ANNOTATION]: networks }),
  };
  return {
    labels: { ...ordered.labels, ...meaningLabels(input) },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

/** Whether a restart sets the networks as ordered: not in Windows, nor where an earlier Steward made the first boot. */
function setsNetworksAtStart({ managedVM, operatingSystem }: RenderInput): boolean {
  const { firstBoot } = managedVM.status ?? {};
  return (
    operatingSystem.spec.family === 'Linux' && (firstBoot?.at === undefined || firstBoot.networksAtEachStart === true)
  );
}

function renderTemplateSpec(input: Input): Fields {
  const { managedVM, operatingSystem } = input;
  const gracePeriod = terminationGracePeriod(input);
  const rescued = [rescuedRoot(managedVM.status?.newRoot)].filter(claim => claim !== undefined);
  const plugged = foreignPlugs(input.virtualMachine, managedVM, FIRST_BOOT_VOLUME);
  const filled = managedVM.spec.disks.filter(disk => !isEmptyDrive(disk));
  return {
    architecture: architectureOf(input),
    domain: {
      ...sized(input),
      firmware: { uuid: firmwareUUID(uidOf(input)), serial: uidOf(input), ...renderBootloader(input) },
      ...renderFeatures(input),
      machine: { type: machineTypeOf(input) },
      devices: {
        ...renderDevices(input),
        disks: [
          ...managedVM.spec.disks
            .filter(disk => filled.includes(disk) || keepsEmptyDrive(input, disk))
            .map(disk => renderDisk(input, disk)),
          renderFirstBootDisk(input),
          ...rescued.map(() => ({ name: RESCUED_DISK, disk: { bus: 'virtio' }, serial: RESCUED_SERIAL })),
          ...plugged.disks,
        ],
        interfaces: managedVM.spec.networks.map(network => renderInterface(input, network)),
        ...(operatingSystem.spec.family === 'Linux' && { rng: {} }),
      },
    },
    networks: managedVM.spec.networks.map(renderNetwork),
    volumes: [
      ...filled.map(disk => renderVolume(input, disk)),
      renderFirstBootVolume(input),
      ...rescued.map(claimName => ({ name: RESCUED_DISK, persistentVolumeClaim: { claimName } })),
      ...plugged.volumes,
    ],
    ...affinity(managedVM),
    evictionStrategy: 'LiveMigrateIfPossible',
    ...formerProbe(input),
    ...(gracePeriod !== undefined && { terminationGracePeriodSeconds: gracePeriod }),
  };
}

/**
 * Steward once had KubeVirt ask the agent whether a guest is ready, which took healthy applications out of their Services. A guest that was
 * started so keeps it until it ends: any change of such a field makes KubeVirt want a restart, and apply nothing live until it comes
 * (syncRestartRequired in pkg/virt-controller/watch/vm/vm.go).
 */
function formerProbe({ runningSpec }: Input): Fields {
  if (at(runningSpec, 'readinessProbe', 'guestAgentPing') === undefined) return {};
  return {
    readinessProbe: {
      guestAgentPing: {},
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 6,
    },
  };
}

function sized(input: Input): Fields {
  const sizing = renderSizing(input);
  const cpu = { ...fields(sizing.cpu), ...renderCpuFeatures(input) };
  return { ...sizing, ...(Object.keys(cpu).length > 0 && { cpu }) };
}

export function renderSizing(input: Input): Fields {
  const { managedVM, operatingSystem } = input;
  const { sizing } = managedVM.spec;
  const { defaults } = operatingSystem.spec;
  if (sizing?.instanceType !== undefined) return {};
  return {
    cpu: sizing?.topology ? { ...sizing.topology } : topology(input, sizing?.cpu ?? defaults.cpu),
    memory: { guest: canonicalQuantity(sizing?.memory ?? defaults.memory) },
  };
}

/**
 * One socket per CPU: KubeVirt adds sockets to a running guest, but never cores or threads. Windows counts sockets by licence (client
 * editions use 1 or 2, SQL Server Standard 4), so it gets one with as many cores, and more of them at a restart. A guest that an older
 * Steward started with as many CPUs otherwise keeps them so until it ends.
 */
function topology({ operatingSystem, runningSpec }: Input, count: number): Fields {
  if (operatingSystem.spec.family === 'Linux') return { cores: 1, sockets: count, threads: 1 };
  const sockets = numberAt(runningSpec, 'domain', 'cpu', 'sockets');
  return sockets === count ? { cores: 1, sockets, threads: 1 } : { cores: count, sockets: 1, threads: 1 };
}

/** Windows needs up to an hour when it installs updates at shutdown; its preferences say so, where there is one. */
function terminationGracePeriod({ operatingSystem }: RenderInput): number | undefined {
  const { family, preference } = operatingSystem.spec;
  if (family === 'Linux') return 180;
  return preference === undefined ? 3600 : undefined;
}

/** A drive without a medium: KubeVirt lets a machine have one only where it plugs media in. */
function isEmptyDrive({ cdrom }: Disk): boolean {
  return cdrom?.ejected === true;
}

function keepsEmptyDrive({ plugs, virtualMachine }: Input, { name }: Disk): boolean {
  const drives = listAt(virtualMachine, 'spec', 'template', 'spec', 'domain', 'devices', 'disks');
  return plugs ?? drives.some(drive => textAt(drive, 'name') === name);
}

function renderVolume(input: Input, disk: Disk): Fields {
  const { name } = disk;
  const image = name === ROOT_DISK ? ephemeralRootImage(input) : undefined;
  if (image !== undefined) return { name, containerDisk: { image } };
  const claim = claimInMachine(input, name);
  const hotpluggable = plugsIn(input, disk) ? { hotpluggable: true } : {};
  return isByDataVolume(input, name, claim)
    ? { name, dataVolume: { name: claim, ...hotpluggable } }
    : { name, persistentVolumeClaim: { claimName: claim, ...hotpluggable } };
}

/**
 * Whether the volume is one that KubeVirt plugs in and out of the running guest. One that is plugged in stays so until the guest ends,
 * whatever is ordered by then: KubeVirt would want a restart for the other form (validLiveUpdateVolumes). Where it is not known whether
 * KubeVirt does it, the machine keeps the form that it has.
 */
function plugsIn({ plugs, virtualMachine, runningSpec }: Input, { name, hotpluggable, cdrom }: Disk): boolean {
  if (isPluggedIn(runningSpec, name)) return true;
  if (hotpluggable === undefined && cdrom === undefined) return false;
  return plugs ?? isPluggedIn(at(virtualMachine, 'spec', 'template', 'spec'), name);
}

/** The claim of the disk; while a person is asked about it, what the machine has: neither taken nor put back (KubeVirt's own restore). */
function claimInMachine({ managedVM, holds, virtualMachine }: Input, name: string): string {
  const hold = holds?.get(name);
  const wanted = hold?.claim ?? dataVolumeName(managedVM, name);
  if (hold === undefined || hold.standing === 'new' || hold.standing === 'ours') return wanted;
  return claimOfVolume(volumeOf(virtualMachine, name)) ?? wanted;
}

/**
 * Whether the machine names the claim through its DataVolume. Both forms are the same disk, and the one that the machine has stays. But
 * KubeVirt waits for a DataVolume to succeed, and one beside a claim that is not its own never does.
 */
function isByDataVolume(input: Input, name: string, claim: string): boolean {
  const [dataVolume, live] = [input.liveDataVolumes?.get(name), input.livePVCs?.get(name)];
  const ours = input.holds?.get(name)?.standing === 'ours';
  const waits = dataVolume !== undefined && textAt(dataVolume, 'status', 'phase') !== 'Succeeded';
  if (ours && waits && live !== undefined && !isControlledBy(live, dataVolume)) return false;
  const volume = volumeOf(input.virtualMachine, name);
  if (claimOfVolume(volume) === claim) return textAt(volume, 'dataVolume', 'name') === claim;
  return live === undefined || dataVolume !== undefined;
}

function renderFirstBootDisk({ operatingSystem }: RenderInput): Fields {
  if (operatingSystem.spec.family === 'Linux') return { name: FIRST_BOOT_VOLUME, disk: { bus: 'virtio' } };
  return { name: FIRST_BOOT_VOLUME, cdrom: { bus: 'sata' } };
}

function renderFirstBootVolume({ managedVM, operatingSystem }: RenderInput): Fields {
  const secret = { name: firstBootSecretName(managedVM) };
  if (operatingSystem.spec.family === 'Windows') return { name: FIRST_BOOT_VOLUME, sysprep: { secret } };
  const networks = networkData(managedVM) === undefined ? {} : { networkDataSecretRef: secret };
  return { name: FIRST_BOOT_VOLUME, cloudInitNoCloud: { secretRef: secret, ...networks } };
}

function renderInterface(input: RenderInput, { name, multusNetwork }: Network): Fields {
  const binding = multusNetwork === undefined ? { masquerade: {} } : { bridge: {} };
  return { name, ...binding, macAddress: macAddress(uidOf(input), name) };
}

function renderNetwork({ name, multusNetwork }: Network): Fields {
  return multusNetwork === undefined ? { name, pod: {} } : { name, multus: { networkName: multusNetwork } };
}

function uidOf({ managedVM }: RenderInput): string {
  return managedVM.metadata.uid ?? '';
}
