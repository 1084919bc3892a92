import { describe, expect, it } from 'vitest';
import { ContractSpec } from '../../api/contract.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { backupPolicyRefOf } from '../contract/backuppolicyref.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import type { Agreement } from '../contract/planinforce.ts';
import { backedUpVM } from './backup.fixtures.ts';
import { standardOf, withStandard } from './standard.ts';

const now = new Date('2026-11-23T12:00:00Z');
const own = backedUpVM();
const none = backedUpVM('shop-db', { backupPolicyRef: undefined });
const toldOf = (backup: object): ManagedVM => ({
  ...none,
  status: { ...none.status, backup: { policy: 'gold', ...backup } },
});
const standing = toldOf({ policyKind: 'ClusterBackupPolicy', standard: true });

function agreement(policyRef: string | undefined, from = '2026-01-01'): Agreement {
  const spec = ContractSpec.parse({
    ...{ customer: 'ACME GmbH', namespaces: ['acme'], billingId: '10042' },
    contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
    plans: [{ level: 'Admin', plan: 'agreed', from }],
  });
  const backup = { recoveryPointObjective: '26h', recoveryTimeObjective: '4h', ...(policyRef && { policyRef }) };
  const admin = { serviceLevel: 'Admin', availability: undefined, incidents: undefined, patching: undefined };
  const plan = planSpec({ ...admin, backup });
  return { contract: { name: 'acme', agreement: { spec }, begun: [] }, plan: () => ({ spec: plan }) };
}
const nothingAgreed: Agreement = { contract: undefined, plan: () => undefined };
const gone: Agreement = { ...agreement('gold'), plan: () => undefined };

describe('AP-6: the provider’s standard of backups', () => {
  it.each<[string, ManagedVM, Agreement, object | undefined]>([
    ['applies where the order names no policy', none, agreement('gold'), { name: 'gold', applies: true }],
    ['is what the order’s own policy is held to', own, agreement('gold'), { name: 'gold', applies: false }],
    ['is none where the plan names none', none, agreement(undefined), undefined],
    ['is none before the plan applies', none, agreement('gold', '2026-12-01'), undefined],
    ['is none without a contract', none, nothingAgreed, undefined],
    ['goes on while the plan is missing', standing, gone, { name: 'gold', applies: true }],
    ['goes on while the contract is missing', standing, nothingAgreed, { name: 'gold', applies: true }],
    ['ends where the plan names none any more', standing, agreement(undefined), undefined],
    ['is another where the plan names another', standing, agreement('iron'), { name: 'iron', applies: true }],
    ['is not what was once named by the order', toldOf({ policyKind: 'ClusterBackupPolicy' }), gone, undefined],
    ['is none for an order with a policy while the plan is missing', own, gone, undefined],
  ])('%s', (_, managedVM, agreed, expected) => {
    expect(standardOf(managedVM, agreed, now)).toEqual(expected);
  });

  it('is put where the order names no policy, and nowhere else', () => {
    const gold = { kind: 'ClusterBackupPolicy', name: 'gold' };
    expect(withStandard(none, { name: 'gold', applies: true }).spec.backupPolicyRef).toEqual(gold);
    expect(withStandard(own, { name: 'gold', applies: false })).toBe(own);
    expect(withStandard(none, undefined)).toBe(none);
    expect([backupPolicyRefOf(standing), backupPolicyRefOf(none)]).toEqual([gold, undefined]);
    expect(backupPolicyRefOf(toldOf({}))).toBeUndefined();
    expect(backupPolicyRefOf(own)).toEqual(own.spec.backupPolicyRef);
  });
});
