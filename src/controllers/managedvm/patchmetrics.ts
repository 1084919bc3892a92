import { Gauge, type Registry } from 'prom-client';
import type { MissedWindow, RunSummary, UpdateSummary } from '../../api/patchsummary.ts';
import type { ObjectMeta } from '../../runtime/api/object.ts';
import { ExportedSeries } from './exportedseries.ts';

const IDENTITY = ['namespace', 'managed_vm'] as const;

/** What a ManagedVM's status tells of its patches. */
export type PatchingTold = {
  readonly updates?: UpdateSummary | undefined;
  readonly lastRun?: RunSummary | undefined;
  readonly lastSuccess?: string | undefined;
  readonly missedWindow?: MissedWindow | undefined;
};

export type PatchMetrics = {
  /** Exports what the status of a ManagedVM says of its patches; undefined: nothing any more. */
  record(metadata: ObjectMeta, told: PatchingTold | undefined): void;
  /** Takes back what was exported of the ManagedVM with this UID. */
  forget(uid: string): void;
};

/**
 * Gauges by which alert rules and people know how patches stand (MO-3). Whatever is a label is a word of Steward's: bucket, severity, phase.
 * No silence is made of `steward_maintenance`: who wants alerts held back while a guest is patched says so in his routes.
 */
export function patchMetrics(registry: Registry): PatchMetrics {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, ...more: readonly Label[]) =>
    new Gauge({ name, help, labelNames: [...IDENTITY, ...more], registers });
  const missing = gauge('steward_patch_missing_updates', 'Updates that are missing.', 'severity', 'bucket');
  const oldest = gauge(
    'steward_patch_oldest_missing_timestamp_seconds',
    'Since when the oldest update is missing of those that shall be installed.',
  );
  const reboot = gauge(
    'steward_patch_reboot_pending',
    '1 while updates are installed that take effect at the next boot, else 0.',
  );
  const success = gauge('steward_patch_last_success_timestamp_seconds', 'When a PatchRun last succeeded.');
  const lastRun = gauge('steward_patch_last_run', 'Phase of the last PatchRun; always 1.', 'phase');
  const missed = gauge(
    'steward_patch_window_missed',
    '1 where the last window closed without a PatchRun that came to its end, else 0.',
  );
  const maintenance = gauge('steward_maintenance', '1 while a PatchRun is under way.');
  const series = new ExportedSeries();

  const set = (identity: Readonly<Record<(typeof IDENTITY)[number], string>>, told: PatchingTold): (() => void) => {
    const { updates, lastRun: run, lastSuccess, missedWindow } = told;
    const removals: (() => void)[] = [];
    const exported = (
      metric: Gauge,
      value: number | undefined,
      labels: Readonly<Record<string, string>> = identity,
    ) => {
      if (value === undefined) return;
      metric.set(labels, value);
      removals.push(() => metric.remove(labels));
    };
    for (const { bucket, severity, count } of updates?.standing ?? []) {
      exported(missing, count, { ...identity, severity, bucket });
    }
    exported(oldest, seconds(updates?.oldest));
    exported(reboot, updates?.rebootPending === undefined ? undefined : Number(updates.rebootPending));
    exported(success, seconds(lastSuccess));
    exported(missed, Number(missedWindow !== undefined));
    if (run !== undefined) exported(lastRun, 1, { ...identity, phase: run.phase });
    if (run?.underWay) exported(maintenance, 1);
    return () => {
      for (const remove of removals) remove();
    };
  };

  return {
    forget: uid => series.forget(uid),
    record: (metadata, told) => {
      const { namespace = '', name, uid = '' } = metadata;
      if (told === undefined) {
        series.forget(uid);
        return;
      }
      const { updates, ...others } = told;
      const { askedAt: _, ...standing } = updates ?? {};
      series.export(metadata, JSON.stringify([standing, others]), () => set({ namespace, managed_vm: name }, told));
    },
  };
}

function seconds(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant) / 1000;
}
