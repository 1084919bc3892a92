import { bootOrderOf, type Disk } from '../../api/disk.ts';
import type { RenderInput } from '../contract/child.ts';
import { listAt, textAt } from '../contract/json.ts';
import { architectureOf } from './hardware.ts';

type Input = RenderInput & {
  /** Spec of the guest that runs, if one does. */
  readonly runningSpec?: Fields | undefined;
};
type Fields = Record<string, unknown>;

/**
 * The device of a disk (KubeVirt's `Disk`). By the serial the guest knows a disk again, whatever is plugged in before it
 * (`/dev/disk/by-id`). A guest that was started without one gets it when it starts again: any change of such a field makes KubeVirt want a
 * restart, and apply nothing live until it comes (validLiveUpdateDisks in pkg/virt-controller/watch/vm/vm.go).
 */
export function renderDisk(input: Input, disk: Disk): Fields {
  const { name, device = {} } = disk;
  const running = listAt(input.runningSpec, 'domain', 'devices', 'disks').find(each => textAt(each, 'name') === name);
  const hasSerial = device.serial !== undefined || running === undefined || textAt(running, 'serial') !== undefined;
  const { cache, io, dedicatedIOThread, blockSize } = device;
  const bootOrder = bootOrderOf(disk);
  return {
    name,
    ...target(input, disk),
    ...(hasSerial && { serial: device.serial ?? name }),
    ...(bootOrder !== undefined && { bootOrder }),
    ...(cache && { cache }),
    ...(io && { io }),
    ...(dedicatedIOThread && { dedicatedIOThread }),
    ...(blockSize && { blockSize: { custom: blockSize } }),
  };
}

function target(input: RenderInput, disk: Disk): Fields {
  if (disk.cdrom !== undefined) return { cdrom: { bus: disk.device?.bus ?? driveBusOf(input) } };
  const bus = busOf(input, disk);
  return { disk: { ...(bus && { bus }), ...(disk.readOnly && { readonly: true }) } };
}

/** A machine of arm64 has no SATA. */
function driveBusOf(input: RenderInput): string {
  return architectureOf(input) === 'arm64' ? 'scsi' : 'sata';
}

/**
 * Linux has virtio drivers; for Windows the preference knows, and without one only SATA is sure to boot. QEMU has no SATA disk that is read
 * only. KubeVirt asks of a disk that is plugged in that it says its bus, virtio or scsi (ValidateHotplugDiskConfiguration).
 */
function busOf({ operatingSystem }: RenderInput, { device, readOnly, hotpluggable }: Disk): string | undefined {
  const { family, preference } = operatingSystem.spec;
  if (device?.bus !== undefined) return device.bus;
  if (family === 'Linux' || readOnly === true) return 'virtio';
  if (hotpluggable === true) return 'scsi';
  return preference === undefined ? 'sata' : undefined;
}
