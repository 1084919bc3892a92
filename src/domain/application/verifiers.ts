import { createHash } from 'node:crypto';
import { scramVerifier } from './scram.ts';

/** What engines keep of the password of a binding, each in its own form: who has one can prove to nobody that he knows the password. */
export type Verifiers = {
  readonly PostgreSQL: string;
  readonly MariaDB: string;
  /** In hexadecimal, as an ACL of Valkey has it. */
  readonly sha256: string;
};

/** `salt`: as for {@link scramVerifier}, which alone takes one; a password of 24 random bytes is looked up in no table. Throws as that does. */
export function verifiersOf(password: string, salt: Buffer): Verifiers {
  return {
    PostgreSQL: scramVerifier(password, salt),
    MariaDB: nativeVerifier(password),
    sha256: createHash('sha256').update(password).digest('hex'),
  };
}

/** Of MariaDB's mysql_native_password (its sql/password.c): SHA-1 of the SHA-1. What is sent to prove the password is worth as much as it, so TLS goes around it. */
function nativeVerifier(password: string): string {
  const sha1 = (of: string | Buffer) => createHash('sha1').update(of).digest();
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;
}
