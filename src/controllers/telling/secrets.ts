import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What of the Secret is asked for is not there, or is nothing that can be sent. */
export class NoSecret extends Error {}

/** The keys of the teller's Secret, as kubelet mounts it: read each time, for they are replaced while the process runs. */
export class Secrets {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Certificates of authorities of the receivers' own; undefined where there are none. */
  authorities(): Promise<string | undefined> {
    return readFile(join(this.#folder, 'ca.crt'), 'utf8').catch(() => undefined);
  }

  /** Its lines, of which the last may be the newest; blank ones left out. Throws NoSecret, whose message holds nothing of it. */
  async linesOf(key: string): Promise<readonly string[]> {
    const text = await readFile(join(this.#folder, key), 'utf8').catch((error: unknown) => {
      throw new NoSecret(`the teller's Secret has no key ${key}`, { cause: error });
    });
    const lines = text.split(/\r?\n/).map(line => line.trim());
    return lines.filter(line => line !== '');
  }

  /** One line of printable ASCII: a header or a password. Throws NoSecret. */
  async lineOf(key: string): Promise<string> {
    const [line, ...more] = await this.linesOf(key);
    if (line === undefined || more.length > 0 || !/^[ -~]+$/.test(line))
      throw new NoSecret(`key ${key} of the teller's Secret is not one line of printable ASCII`);
    return line;
  }
}
