import { describe, expect, test } from 'vitest';
import type { KeyPrints, ManagedVMStatus } from '../../api/managedvm.ts';
import { input, managedVM, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { keys } from '../managedvm/rendering.fixtures.ts';
import { givenKeys, keyFinding, keyStanding, printsOf } from './guestkeys.ts';
import { fingerprint } from './sshkeys.ts';

const old: KeyPrints = { provider: 'SHA256:old', host: 'SHA256:old-host' };
const other: KeyPrints = { provider: 'SHA256:new', host: 'SHA256:new-host' };
const told = (status: ManagedVMStatus) => managedVM({}, { status });
const withMachine = input({ virtualMachine: virtualMachine() }).facts.machine;
const without = input({ virtualMachine: undefined }).facts.machine;
const filled = { disks: [{ name: 'root', claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-01T00:00:00Z' }] };

describe('keys are state: no others are made for a guest that may know some (MO-8, design 5)', () => {
  test.each([
    ['a new order gets keys', undefined, told({}), without, 'new'],
    ['stored keys of a new order are used', old, told({}), without, 'ready'],
    ['stored keys that the guest was given are used', old, told({ keys: old }), withMachine, 'ready'],
    ['gone, and the guest was given some', undefined, told({ keys: old }), without, 'lost'],
    ['gone, and a machine exists', undefined, told({}), withMachine, 'lost'],
    ['gone, and a disk was filled, though the machine was deleted', undefined, told(filled), without, 'lost'],
    ['others than the guest was given', other, told({ keys: old }), withMachine, 'other'],
    ['the same provider key with another host key', { ...old, host: 'x' }, told({ keys: old }), withMachine, 'other'],
  ] as const)('%s', (_, stored, order, observed, standing) => {
    expect(keyStanding(stored, order, observed)).toBe(standing);
  });

  test('what was given is remembered once the first-boot Secret is written, and never changes', () => {
    const observed = { ...withMachine, keyPrints: other };
    expect(givenKeys(told({}), observed, false)).toBeUndefined();
    expect(givenKeys(told({}), observed, true)).toEqual(other);
    expect(givenKeys(told({ keys: old }), observed, true)).toEqual(old);
  });

  test('whose keys are lost reads which, and what to do', () => {
    const finding = keyFinding(told({ keys: old }), { ...withMachine, keysPresent: false });
    expect(finding).toMatchObject({ standing: 'failed', reason: 'KeysLost' });
    expect(finding?.message).toContain('provider SHA256:old, host SHA256:old-host');
    expect(finding?.message).toMatch(/^Secret managedvm-\S+ is gone from steward-keys: /);
    expect(finding?.message.length).toBeLessThan(1024);
    const keyPlaces = { namespace: 'steward-keys', migrateFrom: 'steward-system' };
    const moving = keyFinding(told({ keys: old }), { ...withMachine, keysPresent: false, keyPlaces });
    expect(moving?.message).toMatch(/^Secret managedvm-\S+ is gone from steward-keys and steward-system: /);
    expect(keyFinding(told({ keys: old }), { ...withMachine, keyPrints: old })).toBeUndefined();
    expect(keyFinding(told({ keys: old }), { ...withMachine, keyPrints: other })).toMatchObject({ reason: 'KeysLost' });
  });

  test('prints are those of ssh-keygen -l', () => {
    expect(printsOf(keys)).toEqual({
      provider: fingerprint(new Uint8Array(32).fill(1)),
      host: fingerprint(new Uint8Array(32).fill(3)),
    });
  });
});
