import { timingSafeEqual } from 'node:crypto';

/** The key blob of a line of OpenSSH, `ssh-ed25519 AAAA… comment` (RFC 4253, 6.6). Throws RangeError where there is none. */
export function keyBlob(line: string): Buffer {
  const [type, base64 = ''] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  if (type !== 'ssh-ed25519' || blob.length === 0) throw new RangeError('no ssh-ed25519 public key in the line');
  return blob;
}

/** Whether the key that a host proves is the one on record. There is no other way to trust a guest: no first use, no certificate. */
export function isPinned(pinned: Buffer, offered: Buffer): boolean {
  return pinned.length === offered.length && timingSafeEqual(pinned, offered);
}
