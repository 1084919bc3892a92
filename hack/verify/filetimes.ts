/** A reporter for vitest that adds to its JSON report how long each file took, its preparations (such as a test bed's start) included. */
import { writeFile } from 'node:fs/promises';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Where the times of the files lie that belong to vitest's JSON report in `report`. */
export function fileTimesOf(report: string): string {
  return report.replace(/\.json$/, '.files.json');
}

export class FileTimes implements Reporter {
  #report = '';

  onInit({ config: { outputFile } }: Vitest): void {
    this.#report = (typeof outputFile === 'object' && outputFile.json) || '';
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    if (this.#report === '') return;
    const times = modules.map(timeOf).sort((a, b) => b.seconds - a.seconds);
    await writeFile(fileTimesOf(this.#report), JSON.stringify(times));
  }
}

function timeOf(module: TestModule) {
  return { name: module.relativeModuleId, seconds: module.diagnostic().duration / 1000 };
}

export default FileTimes;
