import { describe, expect, test } from 'vitest';
import { verifiersOf } from './verifiers.ts';

const salt = Buffer.alloc(16, 7);

describe('what engines keep of a password (AP-10)', () => {
  test('is for MariaDB what its own password() says', () => {
    // select password('pencil'), by MariaDB 11.8.
    expect(verifiersOf('pencil', salt).MariaDB).toBe('*7614BE58636C810A9D8970A50B3B2A78450413E4');
  });

  test('is for Valkey what its ACL says of a user with that password', () => {
    // acl setuser u >pencil; acl list, by Valkey 8.1.
    expect(verifiersOf('pencil', salt).sha256).toBe('13809668fb436386706f67dcb052ed584a04ba16a8c02a17d66d34c30fceda21');
  });

  test('has nothing of it in clear, and is another for another password', () => {
    const [one, other] = [verifiersOf('pencil', salt), verifiersOf('pencil2', salt)];
    for (const engine of ['PostgreSQL', 'MariaDB', 'sha256'] as const) {
      expect(one[engine]).not.toContain('pencil');
      expect(one[engine]).not.toBe(other[engine]);
    }
  });
});
