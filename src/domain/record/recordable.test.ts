import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonicaljson.ts';
import { factsOf, RECORDED, requirementsOf } from './recordable.ts';
import { streamName } from './streamname.ts';

const of = (kind: string) => {
  const recorded = RECORDED.find(each => each.kind.kind === kind);
  if (recorded === undefined) throw new Error(`${kind} is not recorded`);
  return recorded;
};
const object = (kind: string, more: object) => ({
  apiVersion: 'managed.systems/v1alpha1',
  kind,
  metadata: { name: 'a' },
  ...more,
});
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna@laptop';

describe('what is recorded (MO-16, GE-8)', () => {
  it('of a ManagedVM: each field of the order, conditions without their messages, state and keys by fingerprint', () => {
    const vm = object('ManagedVM', {
      spec: {
        serviceLevel: 'Admin',
        sizing: { cpu: 2, memory: '4Gi' },
        access: { users: [{ name: 'anna', administrator: true, sshKeys: [KEY] }] },
      },
      status: {
        state: 'Running',
        addresses: ['10.0.0.1'],
        keys: { provider: 'SHA256:a', host: 'SHA256:b' },
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Ready',
            message: '3 of 3',
            lastTransitionTime: '2026-12-01T00:00:00Z',
          },
          { type: 'Reconciling', status: 'True', reason: 'Progressing', message: '' },
        ],
      },
    });
    expect(factsOf(of('ManagedVM'), vm)).toEqual({
      'spec.serviceLevel': 'Admin',
      'spec.sizing': { cpu: 2, memory: '4Gi' },
      'spec.access': [{ name: 'anna', administrator: true, keys: [expect.stringMatching(/^SHA256:/)] }],
      'condition.Ready': 'True Ready',
      'status.state': 'Running',
      'status.keys': { provider: 'SHA256:a', host: 'SHA256:b' },
    });
    expect(canonicalJson(factsOf(of('ManagedVM'), vm))).not.toContain('AAAAC3');
  });

  it('of a GuestState: who can log in and what nobody ordered, by name, and nothing that a guest says at length', () => {
    const status = {
      access: [{ name: 'anna', ordered: true, login: true, administrator: false, keys: ['SHA256:a'] }],
      foreign: [{ kind: 'Account', name: 'eve', detail: 'uid 0, password: hunter2', since: '2026-12-01T00:00:00Z' }],
      drift: { healed: 3, last: { setting: 'exporter', before: 'stopped', after: 'running' } },
      lookedAt: '2026-12-01T00:00:00Z',
    };
    const facts = factsOf(of('GuestState'), object('GuestState', { spec: { managedVM: 'uid' }, status }));
    expect(facts).toEqual({
      'spec.managedVM': 'uid',
      'status.access': [{ name: 'anna', ordered: true, login: true, administrator: false, keys: ['SHA256:a'] }],
      'status.foreign': [{ kind: 'Account', name: 'eve' }],
      'status.differences': [],
      'status.healed': 3,
    });
  });

  it('of a Contract: its plans and who decides, without their addresses', () => {
    const spec = {
      namespaces: ['acme'],
      contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
    };
    expect(factsOf(of('Contract'), object('Contract', { spec }))).toEqual({
      'spec.namespaces': ['acme'],
      'spec.contacts': [{ name: 'anna', roles: ['Approver'] }],
    });
  });

  it('of a decision: who was proven to make it, and whose it is said to be as that', () => {
    const spec = {
      changeRef: 'chg-1',
      decision: 'Approve',
      decidedBy: 'bridge',
      stated: { name: 'anna', system: 'CHG-4711' },
    };
    const decided = object('Approval', { spec });
    expect(of('Approval').person?.(decided)).toBe('bridge');
    expect(factsOf(of('Approval'), decided)).toMatchObject({ 'spec.stated': { name: 'anna', system: 'CHG-4711' } });
  });

  it('of an object without spec or status: nothing, and no error', () => {
    for (const recorded of RECORDED) expect(factsOf(recorded, object(recorded.kind.kind, {}))).toEqual({});
  });

  it('cites the requirement that a fact serves', () => {
    expect(requirementsOf(['spec.access', 'condition.BackupCompliant', 'status.state'])).toEqual([
      'AP-13',
      'GE-8',
      'MO-8',
    ]);
  });

  it('stands in the stream of the contract; without one in that of the namespace, and the catalogue in one of its own', () => {
    const contractOf = (namespace: string) => (namespace === 'acme' ? 'acme' : undefined);
    const name = (kind: string, namespace?: string) => streamName({ kind, name: 'x', namespace }, contractOf);
    expect([name('ManagedVM', 'acme'), name('ManagedVM', 'lab'), name('OperatingSystem'), name('Contract')]).toEqual([
      ...['contract-acme', 'namespace-lab', 'cluster', 'contract-x'],
    ]);
  });
});
