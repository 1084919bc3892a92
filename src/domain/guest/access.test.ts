import { describe, expect, it } from 'vitest';
import { GuestStateStatus } from '../../api/gueststate.ts';
import { ManagedVMStatus } from '../../api/managedvm.ts';
import { guestStatus } from './access.ts';
import { guestFacts, looked, SINCE } from './guest.fixtures.ts';

const status = (change: Record<string, unknown> = {}) => guestStatus(guestFacts(looked(change)).record);
const login = (name: string, more = {}) => ({
  name,
  ordered: true,
  login: true,
  administrator: false,
  keys: [],
  ...more,
});

describe('MO-8, MO-16: the status tells', () => {
  it('who can log in, with which keys and rights, as read from the guest', () => {
    const access = [
      login('anna', { administrator: true, keys: ['SHA256:abc'] }),
      login('locked', { login: false }),
      login('mallory', { ordered: false }),
    ];
    expect(status({ access }).access).toEqual({
      readAt: SINCE,
      logins: [
        { name: 'anna', ordered: true, administrator: true, keys: ['SHA256:abc'] },
        { name: 'mallory', ordered: false, administrator: false, keys: [] },
      ],
    });
  });

  it('what nobody ordered, with who and since when', () => {
    const foreign = [{ kind: 'Key', name: 'anna SHA256:x', detail: 'owner root', changed: SINCE, since: SINCE }];
    expect(status({ foreign }).access?.foreign).toEqual(foreign);
  });

  it('how often a setting was put back, and which last', () => {
    const last = { setting: 'updater', before: 'enabled', after: 'masked', at: SINCE };
    expect(status({ drift: { healed: 3, last } }).drift).toEqual({ count: 3, last });
    expect(status({ drift: { healed: 0 } }).drift).toEqual({ count: 0 });
  });

  it('who works in the guest, and not until when, which changes with every renewal', () => {
    const lease = { holder: 'steward-guest-abc', purpose: 'Configuration', generation: 4, since: SINCE, until: SINCE };
    const { until: _, ...work } = lease;
    expect(status({ lease }).guestWork).toEqual(work);
  });

  it('nothing where there is no record, or none that can be read', () => {
    expect(guestStatus(undefined)).toEqual({});
    expect(guestStatus({ state: 'unreadable', why: 'status' })).toEqual({});
  });

  it('no instant that is none, for a record with one cannot be read, and nothing that its own schema refuses', () => {
    const last = { setting: 'x', before: '', after: '', at: SINCE };
    for (const odd of [{ lookedAt: 'now' }, { drift: { healed: 1, last: { ...last, at: '' } } }])
      expect(GuestStateStatus.safeParse(odd).success).toBe(false);
    expect(ManagedVMStatus.safeParse(status({ drift: { healed: 1, last } })).error).toBeUndefined();
  });
});
