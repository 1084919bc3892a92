/**
 * The operator's image without a container engine, the same as the Dockerfile's in what it runs and how: `npm run image` writes
 * dist/steward-image.tar. Three layers, the rarest change lowest: libraries, Node, the bundle.
 */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle.ts';
import { baseOf, certificatesEnvironment, nonroot, unpackBase } from './base.ts';
import { writeLayer } from './layer.ts';
import { type ImageConfig, writeImage } from './oci.ts';
import { withScratch } from './scratch.ts';

const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const { version, description } = require('../../package.json');

export const config: ImageConfig = {
  entrypoint: ['/nodejs/bin/node', '/app/steward.mjs'],
  cmd: ['run'],
  env: certificatesEnvironment,
  user: nonroot,
  exposedPorts: [8080, 8081],
  labels: { 'org.opencontainers.image.title': 'steward', 'org.opencontainers.image.description': description },
};

/** What the chart asks for when nobody sets `image`. */
const defaultName = `steward:${version}`;

export type StewardImage = { readonly name?: string; readonly outFile: string };

/** Builds the image of the sources as they are, for this machine's architecture, and returns its digest. */
export function buildStewardImage({ name = defaultName, outFile }: StewardImage): Promise<string> {
  return withScratch(async scratch => {
    await mkdir(dirname(outFile), { recursive: true });
    const layers = [join(scratch, 'base.tar'), join(scratch, 'node.tar'), join(scratch, 'app.tar')] as const;
    // The binary that runs this is the one pinned in package-lock.json.
    const node = dirname(require.resolve(`node-linux-${process.arch}/package.json`));
    const packages = join(scratch, 'packages');
    const control = await unpackBase(packages);
    await writeLayer(await baseOf([join(node, 'bin/node')], packages, control), layers[0]);
    await writeLayer(
      [
        { path: 'nodejs/bin/node', source: join(node, 'bin/node'), mode: 0o755 },
        { path: 'nodejs/LICENSE', source: join(node, 'LICENSE') },
      ],
      layers[1],
    );
    const app = dirname(await bundle({ outfile: join(scratch, 'app/steward.mjs') }));
    const files = (await readdir(app)).map(file => ({ path: `app/${file}`, source: join(app, file) }));
    await writeLayer(files, layers[2]);
    return writeImage({ name, layers, config, gzip: true }, outFile);
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      name: { type: 'string', default: defaultName },
      output: { type: 'string', default: join(root, 'dist/steward-image.tar') },
    },
  });
  const digest = await buildStewardImage({ name: values.name, outFile: values.output });
  const { size } = await stat(values.output);
  console.log(`${values.output}: ${values.name}, ${(size / 1e6).toFixed(1)} MB\n${digest}`);
}
