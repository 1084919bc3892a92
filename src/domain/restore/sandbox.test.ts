import { describe, expect, it } from 'vitest';
import { SANDBOX_LABEL, type SandboxFacts, sandboxDefect } from './sandbox.ts';

const denies = { metadata: { name: 'deny-all' }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } };
const good: SandboxFacts = {
  name: 'steward-drills',
  namespace: { metadata: { name: 'steward-drills', labels: { [SANDBOX_LABEL]: 'true' } } },
  ...{ networkPolicies: [denies], managedVMs: 0 },
};
const policy = (spec: object) => ({ metadata: { name: 'p' }, spec: { ...denies.spec, ...spec } });

describe('the sandbox of drills (AP-13)', () => {
  it('is a namespace that is given to them, and denies everything', () => {
    expect(sandboxDefect(good)).toBeUndefined();
  });

  it.each<[string, Partial<SandboxFacts>, RegExp]>([
    ['is not there', { namespace: undefined }, /is not there/],
    ['is somebody else’s', { namespace: { metadata: { labels: {} } } }, /no label/],
    [
      'goes',
      { namespace: { metadata: { labels: { [SANDBOX_LABEL]: 'true' }, deletionTimestamp: 'x' } } },
      /being deleted/,
    ],
    ['has VMs of a customer', { managedVMs: 2 }, /2 ManagedVMs/],
    ['has no NetworkPolicy', { networkPolicies: [] }, /No NetworkPolicy/],
    [
      'has one for some Pods',
      { networkPolicies: [policy({ podSelector: { matchLabels: { a: 'b' } } })] },
      /No Network/,
    ],
    ['has one for one way', { networkPolicies: [policy({ policyTypes: ['Ingress'] })] }, /No NetworkPolicy/],
    ['lets something out', { networkPolicies: [denies, policy({ egress: [{}] })] }, /p lets traffic through/],
    ['lets something in', { networkPolicies: [denies, policy({ ingress: [{}] })] }, /p lets traffic through/],
  ])('is none where it %s', (_, facts, why) => {
    expect(sandboxDefect({ ...good, ...facts })).toMatch(why);
  });
});
