import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { readVirtualMachineInstance } from '../machine/observedvm.ts';
import { restartable } from '../machine/restartdiff.ts';
import { factsOf, instance, managedVM, NOW, UID, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { changeOf, decisionOn, standard } from './change.fixtures.ts';
import { assessChange, type ChangeFacts } from './changestatus.ts';
import { instanceToEnd, type OperationTarget } from './operation.ts';

const target = { kind: 'ManagedVM', name: 'shop-db', uid: UID };
const order = managedVM();
const MINUTE = 60_000;
const later = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE);

function restart(spec: Partial<ChangeRequestSpec> = {}): ChangeRequest {
  return standard({ operation: 'Restart', target, requestedBy: 'steward', window: undefined, ...spec });
}

function running(uid = 'one', status: Record<string, unknown> = {}): OperationTarget['instance'] {
  return readVirtualMachineInstance(instance(status, undefined, { uid }));
}

/** One pass of the controller: the change as it is stored afterwards. */
function pass(change: ChangeRequest, seen: Partial<OperationTarget> = {}, now = NOW, facts: Partial<ChangeFacts> = {}) {
  const looked = { managedVM: order, instance: running(), ...seen };
  const { status, conditions, result } = assessChange({
    ...{ change, approvals: [], customer: 'NoContract', target: looked, now },
    ...facts,
  });
  if (result !== undefined) return { ...change, spec: { ...change.spec, result } };
  const lastTransitionTime = '2026-11-23T12:00:00Z';
  return { ...change, status: { ...status, conditions: conditions.map(each => ({ ...each, lastTransitionTime })) } };
}

const said = ({ status }: ChangeRequest, type: string) => status?.conditions?.find(each => each.type === type)?.message;

