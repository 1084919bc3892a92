/** Velero and its plug-ins, from their Go modules. */
import { goArtifact } from '../build/artifact.ts';
import { versions } from '../build/versions.ts';

/** The server says its version where somebody asks for its status. */
export const velero = goArtifact({
  what: `Velero ${versions.velero} with its plug-in for S3 ${versions.veleroPluginForAws}`,
  minutes: 4,
  ...{ module: 'velero', packages: ['tool'], expectedPackages: 1500 },
  linkerFlags: [`-X github.com/vmware-tanzu/velero/pkg/buildinfo.Version=${versions.velero}`],
  recipe: [versions.velero],
});

/** Apart from the server: it is made with another Velero, and with other versions of Kubernetes. */
export const kubevirtPlugin = goArtifact({
  what: `kubevirt-velero-plugin ${versions.kubevirtVeleroPlugin}`,
  minutes: 1.5,
  ...{ module: 'kubevirtvelero', packages: ['tool'], expectedPackages: 700 },
});
