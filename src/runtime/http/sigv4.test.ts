import { describe, expect, it } from 'vitest';
import { encodedPath, signed, type ToSign } from './sigv4.ts';

/** The examples of the Amazon S3 API Reference. */
const key = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const now = new Date('2013-05-24T00:00:00Z');
const at = (path: string) => new URL(`https://examplebucket.s3.amazonaws.com${path}`);
const signatureOf = (request: ToSign) => signed(request, key, 'us-east-1', now).authorization.split('Signature=')[1];

describe('Signature Version 4', () => {
  it.each<[string, ToSign, string]>([
    [
      'a read of a part',
      { method: 'GET', url: at('/test.txt'), headers: { range: 'bytes=0-9' }, body: '' },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'a write, with a name that must be encoded',
      {
        method: 'PUT',
        url: at(`/${encodedPath('test$file.text')}`),
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        body: 'Welcome to Amazon S3.',
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'a question without a value',
      { method: 'GET', url: at('/?lifecycle'), headers: {}, body: '' },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'questions, which are sorted',
      { method: 'GET', url: at('/?prefix=J&max-keys=2'), headers: {}, body: '' },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('signs as published: %s', (_what, request, signature) => {
    expect(signatureOf(request)).toBe(signature);
  });

  it('signs the token of credentials that end, and each part of the request', () => {
    const request = { method: 'PUT', url: at('/a'), headers: { 'if-none-match': '*' }, body: 'x' };
    const { authorization } = signed(request, { ...key, sessionToken: 'token' }, 'eu-central-1', now);
    expect(authorization).toContain(
      '/20130524/eu-central-1/s3/aws4_request,SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
    );
    const others = [
      { ...request, method: 'GET' },
      { ...request, url: at('/b') },
      { ...request, headers: { 'if-none-match': '"1"' } },
      { ...request, body: 'y' },
    ];
    expect(new Set([request, ...others].map(signatureOf)).size).toBe(5);
  });

  it('encodes what has a meaning elsewhere', () => {
    expect(encodedPath("a b/c'(d)*!~.-_/ü")).toBe('a%20b/c%27%28d%29%2A%21~.-_/%C3%BC');
  });
});
