import type { DesiredGuest } from '../../domain/guest/desired.ts';

const BLOB = 'AAAAC3NzaC1lZDI1NTE5AAAAI';

/** A line of authorized_keys that nobody has the private half of. */
export const publicKey = (name: string): string =>
  `ssh-ed25519 ${BLOB}${Buffer.from(name.padEnd(32, '.').slice(0, 32)).toString('base64').slice(0, 43)} ${name}`;

export const desired: DesiredGuest = {
  packageManager: 'apt',
  provider: { name: 'steward', sshKeys: [publicKey('steward')], administrator: true, formerKeys: [] },
  users: [
    { name: 'kim', sshKeys: [publicKey('kim')], administrator: true, formerKeys: [] },
    { name: 'ben', sshKeys: [publicKey('ben')], administrator: false, formerKeys: [] },
  ],
  former: ['old'],
  exporter: true,
  exporterRelease: { url: 'https://downloads.example/node_exporter.tar.gz', sha256: 'f'.repeat(64) },
  ownUpdater: true,
};
