import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { scramVerifier } from './scram.ts';

/** The exchange of RFC 7677, section 3: user `user`, password `pencil`; its keys, as PostgreSQL stores them. */
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const PROOF = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const SERVER_SIGNATURE = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';
const AUTH_MESSAGE =
  'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';

describe('the verifier of a password', () => {
  it('is the one by which the exchange of RFC 7677 is admitted', () => {
    const verifier = scramVerifier('pencil', SALT);
    const [, stored = '', server = ''] =
      /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+):(.+)$/.exec(verifier) ?? [];
    const hmac = (key: Buffer) => createHmac('sha256', key).update(AUTH_MESSAGE).digest();
    expect(hmac(Buffer.from(server, 'base64')).toString('base64')).toBe(SERVER_SIGNATURE);
    // What the server does: the client's key is the proof without the signature, and its hash is what is stored.
    const signature = hmac(Buffer.from(stored, 'base64'));
    const clientKey = Buffer.from(PROOF, 'base64').map((byte, index) => byte ^ (signature[index] ?? 0));
    expect(createHash('sha256').update(clientKey).digest('base64')).toBe(stored);
  });

  it('never has the password in it, and another salt makes another one', () => {
    const first = scramVerifier('pencil', Buffer.alloc(16, 1));
    expect(first).not.toContain('pencil');
    expect(scramVerifier('pencil', Buffer.alloc(16, 1))).toBe(first);
    expect(scramVerifier('pencil', Buffer.alloc(16, 2))).not.toBe(first);
  });

  it.each(['', 'pass wörd', 'a\nb', 'x'.repeat(257)])('is of printable ASCII only: of %j there is none', password => {
    expect(() => scramVerifier(password, SALT)).toThrow(RangeError);
  });
});
