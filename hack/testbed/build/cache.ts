/**
 * The cache of built artifacts, outside the work tree: one folder per artifact, named by its content's recipe, so that a changed
 * version or source is another folder and an existing folder is always complete.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `STEWARD_CACHE`, else the place the XDG base directory specification names. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.STEWARD_CACHE) return environment.STEWARD_CACHE;
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'steward');
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A short digest of a recipe: the given words and every file below the given folder. */
export async function recipeDigest(words: readonly string[], folder?: string): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify([process.platform, process.arch, ...words]));
  if (folder !== undefined) {
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
    const paths = files.map(file => join(file.parentPath, file.name)).sort();
    for (const path of paths) {
      digest
        .update(path.slice(folder.length))
        .update('\0')
        .update(await readFile(path));
    }
  }
  return digest.digest('hex').slice(0, 12);
}

/**
 * The folder `<cache>/<name>`, filled by `build` when it is not there yet. Two processes never build the same one: the second waits
 * for the first. `build` works in a folder beside it that is renamed when done, so an interrupted build leaves nothing half.
 */
export async function cached(
  name: string,
  build: (folder: string) => Promise<void>,
  onWait = () => {},
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const release = await acquireLock(folder, onWait);
  try {
    if (await exists(folder)) return folder;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await build(partial);
    await rename(partial, folder);
    return folder;
  } finally {
    release();
  }
}

/** A lock that the kernel lets go when its holder ends, however it ends: a socket in Linux's abstract namespace. */
async function acquireLock(name: string, onWait: () => void): Promise<() => void> {
  const address = `\0steward-testbed-${createHash('sha256').update(name).digest('hex')}`;
  let waited = false;
  for (;;) {
    const release = await listen(address);
    if (release !== undefined) return release;
    if (!waited) onWait();
    waited = true;
    await untilReleased(address);
  }
}

/** Listens on the address; returns what gives it up again, or undefined when another process holds it. */
function listen(address: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server = createServer(socket => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    });
    const release = () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(release));
  });
}

function untilReleased(address: string): Promise<void> {
  return new Promise(resolve => {
    connect(address)
      .on('error', () => {})
      .on('close', () => resolve())
      .resume();
  });
}
