import { describe, expect, test } from 'vitest';
import type { ApplicationUpdate } from '../../api/applicationupdate.ts';
import { unknown } from '../contract/finding.ts';
import { updatesCompliant, updatesOf } from './updatescompliant.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const designated = { version: '17.13', since: '2026-11-20' };
const update = (change: Partial<ApplicationUpdate> = {}): ApplicationUpdate => ({
  ...{ from: '17.12', to: '17.13', outcome: 'Updated', at: '2026-11-25T02:00:00Z', ...change },
});

describe('whether an application has the designated version (AP-2, AP-14)', () => {
  test.each([
    ['it has', { version: '17.13', update: update() }, 'True/UpToDate', '17.13 is installed'],
    ['it waits for a window', { version: '17.12' }, 'True/UpdatePending', 'overdue from 2026-12-20T00:00:00Z on'],
    [
      'it was taken back',
      { version: '17.12', update: update({ outcome: 'RolledBack' }) },
      'False/RolledBack',
      'not tried again',
    ],
    [
      'another was taken back',
      { version: '17.11', update: update({ outcome: 'RolledBack', to: '17.12' }) },
      'True/UpdatePending',
      '17.11',
    ],
    [
      'it works neither way',
      { version: '17.12', update: update({ outcome: 'Failed', closedSince: '2026-12-01T02:00:00Z' }) },
      'False/InterfaceClosed',
      'since 2026-12-01T02:00:00Z: it works neither as 17.13 nor as 17.12',
    ],
    [
      'it was cut off',
      { version: '17.13', update: update({ outcome: 'Running', closedSince: '2026-12-01T02:00:00Z' }) },
      'False/InterfaceClosed',
      'has not come to its end',
    ],
    ['it is newer', { version: '17.14' }, 'Unknown/NotDesignated', 'nobody has proven it'],
    ['it is not there', {}, 'Unknown/NotInstalled', 'No version'],
    ['nobody gets into the guest', { silent: unknown('GuestNotReached', 'No.') }, 'Unknown/GuestNotReached', 'No.'],
  ] as const)('%s', (_, found, verdict, words) => {
    const { status, reason, message } = updatesCompliant(designated, found, NOW);
    expect(`${status}/${reason}`).toBe(verdict);
    expect(message).toContain(words);
  });

  test('is overdue after 30 days, and said anew at that instant', () => {
    const at = new Date('2026-12-20T00:00:00Z');
    expect(updatesCompliant(designated, { version: '17.12' }, NOW).nextEdge).toEqual(at);
    expect(updatesCompliant(designated, { version: '17.12' }, at)).toMatchObject({
      status: 'False',
      reason: 'UpdateOverdue',
    });
  });

  test('is nobody’s promise where nothing is designated', () => {
    expect(updatesCompliant(undefined, { version: '17.12' }, NOW).reason).toBe('NotIncluded');
  });
});

test('an order remembers its last five updates, each as it was told last (AP-2)', () => {
  const at = (minute: number, outcome: ApplicationUpdate['outcome'] = 'Updated') =>
    update({ at: `2026-11-25T02:0${minute}:00Z`, outcome });
  let kept: readonly ApplicationUpdate[] = [];
  for (const each of [at(0), at(1), at(2), at(3, 'Running'), at(3, 'Failed'), at(3, 'RolledBack'), at(4), at(5)])
    kept = updatesOf(kept, each);
  expect(kept).toEqual([at(5), at(4), at(3, 'RolledBack'), at(2), at(1)]);
  expect(updatesOf(kept, at(5))).toEqual(kept);
  expect(updatesOf(kept, undefined)).toEqual(kept);
});
