import { isDeepStrictEqual } from 'node:util';
import { secondsOf } from '../../api/duration.ts';
import type { ManagedVMSpec } from '../../api/managedvm.ts';

/** At which values the system sensors of a VM raise an alert (MO-12). */
export type Thresholds = {
  /** CPU time in use over five minutes, percent of all CPUs. Waiting for disks is not use, time stolen by the host is. */
  readonly cpuPercent: number;
  /** Memory that the guest cannot give to a new program without swapping, percent of its memory. */
  readonly memoryPercent: number;
  /** Space or inodes of a file system that ordinary users cannot have any more, percent; raises a warning. */
  readonly fileSystemWarningPercent: number;
  /** The same, for a critical alert. */
  readonly fileSystemCriticalPercent: number;
  /** How long CPU or memory must stay above, in Prometheus' notation. */
  readonly pendingFor: string;
};

/** The service's defaults. An alert fires above its threshold, not at it. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  cpuPercent: 90,
  memoryPercent: 90,
  fileSystemWarningPercent: 80,
  fileSystemCriticalPercent: 90,
  pendingFor: '15m',
};

/** A VM's own thresholds on top of the defaults; undefined where nothing differs from them. */
export function overriddenThresholds({ alertThresholds: own }: ManagedVMSpec): Thresholds | undefined {
  const standard = DEFAULT_THRESHOLDS;
  const thresholds: Thresholds = {
    cpuPercent: own?.cpuPercent ?? standard.cpuPercent,
    memoryPercent: own?.memoryPercent ?? standard.memoryPercent,
    fileSystemWarningPercent: own?.fileSystemWarningPercent ?? standard.fileSystemWarningPercent,
    fileSystemCriticalPercent: own?.fileSystemCriticalPercent ?? standard.fileSystemCriticalPercent,
    pendingFor: own?.pendingFor ? prometheusDuration(secondsOf(own.pendingFor)) : standard.pendingFor,
  };
  return isDeepStrictEqual(thresholds, standard) ? undefined : thresholds;
}

/** Seconds as Prometheus writes them back: largest unit first, no zero parts. */
export function prometheusDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0s';
}
