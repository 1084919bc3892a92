/** Argo CD itself, from its Go module: the programs, and what its own manifest installs besides Pods. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Artifact } from '../build/artifact.ts';
import { goBuild, moduleSources } from '../build/go.ts';
import type { Progress } from '../build/progress.ts';
import { versions } from '../build/versions.ts';

const source = {
  module: `github.com/argoproj/argo-cd/v3@${versions.argocd}`,
  /** Go's own checksum of the module (`go mod download -json`). */
  sum: 'h1:9P9vJKo1RGWu6mtQnGu61r+0h3XKlA2j3kVhwogUQ/0=',
};

/** Kinds of its `install.yaml` that make sense where its programs are processes on loopback. */
const installed = [
  'CustomResourceDefinition',
  'ServiceAccount',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
];

export const argocd: Artifact = {
  what: `Argo CD ${versions.argocd}`,
  minutes: 3,
  module: 'argocd',
  recipe: [JSON.stringify(source), ...installed],
  build: buildArgoCD,
};

async function buildArgoCD(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const linkerFlags = [`-X github.com/argoproj/argo-cd/v3/common.version=${versions.argocd.slice(1)}`];
  const build = { module: 'argocd', packages: ['.'], output, tether, linkerFlags };
  await goBuild({ ...build, expectedPackages: 1250 }, progress);
  for (const program of ['argocd-application-controller', 'argocd-repo-server'])
    await symlink('argocd', join(output, program));
  await writeFile(join(output, 'install.json'), JSON.stringify(await installation()));
}

/** One List for kubectl. */
async function installation(): Promise<object> {
  const sources = await moduleSources(source.module, source.sum);
  const documents = parseAllDocuments(await readFile(join(sources, 'manifests/install.yaml'), 'utf8'));
  const objects = documents.map(document => document.toJS() as { readonly kind: string });
  return { apiVersion: 'v1', kind: 'List', items: objects.filter(({ kind }) => installed.includes(kind)) };
}
