/** What the test bed is made of: of each part how it is built, from what, and how long that takes. */
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process/command.ts';
import { buildCrds } from './crds.ts';
import { goBuild } from './go.ts';
import type { Progress } from './progress.ts';
import { crdModules, versions } from './versions.ts';

export type Artifact = {
  readonly what: string;
  /** Minutes a build takes on two cores with Go's own caches empty. */
  readonly minutes: number;
  /** The Go module below `go/` it is built from; its files are part of the artifact's identity. */
  readonly module?: string;
  /** Everything else that, changed, asks for a new build. */
  readonly recipe: readonly string[];
  /** Fills `folder`. `tether` is the program that ends a build together with this process, once it exists. */
  readonly build: (folder: string, tether: string | undefined, progress: Progress) => Promise<void>;
};

const kubernetes = /^v(\d+)\.(\d+)/.exec(versions.kubernetes) ?? [];

export const artifacts = {
  tools: {
    what: 'the small programs of the test bed itself',
    minutes: 0.1,
    module: 'tools',
    recipe: ['./...'],
    build: (output, tether, progress) =>
      goBuild({ module: 'tools', packages: ['./...'], output, tether, expectedPackages: 190 }, progress),
  },
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
  helm: {
    what: `Helm ${versions.helm}`,
    minutes: 2,
    module: 'helm4',
    recipe: [],
    build: (output, tether, progress) => buildHelm('helm4', 'helm.sh/helm/v4', { output, tether }, progress),
  },
  helm3: {
    what: `Helm ${versions.helm3}`,
    minutes: 1,
    module: 'helm3',
    recipe: [],
    build: (output, tether, progress) => buildHelm('helm3', 'helm.sh/helm/v3', { output, tether }, progress),
  },
  crds: {
    what: 'CRDs of CDI, Velero, prometheus-operator and external-snapshotter',
    minutes: 1,
    module: 'cdi',
    recipe: [JSON.stringify(crdModules)],
    build: buildCrds,
  },
  cdi: {
    what: "the stand-in for CDI's API server",
    minutes: 1,
    module: 'cdiadmission',
    recipe: [],
    build: (output, tether, progress) =>
      goBuild({ module: 'cdiadmission', packages: ['.'], output, tether, expectedPackages: 300 }, progress),
  },
  prometheus: {
    what: 'Prometheus and promtool, from Debian',
    minutes: 0.5,
    recipe: ['debian'],
    build: fetchPrometheus,
  },
} satisfies Readonly<Record<string, Artifact>>;

const componentVersion = 'k8s.io/component-base/version';

/** Tells Kubernetes' programs which version they are. */
export const kubernetesLinkerFlags: readonly string[] = [
  `-X ${componentVersion}.gitVersion=${versions.kubernetes}`,
  `-X ${componentVersion}.gitMajor=${kubernetes[1]}`,
  `-X ${componentVersion}.gitMinor=${kubernetes[2]}`,
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

type Output = { readonly output: string; readonly tether: string | undefined };

async function buildHelm(module: string, path: string, output: Output, progress: Progress): Promise<void> {
  const [, major, minor] = kubernetes;
  // Without a cluster, Helm 3 takes these for the cluster's version; Helm 4 asks its own client library.
  const offline = `-X ${path}/pkg/chartutil.k8sVersion`;
  const linkerFlags = module === 'helm3' ? [`${offline}Major=${major}`, `${offline}Minor=${minor}`] : [];
  await goBuild({ module, packages: [`${path}/cmd/helm`], ...output, linkerFlags, expectedPackages: 1000 }, progress);
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
