/** Commands in a guest, over SSH, as the customer or as the provider: with a key, and with the host key that is on record. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../testbed/process/command.ts';

export type Login = {
  readonly user: string;
  /** IP address of the guest. */
  readonly address: string;
  /** Default: 22. */
  readonly port?: number;
  /** Private key in OpenSSH's PEM. */
  readonly privateKey: string;
  /** Another, offered on the same connection where the first is not accepted: sshd shuts out for a while whoever fails on several. */
  readonly secondKey?: string | undefined;
  /** The guest's host key as one line of OpenSSH, `ssh-ed25519 AAAA…`; any other is refused. */
  readonly hostKey: string;
};

/** Standard output of the command. Throws CommandFailed: no connection, another host key, a key not accepted, a command that fails. */
export async function inGuest(
  { user, address, port = 22, privateKey, secondKey, hostKey }: Login,
  command: string,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-login-'));
  const [keyFile, secondFile, knownHosts] = [join(folder, 'key'), join(folder, 'second'), join(folder, 'known_hosts')];
  try {
    await writeFile(keyFile, privateKey, { mode: 0o600 });
    if (secondKey !== undefined) await writeFile(secondFile, secondKey, { mode: 0o600 });
    const host = port === 22 ? address : `[${address}]:${port}`;
    await writeFile(knownHosts, `${host} ${hostKey.trim()}\n`);
    const options = {
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: knownHosts,
      GlobalKnownHostsFile: '/dev/null',
      IdentitiesOnly: 'yes',
      PasswordAuthentication: 'no',
      BatchMode: 'yes',
      ConnectTimeout: '10',
      // A guest that goes down does not always say so.
      ServerAliveInterval: '10',
      ServerAliveCountMax: '6',
      LogLevel: 'ERROR',
    };
    const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return await run('ssh', [
      '-F',
      '/dev/null',
      '-i',
      keyFile,
      ...(secondKey === undefined ? [] : ['-i', secondFile]),
      '-p',
      `${port}`,
      ...settings,
      `${user}@${address}`,
      '--',
      command,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
