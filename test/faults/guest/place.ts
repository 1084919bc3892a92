/** Where steps are carried out, and where it is counted how often each of them happened. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAUNCHER as launcher } from '../../../src/guest/run/launcher.fixtures.ts';
import type { Ground } from '../../../src/guest/run/scripts.ts';
import type { Dial } from '../../../src/guest/transport/dial.ts';
import { type Command, type Keys, startScriptedGuest } from '../../../src/guest/transport/scriptedguest.fixtures.ts';
import type { Login } from '../../../src/guest/transport/session.ts';

export type Place = {
  readonly dial: Dial;
  readonly login: Login;
  /** Where the scripts work; absent in a real guest. */
  readonly ground?: Ground;
  /** File to which each step adds a line with its id. */
  readonly counter: string;
  /** How often the step has had its effect. */
  effects(id: string): Promise<number>;
  close(): Promise<void>;
};

/** A fake guest: a scripted SSH server whose commands a real /bin/sh carries out on this machine, in a folder of its own. */
export async function scriptedPlace(hostKey?: Keys): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-guest-faults-'));
  const counter = join(folder, 'effects');
  const guest = await startScriptedGuest({ run: carriedOutByShell, ...(hostKey && { hostKey }) });
  return {
    ...{ dial: guest.dial, login: guest.login, ground: { folder: join(folder, 'steps'), launcher }, counter },
    effects: async id => linesOf(await readFile(counter, 'utf8').catch(() => ''), id),
    close: async () => {
      await guest.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export function linesOf(text: string, id: string): number {
  return text.split('\n').filter(line => line === id).length;
}

/** As sshd does it: what has arrived is carried out, also when the connection is gone; the shell then sees the end of its input. */
function carriedOutByShell({ channel }: Command): void {
  const shell = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'pipe'] });
  shell.stdin.on('error', () => {});
  channel.on('data', (chunk: Buffer) => shell.stdin.write(chunk));
  channel.on('end', () => shell.stdin.end());
  channel.on('close', () => shell.stdin.end());
  channel.on('error', () => {});
  shell.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
  shell.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
  shell.on('close', code => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
