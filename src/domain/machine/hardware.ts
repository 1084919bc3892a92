import type { Hardware } from '../../api/hardware.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { RenderInput } from '../contract/child.ts';
import { failed, waiting } from '../contract/finding.ts';
import { HARDWARE_ANNOTATION, permits, refusal } from '../contract/permitted.ts';
import type { Observed } from './observed.ts';
import type { Finding } from './reasons.ts';

type Fields = Record<string, unknown>;

/** Stands in the list of what a namespace may have of the nodes' hardware for virtual machines within the guest. */
export const NESTED = 'nested-virtualization';

/** The bus, machine and firmware of each architecture (KubeVirt pkg/defaults: amd64 and arm64). */
const MACHINES = { amd64: 'q35', arm64: 'virt' } as const;

/** For which processor the system is made. */
export function architectureOf({ operatingSystem }: RenderInput): 'amd64' | 'arm64' {
  return operatingSystem.spec.architecture ?? 'amd64';
}

export function machineTypeOf(input: RenderInput): string {
  return MACHINES[architectureOf(input)];
}

/** `firmware` of KubeVirt's domain, without what identifies the guest. KubeVirt defaults secure boot to true, so it is always said. */
export function renderBootloader({ managedVM }: RenderInput): Fields {
  const firmware = managedVM.spec.hardware?.firmware;
  if (firmware === undefined) return {};
  if (firmware.type === 'BIOS') return { bootloader: { bios: {} } };
  const { secureBoot = false, persistent } = firmware;
  return { bootloader: { efi: { secureBoot, ...(persistent && { persistent }) } } };
}

/** `features` of KubeVirt's domain: EFI boots only what is signed if it has a mode that the system cannot reach (SMM). */
export function renderFeatures({ managedVM }: RenderInput): Fields {
  return managedVM.spec.hardware?.firmware?.secureBoot === true ? { features: { smm: { enabled: true } } } : {};
}

const ACTIONS = { Reset: 'reset', PowerOff: 'poweroff', Shutdown: 'shutdown' } as const;

/** Devices beside disks and interfaces. */
export function renderDevices({ managedVM }: RenderInput): Fields {
  const { tpm, watchdog, serialConsole, graphics, gpus, hostDevices } = managedVM.spec.hardware ?? {};
  return {
    ...(tpm && { tpm: tpm === 'Persistent' ? { persistent: true } : {} }),
    ...(watchdog && { watchdog: { name: 'watchdog', i6300esb: { action: ACTIONS[watchdog] } } }),
    ...(serialConsole === false && { autoattachSerialConsole: false }),
    ...(graphics === false && { autoattachGraphicsDevice: false }),
    ...(gpus?.length && { gpus: gpus.map(deviceOf) }),
    ...(hostDevices?.length && { hostDevices: hostDevices.map(deviceOf) }),
  };
}

function deviceOf({ name, deviceName }: NonNullable<Hardware['gpus']>[number]): Fields {
  return { name, deviceName };
}

/** What of the processor the guest may use beyond the usual: KubeVirt asks a node for it only where it has it (policy `optional`). */
export function renderCpuFeatures({ managedVM }: RenderInput): Fields {
  if (managedVM.spec.hardware?.nestedVirtualization === undefined) return {};
  return { features: ['vmx', 'svm'].map(name => ({ name, policy: 'optional' })) };
}

/** Devices of the nodes are the provider's: they are scarce, and some give a guest more than its own. */
export function hardwareNotPermitted({ metadata, spec }: ManagedVM, { permitted }: Observed): Finding | undefined {
  const { gpus = [], hostDevices = [], nestedVirtualization } = spec.hardware ?? {};
  const wanted = [
    ...gpus.map(({ name, deviceName }) => [`GPU ${deviceName} (spec.hardware.gpus[${name}])`, deviceName] as const),
    ...hostDevices.map(
      ({ name, deviceName }) => [`Device ${deviceName} (spec.hardware.hostDevices[${name}])`, deviceName] as const,
    ),
    ...(nestedVirtualization
      ? [['Virtualization in the guest (spec.hardware.nestedVirtualization)', NESTED] as const]
      : []),
  ];
  const namespace = metadata.namespace ?? '';
  if (wanted.length > 0 && permitted === undefined)
    return waiting(
      'NamespaceNotObserved',
      `What Namespace ${namespace} may use is not known: it has not been read yet.`,
    );
  if (permitted === undefined) return undefined;
  const refused = wanted.find(([, name]) => !permits(permitted.hardware, name));
  if (refused === undefined) return undefined;
  const why = refusal(refused[0], namespace, HARDWARE_ANNOTATION, permitted.hardware);
  return failed('HardwareNotPermitted', why);
}
