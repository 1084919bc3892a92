import { type Alert, IDENTITY, lines, SUBJECT } from '../contract/alert.ts';
import type { Thresholds } from './thresholds.ts';

/** Set for a VM that has thresholds, and so rules, of its own; the namespace's rules leave it out. */
export const OVERRIDDEN_SERIES = 'managedvm:thresholds_overridden';

/** Whose sensors: all guests of a namespace without thresholds of their own, or one guest. */
export type Guests = { readonly namespace: string; readonly managedVM?: string };

/** Alerts on the sensors inside guests, by node_exporter or windows_exporter (MO-12). They fire above the threshold, not at it. */
export function sensorAlerts(guests: Guests, thresholds: Thresholds): Alert[] {
  const selector = `namespace="${guests.namespace}",managed_vm${guests.managedVM === undefined ? '!=""' : `="${guests.managedVM}"`}`;
  const others =
    guests.managedVM === undefined
      ? [`unless on (namespace, managed_vm) ${OVERRIDDEN_SERIES}{namespace="${guests.namespace}"}`]
      : [];
  const { cpuPercent, memoryPercent, fileSystemWarningPercent, fileSystemCriticalPercent, pendingFor } = thresholds;
  const used = fileSystemUse(selector);
  const fileSystem = `File system {{ $labels.mountpoint }} of ${SUBJECT}`;
  return [
    {
      alert: 'ManagedVMCPUHigh',
      expr: lines(`(${cpuUse(selector)}) > ${cpuPercent}`, ...others),
      for: pendingFor,
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: CPU above its threshold',
      description: `${SUBJECT} uses {{ $value | printf "%.1f" }} % of its CPUs; the threshold of ${cpuPercent} % has been exceeded for ${pendingFor}.`,
    },
    {
      alert: 'ManagedVMMemoryHigh',
      expr: lines(`(${memoryUse(selector)}) > ${memoryPercent}`, ...others),
      for: pendingFor,
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: memory above its threshold',
      description: `${SUBJECT} uses {{ $value | printf "%.1f" }} % of its memory; the threshold of ${memoryPercent} % has been exceeded for ${pendingFor}.`,
    },
    {
      alert: 'ManagedVMFileSystemAlmostFull',
      expr: lines(`(${used}) > ${fileSystemWarningPercent} <= ${fileSystemCriticalPercent}`, ...others),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: {{ $labels.mountpoint }} is almost full',
      description: `${fileSystem} has {{ $value | printf "%.1f" }} % of its space or inodes in use; the warning threshold is ${fileSystemWarningPercent} %.`,
    },
    {
      alert: 'ManagedVMFileSystemFull',
      expr: lines(`(${used}) > ${fileSystemCriticalPercent}`, ...others),
      for: '5m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: {{ $labels.mountpoint }} is full',
      description: `${fileSystem} has {{ $value | printf "%.1f" }} % of its space or inodes in use; the critical threshold is ${fileSystemCriticalPercent} %.`,
    },
  ];
}

/** A file system that is not full yet and will be: the same for every VM of a namespace. */
export function fillingAlert(namespace: string): Alert {
  const selector = `namespace="${namespace}",managed_vm!=""`;
  const linux = `predict_linear(node_filesystem_avail_bytes{${selector},${FILE_SYSTEMS}}[6h], 24 * 3600) < 0`;
  const windows = `predict_linear(windows_logical_disk_free_bytes{${selector},${VOLUMES}}[6h], 24 * 3600) < 0`;
  return {
    alert: 'ManagedVMFileSystemFilling',
    expr: lines(
      `(${fileSystemUse(selector)}) > 60`,
      `and on (namespace, managed_vm, mountpoint) (${linux} or label_replace(${windows}, "mountpoint", "$1", "volume", "(.+)"))`,
    ),
    for: '1h',
    severity: 'warning',
    summary: '{{ $labels.managed_vm }}: {{ $labels.mountpoint }} will be full within a day',
    description: `File system {{ $labels.mountpoint }} of ${SUBJECT} has {{ $value | printf "%.1f" }} % in use and, at the pace of the last 6 hours, will be full within 24 hours.`,
  };
}

/** File systems that hold the guest's data: not those in memory, of images, or of other machines. */
const FILE_SYSTEMS =
  'fstype!~"tmpfs|devtmpfs|ramfs|rootfs|overlay|squashfs|iso9660|udf|cramfs|autofs|nfs.*|cifs|smb.*|fuse.*"';
/** Volumes with a drive letter: not recovery and system partitions, which are small and full by design. */
const VOLUMES = 'volume=~"[A-Z]:"';

/** Percent of all CPUs. `selector`: whose, as it stands between braces. */
export function cpuUse(selector: string): string {
  return `100 - 100 * avg by (${IDENTITY}) (${cpuIdle(selector, '5m')})`;
}

/** Part of each CPU's time in a range that it had nothing to do, or waited for disks. */
export function cpuIdle(selector: string, range: string): string {
  const linux = `sum without (mode) (rate(node_cpu_seconds_total{${selector},mode=~"idle|iowait"}[${range}]))`;
  const windows = `rate(windows_cpu_time_total{${selector},mode="idle"}[${range}])`;
  return `${linux} or ${windows}`;
}

export function memoryUse(selector: string): string {
  return `100 - 100 * min by (${IDENTITY}) (${memoryAvailable(selector)})`;
}

/**
 * Part of the memory that any program may have which is free for one. Static huge pages are set apart for those that ask for them: they are no
 * use of memory while free, and no help to anybody else, so they are left out. Kernels before 4.16 do not give their sum; amd64's have 2 MiB.
 */
export function memoryAvailable(selector: string): string {
  const huge = lines(
    `node_memory_Hugetlb_bytes{${selector}}`,
    `  or node_memory_HugePages_Total{${selector}} * 2097152`,
    `  or 0 * node_memory_MemTotal_bytes{${selector}}`,
  );
  const linux = `node_memory_MemAvailable_bytes{${selector}} / (node_memory_MemTotal_bytes{${selector}} - (${huge}))`;
  const windows = `windows_memory_physical_free_bytes{${selector}} / windows_memory_physical_total_bytes{${selector}}`;
  return `${linux} or ${windows}`;
}

/** Percent in use per mount point: space or inodes, whichever is scarcer. A read-only file system cannot fill. */
export function fileSystemUse(selector: string): string {
  const node = `${selector},${FILE_SYSTEMS}`;
  const space = `100 - 100 * node_filesystem_avail_bytes{${node}} / node_filesystem_size_bytes{${node}}`;
  const inodes = `100 - 100 * node_filesystem_files_free{${node}} / node_filesystem_files{${node}}`;
  const windows = `100 - 100 * windows_logical_disk_free_bytes{${selector},${VOLUMES}} / windows_logical_disk_size_bytes{${selector},${VOLUMES}}`;
  return lines(
    `max by (${IDENTITY}, mountpoint) (`,
    `  label_replace(${space}, "of", "space", "", "")`,
    `  or label_replace(${inodes}, "of", "inodes", "", "")`,
    `  or label_replace(${windows}, "mountpoint", "$1", "volume", "(.+)")`,
    `) unless on (namespace, managed_vm, mountpoint) node_filesystem_readonly{${selector}} == 1`,
  );
}
