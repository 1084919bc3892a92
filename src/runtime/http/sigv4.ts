/** AWS Signature Version 4, by which stores with the interface of S3 know who asks: the whole request in its headers, in one piece. */
import { createHash, createHmac } from 'node:crypto';

export type SigningKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that end by themselves. */
  readonly sessionToken?: string | undefined;
};

export type ToSign = {
  readonly method: string;
  /** Its path is encoded by {@link encodedPath}. */
  readonly url: URL;
  /** Names in lower case; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type SignedHeaders = Readonly<Record<string, string>> & {
  readonly host: string;
  readonly authorization: string;
};

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers of a request with those that sign it.
 * Source: "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" of the Amazon S3 API Reference.
 */
export function signed(
  { method, url, headers, body }: ToSign,
  key: SigningKey,
  region: string,
  now: Date,
): SignedHeaders {
  const at = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const payload = sha256(body);
  const all: Record<string, string> & { host: string } = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': at,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  };
  const names = Object.keys(all).sort();
  const request = [
    ...[method, url.pathname, canonicalQuery(url)],
    ...[...names.map(name => `${name}:${all[name]?.trim()}`), ''],
    ...[names.join(';'), payload],
  ].join('\n');
  const day = at.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [ALGORITHM, at, scope, sha256(request)].join('\n');
  const secret = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`);
  const signature = hmac(secret, text).toString('hex');
  const authorization = `${ALGORITHM} Credential=${key.accessKeyId}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...all, authorization };
}

/** A path as it is signed and sent: everything in percent encoding but what RFC 3986 reserves for nothing, and the slashes. */
export function encodedPath(path: string): string {
  return path.split('/').map(encoded).join('/');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort().join('&');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
