import { describe, expect, it } from 'vitest';
import { run } from '../../hack/testbed/process/command.ts';
import { binaries, identity, type Manifest, manifests, namespace, render } from './chart.ts';

async function build(folder: string): Promise<Manifest[]> {
  return manifests(await run((await binaries()).kubectl, ['kustomize', folder]));
}

/** Without what says that Helm brought it. */
function withoutHelm(object: Manifest): Manifest {
  const { 'app.kubernetes.io/managed-by': _by, 'helm.sh/chart': _chart, ...labels } = object.metadata.labels ?? {};
  const { 'helm.sh/resource-policy': _policy, ...annotations } = object.metadata.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, labels, annotations } };
}

const byIdentity = (objects: readonly Manifest[]) => new Map(objects.map(object => [identity(object), object]));

describe('kustomize', () => {
  it('config/default is what the chart renders with default values, its own namespace, and not that of the keys', async () => {
    const kustomized = byIdentity((await build('config/default')).map(withoutHelm));
    const created = kustomized.get(`Namespace/${namespace}`);
    kustomized.delete(`Namespace/${namespace}`);
    const rendered = byIdentity((await render()).map(withoutHelm));
    // `kubectl delete -k` would delete the keys with it.
    expect(rendered.delete('Namespace/steward-keys')).toBe(true);
    expect([...kustomized.keys()].sort()).toEqual([...rendered.keys()].sort());
    for (const [name, object] of rendered) {
      // CRDs carry the release's labels in the chart only.
      if (object.kind === 'CustomResourceDefinition') expect(kustomized.get(name)?.spec).toEqual(object.spec);
      else expect(kustomized.get(name)).toEqual(object);
    }
    expect(created?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('config/prometheus is the ServiceMonitor and the rules that the chart renders where there is that API', async () => {
    const flags = [
      '--api-versions',
      'monitoring.coreos.com/v1',
      '--show-only',
      'templates/servicemonitor.yaml',
      '--show-only',
      'templates/prometheusrule.yaml',
    ];
    const rendered = await render({}, ...flags);
    const built = new Map((await build('config/prometheus')).map(object => [identity(object), withoutHelm(object)]));
    expect(built).toEqual(new Map(rendered.map(object => [identity(object), withoutHelm(object)])));
  });
});
