import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bucket, type BucketPlace, type Credentials } from '../../runtime/http/bucket.ts';
import type { ExportStore, Lying } from './recordexport.ts';

export type BucketSettings = BucketPlace & {
  /** What stands before each name in the bucket, with a slash at its end; or nothing. */
  readonly prefix: string;
  /** Folder with the files AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and perhaps AWS_SESSION_TOKEN and ca.crt: a Secret, mounted. */
  readonly credentials: string;
};

/** Longest answer; a page has at most 256 KiB and a record more. */
const LIMIT_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** A bucket to which records are exported. Of several writers that believe that they lead, none overwrites what another has written. */
export class ExportBucket implements ExportStore {
  readonly #bucket: Bucket;
  readonly #prefix: string;

  constructor({ prefix, credentials, ...place }: BucketSettings, now: () => Date) {
    const parts = {
      credentials: () => readCredentials(credentials),
      now,
      timeoutMs: TIMEOUT_MS,
      limitBytes: LIMIT_BYTES,
    };
    this.#bucket = new Bucket({ ...place, ...parts });
    this.#prefix = prefix;
  }

  async read(path: string): Promise<Lying | undefined> {
    const lying = await this.#bucket.get(this.#prefix + path);
    return lying && { text: lying.text, version: lying.etag };
  }

  /** Read back, for a store that does not know a condition ignores it: what lies there then decides. */
  async replace(path: string, text: string, was: Lying | undefined): Promise<boolean> {
    const known = was && { text: was.text, etag: was.version ?? '' };
    if (!(await this.#bucket.put(this.#prefix + path, text, known))) return false;
    return (await this.read(path))?.text === text;
  }

  close(): Promise<void> {
    return this.#bucket.close();
  }
}

/** Throws an Error that names the file that is missing. */
async function readCredentials(folder: string): Promise<Credentials> {
  const [accessKeyId, secretAccessKey, sessionToken, ca] = await Promise.all([
    wordIn(folder, 'AWS_ACCESS_KEY_ID'),
    wordIn(folder, 'AWS_SECRET_ACCESS_KEY'),
    wordIn(folder, 'AWS_SESSION_TOKEN'),
    wordIn(folder, 'ca.crt'),
  ]);
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      `the Secret of the bucket's credentials has no ${accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'}`,
    );
  return { accessKeyId, secretAccessKey, sessionToken, ca };
}

async function wordIn(folder: string, name: string): Promise<string | undefined> {
  try {
    const text = (await readFile(join(folder, name), 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
