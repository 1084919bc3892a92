import type { RecordPageSpec } from '../../api/recordpage.ts';
import type { Head } from '../../domain/record/entry.ts';
import { publicKeyFile, type RecordKey } from '../../domain/record/recordkey.ts';
import { fileName, readHead } from '../../domain/record/verify.ts';
import { Stopped } from './stopped.ts';

/** What lies under a path; `version` is how a store that knows versions knows this one again. */
export type Lying = { readonly text: string; readonly version?: string | undefined };

/** Texts under paths (`stream/name`), as a folder or a bucket keeps them. Throws what its medium throws. */
export type ExportStore = {
  /** Undefined only where there is nothing. */
  read(path: string): Promise<Lying | undefined>;
  /** Puts a text in the place of what was read there, or of nothing: all of it or none. False: something else lies there by now. */
  replace(path: string, text: string, was: Lying | undefined): Promise<boolean>;
  close(): Promise<void>;
};

/** How often it is looked again at what others have written meanwhile. */
const LOOKS = 3;

/**
 * The export, of which `steward verify` reads. It is the only memory of what was exported: nothing is noted elsewhere. What lies in it is never
 * overwritten with anything but more of the same, and its heads never go back. Throws what its store throws.
 */
export class RecordExport {
  readonly #store: ExportStore;

  constructor(store: ExportStore) {
    this.#store = store;
  }

  /** Where the stream ends there; undefined: nothing of it was exported yet. */
  async head(stream: string): Promise<Head | undefined> {
    return readHead((await this.#store.read(`${stream}/head.json`))?.text);
  }

  /** Whether all of a page lies there, as read back. */
  async holds(page: RecordPageSpec): Promise<boolean> {
    return (await this.#store.read(pathOf(page)))?.text === textOf(page);
  }

  /** Writes a page, if it is not there. Throws Stopped where other records are. */
  async write(page: RecordPageSpec): Promise<void> {
    const text = textOf(page);
    await this.#become(pathOf(page), text, there => {
      if (text.startsWith(there)) return;
      throw new Stopped(
        'StreamBroken',
        `${pathOf(page)} of the export holds other records than the page ${page.number}`,
      );
    });
  }

  /** Throws Stopped where the stream goes further there. */
  async writeHead({ stream, sequence, hash }: Head, key: string): Promise<void> {
    const text = `${JSON.stringify({ stream, sequence, hash, key })}\n`;
    await this.#become(`${stream}/head.json`, text, there => {
      const ahead = readHead(there)?.sequence ?? 0;
      if (ahead > sequence)
        throw new Stopped('StreamBroken', `${stream} of the export ends with ${ahead}, and here with ${sequence}`);
    });
  }

  /** Throws Stopped where something else lies under its id. */
  async writeKey(key: RecordKey): Promise<void> {
    const path = `keys/${key.id}.pem`;
    await this.#become(path, publicKeyFile(key), () => {
      throw new Stopped('StreamBroken', `${path} of the export holds something else than that key`);
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** `judge` throws where what lies there must stay. */
  async #become(path: string, text: string, judge: (there: string) => void): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      const there = await this.#store.read(path);
      if (there?.text === text) return;
      if (there !== undefined) judge(there.text);
      if (await this.#store.replace(path, text, there)) return;
    }
    throw new Error(`${path} of the export is written by somebody else at the same time`);
  }
}

function pathOf({ stream, first }: RecordPageSpec): string {
  return `${stream}/${fileName(first)}`;
}

function textOf({ entries }: RecordPageSpec): string {
  return entries.map(line => `${line}\n`).join('');
}
