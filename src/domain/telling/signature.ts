import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks: a secret has 24 to 64 bytes. */
const [FEWEST, MOST] = [24, 64];

/** The key of a secret as Standard Webhooks write it, `whsec_` and base64; undefined where it is none. */
export function signingKey(secret: string): Buffer | undefined {
  const text = secret.trim();
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length < FEWEST || key.length > MOST ? undefined : key;
}

/** Headers by which the receiver knows who wrote a message, and that he has it already (Standard Webhooks 1.0). */
export function signatureHeaders(id: string, body: string, keys: readonly Buffer[], now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = keys.map(key => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}
