import { createHash } from 'node:crypto';

/** `previous` of the first day, and of the first report, of a contract. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** SHA-256, in hex, of lines, each with its end: that of the file that holds them. */
export function hashOfLines(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
