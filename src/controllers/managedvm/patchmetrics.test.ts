import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type PatchingTold, patchMetrics } from './patchmetrics.ts';

const updates: NonNullable<PatchingTold['updates']> = {
  ...{ askedAt: '2026-11-24T03:00:00Z', missing: 3, security: 2, rebootPending: true },
  standing: [
    { bucket: 'Overdue', severity: 'Important', count: 2 },
    { bucket: 'Excluded', severity: 'Other', count: 1 },
  ],
  oldest: '2026-11-21T03:00:00Z',
};
const told: PatchingTold = {
  updates,
  lastRun: { name: 'shop-db-nightly-2026-11-24', phase: 'Patching', underWay: true },
  lastSuccess: '2026-11-23T03:00:00Z',
};

function metrics() {
  const registry = new Registry();
  const { record, forget } = patchMetrics(registry);
  return {
    forget,
    record: (more: PatchingTold | undefined, uid = 'u', name = 'shop-db') =>
      record({ namespace: 'acme', name, uid }, more),
    async lines(): Promise<readonly string[]> {
      const text = await registry.metrics();
      return text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    },
  };
}

const VM = 'namespace="acme",managed_vm="shop-db"';

describe('MO-3: metrics of patches', () => {
  it('tell what the status tells, in words of Steward alone', async () => {
    const { record, lines } = metrics();
    record(told);
    expect(await lines()).toEqual([
      `steward_patch_missing_updates{${VM},severity="Important",bucket="Overdue"} 2`,
      `steward_patch_missing_updates{${VM},severity="Other",bucket="Excluded"} 1`,
      `steward_patch_oldest_missing_timestamp_seconds{${VM}} ${Date.parse('2026-11-21T03:00:00Z') / 1000}`,
      `steward_patch_reboot_pending{${VM}} 1`,
      `steward_patch_last_success_timestamp_seconds{${VM}} ${Date.parse('2026-11-23T03:00:00Z') / 1000}`,
      `steward_patch_last_run{${VM},phase="Patching"} 1`,
      `steward_patch_window_missed{${VM}} 0`,
      `steward_maintenance{${VM}} 1`,
    ]);
  });

  it('leave nothing behind of what is no longer so', async () => {
    const { record, lines } = metrics();
    record(told);
    record({
      lastRun: {
        name: 'shop-db-nightly-2026-11-24',
        phase: 'Succeeded',
        ended: '2026-11-24T04:00:00Z',
        underWay: false,
      },
      missedWindow: { window: 'nightly', end: '2026-11-24T05:00:00Z' },
    });
    expect(await lines()).toEqual([
      `steward_patch_last_run{${VM},phase="Succeeded"} 1`,
      `steward_patch_window_missed{${VM}} 1`,
    ]);
    record(undefined);
    expect(await lines()).toEqual([]);
  });

  it('of a VM that took the name of another are not taken back with that one', async () => {
    const { record, forget, lines } = metrics();
    record(told, 'old');
    record({}, 'new');
    forget('old');
    expect(await lines()).toEqual([`steward_patch_window_missed{${VM}} 0`]);
    forget('new');
    expect(await lines()).toEqual([]);
  });
});
