import { z } from 'zod';
import { withRules } from './rules.ts';

/**
 * How public keys in OpenSSH form begin (RFC 4253 6.6, RFC 5656 3.1): the word, and the base64 of the type, and where it is fixed the
 * curve and the length of the number. A word before the blob of another type is no key.
 */
const HEADS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI',
  'ssh-rsa AAAAB3NzaC1yc2EAAAA',
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB',
  'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABh',
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACF',
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAI',
  'sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABB',
] as const;

/** How many characters of base64 a whole key has that begins so; RSA with the exponents and sizes that ssh-keygen and PuTTYgen make. */
const LENGTHS: readonly (readonly [head: string, characters: number])[] = [
  ['ssh-ed25519 ', 68],
  ['ecdsa-sha2-nistp256 ', 140],
  ['ecdsa-sha2-nistp384 ', 184],
  ['ecdsa-sha2-nistp521 ', 232],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ', 372],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ', 544],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQ', 716],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAEAQ', 1396],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQE', 372],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAgE', 712],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAABJQAAAQE', 372],
  ['ssh-rsa AAAAB3NzaC1yc2EAAAABJQAAAgE', 712],
];

/** The shortest RSA key that every catalogue system lets in (2048 bits). */
const SHORTEST_RSA = 368;

const blobLength = (key: string): number => key.split(' ')[1]?.length ?? 0;

/** A public key of a user. Comments are printable ASCII: other characters count differently in ECMAScript and in the API server. */
export const SSHPublicKey = withRules(
  z
    .string()
    .min(16)
    .max(1700)
    .regex(new RegExp(`^(${HEADS.join('|').replaceAll('.', '[.]')})[A-Za-z0-9+/]+={0,2}( [ -~]{0,200})?$`)),
  {
    rule: [
      "self.split(' ')[1].size() % 4 == 0",
      ...LENGTHS.map(([head, length]) => `(!self.startsWith('${head}') || self.split(' ')[1].size() == ${length})`),
    ].join(' && '),
    message:
      'is not a whole key: its middle part is cut off or has something added; copy the line of the .pub file again',
    holds: key =>
      blobLength(key) % 4 === 0 &&
      LENGTHS.every(([head, length]) => !key.startsWith(head) || blobLength(key) === length),
  },
  {
    rule: `!self.startsWith('ssh-rsa ') || self.split(' ')[1].size() >= ${SHORTEST_RSA}`,
    message: 'is an RSA key of less than 2048 bits or cut off; sshd of current systems refuses shorter ones',
    holds: key => !key.startsWith('ssh-rsa ') || blobLength(key) >= SHORTEST_RSA,
  },
);
