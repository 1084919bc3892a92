import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RecordPageSpec } from '../../api/recordpage.ts';
import type { Head } from '../../domain/record/entry.ts';
import { publicKeyFile, type RecordKey } from '../../domain/record/recordkey.ts';
import { fileName, readHead } from '../../domain/record/verify.ts';
import { Stopped } from './stopped.ts';

/**
 * The folder to which records are exported, of which `steward verify` reads. It is the only memory of what was exported: nothing is noted elsewhere. What
 * lies in it is never overwritten with anything but more of the same. Throws what the file system throws.
 */
export class ExportFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the stream ends there; undefined: nothing of it was exported yet. */
  async head(stream: string): Promise<Head | undefined> {
    return readHead(await this.#read(stream, 'head.json'));
  }

  /** Whether all of a page lies there, as read back. */
  async holds(page: RecordPageSpec): Promise<boolean> {
    return (await this.#read(page.stream, fileName(page.first))) === textOf(page);
  }

  /** Writes a page, if it is not there. Throws Stopped where other records are. */
  async write(page: RecordPageSpec): Promise<void> {
    const text = textOf(page);
    const there = await this.#read(page.stream, fileName(page.first));
    if (there === text) return;
    if (there !== undefined && !text.startsWith(there))
      throw new Stopped(
        'StreamBroken',
        `${page.stream}/${fileName(page.first)} of the export holds other records than the page ${page.number}`,
      );
    await this.#write(text, page.stream, fileName(page.first));
  }

  async writeHead({ stream, sequence, hash }: Head, key: string): Promise<void> {
    const text = `${JSON.stringify({ stream, sequence, hash, key })}\n`;
    if ((await this.#read(stream, 'head.json')) !== text) await this.#write(text, stream, 'head.json');
  }

  async writeKey(key: RecordKey): Promise<void> {
    const text = publicKeyFile(key);
    if ((await this.#read('keys', `${key.id}.pem`)) !== text) await this.#write(text, 'keys', `${key.id}.pem`);
  }

  async #read(...path: readonly string[]): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, ...path), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** All of it or nothing, also when the machine stops: written beside, on the disk, then renamed. */
  async #write(text: string, folder: string, name: string): Promise<void> {
    const path = join(this.#folder, folder, name);
    await mkdir(dirname(path), { recursive: true });
    const beside = join(dirname(path), `.${name}.new`);
    const file = await open(beside, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    const directory = await open(dirname(path));
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function textOf({ entries }: RecordPageSpec): string {
  return entries.map(line => `${line}\n`).join('');
}
