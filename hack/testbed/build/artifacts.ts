/** What the test bed is made of on both profiles. */
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process/command.ts';
import { type Artifact, goArtifact } from './artifact.ts';
import { buildCrds } from './crds.ts';
import { goBuild } from './go.ts';
import type { Progress } from './progress.ts';
import { crdModules, versions } from './versions.ts';

const [, major, minor] = /^v(\d+)\.(\d+)/.exec(versions.kubernetes) ?? [];

export const artifacts = {
  tools: goArtifact({
    what: 'the small programs of the test bed itself',
    minutes: 0.1,
    ...{ module: 'tools', packages: ['./...'], expectedPackages: 190 },
    recipe: ['./...'],
  }),
  kube: {
    what: `Kubernetes ${versions.kubernetes} with etcd and kubectl`,
    minutes: 7,
    module: 'kube',
    recipe: [versions.kubernetes, 'symlinks'],
    build: buildKube,
  },
  kubevirt: {
    what: `KubeVirt ${versions.kubevirt}`,
    minutes: 4,
    module: 'kubevirt',
    recipe: [],
    build: buildKubeVirt,
  },
  helm: goArtifact({
    what: `Helm ${versions.helm}`,
    minutes: 2,
    ...{ module: 'helm4', packages: ['helm.sh/helm/v4/cmd/helm'], expectedPackages: 1000 },
  }),
  helm3: goArtifact({
    what: `Helm ${versions.helm3}`,
    minutes: 1,
    ...{ module: 'helm3', packages: ['helm.sh/helm/v3/cmd/helm'], expectedPackages: 1000 },
    // Without a cluster, Helm 3 takes these for the cluster's version; Helm 4 asks its own client library.
    linkerFlags: [
      `-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=${major}`,
      `-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minor}`,
    ],
  }),
  crds: {
    what: 'CRDs of CDI, Velero, prometheus-operator and external-snapshotter',
    minutes: 1,
    module: 'cdi',
    recipe: [JSON.stringify(crdModules)],
    build: buildCrds,
  },
  cdi: goArtifact({
    what: "the stand-in for CDI's API server",
    minutes: 1,
    ...{ module: 'cdiadmission', packages: ['.'], expectedPackages: 300 },
  }),
  versitygw: goArtifact({
    what: `versitygw ${versions.versitygw}, an object store with the interface of S3`,
    minutes: 2,
    ...{ module: 'versitygw', packages: ['github.com/versity/versitygw/cmd/versitygw'], expectedPackages: 700 },
  }),
  prometheus: {
    what: 'Prometheus and promtool, from Debian',
    minutes: 0.5,
    recipe: ['debian'],
    build: fetchPrometheus,
  },
  // Debian's is another in each release, and what is posted to receivers changes between them.
  alertmanager: goArtifact({
    what: `Alertmanager ${versions.alertmanager}`,
    minutes: 1.5,
    ...{
      module: 'alertmanager',
      packages: ['github.com/prometheus/alertmanager/cmd/alertmanager'],
      expectedPackages: 350,
    },
  }),
} satisfies Readonly<Record<string, Artifact>>;

const componentVersion = 'k8s.io/component-base/version';

/** Tells Kubernetes' programs which version they are. */
export const kubernetesLinkerFlags: readonly string[] = [
  `-X ${componentVersion}.gitVersion=${versions.kubernetes}`,
  `-X ${componentVersion}.gitMajor=${major}`,
  `-X ${componentVersion}.gitMinor=${minor}`,
  `-X ${componentVersion}.gitTreeState=clean`,
  `-X k8s.io/client-go/pkg/version.gitVersion=${versions.kubernetes}`,
];

/** One binary that is every Kubernetes program by the name it is called; the links give it those names. */
async function buildKube(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const build = { module: 'kube', packages: ['.'], output, tether, linkerFlags: kubernetesLinkerFlags };
  await goBuild({ ...build, expectedPackages: 2700 }, progress);
  for (const program of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']) {
    await symlink('kube', join(output, program));
  }
}

/** virt-api and virt-controller, and the objects KubeVirt's operator would install, as files. */
async function buildKubeVirt(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const packages = ['kubevirt.io/kubevirt/cmd/virt-api', 'kubevirt.io/kubevirt/cmd/virt-controller', './manifests'];
  await goBuild({ module: 'kubevirt', packages, output, tether, expectedPackages: 1350 }, progress);
  const generator = join(output, 'generate-manifests');
  await rename(join(output, 'manifests'), generator);
  await run(generator, [join(output, 'manifests')]);
  await rm(generator);
}

/** Debian's package, unpacked and not installed: nothing of it is started or configured. */
async function fetchPrometheus(folder: string): Promise<void> {
  const download = join(folder, 'download');
  await mkdir(download);
  const get = () => run('apt-get', ['download', 'prometheus'], { cwd: download });
  try {
    await get().catch(() => run('apt-get', ['update', '-qq']).then(get));
    const [archive] = (await readdir(download)).filter(file => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get download left no package');
    await run('dpkg', ['-x', join(download, archive), join(download, 'root')]);
    for (const program of ['prometheus', 'promtool']) {
      await rename(join(download, 'root/usr/bin', program), join(folder, program));
      await run(join(folder, program), ['--version']);
    }
  } catch (error) {
    const advice =
      'Put `prometheus` and `promtool` into a folder `prometheus` below the one that STEWARD_TESTBED names.';
    throw new Error(`Prometheus is taken from Debian's package, and that failed. ${advice}`, { cause: error });
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}
