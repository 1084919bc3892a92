import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { DoneRemedy } from '../../api/remedy.ts';
import { orderedRemedy } from '../guest/orderedremedy.ts';
import { managedVM, NOW, UID } from '../managedvm/assessment.fixtures.ts';
import { standard } from './change.fixtures.ts';
import { assessChange } from './changestatus.ts';
import type { OperationTarget } from './operation.ts';

const MINUTE = 60_000;
const later = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE);
const order = managedVM();
const window = { notBefore: '2026-11-23T12:00:00Z', notAfter: '2026-11-23T12:10:00Z' };

function remedy(spec: Partial<ChangeRequestSpec> = {}, uid = 'c0ffee'): ChangeRequest {
  const { metadata, ...change } = standard({
    ...{
      operation: 'Remedy',
      requestedBy: 'steward',
      window,
      preApprovedBy: { kind: 'ServicePlan', name: 'advanced' },
    },
    target: { kind: 'ManagedVM', name: 'shop-db', uid: UID },
    remedy: {
      ...{ action: 'RestartService', unit: 'shop', alert: 'ManagedVMServiceNotRunning', rung: 'restart' },
      incident: { name: 'inc-1', uid: 'abc' },
    },
    ...spec,
  });
  return { ...change, metadata: { ...metadata, name: `remedy-${uid}`, uid } };
}

/** One pass of the controller of changes: the change as it is stored afterwards. */
function pass(change: ChangeRequest, seen: Partial<OperationTarget>, now = NOW): ChangeRequest {
  const target = { managedVM: order, instance: undefined, ...seen };
  const { status, conditions, result } = assessChange({ change, approvals: [], customer: 'NoContract', target, now });
  if (result !== undefined) return { ...change, spec: { ...change.spec, result } };
  const lastTransitionTime = '2026-11-23T12:00:00Z';
  return { ...change, status: { ...status, conditions: conditions.map(each => ({ ...each, lastTransitionTime })) } };
}

/** One pass of the order: with what its guest worker is told. */
function told(vm: ManagedVM, changes: readonly ChangeRequest[], now = NOW): ManagedVM {
  const next = orderedRemedy(vm, changes, now);
  const { remedy: _, ...status } = vm.status ?? {};
  return { ...vm, status: { ...status, ...(next && { remedy: next }) } };
}

const answer = (outcome: DoneRemedy['outcome'], uid = 'c0ffee'): DoneRemedy => ({
  ...{ change: { name: `remedy-${uid}`, uid }, outcome, says: 'shop.service was started and runs' },
  at: '2026-11-23T12:01:00Z',
});

