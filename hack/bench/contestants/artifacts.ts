/** The opponents that are built from Go modules. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Artifact, goArtifact } from '../../testbed/build/artifact.ts';
import { ensureArtifacts } from '../../testbed/build/build.ts';
import { goBuild, moduleSources } from '../../testbed/build/go.ts';
import type { Progress } from '../../testbed/build/progress.ts';

export const kroVersion = 'v0.9.4';
const kroModule = `github.com/kubernetes-sigs/kro@${kroVersion}`;
const kroSum = 'h1:gynhldCLYW5x+M0c2Bf1ihoQTpNE68SKiXl1f6aX1kk=';

/** Modules are named from the test bed's folder of modules. */
const folder = '../../bench/go';

const opponents = {
  controllerRuntime: goArtifact({
    what: 'a minimal operator on controller-runtime',
    minutes: 2,
    ...{ module: `${folder}/controllerruntime`, packages: ['.'], expectedPackages: 600 },
  }),
  kro: {
    what: `kro ${kroVersion}`,
    minutes: 4,
    module: `${folder}/kro`,
    recipe: [kroSum],
    build: buildKro,
  },
} satisfies Readonly<Record<string, Artifact>>;

/** The program `controller`, and its CRDs as JSON in the folder `crds`' files. */
async function buildKro(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const packages = ['github.com/kubernetes-sigs/kro/cmd/controller'];
  await goBuild({ module: `${folder}/kro`, packages, output, tether, expectedPackages: 900 }, progress);
  const sources = join(await moduleSources(kroModule, kroSum), 'helm/crds');
  for (const file of await readdir(sources)) {
    const crd: unknown = parse(await readFile(join(sources, file), 'utf8'));
    await writeFile(join(output, file.replace(/\.yaml$/, '.json')), JSON.stringify(crd));
  }
}

/** Folders of the opponents' programs, built if need be. */
export function ensureOpponents(
  progress: Progress,
  tether: string,
): Promise<Readonly<Record<keyof typeof opponents, string>>> {
  return ensureArtifacts(opponents, progress, tether);
}
