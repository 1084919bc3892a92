import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Binaries, ensureInstallation } from '../../../hack/testbed/build/installation.ts';
import type { Child } from '../../../src/domain/contract/child.ts';

/** Prometheus' own tool, and a folder for the files that it reads. */
export class Promtool {
  readonly binaries: Binaries;
  readonly folder: string;
  #files = 0;

  static async start(): Promise<Promtool> {
    const { binaries } = await ensureInstallation(line => console.log(line));
    return new Promtool(binaries, await mkdtemp(join(tmpdir(), 'steward-rules-')));
  }

  private constructor(binaries: Binaries, folder: string) {
    this.binaries = binaries;
    this.folder = folder;
  }

  stop(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Path of a new file with this content. */
  async file(kind: string, content: unknown): Promise<string> {
    this.#files += 1;
    const path = join(this.folder, `${kind}-${this.#files}.yaml`);
    await writeFile(path, JSON.stringify(content));
    return path;
  }

  /** The rules of a PrometheusRule, as Prometheus reads them. */
  ruleFile(rules: Child): Promise<string> {
    return this.file('rules', rules.spec);
  }

  run(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    return new Promise(resolve => {
      const child = execFile(this.binaries.promtool, args, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
      );
    });
  }
}
