import { createHash } from 'node:crypto';

/** A word of the shell that is the text, whatever is in it. Throws RangeError for NUL, which no word can have. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('no word of the shell has a NUL');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A login name as spec.access admits it, for a script that may leave it unquoted. Throws RangeError for any other. */
export function loginName(text: string): string {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(text)) return text;
  throw new RangeError('a login name is small letters, digits, hyphens and underscores, at most 32');
}

/** A word that tells our lines from others. Throws RangeError for what could be anything else. */
export function nonceWord(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new RangeError('a nonce is small letters, digits and hyphens, at most 63');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
