import { describe, expect, it } from 'vitest';
import { CONTACT_REASONS } from '../../domain/guest/contactreasons.ts';
import { KEY_PLACES } from '../../domain/machine/keymove.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Outcome } from '../gueststate/judge.ts';
import { guest } from './guest.ts';

const status = {
  ...{ worker: 'steward-guest-0', steps: [{ id: 'a' }], leaseGeneration: 3 },
  lease: { holder: 'a', purpose: 'Configuration', generation: 3, since: 't', until: 't1' },
};
const record = (change: object): KubeObject => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'GuestState', metadata: { name: 'shop-db', namespace: 'acme' } },
  status: { ...status, ...change },
});
const [watch] = guest.watches({ keys: KEY_PLACES, veleroNamespace: 'velero' });
const part = (change: object = {}) => JSON.stringify(watch?.part?.(record(change)));

describe('what the guest worker has written', () => {
  it('costs no pass where only those who work in the guest are concerned', () => {
    expect(part({ steps: [{ id: 'b' }], leaseGeneration: 4 })).toBe(part());
    expect(part({ lease: { ...status.lease, until: 't2' } })).toBe(part());
  });

  it('costs one where anything else has changed', () => {
    expect(part({ worker: 'steward-guest-1' })).not.toBe(part());
    expect(part({ lease: undefined })).not.toBe(part());
    expect(part({ lease: { ...status.lease, holder: 'b' } })).not.toBe(part());
  });
});

it('every word of the guest worker for not reaching a guest has its reason', () => {
  const failures: Readonly<Record<Exclude<Outcome, 'Reached' | 'PoweredOff' | 'NotSupported'>, true>> = {
    ...{ NoAnswer: true, NotReachable: true, NoPath: true, NotSSH: true, OldAlgorithms: true, HostKeyMismatch: true },
    ...{ LoginRefused: true, KeysMissing: true, KeysDiffer: true, ConnectionLost: true, TimedOut: true },
    ...{ TooMuchOutput: true, NotUnderstood: true },
  };
  expect(Object.keys(CONTACT_REASONS).sort()).toEqual(Object.keys(failures).sort());
});
