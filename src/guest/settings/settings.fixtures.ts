import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { publicKeyLine } from '../../domain/machine/sshkeys.ts';

/** A line of authorized_keys that nobody has the private half of. */
export const publicKey = (name: string): string => publicKeyLine(Buffer.from(name.padEnd(32, '.')), name);

export const desired: DesiredGuest = {
  packageManager: 'apt',
  provider: { name: 'steward', sshKeys: [publicKey('steward')], administrator: true, formerKeys: [] },
  users: [
    { name: 'kim', sshKeys: [publicKey('kim')], administrator: true, formerKeys: [] },
    { name: 'ben', sshKeys: [publicKey('ben')], administrator: false, formerKeys: [] },
  ],
  former: ['old'],
  soleRoot: false,
  exporter: true,
  services: [],
  lines: false,
  exporterRelease: { url: 'https://downloads.example/node_exporter.tar.gz', sha256: 'f'.repeat(64) },
  ownUpdater: true,
  applications: [],
};
