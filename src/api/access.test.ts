import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SSHPublicKey } from './sshkey.ts';
import { UserName } from './username.ts';

const accepted = (key: string): boolean => SSHPublicKey.safeParse(key).success;

/** A number as RFC 4251 writes it: its length, a zero where the first bit is set, its bytes. */
function field(...parts: readonly (string | Buffer)[]): string {
  const fields = parts.map(part => {
    const bytes = Buffer.from(part as Buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(fields).toString('base64');
}

function rsaKey(bits: number, exponent = 0x10001): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicExponent: exponent,
  }).publicKey.export({ format: 'jwk' });
  const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]);
  return `ssh-rsa ${field('ssh-rsa', Buffer.from(e, 'base64url'), modulus)}`;
}

const random = (length: number) => Buffer.alloc(length, 7);
const ecdsa = (bits: number, length: number) =>
  `ecdsa-sha2-nistp${bits} ${field(`ecdsa-sha2-nistp${bits}`, `nistp${bits}`, random(length))}`;

/** A modulus need not be a product of primes to be as long as one. */
const rsaOf = (bits: number) =>
  `ssh-rsa ${field('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(1), Buffer.alloc(bits / 8, 0xab)]))}`;

const whole: readonly (readonly [string, string])[] = [
  ['ed25519', `ssh-ed25519 ${field('ssh-ed25519', random(32))}`],
  ['RSA 2048', rsaKey(2048)],
  ['RSA 2048 of an old ssh-keygen', rsaKey(2048, 35)],
  ['RSA 2048 of an old PuTTYgen', rsaKey(2048, 37)],
  ['RSA 3072', rsaOf(3072)],
  ['RSA 4096', rsaOf(4096)],
  ['RSA 5120', rsaOf(5120)],
  ['RSA 8192', rsaOf(8192)],
  ['ECDSA 256', ecdsa(256, 65)],
  ['ECDSA 384', ecdsa(384, 97)],
  ['ECDSA 521', ecdsa(521, 133)],
  [
    'ed25519 on a security key',
    `sk-ssh-ed25519@openssh.com ${field('sk-ssh-ed25519@openssh.com', random(32), 'ssh:')}`,
  ],
  [
    'ECDSA on a security key',
    `sk-ecdsa-sha2-nistp256@openssh.com ${field('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', random(65), 'ssh:')}`,
  ],
];

describe('MO-8: a public key that sshd would take is accepted', () => {
  test.each(whole)('%s, with and without a comment', (_, key) => {
    expect(accepted(key)).toBe(true);
    expect(accepted(`${key} anna@acme.example # "laptop"`)).toBe(true);
    expect(accepted(`${key} ${'c'.repeat(200)}`)).toBe(true);
  });
});

describe('MO-8: what ssh-keygen calls no key is refused, or the customer would be locked out of a Ready VM', () => {
  test.each(whole.filter(([name]) => name !== 'RSA 5120' && !name.includes('security key')))(
    '%s, cut off anywhere',
    (_, key) => {
      const start = key.indexOf(' ') + 1;
      fc.assert(
        fc.property(fc.integer({ min: start, max: key.length - 1 }), end => {
          expect(accepted(key.slice(0, end))).toBe(false);
        }),
      );
    },
  );

  test.each(whole)('%s under the word of another type', (_, key) => {
    const [word = '', blob] = key.split(' ');
    for (const [, other] of whole) {
      const [another = ''] = other.split(' ');
      if (another !== word) expect(accepted(`${another} ${blob}`)).toBe(false);
    }
  });

  test.each([
    ['RSA 1024', rsaOf(1024)],
    ['DSA', `ssh-dss ${field('ssh-dss', random(129))}`],
    ['two lines', `${whole[0]?.[1]} anna\nssh-rsa AAAA`],
    ['options before the word', `command="sh" ${whole[0]?.[1]}`],
  ])('%s', (_, key) => {
    expect(accepted(key)).toBe(false);
  });
});

describe('MO-8: a login name that a guest has for itself is refused with the reason', () => {
  test.each([
    ['the provider', ['steward']],
    ["cloud-init, which makes the image's account of it", ['default']],
    ['an account of Debian', ['backup', 'games', 'mail', 'www-data', 'nobody', 'daemon', 'list']],
    ['a group of Debian, at which useradd ends', ['operator', 'staff', 'users', 'src', 'sudo', 'shadow', 'disk']],
    ['an account or group of Red Hat or SUSE', ['wheel', 'halt', 'shutdown', 'ftp', 'wwwrun', 'trusted']],
    ['an account of a package', ['sshd', 'postgres', 'prometheus', 'docker', 'systemd-network', '_apt', '_chrony']],
    ["the image's own account", ['debian', 'ubuntu', 'cloud-user', 'ec2-user', 'almalinux', 'rocky', 'sles']],
    ['Windows', ['administrator', 'guest', 'users', 'guests', 'network', 'none', 'con', 'nul', 'lpt1']],
  ])('of %s', (_, names) => {
    for (const name of names) {
      const { success, error } = UserName.safeParse(name);
      expect(success, name).toBe(false);
      expect(error?.issues[0]?.message).toContain('choose another name (MO-8)');
    }
  });

  test.each(['anna', 'ben', 'veeam', 'night-shift', 'dba', 'yes', 'null', 'backup2', 'steward-ops'])(
    'but %s is a name',
    name => {
      expect(UserName.safeParse(name).success).toBe(true);
    },
  );
});
