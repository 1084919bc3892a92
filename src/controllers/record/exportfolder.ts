import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportStore, Lying } from './recordexport.ts';

/** A folder to which records are exported, on a volume that only the writer that leads writes to. */
export class ExportFolder implements ExportStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(path: string): Promise<Lying | undefined> {
    try {
      return { text: await readFile(join(this.#folder, path), 'utf8') };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** All of it or nothing, also when the machine stops: written beside, on the disk, then renamed. A file system knows no versions. */
  async replace(name: string, text: string): Promise<boolean> {
    const path = join(this.#folder, name);
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    const beside = join(folder, `.${path.slice(folder.length + 1)}.new`);
    const file = await open(beside, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    const directory = await open(folder);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    return true;
  }

  async close(): Promise<void> {}
}
