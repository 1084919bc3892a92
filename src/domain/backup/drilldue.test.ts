import { describe, expect, it } from 'vitest';
import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';
import { isOwnDrill } from '../contract/owndrill.ts';
import { drillDue, drillOrder, drillsToForget, KEPT_DRILLS, lastDrill } from './drilldue.ts';

const SINCE = '2026-11-01T00:00:00Z';
const policyOf = (more: Partial<BackupPolicySpec> = {}): { readonly spec: BackupPolicySpec } => ({
  spec: {
    ...{ tiers: [], timeZone: 'Europe/Berlin', spread: '0s', verification: { drills: '0 5 * * 0', maxAge: '840h' } },
    ...more,
  } as unknown as BackupPolicySpec,
});
const vmOf = (backup: object = {}, more: object = {}): ManagedVM =>
  ({
    metadata: { name: 'shop-db', namespace: 'acme', uid: 'vm-uid' },
    spec: { ...more },
    status: { backup: { verificationSince: SINCE, ...backup } },
  }) as unknown as ManagedVM;
const drillOf = (creationTimestamp: string, phase?: string, requestedBy = 'steward'): Restore =>
  ({
    metadata: { name: creationTimestamp, creationTimestamp },
    spec: { target: { sandbox: true }, requestedBy },
    ...(phase && { status: { phase } }),
  }) as unknown as Restore;
const dueOf = (now: string, managedVM = vmOf(), policy = policyOf(), drills: readonly Restore[] = []) =>
  drillDue({ managedVM, policy, drills }, new Date(now)).run?.toISOString();

describe('when a drill is due (AP-13)', () => {
  it('is at the runs of the policy, in its zone', () => {
    // Sunday, 29 November 2026, five o'clock in Berlin.
    const vm = vmOf({ lastDrill: '2026-11-22T04:00:10Z' });
    expect(dueOf('2026-11-29T03:59:59Z', vm)).toBeUndefined();
    expect(dueOf('2026-11-29T04:00:00Z', vm)).toBe('2026-11-29T04:00:00.000Z');
    expect(dueOf('2026-11-29T04:00:20Z', vmOf({ lastDrill: '2026-11-29T04:00:10Z' }))).toBeUndefined();
  });

  it('makes up for many missed runs by one', () => {
    expect(dueOf('2026-11-29T09:00:00Z')).toBe('2026-11-01T04:00:00.000Z');
    const drills = [drillOf('2026-11-29T09:00:00Z', 'Succeeded')];
    expect(dueOf('2026-11-29T09:00:01Z', vmOf(), policyOf(), drills)).toBeUndefined();
  });

  it.each<[string, Parameters<typeof drillDue>[0]]>([
    [
      'a new policy was not known yet',
      { managedVM: vmOf({ verificationSince: undefined }), policy: policyOf(), drills: [] },
    ],
    ['the policy is gone', { managedVM: vmOf(), policy: undefined, drills: [] }],
    [
      'the policy asks for none',
      { managedVM: vmOf(), policy: policyOf({ verification: { maxAge: '1h' } }), drills: [] },
    ],
    ['the VM is paused', { managedVM: vmOf({}, { paused: { reason: 'x' } }), policy: policyOf(), drills: [] }],
    [
      'another is under way',
      { managedVM: vmOf(), policy: policyOf(), drills: [drillOf('2026-10-01T00:00:00Z', 'Starting')] },
    ],
    ['the zone is none', { managedVM: vmOf(), policy: policyOf({ timeZone: 'Nowhere' }), drills: [] }],
    [
      'its schedule cannot be read',
      { managedVM: vmOf(), policy: policyOf({ verification: { drills: 'x', maxAge: '1h' } }), drills: [] },
    ],
  ])('is never where %s', (_, facts) => {
    expect(drillDue(facts, new Date('2026-11-29T09:00:00Z')).run).toBeUndefined();
  });

  it('is spread over the VMs of a policy, each with a delay that stays', () => {
    const starts = Array.from({ length: 40 }, (_, index) => {
      const managedVM = { ...vmOf(), metadata: { name: 'x', namespace: 'acme', uid: `u${index}` } } as ManagedVM;
      const facts = { managedVM, policy: policyOf({ spread: '1h' }), drills: [] };
      return drillDue(facts, new Date('2026-11-29T00:00:00Z')).next?.getTime() ?? 0;
    });
    expect(new Set(starts).size).toBeGreaterThan(15);
    const first = Date.parse('2026-11-29T04:00:00Z');
    expect(starts.every(start => start >= first && start < first + 3_600_000)).toBe(true);
  });

  it('remembers the last one when it is gone', () => {
    const managedVM = vmOf({ lastDrill: '2026-11-22T04:00:10Z' });
    expect(lastDrill({ managedVM, drills: [] })?.toISOString()).toBe('2026-11-22T04:00:10.000Z');
  });
});

describe('the drills that there are (AP-13)', () => {
  it('have one name for a VM and a run', () => {
    const run = new Date('2026-11-29T04:00:00Z');
    const long = { ...vmOf(), metadata: { name: 'x'.repeat(50), namespace: 'acme', uid: 'u' } } as ManagedVM;
    expect(drillOrder(long, run)).toEqual(drillOrder(long, run));
    expect(drillOrder(long, run).metadata.name.length).toBeLessThanOrEqual(63);
    expect(drillOrder(long, run).metadata.name).not.toBe(drillOrder(long, new Date(0)).metadata.name);
  });

  it('are forgotten when they are over, but for the newest; those of people never', () => {
    const days = ['1', '2', '3', '4', '5'].map(day => drillOf(`2026-11-0${day}T00:00:00Z`, 'Succeeded'));
    const open = drillOf('2026-10-01T00:00:00Z', 'Starting');
    expect(drillsToForget([...days, open]).map(({ metadata }) => metadata.name)).toEqual([
      ...['2026-11-02T00:00:00Z', '2026-11-01T00:00:00Z'],
    ]);
    expect(days.length - 2).toBe(KEPT_DRILLS);
    expect(isOwnDrill(drillOf('2026-11-01T00:00:00Z', 'Succeeded', 'anna'))).toBe(false);
  });
});
