/** A Git repository of the test bed's own, which Argo CD reads by its path. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process/command.ts';

const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];

function git(program: string, folder: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  return run(program, args, { cwd: folder, env });
}

export async function createRepository(program: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(program, folder, ['init', '--quiet', '--initial-branch=main']);
  // An Application may be there before anything was committed for it.
  await git(program, folder, [...who, 'commit', '--quiet', '--allow-empty', '--message', 'Begin']);
}

export class Repository {
  /** For `spec.source.repoURL`. */
  readonly url: string;
  readonly #program: string;
  readonly #folder: string;

  constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
    this.url = `file://${folder}`;
  }

  /** Commits on `main` that the folder holds these files, text by name, and no others; returns the commit. */
  async replace(folder: string, files: ReadonlyMap<string, string>): Promise<string> {
    const path = join(this.#folder, folder);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    for (const [name, text] of files) await writeFile(join(path, name), text);
    return this.#commit(folder);
  }

  /** Commits a copy of a folder of this machine as `folder`; returns the commit. */
  async copy(from: string, folder: string): Promise<string> {
    await cp(from, join(this.#folder, folder), { recursive: true });
    return this.#commit(folder);
  }

  async #commit(what: string): Promise<string> {
    await git(this.#program, this.#folder, ['add', '--all']);
    const commit = [...who, 'commit', '--quiet', '--allow-empty', '--message', `Change ${what}`];
    await git(this.#program, this.#folder, commit);
    return (await git(this.#program, this.#folder, ['rev-parse', 'HEAD'])).trim();
  }
}
