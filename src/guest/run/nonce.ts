import { randomBytes } from 'node:crypto';

/** A word that a guest cannot have known before. */
export function newNonce(): string {
  return randomBytes(16).toString('hex');
}
