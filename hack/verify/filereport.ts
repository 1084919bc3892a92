/**
 * A reporter for vitest that tells beside its JSON report what that leaves out: how long each file took, its preparations (such as a test bed's
 * start) included, and why a file or a suite of it could not be set up or torn down.
 */
import { writeFile } from 'node:fs/promises';
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node';

/** Where this lies that belongs to vitest's JSON report in `report`. */
export function fileReportOf(report: string): string {
  return report.replace(/\.json$/, '.files.json');
}

export class FileReport implements Reporter {
  #report = '';

  onInit({ config: { outputFile } }: Vitest): void {
    this.#report = (typeof outputFile === 'object' && outputFile.json) || '';
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    if (this.#report === '') return;
    const files = modules.map(reportOf).sort((a, b) => b.seconds - a.seconds);
    await writeFile(fileReportOf(this.#report), JSON.stringify(files));
  }
}

function reportOf(module: TestModule) {
  const errors = [module, ...module.children.allSuites()].flatMap(errorsOf);
  return { name: module.relativeModuleId, seconds: module.diagnostic().duration / 1000, errors };
}

/** Of the hooks around tests; a test's own errors are in the JSON report. */
function errorsOf(suite: TestModule | TestSuite): string[] {
  return suite
    .errors()
    .map(({ message, stack = message }) => (stack.includes(message) ? stack : `${message}\n${stack}`));
}

export default FileReport;
