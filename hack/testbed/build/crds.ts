/** The CRDs the test bed installs, collected as one JSON file each: the apiserver reads JSON many times faster than we can read YAML. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../process/command.ts';
import { goBuild, moduleFolder, moduleSources } from './go.ts';
import type { Progress } from './progress.ts';
import { crdModules } from './versions.ts';

/** Whose CRDs there are. */
export const crdSets = ['kubevirt', 'cdi', 'velero', 'monitoring', 'snapshots'] as const;
export type CrdSet = (typeof crdSets)[number];

/** Fills `folder` with one sub-folder per CRD set, KubeVirt's apart: those come from its own program `manifests`. */
export async function buildCrds(folder: string, tether: string | undefined, progress: Progress): Promise<void> {
  await generateCdi(folder, tether, progress);
  for (const [set, { module, sum, folders }] of Object.entries(crdModules)) {
    const sources = await moduleSources(module, sum);
    for (const each of folders) await convert(join(sources, each), join(folder, set));
  }
}

/** CDI publishes its types as a module, but not its CRDs. */
async function generateCdi(folder: string, tether: string | undefined, progress: Progress): Promise<void> {
  const work = join(folder, '.cdi');
  const generator = {
    module: 'cdi',
    packages: ['sigs.k8s.io/controller-tools/cmd/controller-gen'],
    expectedPackages: 400,
  };
  await goBuild({ ...generator, output: work, tether }, progress);
  const types = 'kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1';
  const args = ['crd:allowDangerousTypes=true', `paths=${types}`, `output:crd:dir=${join(work, 'yaml')}`];
  await run(join(work, 'controller-gen'), args, { cwd: moduleFolder('cdi') });
  await convert(join(work, 'yaml'), join(folder, 'cdi'));
}

async function convert(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const files = (await readdir(from)).filter(file => file.endsWith('.yaml') && file !== 'kustomization.yaml');
  for (const file of files) {
    for (const document of parseAllDocuments(await readFile(join(from, file), 'utf8'))) {
      const crd: unknown = document.toJS();
      if (crd === null) continue;
      await writeFile(join(to, file.replace(/\.yaml$/, '.json')), JSON.stringify(crd));
    }
  }
}