describe('MO-6, GE-6: what is mended in a guest', () => {
  it('is told to the guest worker once the change is judged and in its window, with what it may do and until when', () => {
    expect(told(order, [remedy()]).status?.remedy).toBeUndefined();
    expect(told(order, [pass(remedy(), {})]).status?.remedy).toEqual({
      ...{ change: { name: 'remedy-c0ffee', uid: 'c0ffee' }, action: 'RestartService', unit: 'shop' },
      until: '2026-11-23T12:10:00Z',
    });
  });

  it.each<[string, Partial<ManagedVM['spec']>]>([
    ['is powered off', { powerState: 'Stopped' }],
    ['is paused', { paused: { reason: 'a person works in it' } as ManagedVM['spec']['paused'] }],
  ])('is told to nobody while the VM %s', (_, spec) => {
    const vm = managedVM(spec);
    expect(told(vm, [pass(remedy(), {})]).status?.remedy).toBeUndefined();
  });

  it('is told one at a time, the first that came, until that has a result', () => {
    const first = pass(remedy({}, 'aaaa'), {});
    const second = pass(remedy({}, 'bbbb'), {});
    const vm = told(order, [second, first]);
    expect(vm.status?.remedy?.change.uid).toBe('aaaa');
    const ended = pass(first, { managedVM: vm, remedy: answer('Done', 'aaaa') });
    expect(told(vm, [second, ended]).status?.remedy?.change.uid).toBe('bbbb');
  });

  it('is told on after its window while there is no result, so that what has begun is followed to its end, and begun no more', () => {
    const change = pass(remedy(), {});
    const vm = told(order, [change]);
    expect(told(vm, [change], later(12)).status?.remedy?.until).toBe('2026-11-23T12:10:00Z');
    expect(told(order, [change], later(12)).status?.remedy).toBeUndefined();
  });

  it.each<[DoneRemedy['outcome'], string]>([
    ['Done', 'Succeeded'],
    ['FoundHealthy', 'Cancelled'],
    ['NotFound', 'Cancelled'],
    ['NotBegun', 'Cancelled'],
    ['Failed', 'Failed'],
    ['Unknown', 'Failed'],
  ])('that went %s ends the change as %s, with the words of the worker and its time', (outcome, result) => {
    const change = pass(remedy(), {});
    const ended = pass(change, { managedVM: told(order, [change]), remedy: answer(outcome) }, later(5));
    expect(ended.spec.result).toMatchObject({
      ...{ outcome: result, by: 'steward', finishedAt: '2026-11-23T12:01:00Z' },
      notes: expect.stringContaining('shop.service was started and runs'),
    });
  });

  it('is not ended by the answer to another one', () => {
    const change = pass(remedy(), {});
    expect(
      pass(change, { managedVM: told(order, [change]), remedy: answer('Done', 'beef') }).spec.result,
    ).toBeUndefined();
  });

  it('that nobody could be told of in its window was not done; of one that was told and never answered nobody knows', () => {
    const change = pass(remedy(), {});
    expect(pass(change, {}, later(10)).spec.result).toMatchObject({ outcome: 'Cancelled' });
    const vm = told(order, [change]);
    expect(pass(change, { managedVM: vm }, later(24)).spec.result).toBeUndefined();
    expect(pass(change, { managedVM: vm }, later(25)).spec.result).toMatchObject({
      outcome: 'Failed',
      notes: expect.stringContaining('whether it was done is not known, and it is not tried again'),
    });
  });

  it('is not done to another VM of that name', () => {
    const other = { ...order, metadata: { ...order.metadata, uid: 'other' } };
    const change = pass(remedy(), {});
    expect(told(other, [change]).status?.remedy).toBeUndefined();
    expect(pass(change, { managedVM: other }).spec.result).toMatchObject({ outcome: 'Cancelled' });
  });

  it('ends, in whatever order passes, answers and time come (GE-8)', () => {
    const acts = fc.array(fc.constantFrom('change', 'order', 'worker', 'minute'), { minLength: 40, maxLength: 60 });
    fc.assert(
      fc.property(acts, randomly => {
        let [change, vm, minute] = [remedy(), order, 0];
        let answered: DoneRemedy | undefined;
        const tells = new Set<string>();
        for (const act of [
          ...randomly,
          ...Array.from({ length: 40 }, () => ['minute', 'order', 'change'] as const).flat(),
        ]) {
          if (act === 'minute') minute += 1;
          if (act === 'order') vm = told(vm, [change], later(minute));
          if (act === 'change') change = pass(change, { managedVM: vm, remedy: answered }, later(minute));
          const ordered = vm.status?.remedy;
          if (act === 'worker' && ordered && answered === undefined) {
            tells.add(ordered.change.uid);
            answered = answer(later(minute) < new Date(ordered.until) ? 'Done' : 'NotBegun');
          }
        }
        expect(change.spec.result).toBeDefined();
        expect(vm.status?.remedy).toBeUndefined();
        // What was done is never said not to have been.
        if (answered?.outcome === 'Done' && change.spec.result?.outcome !== 'Succeeded')
          expect(change.spec.result?.outcome).toBe('Failed');
      }),
    );
  });
});
