import { describe, expect, it } from 'vitest';
import { backedUpVM, backupOf } from './backup.fixtures.ts';
import { forgottenBackups, nextRevival, REVIVED_ANNOTATION } from './forgottenbackups.ts';
import type { VeleroBackup } from './velero.ts';

const vm = backedUpVM();
const created = '2026-11-23T01:00:00Z';
const at = (time: string) => new Date(`2026-11-23T${time}Z`);

function waiting(phase = 'ReadyToStart', revivedAt?: string): VeleroBackup {
  const { metadata, spec, ...rest } = backupOf('b', undefined, { phase });
  const annotations = revivedAt === undefined ? {} : { [REVIVED_ANNOTATION]: revivedAt };
  return { ...rest, ...(spec && { spec }), metadata: { ...metadata, creationTimestamp: created, annotations } };
}

const isForgotten = (backup: VeleroBackup, now: Date): boolean => forgottenBackups(vm, [backup], now).length > 0;

describe('AP-13: a Backup that a restarted Velero has forgotten', () => {
  it('has been ReadyToStart ten minutes after it was made', () => {
    expect(isForgotten(waiting(), at('01:09:59'))).toBe(false);
    expect(isForgotten(waiting(), at('01:10:00'))).toBe(true);
    expect(nextRevival(vm, [waiting()], at('01:00:00'))).toEqual(at('01:10:00'));
  });

  it('is revived again where that did not help, ten minutes later', () => {
    const revived = waiting('ReadyToStart', '2026-11-23T01:10:00Z');
    expect(isForgotten(revived, at('01:19:59'))).toBe(false);
    expect(isForgotten(revived, at('01:20:00'))).toBe(true);
    expect(nextRevival(vm, [revived], at('01:11:00'))).toEqual(at('01:20:00'));
  });

  it.each(['', 'tomorrow', '2999-01-01T00:00:00Z'])('is found whatever somebody wrote on it: %j', written => {
    expect(isForgotten(waiting('ReadyToStart', written), at('01:10:00'))).toBe(true);
  });

  it.each(['New', 'Queued', 'InProgress', 'WaitingForPluginOperations', 'Completed', 'Failed', 'Deleting'])(
    'is none that is %s',
    phase => {
      expect(isForgotten(waiting(phase), at('23:00:00'))).toBe(false);
      expect(nextRevival(vm, [waiting(phase)], at('23:00:00'))).toBeUndefined();
    },
  );

  it('is none that no Schedule of this VM has made', () => {
    const { metadata, ...rest } = waiting();
    const strange = {
      ...rest,
      metadata: { ...metadata, labels: { ...metadata.labels, 'velero.io/schedule-name': 'x' } },
    };
    expect(isForgotten(strange, at('23:00:00'))).toBe(false);
  });

  it('is left alone while the order is paused', () => {
    const paused = { ...vm, spec: { ...vm.spec, paused: { reason: 'investigation', until: '2026-12-01T00:00:00Z' } } };
    expect(forgottenBackups(paused as typeof vm, [waiting()], at('23:00:00'))).toEqual([]);
  });
});
