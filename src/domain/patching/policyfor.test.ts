import { describe, expect, it } from 'vitest';
import { ContractSpec } from '../../api/contract.ts';
import type { NamedContract } from '../contract/agreed.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import { managedVM, NOW } from '../managedvm/assessment.fixtures.ts';
import type { PatchingFacts } from './facts.ts';
import { clusterPolicyOf, maintenanceWindowSpec, patchingFactsOf, patchPolicyOf } from './patching.fixtures.ts';
import { termsOf } from './policyfor.ts';

const LEVELS = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'] as const;
const OWN = { patchPolicyRef: { kind: 'PatchPolicy', name: 'tuesday-night' } };
const STANDARD = { patchPolicyRef: { kind: 'ClusterPatchPolicy', name: 'standard' } };

function termed(spec: object = {}, facts: Partial<PatchingFacts> = {}) {
  // Of an order that was stored before admission refused such a one, too.
  const { serviceLevel, ...rest } = { serviceLevel: 'AdvancedMonitoringAndPatching' as const, ...spec };
  const order = managedVM(rest);
  const stored = { ...order, spec: { ...order.spec, serviceLevel } };
  return termsOf(stored, patchingFactsOf({ patchPolicy: patchPolicyOf(), ...facts }), NOW);
}

/** Policy and windows, or the reason why there are none. */
function outcome(spec: object, facts: Partial<PatchingFacts> = {}): string {
  const { terms, problem } = termed(spec, facts);
  if (terms === undefined) return problem.reason;
  return `${terms.policy.kind} ${terms.policy.name}, proven by ${terms.provenBy.name}: ${terms.windows.map(({ name }) => name).join(', ')}`;
}

function contractWith(policyRef: string | undefined, level: (typeof LEVELS)[number] = 'AdvancedMonitoringAndPatching') {
  const deadlines = { Critical: '24h', Important: '336h', Other: '720h' };
  const spec = ContractSpec.parse({
    ...{ customer: 'ACME GmbH', namespaces: ['acme'], billingId: '10042' },
    contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
    plans: [{ level, plan: 'agreed', from: '2026-01-01' }],
  });
  const contract: NamedContract = { name: 'acme', agreement: { spec }, begun: [] };
  const plan = planSpec({ serviceLevel: level, patching: { deadlines, ...(policyRef && { policyRef }) } });
  return { contract, plan: () => ({ spec: plan }) };
}

const standard = 'ClusterPatchPolicy standard, proven by standard: nightly';

describe('MO-3, MO-4: which policy a ManagedVM is patched by, for each level and reference', () => {
  it.each<[(typeof LEVELS)[number], string, object, string]>([
    ['Admin', 'none', {}, 'NotIncluded'],
    ['Admin', 'the standard', STANDARD, 'NotIncluded'],
    ['Admin', 'a PatchPolicy', OWN, 'NotIncluded'],
    ['MonitoringAndPatching', 'none', {}, standard],
    ['MonitoringAndPatching', 'the standard', STANDARD, standard],
    ['MonitoringAndPatching', 'a PatchPolicy', OWN, 'PatchPlanningNotIncluded'],
    ['AdvancedMonitoringAndPatching', 'none', {}, standard],
    ['AdvancedMonitoringAndPatching', 'the standard', STANDARD, standard],
    [
      'AdvancedMonitoringAndPatching',
      'a PatchPolicy',
      OWN,
      'PatchPolicy tuesday-night, proven by standard: tuesday-night',
    ],
  ])('%s with %s', (serviceLevel, _, reference, expected) => {
    expect(outcome({ serviceLevel, ...reference })).toBe(expected);
  });

  it('MO-7: a Windows guest has the same terms as any other at its level', () => {
    expect(outcome({ operatingSystem: 'windows-server-2025', ...OWN })).toMatch(/^PatchPolicy tuesday-night/);
  });
});

