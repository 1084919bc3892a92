/** The key that signs the package mirror of the test bed. */
import { createHash } from 'node:crypto';
import { type SigningKey, signingKey } from './openpgp.ts';

/** When the key was made, and everything that it signs: the same in every build. */
export const SIGNING_TIME = new Date('2026-01-01T00:00:00Z');

/**
 * No secret: its seed is a sentence in a public file, so that disks and mirrors are the same wherever they are built. It proves
 * that guests check signatures, and only guests of test beds trust it.
 */
export const mirrorKey: SigningKey = signingKey(
  createHash('sha256').update('Package mirror of the Steward test bed').digest(),
  'Steward test bed',
  SIGNING_TIME,
);
