/** Pages that show a terminal are run as they stand: each command by whom its prompt names, each output as the page has it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export type Step = { readonly who: string; readonly command: string; readonly output: string };

/** The commands of a page's blocks of `console`, in their order. A command ends with its line, or with its here-document. */
export function stepsOf(page: string): readonly Step[] {
  const blocks = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => text);
  return blocks.flatMap(block => block.split(/^(?=\w+\$ )/m).map(stepOf));
}

function stepOf(text: string): Step {
  const [, who = '', rest = ''] = /^(\w+)\$ (.*)$/s.exec(text) ?? [];
  const [, document, line] = /^([^\n]*<<EOF\n.*?^EOF\n)|^([^\n]*\n)/ms.exec(rest) ?? [];
  const command = document ?? line ?? '';
  return { who, command: command.trimEnd(), output: rest.slice(command.length) };
}

/** What two runs of one page may differ in: hashes, names with a uid in them, instants, ages, and the width of columns. */
export function steady(output: string): string {
  return output
    .replace(/sha256:[0-9a-f]{64}/g, '<hash>')
    .replace(/-[0-9a-f]{8}\b/g, '-<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<instant>')
    .replace(/(?<=\s)\d+[smh](\d+s)?$/gm, '<age>')
    .replace(/ {2,}/g, '  ')
    .replace(/[ \n]+$/gm, '');
}

/** One shell for all who type, as far as its variables go. */
export class Terminal {
  readonly #folder: string;
  readonly #environment: (who: string) => NodeJS.ProcessEnv;
  /** Shell commands that come first, e.g. functions that stand for programs. */
  readonly #before: string;

  constructor(folder: string, before: string, environment: (who: string) => NodeJS.ProcessEnv) {
    [this.#folder, this.#before, this.#environment] = [folder, before, environment];
  }

  /** What the command writes, on either stream; its exit code is the reader's to see from it. */
  type({ who, command }: Step): Promise<string> {
    const variables = join(this.#folder, 'variables');
    const script = `touch ${variables}; . ${variables}; ${this.#before}\n{ ${command}\n} 2>&1\ndeclare -p CHANGE PLAN >${variables} 2>/dev/null`;
    return new Promise(resolve => {
      const options = { env: this.#environment(who), cwd: this.#folder };
      execFile('bash', ['-c', script], options, (_error, stdout) => resolve(stdout));
    });
  }
}
