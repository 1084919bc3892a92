import { hash } from 'node:crypto';

/** A login name as spec.access admits it, for a script that may leave it unquoted. Throws RangeError for any other. */
export function loginName(text: string): string {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(text)) return text;
  throw new RangeError('a login name is small letters, digits, hyphens and underscores, at most 32');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function sha256(text: string): string {
  return hash('sha256', text);
}
