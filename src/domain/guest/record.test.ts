import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT } from './guest.fixtures.ts';
import { recordOf, updatesIn } from './record.ts';

const object = (status: unknown, managedVM: unknown = 'u1') => ({
  metadata: { name: 'shop-db' },
  spec: { managedVM },
  status,
});

describe('the record of a guest', () => {
  it('is that of the ManagedVM whose UID it bears, and of no other (MO-8)', () => {
    expect(recordOf(object(KEPT), 'u1')).toMatchObject({ state: 'read', status: { compared: 3 } });
    for (const uid of ['u2', null, '', 3]) expect(recordOf(object(KEPT, uid), 'u1')).toEqual({ state: 'others' });
    expect(recordOf(object(KEPT, null), undefined)).toEqual({ state: 'others' });
    for (const none of [undefined, null, 'x', []]) expect(recordOf(none, 'u1')).toBeUndefined();
  });

  it('without a status is one of a guest that was not looked into', () => {
    expect(recordOf(object(undefined), 'u1')).toEqual({ state: 'read', status: {} });
  });

  it.each<[string, unknown, string]>([
    ['a list too long', { ...KEPT, foreign: Array.from({ length: 33 }, () => ({})) }, 'status.foreign'],
    ['text where a number belongs', { ...KEPT, compared: '3' }, 'status.compared'],
    ['no object at all', 'x', 'status'],
    ['a word too long', { ...KEPT, contact: { outcome: 'x'.repeat(41), since: 'x' } }, 'status.contact.outcome'],
  ])('with %s is not believed, and the field is named', (_, status, field) => {
    const record = recordOf(object(status), 'u1');
    expect(record).toMatchObject({ state: 'unreadable' });
    expect(record?.state === 'unreadable' && record.why.startsWith(field)).toBe(true);
  });

  it('says nothing of updates of a guest that is left alone now, such as Windows without `guest.windows` (MO-7, MO-10)', () => {
    const count = { Critical: 0, Important: 0, Moderate: 0, Low: 0, Unknown: 0 };
    const at = '2026-11-29T12:00:00Z';
    const updates = { at, system: { id: 'windows' }, complete: true, rebootPending: false, count, missing: [] };
    const saying = (outcome: string) =>
      updatesIn(recordOf(object({ ...KEPT, updates, contact: { ...KEPT.contact, outcome } }), 'u1'));
    expect(saying('Reached')).toEqual(updates);
    expect(saying('NotSupported')).toBeUndefined();
    expect(updatesIn({ state: 'others' })).toBeUndefined();
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.anything(), status =>
        ['read', 'unreadable'].includes(recordOf(object(status), 'u1')?.state ?? ''),
      ),
    );
  });
});
