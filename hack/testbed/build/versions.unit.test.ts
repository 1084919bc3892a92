import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { moduleFolder } from './go.ts';
import { versions } from './versions.ts';

it.each([
  ['kube', 'k8s.io/kubernetes', versions.kubernetes],
  ['kubevirt', 'kubevirt.io/kubevirt', versions.kubevirt],
  ['kubevirt', 'kubevirt.io/api', versions.kubevirt],
  ['kubevirtnode', 'kubevirt.io/kubevirt', versions.kubevirt],
  ['helm4', 'helm.sh/helm/v4', versions.helm],
  ['helm3', 'helm.sh/helm/v3', versions.helm3],
  ['containerd', 'github.com/containerd/containerd/v2', versions.containerd],
  ['runc', 'github.com/opencontainers/runc', versions.runc],
  ['coredns', 'github.com/coredns/coredns', versions.coredns],
  ['prometheusoperator', 'github.com/prometheus-operator/prometheus-operator', versions.prometheusOperator],
  ['scrapeconfig', 'github.com/prometheus-operator/prometheus-operator', versions.prometheusOperator],
  ['blackboxexporter', 'github.com/prometheus/blackbox_exporter', versions.blackboxExporter],
  ['alertmanager', 'github.com/prometheus/alertmanager', versions.alertmanager],
  ['timeintervals', 'github.com/prometheus/alertmanager', versions.alertmanager],
  ['argocd', 'github.com/argoproj/argo-cd/v3', versions.argocd],
  ['csiprovisioner', 'github.com/kubernetes-csi/external-provisioner/v5', versions.externalProvisioner],
  ['csi', 'github.com/kubernetes-csi/external-resizer/v2', versions.externalResizer],
  ['csi', 'github.com/kubernetes-csi/external-snapshotter/v8', versions.externalSnapshotter],
  ['versitygw', 'github.com/versity/versitygw', versions.versitygw],
  ['velero', 'github.com/vmware-tanzu/velero', versions.velero],
  ['velero', 'github.com/vmware-tanzu/velero-plugin-for-aws', versions.veleroPluginForAws],
  ['kubevirtvelero', 'kubevirt.io/kubevirt-velero-plugin', versions.kubevirtVeleroPlugin],
  ['cdi', 'kubevirt.io/containerized-data-importer-api', versions.cdi],
  ['cdiadmission', 'kubevirt.io/containerized-data-importer-api', versions.cdi],
])('Go module %s takes %s at %s', async (module, dependency, version) => {
  const content = await readFile(join(moduleFolder(module), 'go.mod'), 'utf8');
  expect(content).toMatch(new RegExp(`^(require )?\\s*${dependency} ${version}( // indirect)?$`, 'm'));
});