describe('MO-3: which of several ClusterPatchPolicies applies', () => {
  const gold = clusterPolicyOf({ namespaceSelector: { matchLabels: { tier: 'gold' } } }, 'gold');
  const iron = clusterPolicyOf({ namespaceSelector: { matchLabels: { tier: 'iron' } } }, 'iron');
  const both = { clusterPolicies: [clusterPolicyOf(), gold] };

  it.each<[string, object, Partial<PatchingFacts>, string]>([
    [
      'the one that selects the namespace',
      {},
      { clusterPolicies: [iron, gold] },
      'ClusterPatchPolicy gold, proven by gold: nightly',
    ],
    ['none that selects another', {}, { clusterPolicies: [iron] }, 'NoPatchPolicy'],
    ['none, where there is none', {}, { clusterPolicies: [] }, 'NoPatchPolicy'],
    ['of two, none by guess', {}, both, 'PatchPoliciesConflict'],
    [
      'of two, the one that the plan names',
      {},
      { ...both, ...contractWith('gold') },
      'ClusterPatchPolicy gold, proven by gold: nightly',
    ],
    ['of two, none if the plan names a third', {}, { ...both, ...contractWith('iron') }, 'PatchPoliciesConflict'],
    ['of two, none if the plan names none', {}, { ...both, ...contractWith(undefined) }, 'PatchPoliciesConflict'],
    ['the one that the order names, of those that select', STANDARD, both, standard],
    [
      'none that the order names and that is meant for others',
      { patchPolicyRef: { kind: 'ClusterPatchPolicy', name: 'iron' } },
      { clusterPolicies: [iron, gold] },
      'PatchPolicyNotPermitted',
    ],
    [
      'of two, the plan’s proves what a PatchPolicy installs',
      OWN,
      { ...both, ...contractWith('gold') },
      'PatchPolicy tuesday-night, proven by gold: tuesday-night',
    ],
    ['a PatchPolicy that nothing proves is worked by by nobody (MO-11)', OWN, { clusterPolicies: [] }, 'NoPatchPolicy'],
    ['none, as long as the namespace is not known', {}, { namespaceLabels: undefined }, 'NamespaceNotObserved'],
    [
      'none, as long as the namespace of the one named is not known',
      STANDARD,
      { namespaceLabels: undefined },
      'NamespaceNotObserved',
    ],
    [
      'none that cannot be read',
      {},
      { clusterPolicies: [{ ...gold, says: { problem: 'spec.rings: no' } }] },
      'InvalidPatchPolicy',
    ],
    [
      'one beside another that cannot be read',
      {},
      { clusterPolicies: [clusterPolicyOf(), { ...gold, says: { problem: 'spec: no' } }] },
      standard,
    ],
    [
      'none that is not there',
      { patchPolicyRef: { kind: 'ClusterPatchPolicy', name: 'lost' } },
      {},
      'PatchPolicyNotFound',
    ],
    ['no PatchPolicy that is not there', OWN, { patchPolicy: undefined }, 'PatchPolicyNotFound'],
    [
      'no PatchPolicy that cannot be read',
      OWN,
      { patchPolicy: { ...patchPolicyOf(), says: { problem: 'spec: no' } } },
      'InvalidPatchPolicy',
    ],
    ['none, where the kinds are not served', {}, { installed: false }, 'PatchPoliciesNotInstalled'],
  ])('%s', (_, spec, facts, expected) => expect(outcome(spec, facts)).toBe(expected));

  it('says which two, and what would decide', () => {
    expect(termed({}, both).problem?.message).toBe(
      '2 ClusterPatchPolicies select namespace acme (gold, standard), and no plan of the contract names one of them.',
    );
    expect(termed({}, { ...both, ...contractWith('iron') }).problem?.message).toMatch(
      /, and the plan of the contract names iron\.$/,
    );
  });
});

describe('MO-4: the windows of a PatchPolicy', () => {
  const two = { patchPolicy: patchPolicyOf({ windowRefs: ['tuesday-night', 'lost'] }) };
  const overlapping = () => ({ spec: maintenanceWindowSpec({ schedule: '0 2 * * *', duration: '30h' }) });

  it.each<[string, Partial<PatchingFacts>, string]>([
    ['are those that are there', two, 'PatchPolicy tuesday-night, proven by standard: tuesday-night'],
    ['are none, where none is there', { window: () => undefined }, 'WindowNotFound'],
    ['are none that would open before it has closed', { window: overlapping }, 'WindowNotUsable'],
    ['are none that cannot be read', { window: () => ({ problem: 'spec: no' }) }, 'WindowNotUsable'],
  ])('%s', (_, facts, expected) => expect(outcome(OWN, facts)).toBe(expected));

  it('of the provider are none that would open before it has closed', () => {
    const windows = [{ name: 'nightly', schedule: '0 3 * * *', duration: '30h' }];
    expect(outcome({}, { clusterPolicies: [clusterPolicyOf({ windows })] })).toBe('WindowNotUsable');
  });
});

