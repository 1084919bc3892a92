import { Gauge, type Registry } from 'prom-client';
import type { Recorder } from './recorder.ts';
import type { StopReason } from './stopped.ts';

const REASONS: readonly StopReason[] = ['KeyLost', 'StreamBroken'];

/** What the record writer tells of its work. */
export function registerRecordMetrics(registry: Registry, recorder: Recorder, exporting: boolean): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value());
      },
    });
  gauge('steward_records_written', 'Records that this process has written', () => recorder.records);
  gauge('steward_records_left_out', 'Changes that this process has not recorded one by one', () => recorder.leftOut);
  gauge('steward_record_streams', 'Streams of records', () => recorder.desks.length);
  gauge('steward_record_pages', 'Pages of records in the cluster', () => sum(recorder, ({ pages }) => pages));
  if (exporting)
    gauge('steward_records_not_exported', 'Records that are not in the export yet', () =>
      sum(recorder, ({ notExported }) => notExported),
    );
  new Gauge({
    ...{
      name: 'steward_records_stopped',
      help: 'Streams, or 1 for all of them, in which nothing is recorded before a person has acted',
    },
    ...{ labelNames: ['reason'] as const, registers },
    collect() {
      for (const reason of REASONS)
        this.set({ reason }, [...recorder.stopped.values()].filter(stopped => stopped.reason === reason).length);
    },
  });
}

function sum(recorder: Recorder, of: (desk: Recorder['desks'][number]) => number): number {
  return recorder.desks.reduce((total, desk) => total + of(desk), 0);
}
