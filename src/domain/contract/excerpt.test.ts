import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounded, cut, excerpt, MESSAGE_LIMIT, quotaRefusal, redact } from './excerpt.ts';

describe('words of other systems', () => {
  it('lose what a terminal would obey and what nobody sees', () => {
    expect(cut('Débian\u0000 GNU\u001b[31m\u202egnuoy\u2028\r\n!', 253)).toBe('Débian  GNU [31m gnuoy !');
    expect(excerpt('disk\u0000 full\u001b[2J')).toBe('disk full [2J');
    expect(bounded('a\u0007b')).toBe('a b');
  });

  it.each([
    [
      'user and password of a URL',
      'Get "https://bob:s3cret@img.example/a.qcow2": 404',
      'Get "https://img.example/a.qcow2": 404',
    ],
    [
      'a signed query',
      'GET https://s3.example/a.img?X-Amz-Signature=abcdef123 failed',
      'GET https://s3.example/a.img failed',
    ],
    ['a password with an at sign', 'https://bob:s3@cret@img.example/x', 'https://img.example/x'],
    ['a password with a slash', 'https://bob:s3/cret@img.example/x', 'https://***'],
    ['a password with a question mark', 'https://bob:s3?cret@img.example/x', 'https://***'],
    ['a bearer token', 'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.abc', 'Authorization: Bearer ***'],
    ['a password field', 'login failed: password=hunter2, user=bob', 'login failed: password=***, user=bob'],
  ])('lose %s', (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    ['https://img.example:8443/debian-13.qcow2'],
    ['docker://quay.io/containerdisks/debian:13'],
    ['https://[2001:db8::1]:8443/a'],
    ['docker://quay.io/containerdisks/debian@sha256:0123456789abcdef'],
    ['MountVolume.SetUp failed for volume "x": secret "shop-db-first-boot" not found'],
  ])('keep what opens nothing: %s', text => {
    expect(redact(text)).toBe(text);
  });

  it('read the same at each attempt', () => {
    const attempt = (port: number, time: string): string =>
      excerpt(
        `E1123 ${time} 1 importer.go:185] dial tcp: lookup nowhere on 10.96.0.10:53: read udp 10.244.0.5:${port}->10.96.0.10:53: i/o timeout\n`,
      );
    expect(attempt(41333, '09:00:00.123456')).toBe(attempt(52001, '09:05:13.000001'));
  });

  it('never carry a password out of a URL, whatever it is made of', () => {
    const password = fc.stringMatching(/^[A-Za-z]{4}[A-Za-z0-9/?#@:!$&*+,=%.~_-]{4,20}[A-Za-z]{4}$/);
    fc.assert(
      fc.property(password, secret => {
        const around = ['cannot read https://bob:', '@img.example/disk.img: 401'] as const;
        // Letters that stand in the rest of the sentence anyway betray nothing.
        fc.pre(![secret.slice(0, 4), secret.slice(-4)].some(part => around.join('').includes(part)));
        const shown = excerpt(around.join(secret));
        expect(shown).not.toContain(secret.slice(0, 4));
        expect(shown).not.toContain(secret.slice(-4));
      }),
    );
  });

  it('are read in linear time, however long', () => {
    expect(excerpt(`${'a-'.repeat(500_000)}password=hunter2`)).not.toContain('hunter2');
  });

  it('are bounded and whole', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '😀', 'é', '\n', ' ', '.', '://', '@', '='), maxLength: 30 }),
        fc.integer({ min: 1, max: 400 }),
        (part, limit) => {
          const text = part.repeat(60);
          expect(cut(text, limit).length).toBeLessThanOrEqual(limit);
          expect(bounded(text).length).toBeLessThanOrEqual(MESSAGE_LIMIT);
          expect(excerpt(text, limit)).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });
});

describe('a quota refusal', () => {
  it('says the numbers and not the generated Pod', () => {
    const text =
      'failed to create virtual machine pod: pods "virt-launcher-shop-db-x7k2p" is forbidden: exceeded quota: compute, requested: limits.memory=4Gi,pods=1, used: limits.memory=10Gi,pods=3, limited: limits.memory=12Gi,pods=3';
    expect(quotaRefusal(text)).toBe(
      'ResourceQuota compute allows limits.memory=12Gi,pods=3, in use is limits.memory=10Gi,pods=3, requested is limits.memory=4Gi,pods=1 more',
    );
  });
  it('is told from any other refusal', () => {
    expect(quotaRefusal('pods "x" is forbidden: violates PodSecurity')).toBeUndefined();
  });
  it('in other words is still one', () => {
    expect(quotaRefusal('exceeded quota somehow')).toBe('exceeded quota somehow');
  });
});
