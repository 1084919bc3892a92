/** Where each program and CRD file of the test bed lies. */
import { join } from 'node:path';
import { artifacts } from './artifacts.ts';
import { ensureArtifacts } from './build.ts';
import { exists } from './cache.ts';
import type { CrdSet } from './crds.ts';
import type { Progress } from './progress.ts';

/** Absolute paths of programs a test or a person may want to run. */
export type Binaries = {
  readonly kubectl: string;
  /** Helm 4. */
  readonly helm: string;
  readonly helm3: string;
  readonly promtool: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  /** An object store with the interface of S3: see objectstore/. */
  readonly versitygw: string;
  /** `tether PARENT COMMAND…` becomes COMMAND, which ends with the process PARENT, whatever ended that. */
  readonly tether: string;
};

export type Installation = {
  readonly binaries: Binaries;
  /** Programs only the test bed itself runs. */
  readonly servers: {
    readonly etcd: string;
    readonly apiserver: string;
    readonly controllerManager: string;
    readonly virtApi: string;
    readonly virtController: string;
    readonly cdiAdmission: string;
    readonly certificates: string;
  };
  /** Folders of CRDs, for `kubectl apply --server-side -f`. */
  readonly crds: Readonly<Record<CrdSet, string>>;
  /** Folder of what KubeVirt's operator would install besides CRDs. */
  readonly kubevirtManifests: string;
};

/** Builds what is missing. `KUBEBUILDER_ASSETS` may name a folder with etcd, kube-apiserver and the like; what it has is taken from it. */
export async function ensureInstallation(progress: Progress): Promise<Installation> {
  const folders = await ensureArtifacts(artifacts, progress);
  const kube = async (program: string) => {
    const asset = process.env.KUBEBUILDER_ASSETS && join(process.env.KUBEBUILDER_ASSETS, program);
    return asset && (await exists(asset)) ? asset : join(folders.kube, program);
  };
  const manifests = join(folders.kubevirt, 'manifests');
  return {
    binaries: {
      kubectl: await kube('kubectl'),
      helm: join(folders.helm, 'helm'),
      helm3: join(folders.helm3, 'helm'),
      promtool: join(folders.prometheus, 'promtool'),
      prometheus: join(folders.prometheus, 'prometheus'),
      alertmanager: join(folders.alertmanager, 'alertmanager'),
      versitygw: join(folders.versitygw, 'versitygw'),
      tether: join(folders.tools, 'tether'),
    },
    servers: {
      etcd: await kube('etcd'),
      apiserver: await kube('kube-apiserver'),
      controllerManager: await kube('kube-controller-manager'),
      virtApi: join(folders.kubevirt, 'virt-api'),
      virtController: join(folders.kubevirt, 'virt-controller'),
      cdiAdmission: join(folders.cdi, 'cdiadmission'),
      certificates: join(folders.tools, 'certificates'),
    },
    crds: {
      kubevirt: join(manifests, 'crds'),
      cdi: join(folders.crds, 'cdi'),
      velero: join(folders.crds, 'velero'),
      monitoring: join(folders.crds, 'monitoring'),
      snapshots: join(folders.crds, 'snapshots'),
    },
    kubevirtManifests: manifests,
  };
}
