/** Brings the artifacts of the test bed into the cache. */
import { join } from 'node:path';
import type { Artifact } from './artifact.ts';
import { cached, cacheFolder, exists, recipeDigest } from './cache.ts';
import { moduleFolder, requireGo } from './go.ts';
import { type Progress, spoken } from './progress.ts';

/**
 * The folder of every artifact of a catalogue, in its order; what the cache lacks is built, one after the other because each build uses every core by itself.
 * `STEWARD_TESTBED` may name a folder with ready-made ones, each below its own name.
 *
 * Throws `GoMissing` when something is to be built and there is no fit Go toolchain.
 */
export async function ensureArtifacts<Name extends string>(
  catalogue: Readonly<Record<Name, Artifact>>,
  progress: Progress,
  tether?: string,
): Promise<Readonly<Record<Name, string>>> {
  const names = Object.keys(catalogue) as Name[];
  const found = await Promise.all(names.map(async name => [name, await find(name, catalogue[name])] as const));
  const missing = found.filter(([, place]) => !place.ready).map(([name]) => [name, catalogue[name]] as const);
  if (missing.length > 0) {
    announce(missing, progress);
    if (missing.some(([, { module }]) => module !== undefined)) await requireGo();
  }
  const folders: Partial<Record<string, string>> = {};
  for (const [name, place] of found) {
    const tie = tether ?? (folders.tools && join(folders.tools, 'tether'));
    folders[name] = place.ready ? place.folder : await build({ name, ...catalogue[name] }, place.key, tie, progress);
  }
  return folders as Record<Name, string>;
}

type Place = { readonly key: string; readonly folder: string; readonly ready: boolean };

async function find(name: string, { module, recipe }: Artifact): Promise<Place> {
  const provided = process.env.STEWARD_TESTBED && join(process.env.STEWARD_TESTBED, name);
  if (provided && (await exists(provided))) return { key: name, folder: provided, ready: true };
  const key = `${name}-${await recipeDigest(recipe, module && moduleFolder(module))}`;
  const folder = join(cacheFolder(), key);
  return { key, folder, ready: await exists(folder) };
}

function announce(missing: readonly (readonly [string, Artifact])[], progress: Progress): void {
  const minutes = missing.reduce((sum, [, artifact]) => sum + artifact.minutes, 0);
  progress(
    `The test bed is built once, into ${cacheFolder()}; on two cores this takes about ${Math.ceil(minutes)} min:`,
  );
  for (const [name, artifact] of missing)
    progress(`  ${name.padEnd(10)} ${artifact.what} (${spoken(artifact.minutes * 60_000)})`);
}

type Named = Artifact & { readonly name: string };

async function build(artifact: Named, key: string, tether: string | undefined, progress: Progress): Promise<string> {
  const { name, what } = artifact;
  const started = Date.now();
  const folder = await cached(
    key,
    partial => {
      progress(`Building ${name}: ${what}`);
      return artifact.build(partial, tether, progress);
    },
    () => progress(`Waiting for another process that is building ${name}`),
  );
  progress(`${name} is ready after ${spoken(Date.now() - started)}`);
  return folder;
}
