import { describe, expect, it } from 'vitest';
import type { Freeze } from '../../api/managedvm.ts';
import { instance, managedVM, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { freezesOf, heldTooLong, nextThaw, thawDue, wasLetGo } from './freezes.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';

const at = (time: string) => `2026-11-30T${time}Z`;
const date = (time: string) => new Date(at(time));
const knowing = (...freezes: readonly Freeze[]) => ({ ...managedVM(), status: { freezes: [...freezes] } });
const held = (since: string, more: Partial<Freeze> = {}): Freeze => ({ since: at(since), ...more });

function seen(isFrozen: boolean, machine: { snapshotInProgress?: string } = {}, phase = 'Running') {
  return {
    virtualMachine: readVirtualMachine(virtualMachine(machine)),
    virtualMachineInstance: readVirtualMachineInstance(
      instance({ phase, ...(isFrozen && { fsFreezeStatus: 'frozen' }) }),
    ),
    unreadable: [],
  };
}

describe('AP-13: file systems that are held still', () => {
  it('are remembered from when they are first seen so, until they are let go', () => {
    expect(freezesOf(managedVM(), seen(true), date('01:00:00'))).toEqual([held('01:00:00')]);
    expect(freezesOf(knowing(held('01:00:00')), seen(true), date('01:04:00'))).toEqual([held('01:00:00')]);
    expect(freezesOf(knowing(held('01:00:00')), seen(false), date('01:00:20'))).toEqual([]);
    expect(freezesOf(managedVM(), seen(false), date('01:00:00'))).toEqual([]);
  });

  it('are remembered afterwards where they were for as long as KubeVirt holds them, the newest four times', () => {
    const ended = held('01:00:00', { until: at('01:04:50') });
    expect(freezesOf(knowing(held('01:00:00')), seen(false), date('01:04:50'))).toEqual([ended]);
    const former = ['21', '22', '23'].map(hour => held(`${hour}:00:00`, { until: at(`${hour}:05:00`) }));
    expect(freezesOf(knowing(ended, ...former), seen(true), date('02:00:00'))).toEqual([
      held('02:00:00'),
      ended,
      ...former.slice(0, 2),
    ]);
  });

  it('are not let go because nobody can see them', () => {
    const unreadable = [{ kind: 'VirtualMachineInstance', namespace: 'acme', why: 'refused' }];
    const blind = { virtualMachine: undefined, virtualMachineInstance: undefined, unreadable };
    expect(freezesOf(knowing(held('01:00:00')), blind, date('03:00:00'))).toEqual([held('01:00:00')]);
  });

  it.each([
    ['are not yet after six minutes less a second', held('01:00:00'), seen(true), '01:05:59', undefined],
    ['are let go after six minutes', held('01:00:00'), seen(true), '01:06:00', date('01:00:00')],
    ['have been let go', held('01:00:00'), seen(false), '01:06:00', undefined],
    ['were asked for a moment ago', held('01:00:00', { askedAt: at('01:06:00') }), seen(true), '01:10:59', undefined],
    [
      'are asked for again after five minutes',
      held('01:00:00', { askedAt: at('01:06:00') }),
      seen(true),
      '01:11:00',
      date('01:00:00'),
    ],
    ['belong to a guest that has ended', held('01:00:00'), seen(true, {}, 'Succeeded'), '01:10:00', undefined],
    [
      'belong to a snapshot that KubeVirt makes',
      held('01:00:00'),
      seen(true, { snapshotInProgress: 'by-hand' }),
      '01:10:00',
      undefined,
    ],
  ] as const)('%s', (_, freeze, observed, now, due) => {
    expect(thawDue(knowing(freeze), observed, date(now))).toEqual(due);
  });

  it('are told as held for too long, whoever is to let go', () => {
    const snapshot = seen(true, { snapshotInProgress: 'by-hand' });
    expect(heldTooLong(knowing(held('01:00:00')), snapshot, date('01:06:00'))).toEqual(date('01:00:00'));
    const asked = knowing(held('01:00:00', { askedAt: at('01:06:00') }));
    expect(heldTooLong(asked, seen(true), date('01:07:00'))).toEqual(date('01:00:00'));
    expect(heldTooLong(asked, seen(false), date('01:07:00'))).toBeUndefined();
  });

  it('are looked at when they become too long, and when KubeVirt must be asked again', () => {
    expect(nextThaw([])).toBeUndefined();
    expect(nextThaw([held('01:00:00', { until: at('01:05:00') })])).toBeUndefined();
    expect(nextThaw([held('01:00:00')])).toEqual(date('01:06:00'));
    expect(nextThaw([held('01:00:00', { askedAt: at('01:06:00') })])).toEqual(date('01:11:00'));
  });
});

describe('AP-13: a backup during which file systems were let go', () => {
  const between = (...freezes: readonly Freeze[]) => wasLetGo(knowing(...freezes), date('01:00:00'), date('01:20:00'));

  it.each<[string, boolean, Freeze]>([
    ['by a timer, as they were held for five minutes', true, held('01:00:05', { until: at('01:05:05') })],
    ['by Steward', true, held('01:00:05', { askedAt: at('01:06:05') })],
    ['by its own hook in time', false, held('01:00:05', { until: at('01:04:00') })],
    ['after it had ended', false, held('01:00:05', { until: at('01:20:01') })],
    ['before it began', false, held('00:50:00', { until: at('00:59:59') })],
    ['not at all', false, held('01:00:05')],
  ])('%s: %s', (_, expected, freeze) => {
    expect(between(freeze)).toBe(expected);
  });
});
