import { describe, expect, test } from 'vitest';
import { mirrorKey, SIGNING_TIME } from './mirrorkey.ts';
import { clearSigned, publicKeyring, signingKey } from './openpgp.ts';

describe('the key of the package mirror', () => {
  test('is the same one wherever it is made, so that disks with its public half are the same', () => {
    expect(mirrorKey.fingerprint.toString('hex')).toBe('645ae65cc9ab6c9d30fa5e1188e2f10a42be0924');
    expect(publicKeyring(mirrorKey).equals(publicKeyring(mirrorKey))).toBe(true);
  });

  test('is another one for another seed', () => {
    const other = signingKey(new Uint8Array(32), 'other', SIGNING_TIME);
    expect(other.fingerprint.equals(mirrorKey.fingerprint)).toBe(false);
  });
});

describe('clear-signed text', () => {
  const signed = clearSigned(mirrorKey, 'Suite: trixie\n-dash\n', SIGNING_TIME);

  test('carries the text, with a dash at the start of a line escaped', () => {
    expect(signed).toMatch(
      /^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSuite: trixie\n- -dash\n-----BEGIN PGP SIGNATURE-----\n/,
    );
  });

  test('is the same every time, and differs with the text', () => {
    expect(clearSigned(mirrorKey, 'Suite: trixie\n-dash\n', SIGNING_TIME)).toBe(signed);
    const other = clearSigned(mirrorKey, 'Suite: bookworm\n-dash\n', SIGNING_TIME);
    expect(other.split('BEGIN PGP SIGNATURE')[1]).not.toBe(signed.split('BEGIN PGP SIGNATURE')[1]);
  });
});
