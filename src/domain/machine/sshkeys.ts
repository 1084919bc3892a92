import { createHash, hash } from 'node:crypto';

/** An ed25519 key pair in raw form (RFC 8032): 32 bytes each. */
export type Ed25519KeyPair = { readonly seed: Uint8Array; readonly publicKey: Uint8Array };

const ALGORITHM = 'ssh-ed25519';
const KEY_BYTES = 32;

/**
 * The public key as in authorized_keys and known_hosts: `ssh-ed25519 AAAA… comment` (RFC 8709).
 * Throws RangeError for a key that is not 32 bytes long.
 */
export function publicKeyLine(publicKey: Uint8Array, comment = ''): string {
  return `${ALGORITHM} ${publicBlob(publicKey).toString('base64')} ${comment}`.trimEnd();
}

/**
 * The unencrypted private key in OpenSSH's own PEM (PROTOCOL.key of OpenSSH).
 * The same input gives the same text: the check number, which is random upstream, is taken from the public key.
 * Throws RangeError for a seed or key that is not 32 bytes long.
 */
export function privateKeyPEM(pair: Ed25519KeyPair, comment = ''): string {
  const blob = publicBlob(pair.publicKey);
  const check = createHash('sha256').update(blob).digest().subarray(0, 4);
  const secret = padded(
    Buffer.concat([
      check,
      check,
      field(ALGORITHM),
      field(pair.publicKey),
      field(Buffer.concat([exactly32(pair.seed), pair.publicKey])),
      field(comment),
    ]),
  );
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(secret),
  ]);
  const body = file.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...body, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** `SHA256:…`, as `ssh-keygen -l` and sshd's log show it. */
export function fingerprint(publicKey: Uint8Array): string {
  return printOf(publicBlob(publicKey));
}

/** The same for a public key as it stands in authorized_keys. */
export function fingerprintOfLine(line: string): string {
  const [, blob = ''] = line.split(' ');
  return printOf(Buffer.from(blob, 'base64'));
}

/** Whether the text is a fingerprint as {@link fingerprint} writes it. */
export function isFingerprint(text: string): boolean {
  return /^SHA256:[A-Za-z0-9+/]{43}$/.test(text);
}

function printOf(blob: Uint8Array): string {
  return `SHA256:${hash('sha256', blob, 'base64').replace(/=+$/, '')}`;
}

function publicBlob(publicKey: Uint8Array): Buffer {
  return Buffer.concat([field(ALGORITHM), field(exactly32(publicKey))]);
}

/** An SSH `string`: its length, then its bytes (RFC 4251, section 5). */
function field(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Filled up with 1, 2, 3, … to a multiple of eight bytes, the block size of cipher `none`. */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function exactly32(bytes: Uint8Array): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  throw new RangeError(`an ed25519 key has ${KEY_BYTES} bytes, not ${bytes.length}`);
}
