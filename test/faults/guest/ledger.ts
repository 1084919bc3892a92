/** The record of one VM, played: a file with a version, which refuses a write that was made from an older one. Real ones: test/integration. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { StepRecord } from '../../../src/guest/run/step.ts';
import type { VMLease } from '../../../src/guest/run/vmlease.ts';

export type Entry = {
  readonly version: number;
  readonly lease?: VMLease;
  readonly leaseGeneration?: number;
  readonly step?: StepRecord;
};

export class Conflict extends Error {
  override readonly name = 'Conflict';
}

export class Ledger {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  read(): Entry {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Entry;
    } catch {
      return { version: 0 };
    }
  }

  /** Returns the entry as it is now. Throws Conflict. */
  write(entry: Entry): Entry {
    if (this.read().version !== entry.version) throw new Conflict(`version ${entry.version} is not the newest`);
    const written = { ...entry, version: entry.version + 1 };
    writeFileSync(`${this.#file}.new`, JSON.stringify(written));
    renameSync(`${this.#file}.new`, this.#file);
    return written;
  }
}