describe('MO-11: stricter, never looser', () => {
  const HOUR = 3_600_000;
  const terms = (provider: object, customer: object, facts: Partial<PatchingFacts> = {}) => {
    const clusterPolicies = [clusterPolicyOf(provider as Record<string, unknown>)];
    const patchPolicy = patchPolicyOf(customer as Record<string, unknown>);
    const found = termed(OWN, { clusterPolicies, patchPolicy, ...facts }).terms;
    if (found === undefined) throw new Error('there are no terms');
    return found;
  };

  it.each<[string, object, object, object]>([
    [
      'says nothing: as the provider',
      {},
      {},
      {
        updates: 'All',
        severities: undefined,
        reboot: 'IfRequired',
        rollback: 'Propose',
        snapshot: false,
        suspendedBy: undefined,
      },
    ],
    ['less is approved', {}, { approve: { updates: 'Security' } }, { updates: 'Security' }],
    ['more is not', { approve: { updates: 'Security' } }, { approve: { updates: 'All' } }, { updates: 'Security' }],
    [
      'severities are those of both',
      { approve: { severities: ['Critical', 'Important'] } },
      { approve: { severities: ['Important', 'Low'] } },
      { severities: ['Important'] },
    ],
    [
      'severities of one are those of both',
      {},
      { approve: { severities: ['Critical'] } },
      { severities: ['Critical'] },
    ],
    ['a reboot less', { reboot: 'Always' }, { reboot: 'Never' }, { reboot: 'Never' }],
    ['a reboot more is not', { reboot: 'IfRequired' }, { reboot: 'Always' }, { reboot: 'IfRequired' }],
    ['a milder way back', { rollback: 'Automatic' }, { rollback: 'Propose' }, { rollback: 'Propose' }],
    ['a harsher is not', { rollback: 'Propose' }, { rollback: 'Automatic' }, { rollback: 'Propose' }],
    ['a snapshot more', {}, { snapshot: true }, { snapshot: true }],
    ['a snapshot less is not', { snapshot: true }, { snapshot: false }, { snapshot: true }],
    [
      'a younger recovery point',
      { recoveryPoint: { maxAge: '8h' } },
      { recoveryPoint: { maxAge: '4h' } },
      { recoveryPointMs: 4 * HOUR },
    ],
    [
      'an older is not',
      { recoveryPoint: { maxAge: '4h' } },
      { recoveryPoint: { maxAge: '8h' } },
      { recoveryPointMs: 4 * HOUR },
    ],
    ['one that the provider does not ask for', {}, { recoveryPoint: { maxAge: '4h' } }, { recoveryPointMs: 4 * HOUR }],
    ['none where nobody asks', {}, {}, { recoveryPointMs: undefined }],
    ['rest for himself', {}, { suspend: true }, { suspendedBy: 'Customer' }],
    ['no end of the provider’s rest', { suspend: true }, { suspend: false }, { suspendedBy: 'Provider' }],
    ['a longer memory', { keep: '100h' }, { keep: '200h' }, { keepMs: 200 * HOUR }],
    ['a shorter is not', { keep: '200h' }, { keep: '100h' }, { keepMs: 200 * HOUR }],
  ])('%s', (_, provider, customer, expected) => expect(terms(provider, customer)).toMatchObject(expected));

  it('the later of two ages and the earlier of two deadlines, severity by severity', () => {
    const ages = (critical: string, important: string, other: string) => ({
      Critical: critical,
      Important: important,
      Other: other,
    });
    const found = terms(
      { approve: { minimumAge: ages('0s', '48h', '96h') }, deadlines: ages('72h', '300h', '700h') },
      { approve: { minimumAge: ages('24h', '24h', '200h') }, deadlines: ages('96h', '200h', '800h') },
    );
    expect(found.minimumAge).toEqual({ Critical: 24 * HOUR, Important: 48 * HOUR, Other: 200 * HOUR });
    expect(found.deadlines).toEqual({ Critical: 72 * HOUR, Important: 200 * HOUR, Other: 700 * HOUR });
  });

  it('a deadline that the contract’s plan promises is kept too', () => {
    expect(terms({}, {}, contractWith(undefined)).deadlines.Critical).toBe(24 * HOUR);
  });

  it('packages that both allow, none that either denies, and who withholds what until the end of which day', () => {
    const exclude = (until: string) => [{ package: 'docker-ce', reason: 'CHG-4711', until }];
    const found = terms(
      { approve: { allow: ['lib*'], deny: ['libfoo'], exclude: exclude('2026-12-31') } },
      { approve: { allow: ['*ssl*'], deny: ['libssl-dev'], exclude: exclude('2027-01-31') } },
    );
    expect(found.allow).toEqual([['lib*'], ['*ssl*']]);
    expect(found.deny).toEqual([
      { pattern: 'libfoo', by: 'Provider' },
      { pattern: 'libssl-dev', by: 'Customer' },
    ]);
    expect(found.exclude.map(({ by, until }) => `${by} ${until.toISOString()}`)).toEqual([
      'Provider 2027-01-01T00:00:00.000Z',
      'Customer 2027-02-01T00:00:00.000Z',
    ]);
  });

  it('the customer’s rings come after all of the provider’s', () => {
    const own = [{ name: 'mine', selector: { matchLabels: { ring: 'first' } }, maxParallel: 1 }, { name: 'rest' }];
    const { rings } = terms({}, { rings: own });
    expect(rings.map(({ party, name }) => `${party} ${name}`)).toEqual([
      ...['Provider canary', 'Provider production', 'Customer mine', 'Customer rest'],
    ]);
    expect(rings[1]).toMatchObject({
      maxParallel: '25%',
      maxFailures: '5%',
      soakMs: 24 * HOUR,
      checks: ['guest-health'],
    });
    expect(rings[2]).toMatchObject({ maxParallel: 1, maxFailures: 0, namespaces: undefined });
  });

  it('with no policy of the customer, the provider’s alone', () => {
    const { terms: found } = termed({});
    expect(found).toMatchObject({
      policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: 'uid-of-standard', generation: 1 },
      deadlines: { Critical: 72 * HOUR, Important: 336 * HOUR, Other: 720 * HOUR },
      minimumAge: { Critical: 0, Important: 72 * HOUR, Other: 168 * HOUR },
      ...{ updates: 'All', allow: [], deny: [], exclude: [], keepMs: 9480 * HOUR },
    });
  });
});
