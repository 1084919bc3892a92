/** Long-running programs of the test bed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export class ServerDied extends Error {
  override name = 'ServerDied';
}

export type Server = {
  readonly name: string;
  readonly pid: number;
  /** Rejects with {@link ServerDied}, naming the end of its log, when the program ends without having been stopped; else never settles. */
  readonly died: Promise<never>;
  /** Ends it: SIGTERM, then SIGKILL after `patience` milliseconds. */
  stop(patience?: number): Promise<void>;
};

export type ServerCommand = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The program that ties it to the life of this process. */
  readonly tether: string;
  /** Whether what it has started ends with it: where it is killed, its plug-ins would stay. */
  readonly withGroup?: boolean;
};

/**
 * Starts a program that does not outlive this process, whatever ends it. It runs in a session of its own: Ctrl-C at a terminal reaches
 * this process only, which then ends its servers in the right order.
 */
export function startServer(command: ServerCommand): Server {
  const log = openSync(command.logFile, 'a', 0o600);
  const child = spawn(command.tether, [`${process.pid}`, command.program, ...command.args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...command.environment },
  });
  closeSync(log);
  let stopping = false;
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (command.withGroup) endGroup(child);
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const died = ended.then(async how => {
    if (stopping) return new Promise<never>(() => {});
    throw new ServerDied(`${command.name} ended with ${how}:\n${await tail(command.logFile)}`);
  });
  died.catch(() => {}); // Whoever waits for it learns of it; nobody having to is no unhandled rejection.
  return {
    name: command.name,
    pid: child.pid ?? 0,
    died,
    async stop(patience = 10_000) {
      stopping = true;
      await end(child, ended, patience);
    },
  };
}

async function end(child: ChildProcess, ended: Promise<string>, patience: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(patience > 0 ? 'SIGTERM' : 'SIGKILL');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it was left.
  }
}

async function tail(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.slice(-15).join('\n');
}