describe('GE-6: a restart that Steward carries out', () => {
  it('is written down before it is done: which instance ends, and since when', () => {
    const change = pass(restart());
    expect(change.status?.claim).toEqual({ instance: 'one', at: '2026-11-23T12:00:00Z' });
    expect(instanceToEnd(order, [restart()], NOW)).toBeUndefined();
    expect(instanceToEnd(order, [change], NOW)).toBe('one');
  });

  it.each<[string, Partial<ChangeRequestSpec>]>([
    ['its window begins', { window: { notBefore: '2026-11-23T12:00:01Z' } }],
    ['it gets another window, if its own has passed', { window: { notAfter: '2026-11-23T12:00:00Z' } }],
  ])('is held back until %s', (_, spec) => {
    const change = pass(restart(spec));
    expect(change.status?.claim).toBeUndefined();
    expect(said(change, 'Done')).toBe(
      'Steward carries it out once Agreed and InWindow are True, and does nothing before.',
    );
  });

  it('is held back until both parties have agreed, and if one of them rejects it', () => {
    const agreement = {
      parties: [{ party: 'Provider' }, { party: 'Customer' }],
    } satisfies ChangeRequestSpec['agreement'];
    const normal = changeOf({ operation: 'Restart', target, requestedBy: 'steward', window: {}, agreement });
    const provider = decisionOn(normal, 'lee', '09:00', { party: 'Provider' });
    const customer = decisionOn(normal, 'anna', '09:00');
    const rejection = decisionOn(normal, 'ben', '09:01', { decision: 'Reject' });
    const claimWith = (...approvals: ChangeFacts['approvals']) => pass(normal, {}, NOW, { approvals }).status?.claim;
    expect([claimWith(), claimWith(provider), claimWith(customer)]).toEqual([undefined, undefined, undefined]);
    expect(claimWith(provider, customer)?.instance).toBe('one');
    expect(claimWith(provider, customer, rejection)).toBeUndefined();
  });

  it('does not begin any more where what was agreed no longer is, the window is over, or another spec was judged', () => {
    const claimed = pass(restart({ window: { notAfter: '2026-11-23T12:10:00Z' } }));
    const { status } = claimed;
    expect(instanceToEnd(order, [claimed], later(9))).toBe('one');
    expect(instanceToEnd(order, [claimed], later(10))).toBeUndefined();
    expect(
      instanceToEnd(order, [{ ...claimed, metadata: { ...claimed.metadata, generation: 2 } }], NOW),
    ).toBeUndefined();
    const rejected = status?.conditions?.map(each =>
      each.type === 'Agreed' ? { ...each, status: 'False' as const } : each,
    );
    expect(instanceToEnd(order, [{ ...claimed, status: { ...status, conditions: rejected } }], NOW)).toBeUndefined();
    expect(
      instanceToEnd(managedVM({}, { metadata: { name: 'shop-db', uid: 'other' } }), [claimed], NOW),
    ).toBeUndefined();
  });

  it.each<[string, Partial<OperationTarget>, string]>([
    ['paused', { managedVM: managedVM({ paused: { reason: 'by hand' } }) }, 'is paused by spec.paused'],
    ['without a guest', { instance: undefined }, 'No guest of ManagedVM shop-db runs'],
    ['whose guest has not started', { instance: running('one', { phase: 'Scheduling' }) }, 'No guest'],
    ['of which nothing can be read', { unknown: 'It cannot be read.' }, 'It cannot be read.'],
  ])('waits for a VM that is %s', (_, seen, why) => {
    const change = pass(restart(), seen);
    expect(change.status?.claim).toBeUndefined();
    expect(change.spec.result).toBeUndefined();
    expect(said(change, 'Done')).toContain(why);
  });

  it.each<[string, ManagedVM | undefined, string]>([
    ['is gone', undefined, 'is gone'],
    ['is another one', managedVM({}, { metadata: { name: 'shop-db', uid: 'other' } }), 'is gone'],
    ['is powered off', managedVM({ powerState: 'Stopped' }), 'is powered off as ordered'],
    [
      'is being deleted',
      managedVM({}, { metadata: { ...order.metadata, deletionTimestamp: '2026-11-23T12:00:00Z' } }),
      'is being deleted',
    ],
  ])('is cancelled, and nothing done, where the VM %s', (_, vm, why) => {
    const { result } = pass(restart(), { managedVM: vm }).spec;
    expect(result).toMatchObject({ outcome: 'Cancelled', by: 'steward', notes: expect.stringContaining(why) });
  });

  it('has succeeded when another instance runs, and not sooner', () => {
    const claimed = pass(restart());
    const seen: (OperationTarget['instance'] | undefined)[] = [
      running(),
      undefined,
      running('two', { phase: 'Scheduled' }),
    ];
    for (const each of seen) expect(pass(claimed, { instance: each }, later(1)).spec.result).toBeUndefined();
    expect(pass(claimed, { instance: running('two') }, later(1)).spec.result).toEqual({
      outcome: 'Succeeded',
      finishedAt: '2026-11-23T12:01:00Z',
      by: 'steward',
      notes: 'Instance one of ManagedVM shop-db has ended, and instance two runs.',
    });
  });

  it('has failed half an hour after it began, is not begun in the last five minutes of that, and not tried again', () => {
    const claimed = pass(restart());
    expect(instanceToEnd(order, [claimed], later(24))).toBe('one');
    expect(instanceToEnd(order, [claimed], later(25))).toBeUndefined();
    expect(pass(claimed, {}, later(29)).spec.result).toBeUndefined();
    const failed = pass(claimed, {}, later(30));
    expect(failed.spec.result).toMatchObject({
      outcome: 'Failed',
      notes: expect.stringContaining('one of ManagedVM shop-db still runs'),
    });
    expect(instanceToEnd(order, [failed], later(1))).toBeUndefined();
    expect(pass(claimed, { instance: undefined }, later(30)).spec.result?.notes).toContain('no other runs');
  });

  it('is never forgotten to have been begun, whatever cannot be read', () => {
    const claimed = pass(restart());
    const unreadable = { kind: 'Approval', namespace: 'acme', why: 'forbidden' };
    expect(pass(claimed, {}, later(1), { unreadable }).status?.claim).toEqual(claimed.status?.claim);
    const invalid = { ...claimed, spec: { ...claimed.spec, plan: 'none' as never } };
    expect(pass(invalid, {}, later(1)).status?.claim).toEqual(claimed.status?.claim);
  });

  it('does not end the guest that may be the last to have the data of a disk, nor while it migrates', () => {
    const machine = (vm: Record<string, unknown>) =>
      factsOf({ managedVM: order, virtualMachine: virtualMachine(vm) }).machine;
    expect(restartable(order, machine({}))).toBe('vmi-uid');
    expect(restartable(order, machine({ printableStatus: 'Migrating' }))).toBeUndefined();
    expect(restartable(order, machine({ snapshotInProgress: 'daily' }))).toBeUndefined();
  });
});

