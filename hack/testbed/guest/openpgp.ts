/**
 * OpenPGP version 4 (RFC 4880; EdDSA keys as in draft-koch-eddsa-for-openpgp, algorithm 22): a signing key and clear-signed text,
 * all that apt asks of a repository. Ed25519 signatures are deterministic, so what is signed is reproducible.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

const EDDSA = 22;
const SHA256 = 8;
/** The curve's object identifier, after its length (RFC 6637, section 11). */
const ED25519_OID = Buffer.from('092b06010401da470f01', 'hex');
/** DER of an Ed25519 private key up to its 32 bytes (RFC 8410). */
const PRIVATE_KEY_DER = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Kinds of signatures (section 5.2.1). */
const TEXT_DOCUMENT = 0x01;
const POSITIVE_CERTIFICATION = 0x13;

export type SigningKey = {
  readonly privateKey: KeyObject;
  /** Body of the public key packet. */
  readonly body: Buffer;
  readonly fingerprint: Buffer;
  readonly userId: string;
  readonly created: Date;
};

/** The key that belongs to a seed of 32 bytes, a creation time and a name; the same ones always give the same key. */
export function signingKey(seed: Uint8Array, userId: string, created: Date): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE_KEY_DER, seed]), format: 'der', type: 'pkcs8' });
  const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const body = Buffer.concat([
    Buffer.from([4]),
    uint32(seconds(created)),
    Buffer.from([EDDSA]),
    ED25519_OID,
    integer(Buffer.concat([Buffer.from([0x40]), point])),
  ]);
  const fingerprint = createHash('sha1').update(hashedKey(body)).digest();
  return { privateKey, body, fingerprint, userId, created };
}

/** The public key with its name, in the binary form that apt's `Signed-By` takes. */
export function publicKeyring(key: SigningKey): Buffer {
  const name = Buffer.from(key.userId);
  const hashedName = Buffer.concat([Buffer.from([0xb4]), uint32(name.length), name]);
  const certification = signature(key, {
    kind: POSITIVE_CERTIFICATION,
    data: Buffer.concat([hashedKey(key.body), hashedName]),
    at: key.created,
    // Key flags: may certify and sign. Preferred hash: SHA-256.
    subpackets: [subpacket(27, Buffer.from([0x03])), subpacket(21, Buffer.from([SHA256]))],
  });
  return Buffer.concat([packet(6, key.body), packet(13, name), packet(2, certification)]);
}

/** The text with the signature over it (section 7): what apt expects in `InRelease`. */
export function clearSigned(key: SigningKey, text: string, at: Date): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const canonical = lines.map(line => line.replace(/[ \t\r]+$/, '')).join('\r\n');
  const body = packet(2, signature(key, { kind: TEXT_DOCUMENT, data: Buffer.from(canonical), at, subpackets: [] }));
  const escaped = lines.map(line => (line.startsWith('-') ? `- ${line}` : line));
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    ...escaped,
    '-----BEGIN PGP SIGNATURE-----',
    '',
    ...(body.toString('base64').match(/.{1,64}/g) ?? []),
    `=${checksum(body)}`,
    '-----END PGP SIGNATURE-----',
    '',
  ].join('\n');
}

type Signed = {
  readonly kind: number;
  readonly data: Buffer;
  readonly at: Date;
  readonly subpackets: readonly Buffer[];
};

/** Body of a version 4 signature packet (section 5.2.3 and 5.2.4). */
function signature(key: SigningKey, { kind, data, at, subpackets }: Signed): Buffer {
  const hashed = Buffer.concat([
    subpacket(33, Buffer.concat([Buffer.from([4]), key.fingerprint])),
    subpacket(2, uint32(seconds(at))),
    ...subpackets,
  ]);
  const head = Buffer.concat([Buffer.from([4, kind, EDDSA, SHA256]), uint16(hashed.length), hashed]);
  const trailer = Buffer.concat([Buffer.from([4, 0xff]), uint32(head.length)]);
  const digest = createHash('sha256').update(data).update(head).update(trailer).digest();
  const issuer = subpacket(16, key.fingerprint.subarray(-8));
  const value = sign(null, digest, key.privateKey);
  return Buffer.concat([
    head,
    uint16(issuer.length),
    issuer,
    digest.subarray(0, 2),
    integer(value.subarray(0, 32)),
    integer(value.subarray(32)),
  ]);
}

function hashedKey(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x99]), uint16(body.length), body]);
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag]), length(body.length), body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([length(body.length + 1), Buffer.from([type]), body]);
}

/** A length in the new format, of one or two bytes (section 4.2.2); nothing here is longer than 8383 bytes. */
function length(bytes: number): Buffer {
  if (bytes < 192) return Buffer.from([bytes]);
  return Buffer.from([((bytes - 192) >> 8) + 192, (bytes - 192) & 0xff]);
}

/** A multiprecision integer (section 3.2): its length in bits, then its bytes without leading zeros. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex(byte => byte !== 0);
  const trimmed = first === -1 ? Buffer.alloc(0) : bytes.subarray(first);
  const [top = 0] = trimmed;
  return Buffer.concat([uint16(Math.max(0, trimmed.length - 1) * 8 + top.toString(2).length), trimmed]);
}

/** CRC-24 of section 6.1, in base64. */
function checksum(data: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of data) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return uint32(crc & 0xffffff)
    .subarray(1)
    .toString('base64');
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
