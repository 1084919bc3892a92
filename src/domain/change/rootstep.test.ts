import { describe, expect, it } from 'vitest';
import type { Claim } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { NewRoot } from '../../api/newroot.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { changeOf, decisionOn } from './change.fixtures.ts';
import { assessChange } from './changestatus.ts';
import type { OperationTarget } from './operation.ts';
import { rootStep } from './rootstep.ts';

const now = new Date('2026-12-01T12:00:00Z');
const UID = '3c9f0e0e-7d0e-4c7e-9a58-0c5c3f0a1b2c';
const { spec } = changeOf({ operation: 'Rebuild', target: { kind: 'ManagedVM', name: 'shop-db', uid: UID } });
const disks = [{ name: 'root', claim: 'shop-db-root', claimUID: '01d' }];

const vm = (status: object = {}, order: Record<string, unknown> = {}, metadata: object = {}): ManagedVM => {
  const base = managedVM(order);
  return {
    ...base,
    metadata: { ...base.metadata, ...metadata },
    status: { disks, ...status } as NonNullable<ManagedVM['status']>,
  };
};
const newRoot = (phase: NewRoot['phase'], uid = 'c0ffee') =>
  ({ phase, message: `It is ${phase}.`, change: { name: 'other', uid }, operatingSystem: 'debian-13' }) as NewRoot;

type Given = { readonly target?: Partial<OperationTarget>; readonly claim?: Claim; readonly mayBegin?: boolean };
const step = ({ target = {}, claim, mayBegin = true }: Given) =>
  rootStep({ spec, uid: 'c0ffee', claim, target: { managedVM: vm(), instance: undefined, ...target }, mayBegin, now });
const claim = { instance: 'none', at: '2026-12-01T11:50:00Z' };

describe('MO-2, GE-11: the change by which a root disk is made anew', () => {
  it('is set out to do when it is agreed and in its window, and not before', () => {
    expect(step({ mayBegin: false })).toMatchObject({ says: expect.stringContaining('Agreed and InWindow') });
    expect(step({ mayBegin: false })?.claim).toBeUndefined();
    expect(step({})?.claim).toEqual({ instance: 'none', at: '2026-12-01T12:00:00Z' });
  });

  it.each<[string, ManagedVM, RegExp]>([
    ['is paused', vm({}, { paused: { reason: 'x' } }), /paused/],
    ['has a disk by consent', vm({}, { disks: [{ name: 'root', adopt: { claim: 'x' } }] }), /take it out first/],
    ['has a managed application', vm({ applications: [{ name: 'a' }] }), /managed application/],
    ['is being rebuilt by another', vm({ newRoot: newRoot('OnTrial', 'ff') }), /ChangeRequest other \(OnTrial\)/],
    [
      'has a migration behind it that its order does not name',
      vm({ newRoot: newRoot('Accepted', 'ff') }),
      /must say debian-13 first/,
    ],
  ])('waits while the VM %s', (_, managed, why) => {
    const found = step({ target: { managedVM: managed } });
    expect(found).toEqual({ says: expect.stringMatching(why) });
  });

  it.each<[NewRoot['phase'], string | undefined]>([
    ['Making', undefined],
    ['Starting', undefined],
    ['StoppingBack', undefined],
    ['OnTrial', 'Succeeded'],
    ['Accepted', 'Succeeded'],
    ['TakenBack', 'RolledBack'],
    ['Failed', 'Failed'],
  ])('that is %s has the result %s', (phase, outcome) => {
    const found = step({ target: { managedVM: vm({ newRoot: newRoot(phase) }) }, claim });
    expect([found?.says, found?.result?.outcome]).toEqual([`It is ${phase}.`, outcome]);
  });

  it('of a rescue has none while it lasts, and has succeeded when the old disk is back', () => {
    const rescue = (phase: NewRoot['phase'], ranAt?: string) => {
      const until = '2026-12-01T14:00:00Z';
      const at = { ...newRoot(phase), operation: 'Rescue', until, ...(ranAt && { ranAt }) } as const;
      return step({ target: { managedVM: vm({ newRoot: at }) }, claim });
    };
    expect(rescue('OnTrial', '2026-12-01T11:55:00Z')).toEqual({
      ...{ says: 'It is OnTrial.', claim, nextEdge: new Date('2026-12-01T14:00:00Z') },
    });
    expect(rescue('TakenBack', '2026-12-01T11:55:00Z')?.result).toMatchObject({
      ...{ outcome: 'Succeeded', notes: expect.stringContaining('ran from 2026-12-01T11:55:00Z') },
    });
    expect(rescue('TakenBack')?.result?.outcome).toBe('RolledBack');
  });

  it('is cancelled where nothing came of it in time: what was agreed to is not begun hours later', () => {
    expect(step({ claim })).toEqual({ says: expect.any(String), claim, nextEdge: new Date('2026-12-01T12:15:00Z') });
    const late = { instance: 'none', at: '2026-12-01T11:35:00Z' };
    expect(step({ claim: late })?.result).toMatchObject({ outcome: 'Cancelled' });
  });

  it.each<[string, ManagedVM | undefined]>([
    ['gone', undefined],
    ['another of its name', vm({}, {}, { uid: 'ff' })],
    ['being deleted', vm({}, {}, { deletionTimestamp: '2026-12-01T11:00:00Z' })],
  ])('is cancelled where the VM is %s', (_, managed) => {
    expect(step({ target: { managedVM: managed } })?.result?.outcome).toBe('Cancelled');
  });

  it('says that it cannot know what cannot be read', () => {
    expect(step({ target: { managedVM: undefined, unknown: 'Not now.' }, claim })).toEqual({ says: 'Not now.', claim });
  });
});

describe('MO-2: a rescue that an Approver has ended', () => {
  it('is closed when it is over: nobody is asked to accept it, and nothing is stalled', () => {
    const window = { notBefore: '2026-12-01T08:00:00Z', notAfter: '2026-12-01T20:00:00Z' };
    const system = { from: 'debian-12', to: 'debian-13' };
    const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T11:00:00Z', by: 'steward' } as const;
    const target = { kind: 'ManagedVM', name: 'shop-db', uid: UID };
    const rescue = changeOf({ operation: 'Rescue', target, window, system, requestedBy: 'steward' });
    const judged = (change: typeof rescue) =>
      assessChange({
        change,
        approvals: [decisionOn(rescue, 'anna', '10:00', { decision: 'Reject' })],
        customer: 'NoContract',
        now,
      });
    const said = (change: typeof rescue, type: string) => {
      const found = judged(change).conditions.find(each => each.type === type);
      return `${found?.status}/${found?.reason}`;
    };
    const over = { ...rescue, spec: { ...rescue.spec, result } };
    expect(said(rescue, 'Ready')).toBe('False/Rejected');
    expect([said(over, 'Ready'), said(over, 'Accepted')]).toEqual(['True/Closed', 'Unknown/NothingToAccept']);
    expect(judged(over).status.waitingFor).toBeUndefined();
  });
});
