/**
 * Bundles the operator into one file, `dist/steward.mjs` with its source map: a third of the memory and start time of the tree it is
 * made of, and all that the image holds besides Node.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** What CommonJS packages take for granted and a module does not have: `require` for Node's own modules, and their folder. */
const whatCommonJSHas = [
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** A fifth of the operator's memory: clients of the generated API, which KubeConfig could make, and zod's messages in forty languages. */
const leavingOutWhatNobodyAsksFor: Plugin = {
  name: 'leaving-out-what-nobody-asks-for',
  setup(bundling) {
    bundling.onLoad({ filter: /client-node\/dist\/gen\/index\.js$/ }, () => ({
      contents: 'export const createConfiguration = undefined, ServerConfiguration = undefined;',
    }));
    bundling.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

export type BundleOptions = {
  /** Default: src/main.ts. */
  readonly entry?: string;
  /** Default: dist/steward.mjs. */
  readonly outfile?: string;
};

/** Writes the bundle and returns its path. Throws when a module is missing; esbuild's message names it. */
export async function bundle(options: BundleOptions = {}): Promise<string> {
  const outfile = options.outfile ?? join(root, 'dist/steward.mjs');
  const { outputFiles } = await build({
    entryPoints: [options.entry ?? join(root, 'src/main.ts')],
    // Paths in the bundle and its source map are relative to these two; the files are written elsewhere, so that they are the same anywhere.
    absWorkingDir: root,
    outfile: join(root, 'dist', basename(outfile)),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    // Not minified: an uncaught error prints its line, and a line of 100 kB helps nobody. It would save 3 MB of memory.
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'external',
    // Native parts of ssh2, which does without where it does not find them: one image serves, built anywhere.
    external: ['cpu-features', '*.node'],
    plugins: [leavingOutWhatNobodyAsksFor],
    banner: { js: whatCommonJSHas },
    logLevel: 'warning',
  });
  await mkdir(dirname(outfile), { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(join(dirname(outfile), basename(path)), contents);
  return outfile;
}

if (import.meta.main) {
  const outfile = await bundle();
  const { size } = await stat(outfile);
  console.log(`${outfile}: ${(size / 1e6).toFixed(1)} MB`);
}
