import { describe, expect, test } from 'vitest';
import { managedVMOf, operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { metadataChanges } from './machinemetadata.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

type Metadata = { labels: Record<string, string>; annotations: Record<string, string> };

function rendered(spec: Record<string, unknown>) {
  const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', ...spec });
  const child = renderVirtualMachine({ managedVM, operatingSystem: operatingSystemOf() });
  const { template } = child.spec as { template: { metadata: Partial<Metadata>; spec: Record<string, unknown> } };
  const { labels = {}, annotations = {} } = template.metadata;
  return { child, metadata: { labels, annotations }, spec: template.spec };
}

const order = { labels: { team: 'shop' }, annotations: { note: 'by hand' } };

describe('labels and annotations of the customer (MO-1)', () => {
  test('are on the VirtualMachine and its Pod, beside ours and never in their place', () => {
    const { child, metadata } = rendered(order);
    expect(child.metadata).toMatchObject(order);
    expect(metadata).toMatchObject(order);
    expect(metadata.labels).toMatchObject({ 'managed.systems/managed-vm': 'shop-db' });
  });

  test('where none are ordered nothing is written, so that no guest of before seems to need a restart', () => {
    expect(rendered({}).metadata.annotations).toEqual({});
  });

  test('differ from the running guest where they came, changed or went, and by nothing that somebody else has added', () => {
    const before = rendered({ labels: { team: 'shop', tier: 'db' } }).metadata;
    const foreign = {
      labels: { ...before.labels, 'argocd.argoproj.io/instance': 'x' },
      annotations: { ...before.annotations, 'policies.kyverno.io/last-applied-patches': 'y' },
    };
    expect(metadataChanges(before, foreign)).toEqual([]);
    const after = rendered({ labels: { team: 'web' }, annotations: { note: 'z' } }).metadata;
    expect(metadataChanges(after, foreign)).toEqual([
      { path: 'metadata.labels[team]', running: 'shop', desired: 'web' },
      { path: 'metadata.labels[tier]', running: 'db', desired: '' },
      { path: 'metadata.annotations[note]', running: '', desired: 'z' },
    ]);
    expect(metadataChanges(before, { labels: {}, annotations: {} })).toHaveLength(2);
  });

  test('named like properties of objects are names like others', () => {
    const { metadata } = rendered({ labels: { constructor: 'x' } });
    expect(metadata.labels).toMatchObject({ constructor: 'x' });
    expect(metadataChanges(metadata, { labels: {}, annotations: {} })).toEqual([
      { path: 'metadata.labels[constructor]', running: '', desired: 'x' },
    ]);
  });
});

describe('VMs of a group (MO-1)', () => {
  const others = {
    labelSelector: {
      matchLabels: { 'managed.systems/placement-group': 'shop' },
      matchExpressions: [{ key: 'managed.systems/managed-vm', operator: 'NotIn', values: ['shop-db'] }],
    },
  };

  test('bear its name, and are kept off a node that has another of them', () => {
    const { metadata, spec } = rendered({ placement: { group: 'shop' } });
    expect(metadata.labels).toMatchObject({ 'managed.systems/placement-group': 'shop' });
    const required = [{ ...others, topologyKey: 'kubernetes.io/hostname' }];
    expect(spec.affinity).toEqual({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } });
  });

  test('may be ordered to be apart by zone, and only if it can be', () => {
    const { spec } = rendered({ placement: { group: 'shop', apart: 'Zones', required: false } });
    const podAffinityTerm = { ...others, topologyKey: 'topology.kubernetes.io/zone' };
    const preferred = [{ weight: 100, podAffinityTerm }];
    expect(spec.affinity).toEqual({ podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } });
  });
});

test('MO-1: CPUs are sockets, cores and threads as ordered', () => {
  const { spec } = rendered({ sizing: { cpu: 8, topology: { sockets: 1, cores: 4, threads: 2 } } });
  expect(spec.domain).toMatchObject({ cpu: { sockets: 1, cores: 4, threads: 2 } });
});
