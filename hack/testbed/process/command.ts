/** Running a short-lived program to its end. */
import { spawn } from 'node:child_process';

export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Kills the program when it aborts. */
  readonly signal?: AbortSignal;
  /** Called for each line the program writes to standard error. */
  readonly onErrorLine?: (line: string) => void;
};

/** Standard output of the program. Throws {@link CommandFailed} with the end of its standard error when it does not exit with 0. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors.push(text);
      for (const line of text.split('\n')) if (line !== '') options.onErrorLine?.(line);
    });
    child.stdin.on('error', () => {}).end(options.input ?? '');
    child.once('error', error => reject(new CommandFailed(`${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output.join(''));
      const tail = errors.join('').trimEnd().split('\n').slice(-20).join('\n');
      reject(new CommandFailed(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}:\n${tail}`));
    });
  });
}
