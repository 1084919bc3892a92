import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ed25519KeyPair, fingerprint, privateKeyPEM, publicKeyLine } from './sshkeys.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('OpenSSH encoding of ed25519 keys', () => {
  test('the public line is the one that RFC 8709 and OpenSSH give for the key of RFC 8032, test 1', () => {
    const key = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(publicKeyLine(key, 'steward')).toBe(
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea steward',
    );
  });

  test('ssh-keygen reads the private key and finds the same public key, comment and fingerprint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sshkeys-'));
    try {
      for (const comment of ['', 'x', 'shop-db.acme', 'a comment of several words']) {
        const pair = generated();
        const file = join(folder, 'key');
        writeFileSync(file, privateKeyPEM(pair, comment), { mode: 0o600 });
        expect(keygen('-y', '-f', file)).toBe(publicKeyLine(pair.publicKey, comment));
        expect(keygen('-l', '-f', file).split(' ')[1]).toBe(fingerprint(pair.publicKey));
        rmSync(file);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the private key is a whole number of blocks and gives back its seed, for every key and comment', () => {
    fc.assert(
      fc.property(bytes32, bytes32, fc.string({ maxLength: 60 }), (seed, publicKey, comment) => {
        const fields = readFields(privateKeyPEM({ seed, publicKey }, comment));
        expect(fields.secret.length % 8).toBe(0);
        expect(fields.secret.includes(Buffer.concat([seed, publicKey]))).toBe(true);
        expect(publicKeyLine(publicKey)).toBe(`ssh-ed25519 ${fields.blob.toString('base64')}`);
      }),
    );
  });

  test('the same key is always written the same way', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (seed, publicKey) => {
        expect(privateKeyPEM({ seed, publicKey }, 'c')).toBe(privateKeyPEM({ seed, publicKey }, 'c'));
      }),
    );
  });

  test('a key of the wrong length is refused with its length', () => {
    expect(() => publicKeyLine(new Uint8Array(31))).toThrow(new RangeError('an ed25519 key has 32 bytes, not 31'));
    expect(() => privateKeyPEM({ seed: new Uint8Array(64), publicKey: new Uint8Array(32) })).toThrow('not 64');
  });
});

function generated(): Ed25519KeyPair {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { seed: Buffer.from(jwk.d ?? '', 'base64url'), publicKey: Buffer.from(jwk.x ?? '', 'base64url') };
}

function keygen(...args: string[]): string {
  return execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim();
}

/** Walks PROTOCOL.key up to the private section. */
function readFields(pem: string): { blob: Buffer; secret: Buffer } {
  const file = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = (): Buffer => {
    const length = file.readUInt32BE(at);
    at += 4 + length;
    return file.subarray(at - length, at);
  };
  expect([next().toString(), next().toString(), next().toString()]).toEqual(['none', 'none', '']);
  expect(file.readUInt32BE(at)).toBe(1);
  at += 4;
  const fields = { blob: next(), secret: next() };
  expect(at).toBe(file.length);
  return fields;
}
