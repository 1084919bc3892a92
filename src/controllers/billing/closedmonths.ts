import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Files, type Generation, readGeneration } from '../../domain/billing/closing.ts';
import { messageOf } from '../../runtime/http/exchange.ts';

/** Closed months in a folder: `CONTRACT/YYYY-MM/GENERATION/…`. What was closed is never written again. */
export class ClosedMonths {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Contracts and months of which something was closed. */
  all(): { readonly contract: string; readonly month: string }[] {
    return foldersIn(this.#folder).flatMap(contract =>
      foldersIn(join(this.#folder, contract)).map(month => ({ contract, month })),
    );
  }

  /** The generations of a month, in their order. Throws Error with a sentence where one is not as it was closed. */
  read(contract: string, month: string): Generation[] {
    const folder = join(this.#folder, contract, month);
    const names = foldersIn(folder).toSorted((a, b) => Number(a) - Number(b));
    return names.map(name => {
      try {
        const own = join(folder, name);
        return readGeneration(new Map(readdirSync(own).map(file => [file, readFileSync(join(own, file), 'utf8')])));
      } catch (error) {
        throw new Error(`${contract}/${month}/${name}: ${messageOf(error)}`);
      }
    });
  }

  /** All of a generation or nothing, also when the machine stops: written beside, on the disk, then renamed. Throws where it is there already. */
  write(contract: string, month: string, generation: number, files: Files): string {
    const folder = join(this.#folder, contract, month);
    const beside = join(folder, `.${generation}.new`);
    rmSync(beside, { recursive: true, force: true });
    mkdirSync(beside, { recursive: true });
    for (const [name, text] of files) {
      const file = openSync(join(beside, name), 'wx');
      try {
        writeSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    }
    renameSync(beside, join(folder, String(generation)));
    const directory = openSync(folder, 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    return join(folder, String(generation));
  }
}

/** What was being written when the machine stopped is hidden, and no part of what was closed. */
function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
