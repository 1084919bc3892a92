/** A small box for builds: the machine as it is, with Debian's libraries and compiler laid over /usr. */
import { join } from 'node:path';
import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Progress } from '../../build/progress.ts';
import { packages } from './packages.ts';

const script = 'mount -t overlay -o "lowerdir=$0/usr:/usr" overlay /usr; exec "$@"';

/** What to put before a command line so that it runs in a build box, and ends with this process. Needs root. */
export async function inBuildBox(progress: Progress): Promise<string[]> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, packages }, progress);
  return [join(folders.tools, 'box'), `-parent=${process.pid}`, 'sh', '-euc', script, folders.packages];
}
