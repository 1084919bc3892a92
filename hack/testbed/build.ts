/** Brings the artifacts of the test bed into the cache. */
import { join } from 'node:path';
import { type ArtifactName, artifacts } from './artifacts.ts';
import { cached, cacheFolder, exists, recipeDigest } from './cache.ts';
import { moduleFolder, requireGo } from './go.ts';
import { type Progress, spoken } from './progress.ts';

export type ArtifactFolders = Readonly<Record<ArtifactName, string>>;

/**
 * The folder of every artifact; what the cache lacks is built, one after the other because each build uses every core by itself.
 * `STEWARD_TESTBED` may name a folder with ready-made ones, each below its own name.
 *
 * Throws `GoMissing` when something is to be built and there is no fit Go toolchain.
 */
export async function ensureArtifacts(progress: Progress): Promise<ArtifactFolders> {
  const names = Object.keys(artifacts) as ArtifactName[];
  const found = await Promise.all(names.map(async name => [name, await find(name)] as const));
  const missing = found.filter(([, place]) => !place.ready);
  if (missing.length > 0) {
    announce(
      missing.map(([name]) => name),
      progress,
    );
    if (missing.some(([name]) => artifacts[name].module !== undefined)) await requireGo();
  }
  const folders: Partial<Record<ArtifactName, string>> = {};
  for (const [name, place] of found) {
    const tether = folders.tools === undefined ? undefined : join(folders.tools, 'tether');
    folders[name] = place.ready ? place.folder : await build(name, place.key, tether, progress);
  }
  return folders as ArtifactFolders;
}

type Place = { readonly key: string; readonly folder: string; readonly ready: boolean };

async function find(name: ArtifactName): Promise<Place> {
  const provided = process.env.STEWARD_TESTBED && join(process.env.STEWARD_TESTBED, name);
  if (provided && (await exists(provided))) return { key: name, folder: provided, ready: true };
  const { module, recipe } = artifacts[name];
  const key = `${name}-${await recipeDigest(recipe, module && moduleFolder(module))}`;
  const folder = join(cacheFolder(), key);
  return { key, folder, ready: await exists(folder) };
}

function announce(missing: readonly ArtifactName[], progress: Progress): void {
  const minutes = missing.reduce((sum, name) => sum + artifacts[name].minutes, 0);
  progress(
    `The test bed is built once, into ${cacheFolder()}; on two cores this takes about ${Math.ceil(minutes)} min:`,
  );
  for (const name of missing)
    progress(`  ${name.padEnd(10)} ${artifacts[name].what} (${spoken(artifacts[name].minutes * 60_000)})`);
}

async function build(name: ArtifactName, key: string, tether: string | undefined, progress: Progress): Promise<string> {
  const started = Date.now();
  const folder = await cached(
    key,
    partial => {
      progress(`Building ${name}: ${artifacts[name].what}`);
      return artifacts[name].build(partial, tether, progress);
    },
    () => progress(`Waiting for another process that is building ${name}`),
  );
  progress(`${name} is ready after ${spoken(Date.now() - started)}`);
  return folder;
}
