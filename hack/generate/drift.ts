import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Drift = { readonly path: string; readonly why: 'missing' | 'differs' | 'no longer generated' };

/** Where the tree differs from the generated files; in `folders` every file has to be a generated one. */
export async function drift(
  root: string,
  files: ReadonlyMap<string, string>,
  folders: readonly string[],
): Promise<Drift[]> {
  const compared = await Promise.all([...files].map(([path, content]) => compare(root, path, content)));
  const present = (await Promise.all(folders.map(folder => list(root, folder)))).flat();
  const leftOver = present
    .filter(path => !files.has(path))
    .map(path => ({ path, why: 'no longer generated' }) as const);
  return [...compared.filter(difference => difference !== undefined), ...leftOver];
}

async function compare(root: string, path: string, content: string): Promise<Drift | undefined> {
  const present = await orIfMissing(readFile(join(root, path), 'utf8'), undefined);
  if (present === content) return undefined;
  return { path, why: present === undefined ? 'missing' : 'differs' };
}

async function list(root: string, folder: string): Promise<string[]> {
  const entries = await orIfMissing(readdir(join(root, folder), { recursive: true, withFileTypes: true }), []);
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1));
}

async function orIfMissing<Value, Fallback>(reading: Promise<Value>, fallback: Fallback): Promise<Value | Fallback> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return fallback;
    throw error;
  }
}
