import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** As PostgreSQL itself takes by default, and the least that RFC 7677 admits. */
const ITERATIONS = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5802 and 7677; format of `pg_authid.rolpassword`): who has it can prove to nobody that he knows the
 * password. `salt`: 16 random bytes, kept with the password, so that the same verifier comes out again. Throws RangeError for a password that is not
 * of printable ASCII: any other would have to be prepared first (SASLprep), and Steward makes none.
 */
export function scramVerifier(password: string, salt: Buffer): string {
  if (!/^[!-~]{1,256}$/.test(password)) throw new RangeError('a password is printable ASCII, at most 256 characters');
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}
