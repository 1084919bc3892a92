import { describe, expect, it } from 'vitest';
import { kinds } from '../../api/kinds.ts';
import { canonicalJson } from './canonicaljson.ts';
import { difference } from './facts.ts';
import { factsOf, NOT_RECORDED, personBehind, RECORDED, requirementsOf } from './recordable.ts';
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
    expect(personBehind(of('Approval'), decided, undefined)).toBe('bridge');
    expect(factsOf(of('Approval'), decided)).toMatchObject({ 'spec.stated': { name: 'anna', system: 'CHG-4711' } });
  });

  it('of an Incident: which alerts it stands for, and who reported it, without lines of a log (MO-14)', () => {
    const alert = {
      ...{ name: 'ManagedVMDown', severity: 'critical', startsAt: '2026-12-01T11:00:00Z', fingerprint: 'ab' },
      lines: ['login of anna failed'],
    };
    const facts = factsOf(of('Incident'), object('Incident', { spec: { alert, joined: [alert] } }));
    expect(facts).toMatchObject({ 'spec.alert': { name: 'ManagedVMDown' }, 'spec.joined': [{ fingerprint: 'ab' }] });
    expect(canonicalJson(facts)).not.toContain('anna');
    const reported = object('Incident', { spec: { report: { by: 'anna' } } });
    expect(personBehind(of('Incident'), reported, undefined)).toBe('anna');
    expect(requirementsOf('Incident', ['spec.terms', 'status.phase'])).toEqual(['GE-8', 'MO-14']);
  });

  it('of every kind of ours: one line in RECORDED, or a reason in NOT_RECORDED', () => {
    const lines = [...RECORDED.map(({ kind }) => kind), ...NOT_RECORDED.keys()].map(({ kind }) => kind);
    expect(lines.toSorted()).toEqual(kinds.map(({ kind }) => kind).toSorted());
  });

  const said = (type: string, status: string, reason: string) => ({ conditions: [{ type, status, reason }] });
  const waitingFor = { what: 'Agreement', whom: ['Customer'], since: '2026-12-01T10:00:00Z' };
  it.each<[string, string, object, object, object, string[]]>([
    [
      'a change that all have agreed to',
      'ChangeRequest',
      { status: { ...said('Agreed', 'False', 'WaitingForCustomer'), waitingFor } },
      { status: said('Agreed', 'True', 'Agreed') },
      { 'condition.Agreed': 'True Agreed' },
      ['GE-4', 'GE-6'],
    ],
    [
      'a change of which there is a result',
      'ChangeRequest',
      { spec: { title: 'Grow' } },
      {
        spec: { title: 'Grow', result: { outcome: 'Succeeded', by: 'kim' } },
        status: said('Done', 'True', 'Succeeded'),
      },
      { 'spec.result.outcome': 'Succeeded', 'spec.result.by': 'kim', 'condition.Done': 'True Succeeded' },
      ['GE-8'],
    ],
    [
      'a result that is accepted',
      'ChangeRequest',
      { status: said('Accepted', 'Unknown', 'NotYet') },
      { spec: { acceptance: { decision: 'Accept', by: 'anna' } }, status: said('Accepted', 'True', 'Accepted') },
      { 'spec.acceptance': { decision: 'Accept', by: 'anna' }, 'condition.Accepted': 'True Accepted' },
      ['GE-13'],
    ],
    [
      'a plan that has changed, so that decisions on it are void',
      'ChangeRequest',
      { spec: { plan: ['one'] }, status: { planHash: 'sha256:1' } },
      { spec: { plan: ['two'] }, status: { planHash: 'sha256:2' } },
      { 'spec.plan': ['two'], 'status.planHash': 'sha256:2' },
      ['GE-6'],
    ],
    [
      'a decision that does not count any more',
      'Approval',
      { status: said('Counted', 'True', 'Counted') },
      { status: said('Counted', 'False', 'PlanChanged') },
      { 'condition.Counted': 'False PlanChanged' },
      ['GE-6'],
    ],
    [
      'an order that is carried out, and waits for the customer',
      'ServiceRequest',
      { status: said('Accepted', 'Unknown', 'NotYet') },
      { status: { ...said('Accepted', 'True', 'Accepted'), change: { name: 'c', uid: '1' }, waitingFor } },
      {
        'condition.Accepted': 'True Accepted',
        'status.change': { name: 'c', uid: '1' },
        'status.waitingFor': waitingFor,
      },
      ['GE-2', 'GE-4'],
    ],
    [
      'what Steward has set out to do',
      'ChangeRequest',
      {},
      { status: { claim: { instance: 'one', at: '2026-12-01T20:00:00Z' } } },
      { 'status.claim': { instance: 'one', at: '2026-12-01T20:00:00Z' } },
      ['GE-6'],
    ],
    [
      'an order that is done, with its effort',
      'ServiceRequest',
      { status: said('Done', 'False', 'Waiting') },
      { status: { ...said('Done', 'True', 'Succeeded'), effort: '1h' } },
      { 'condition.Done': 'True Succeeded', 'status.effort': '1h' },
      ['GE-2'],
    ],
    [
      'a plan that has begun to apply',
      'Contract',
      {},
      { status: { plans: [{ level: 'Admin', plan: 'a', from: '2026-01-01', revision: 'sha256:1' }] } },
      { 'status.plans.Admin.2026-01-01': { plan: 'a', revision: 'sha256:1' } },
      ['GE-1'],
    ],
    [
      'a plan that is agreed on',
      'Contract',
      { spec: { plans: [{ level: 'Admin', plan: 'a', from: '2026-01-01' }] } },
      { spec: { plans: ['2026-01-01', '2027-01-01'].map(from => ({ level: 'Admin', plan: 'a', from })) } },
      { 'spec.plans.Admin.2027-01-01': 'a' },
      ['GE-1'],
    ],
    [
      'what an application’s licence is metered at',
      'ManagedApplication',
      {},
      { status: { licence: { metric: 'PerVM', amount: 1, billed: true, at: '2026-12-01T00:00:00Z' } } },
      { 'status.licence': { metric: 'PerVM', amount: 1, billed: true, at: '2026-12-01T00:00:00Z' } },
      ['AP-1'],
    ],
    [
      'the end of services for an application',
      'ManagedApplication',
      { status: { endOfLife: { reminded: '2026-12-01T00:00:00Z' } } },
      { status: { endOfLife: { reminded: '2026-12-01T00:00:00Z', ceased: '2026-12-31T00:00:00Z' } } },
      { 'status.endOfLife.ceased': '2026-12-31T00:00:00Z' },
      ['GE-12'],
    ],
    [
      'a version that a ring has proven',
      'PatchBaseline',
      { spec: { content: { revision: 1, proven: 0, versions: [{ package: 'a' }] } } },
      { spec: { content: { revision: 2, proven: 1, versions: [{ package: 'a' }, { package: 'b' }] } } },
      { 'spec.content': { revision: 2, proven: 1 } },
      ['MO-11'],
    ],
    [
      'a price list that is in use',
      'ServicePlan',
      { status: { revision: 'sha256:1' } },
      { status: { revision: 'sha256:1', usedFrom: '2026-01-01' } },
      { 'status.usedFrom': '2026-01-01' },
      ['GE-1'],
    ],
  ])(
    'every state that matters is told, before and after, with what it serves: %s',
    (_what, kind, before, after, told, ids) => {
      const change = difference(factsOf(of(kind), object(kind, before)), factsOf(of(kind), object(kind, after)));
      expect(change?.after).toEqual(told);
      expect(requirementsOf(kind, Object.keys({ ...change?.before, ...change?.after }))).toEqual(ids);
    },
  );

  it('of a person only what he was held to when he wrote it: who requested, who wrote the result, who accepted it', () => {
    const spec = { requestedBy: 'lee', result: { by: 'kim' }, acceptance: { by: 'anna' } };
    const change = object('ChangeRequest', { spec });
    const behind = (...changed: string[]) => personBehind(of('ChangeRequest'), change, changed);
    expect(personBehind(of('ChangeRequest'), change, undefined)).toBe('lee');
    expect([behind('spec.result.by', 'condition.Done'), behind('spec.acceptance'), behind('spec.plan')]).toEqual([
      ...['kim', 'anna', undefined],
    ]);
    expect(behind('spec.result.outcome', 'spec.acceptance'), 'two at once').toBeUndefined();
    expect(personBehind(of('ManagedVM'), object('ManagedVM', { spec }), undefined)).toBeUndefined();
  });

  it('GE-1, GE-3: what bills are made from is told as it is, however long what stands beside it', () => {
    const long = 'x'.repeat(2000);
    const plans = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'].flatMap(level =>
      ['2024', '2025', '2026'].map(year => ({ level, plan: `${level.toLowerCase()}-${year}`, from: `${year}-01-01` })),
    );
    const begun = plans.map(each => ({ ...each, revision: `sha256:${'0'.repeat(64)}` }));
    const contract = factsOf(of('Contract'), object('Contract', { spec: { plans }, status: { plans: begun } }));
    expect(contract['spec.plans.Admin.2024-01-01']).toBe('admin-2024');
    expect(Object.values(contract).filter(fact => String(fact).startsWith('sha256:'))).toEqual([]);
    const result = { outcome: 'Succeeded', by: 'kim', notes: long, effort: '1h30m' };
    expect(factsOf(of('ChangeRequest'), object('ChangeRequest', { spec: { result } }))['spec.result.effort']).toBe(
      '1h30m',
    );
    const incident = {
      rating: { billing: 'ByEffort', reason: long },
      handling: { notes: [{ by: 'kim', text: long }], resolution: { outcome: 'Mended', cause: long, effort: '45m' } },
    };
    const facts = factsOf(of('Incident'), object('Incident', { spec: incident }));
    expect([facts['spec.rating.billing'], facts['spec.handling.resolution.effort']]).toEqual(['ByEffort', '45m']);
  });

  it('of an object without spec or status: nothing, and no error', () => {
    for (const recorded of RECORDED) expect(factsOf(recorded, object(recorded.kind.kind, {}))).toEqual({});
  });

  it('cites the requirement that a fact serves', () => {
    expect(requirementsOf('ManagedVM', ['spec.access', 'condition.BackupCompliant', 'status.state'])).toEqual([
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
