import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firmwareUUID, macAddress } from './identity.ts';

describe('identity of a guest', () => {
  test('the firmware UUID of a known ManagedVM never changes: cloud-init would run first boot again', () => {
    expect(firmwareUUID('2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11')).toBe('e6f144e7-46eb-572d-b647-018c5f8cf8b7');
  });

  test('the hardware address of a known interface never changes: the guest would lose its network', () => {
    expect(macAddress('2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11', 'default')).toBe('3a:87:a0:77:58:af');
  });

  test('every UID gives a UUID of version 5 and unicast, locally administered addresses, another for each', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (uid, other) => {
        expect(firmwareUUID(uid)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(macAddress(uid, 'default')).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
        expect(macAddress(uid, 'default')).not.toBe(macAddress(uid, 'storage'));
        fc.pre(uid !== other);
        expect(firmwareUUID(uid)).not.toBe(firmwareUUID(other));
      }),
    );
  });
});
