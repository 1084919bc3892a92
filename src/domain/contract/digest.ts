import { createHash } from 'node:crypto';

/** What a text is pinned and compared by where it is too long to be kept: `sha256:` and its SHA-256 in hex, 71 characters. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Characters of {@link digestOf}. */
export const DIGEST_LENGTH = 71;