describe('GE-6: whoever crashes wherever', () => {
  /** A cluster with one VM, in which each step may be the last of a process, so that what it wanted to write is lost or written twice. */
  type Move = 'judge' | 'judge, lost' | 'end' | 'end, late' | 'boot' | 'stop by itself';
  const moves = fc.array(fc.constantFrom<Move>('judge', 'judge, lost', 'end', 'end, late', 'boot', 'stop by itself'), {
    maxLength: 40,
  });

  it('one order ends exactly one instance, by its uid, and the result says what happened', () => {
    fc.assert(
      fc.property(moves, plan => {
        let change = restart();
        let alive: string | undefined = 'i0';
        let made = 0;
        const ended: string[] = [];
        let late: string | undefined;
        const end = (uid: string | undefined) => {
          if (uid === undefined || uid !== alive) return;
          ended.push(uid);
          alive = undefined;
        };
        for (const move of [...plan, 'judge', 'judge', 'end', 'boot', 'judge'] as const) {
          const seen = { instance: alive === undefined ? undefined : running(alive) };
          if (move === 'judge') change = pass(change, seen);
          // Decided, and never written: the process has ended.
          if (move === 'judge, lost') pass(change, seen);
          if (move === 'end') {
            late = instanceToEnd(order, [change], NOW) ?? late;
            end(instanceToEnd(order, [change], NOW));
          }
          // A call of a process that is long gone arrives now.
          if (move === 'end, late') end(late);
          if (move === 'boot' && alive === undefined) {
            made += 1;
            alive = `i${made}`;
          }
          if (move === 'stop by itself') alive = undefined;
        }
        expect(ended.length).toBeLessThanOrEqual(1);
        const { claim } = change.status ?? {};
        if (ended.length > 0) expect(ended).toEqual([claim?.instance]);
        if (change.spec.result !== undefined) expect(alive).not.toBe(claim?.instance);
      }),
    );
  });
});

describe('MO-2: a stop by force', () => {
  const forced = (spec: Partial<ChangeRequestSpec> = {}) => restart({ operation: 'ForcedStop', ...spec });
  const off = managedVM({ powerState: 'Stopped' });

  it('is of exactly the instance that its change claims, and no restart with a shutdown', () => {
    const change = pass(forced());
    expect(change.status?.claim?.instance).toBe('one');
    expect(instanceToEnd(order, [change], NOW, 'ForcedStop')).toBe('one');
    expect(instanceToEnd(order, [change], NOW)).toBeUndefined();
    expect(instanceToEnd(order, [change], later(25), 'ForcedStop')).toBeUndefined();
    expect(pass(change, { instance: running('two') }).spec.result?.outcome).toBe('Succeeded');
  });

  it('is of a guest that does not shut down as ordered, and has succeeded when it is off', () => {
    const change = pass(forced(), { managedVM: off });
    expect(change.status?.claim?.instance).toBe('one');
    expect(pass(change, { managedVM: off }).spec.result).toBeUndefined();
    expect(pass(change, { managedVM: off, instance: undefined }).spec.result?.outcome).toBe('Succeeded');
  });

  it('has nothing to do where the VM is off', () => {
    const change = pass(forced(), { managedVM: off, instance: undefined });
    expect(change.spec.result?.outcome).toBe('Cancelled');
  });

  it('has failed, once and for all, where the instance is still there half an hour later', () => {
    const change = pass(forced());
    expect(pass(change, {}, later(30)).spec.result?.outcome).toBe('Failed');
  });

  it('is not done by a change that came back from a backup', () => {
    const { metadata, ...rest } = forced();
    const copy = { ...rest, metadata: { ...metadata, labels: { 'velero.io/restore-name': 'all-of-it' } } };
    expect(pass(copy).spec.result).toMatchObject({ outcome: 'Cancelled', notes: expect.stringContaining('backup') });
  });
});
