/** Programs of this project that need the real node: what it takes is built first, then they run in a box. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildStewardImage } from '../images/steward.ts';
import type { Progress } from '../testbed/build/progress.ts';
import { buildNodeBed } from '../testbed/node/bednode.ts';
import { runInBox } from '../testbed/node/box/box.ts';

const root = join(import.meta.dirname, '../..');

/** Name of Steward's image on the node, without tag; the tag is the chart's own. */
export const STEWARD_IMAGE = 'steward.testbed/steward';

/** The image of the sources as they were when {@link runOnNode} was called. */
export const stewardImageFile = join(root, 'dist/steward-image.tar');

/** Runs a command in a box in which `startService` works; returns its exit code. Throws BoxUnavailable. */
export async function runOnNode(argv: readonly string[], progress: Progress): Promise<number> {
  await buildNodeBed(progress);
  progress('building the image of Steward');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  await buildStewardImage({ name: `${STEWARD_IMAGE}:${version}`, outFile: stewardImageFile });
  return runInBox(argv, progress);
}
