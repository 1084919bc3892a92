/** Every version the test bed is made of. The Go modules under `go/` pin the same ones; `versions.unit.test.ts` holds them together. */
export const versions = {
  kubernetes: 'v1.36.3',
  kubevirt: 'v1.8.4',
  containerd: 'v2.4.2',
  runc: 'v1.5.2',
  coredns: 'v1.15.0',
  helm: 'v4.3.1',
  helm3: 'v3.22.0',
  cdi: 'v1.63.0',
  velero: 'v1.18.3',
  veleroPluginForAws: 'v1.14.3',
  kubevirtVeleroPlugin: 'v0.8.0',
  prometheusOperator: 'v0.85.0',
  blackboxExporter: 'v0.28.0',
  alertmanager: 'v0.31.1',
  argocd: 'v3.1.9',
  externalProvisioner: 'v5.3.0',
  externalResizer: 'v2.3.0',
  externalSnapshotter: 'v8.7.0',
  versitygw: 'v1.8.0',
} as const;

/** Modules of which only the CRD files are wanted. The sum is Go's own checksum of the module (`go mod download -json`). */
export const crdModules = {
  velero: {
    module: `github.com/vmware-tanzu/velero@${versions.velero}`,
    sum: 'h1:9uwN5yxTWQl9PsF5ljX4xiG+7VIq3I9mxOQ0DyyZ31A=',
    folders: ['config/crd/v1/bases', 'config/crd/v2alpha1/bases'],
  },
  monitoring: {
    module: `github.com/prometheus-operator/prometheus-operator@${versions.prometheusOperator}`,
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    folders: ['example/prometheus-operator-crd'],
  },
  snapshots: {
    module: `github.com/kubernetes-csi/external-snapshotter/client/v8@${versions.externalSnapshotter}`,
    sum: 'h1:HVaSUeRRHPu49aSiL8eXOjS9Re9G6pM0NzdTGI7mM14=',
    folders: ['config/crd'],
  },
} as const;

/** The Go toolchain that Kubernetes v1.36 demands in its go.mod. */
export const minimumGo = { major: 1, minor: 26 } as const;
