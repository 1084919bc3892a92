import { describe, expect, it } from 'vitest';
import { assess } from '../managedvm/assess.ts';
import { input, managedVM } from '../managedvm/assessment.fixtures.ts';
import { orderProblem } from './order.ts';

const permitted = {
  ...{ storageLocations: ['default'], instanceTypes: ['u1.*'], hardware: [], imageSources: [] },
  metadataPrefixes: ['acme.example'],
};
const ordered = (sizing: Record<string, unknown>, lists: typeof permitted | undefined = permitted) =>
  input({ managedVM: managedVM({ sizing }), permitted: lists });
const problem = (...order: Parameters<typeof ordered>) => {
  const { managedVM: managed, facts } = ordered(...order);
  return orderProblem(managed, facts.machine);
};

describe('MO-1: an instance type of the cluster is ordered', () => {
  it.each([
    ['on the list', { instanceType: 'u1.medium' }],
    ['not at all: CPU and memory are the namespace’s quota’s business', { cpu: 64, memory: '512Gi' }],
  ])('%s: nothing is wrong', (_, sizing) => {
    expect(problem(sizing)).toBeUndefined();
  });

  it('that is not on the list: it says so, with what the provider must do', () => {
    expect(problem({ instanceType: 'gn1.8xlarge' })).toEqual({
      standing: 'failed',
      reason: 'InstanceTypeNotPermitted',
      message:
        'Instance type gn1.8xlarge (spec.sizing.instanceType) is not permitted in Namespace acme (permitted: u1.*); the provider permits it by the annotation managed.systems/instance-types of the Namespace.',
    });
  });

  it('while nobody knows what is permitted: it waits, for the list may be narrower than the default', () => {
    const { managedVM: managed, facts } = input({
      managedVM: managedVM({ sizing: { instanceType: 'u1.medium' } }),
      permitted: undefined,
    });
    expect(orderProblem(managed, facts.machine)).toMatchObject({ standing: 'waiting', reason: 'NamespaceNotObserved' });
  });

  it('that is no longer permitted: what runs stays provisioned, the change is refused', () => {
    const { conditions } = assess(ordered({ instanceType: 'gn1.8xlarge' }));
    const of = (type: string) => conditions.find(condition => condition.type === type);
    expect(of('Ready')).toMatchObject({ status: 'False', reason: 'InstanceTypeNotPermitted' });
    expect(of('Stalled')).toMatchObject({ status: 'True' });
    expect(of('Provisioned')).toMatchObject({ status: 'True' });
  });
});

describe('MO-1: labels and annotations that reach the Pod', () => {
  const of = (spec: Record<string, unknown>, lists: typeof permitted | undefined = permitted) => {
    const { managedVM: managed, facts } = input({ managedVM: managedVM(spec), permitted: lists });
    return orderProblem(managed, facts.machine);
  };

  it.each([
    ['without a prefix', { labels: { team: 'shop' }, annotations: { note: 'x' } }],
    ['with a prefix on the list', { labels: { 'acme.example/team': 'shop' } }],
  ])('%s are permitted', (_, spec) => {
    expect(of(spec)).toBeUndefined();
  });

  it.each([
    ['labels', { labels: { 'evil.example/team': 'shop' } }, 'evil.example/team'],
    ['annotations', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'other/net' } }, 'k8s.v1.cni.cncf.io/networks'],
  ])('%s with another prefix are refused, for tools of the whole cluster look for them', (_, spec, name) => {
    expect(of(spec)).toEqual({
      standing: 'failed',
      reason: 'NameNotPermitted',
      message: `The name ${name} (spec.labels, spec.annotations) is not permitted in Namespace acme (permitted: acme.example); the provider permits it by the annotation managed.systems/metadata-prefixes of the Namespace.`,
    });
  });
});
