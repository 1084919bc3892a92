import { describe, expect, it } from 'vitest';
import type { Restore, RestorePhase } from '../../api/restore.ts';
import { DRILLS_AT_ONCE, drillsAhead, restoreAhead } from './turn.ts';

const queued = (uid: string, phase: RestorePhase, claim = `vm-${uid}`, more: object = {}): Restore =>
  ({
    metadata: { name: `r${uid}`, namespace: `n${uid}`, uid, creationTimestamp: `2026-12-01T00:00:0${uid}Z` },
    spec: { target: { sandbox: true }, requestedBy: 'steward' },
    status: { phase, disks: [{ disk: 'root', before: { claim, uid: 'c' } }] },
    ...more,
  }) as unknown as Restore;
const all = (phase: RestorePhase) => [1, 2, 3, 4, 5, 6].map(n => queued(String(n), phase));

describe('which drill comes first (AP-13)', () => {
  it('is by age, and so many at once', () => {
    const six = all('Pending');
    const waits = six.filter(each => drillsAhead(each, six) !== undefined);
    expect(six.length - waits.length).toBe(DRILLS_AT_ONCE);
    expect(waits.map(({ metadata }) => metadata.uid)).toEqual(['5', '6']);
    expect(drillsAhead(six[5] as Restore, six)).toBe('5 drills come first; 4 are made at once.');
  });

  it('counts those that have begun, however young', () => {
    const old = queued('0', 'Pending');
    expect(drillsAhead(old, [old, ...all('Starting')])).toMatch(/^6 drills come first/);
  });

  it('is one of a policy before those of people, and few of one namespace, so that nobody who orders many keeps others waiting', () => {
    const spec = { target: { sandbox: true }, requestedBy: 'mallory' };
    const many = all('Pending').map(each => ({ ...each, spec, metadata: { ...each.metadata, namespace: 'mallory' } }));
    const one = queued('9', 'Pending');
    expect(drillsAhead(one, [...many, one] as Restore[])).toBeUndefined();
    const third = many[2] as Restore;
    expect(drillsAhead(third, many as Restore[])).toMatch(/^2 drills of this namespace come first/);
  });

  it('never lets two restore claims of one name into one namespace', () => {
    const [first, second] = [queued('1', 'Restoring', 'db-root'), queued('2', 'Pending', 'db-root')];
    expect(drillsAhead(second, [first, second])).toMatch(/claims of the same names/);
    expect(drillsAhead(first, [first, second])).toBeUndefined();
  });

  it('is never a drill, for who wants the VM back', () => {
    const inPlace = queued('5', 'Pending', 'vm', { spec: { target: { inPlace: true } } });
    expect(restoreAhead(inPlace, [inPlace, queued('1', 'Restoring', 'vm')])).toBeUndefined();
    const other = queued('1', 'Restoring', 'vm', { spec: { target: { inPlace: true } } });
    expect(restoreAhead(inPlace, [inPlace, other])).toBe('Restore r1 of the same VM comes first.');
  });
});
