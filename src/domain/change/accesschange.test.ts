import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { application } from '../application/product.fixtures.ts';
import { managedVM, NOW } from '../managedvm/assessment.fixtures.ts';
import { type AccessOperation, accessChange, accessChangeName } from './accesschange.ts';
import { assessChange } from './changestatus.ts';

const order = application();
const SINCE = '2026-11-23T11:00:00Z';

type Says = Record<string, readonly [status: 'True' | 'False' | 'Unknown', reason: string]>;

/** A ManagedVM that says so of its guest. */
function vm(says: Says, applications?: readonly string[]): ManagedVM {
  const conditions = Object.entries(says).map(([type, [status, reason]]) => ({
    ...{ type, status, reason, message: `${reason} is said.` },
    lastTransitionTime: SINCE,
  }));
  const soleRoot = applications && { since: SINCE, applications: [...applications] };
  const machine = managedVM();
  return { ...machine, status: { ...machine.status, conditions, ...(soleRoot && { soleRoot }) } } as ManagedVM;
}

function judged(operation: AccessOperation, managed: ManagedVM | undefined) {
  const change = { ...accessChange(operation, order, managedVM()) } as unknown as ChangeRequest;
  const target = { managedVM: managed, instance: undefined };
  const { conditions, result } = assessChange({
    ...{ change, approvals: [], customer: 'NoContract', target, now: NOW },
  });
  return { result, said: conditions.find(({ type }) => type === 'Done')?.message };
}

describe('AP-9: the change by which access is withheld for an application', () => {
  it('is agreed to by the order, says who is shut out and how it ends, and is a change as others are', () => {
    const users = [
      {
        name: 'anna',
        sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna'],
      },
    ];
    const { spec, metadata } = accessChange('WithholdAccess', order, managedVM({ access: { users } }));
    expect(ChangeRequestSpec.safeParse(spec).error).toBeUndefined();
    expect(spec).toMatchObject({ class: 'Standard', preApprovedBy: { kind: 'ManagedApplication' } });
    expect(spec.plan[0]).toContain('anna');
    expect(metadata.name).toBe(accessChangeName('WithholdAccess', order));
    expect(metadata.name).not.toBe(accessChangeName('ReturnAccess', order));
  });

  it.each<[string, ManagedVM | undefined, string | undefined]>([
    ['the VM was not told', vm({}), undefined],
    ['the guest was not compared', vm({ SoleRoot: ['Unknown', 'Pending'] }, ['orders']), undefined],
    ['somebody else is in', vm({ SoleRoot: ['False', 'RootNotAlone'] }, ['orders']), undefined],
    ['only the provider comes in', vm({ SoleRoot: ['Unknown', 'EvidenceIncomplete'] }, ['orders']), 'Succeeded'],
    ['the VM is gone', undefined, 'Cancelled'],
    ['the VM is another', { ...vm({}), metadata: { name: 'shop-db', uid: 'other' } }, 'Cancelled'],
  ])('where %s: %3$s', (_, managed, outcome) => {
    expect(judged('WithholdAccess', managed).result?.outcome).toBe(outcome);
  });

  it('says meanwhile what stands in the way', () => {
    const { said } = judged('WithholdAccess', vm({ SoleRoot: ['False', 'RootNotAlone'] }, ['orders']));
    expect(said).toBe('RootNotAlone is said.');
  });
});

describe('MO-8: the change by which access is given back after the last application', () => {
  it.each<[string, ManagedVM, string | undefined]>([
    ['an application is still there', vm({ Configured: ['True', 'AsOrdered'] }, ['orders']), undefined],
    ['the guest was not compared since', vm({ Configured: ['Unknown', 'Pending'] }), undefined],
    ['all accounts are as ordered', vm({ Configured: ['True', 'AsOrdered'] }), 'Succeeded'],
  ])('where %s: %3$s', (_, managed, outcome) => {
    expect(judged('ReturnAccess', managed).result?.outcome).toBe(outcome);
  });
});
