import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { BackupFound } from '../../domain/guest/backupfound.ts';
import { backupRecord } from './backuprecord.ts';

/** Up to what a look reads: fifteen digits, and instants before the year 5138. */
const number = fc.integer({ min: 0, max: 999_999_999_999_999 });
const instant = fc.integer({ min: 0, max: 99_999_999_999 }).map(seconds => new Date(seconds * 1000));
const what = fc.string({ unit: 'binary', maxLength: 400 });
const found: fc.Arbitrary<BackupFound> = fc.record(
  {
    last: fc.record({
      ...{ at: instant, bytes: number, tookSeconds: number, databases: number, tables: number, rows: number },
    }),
    failed: fc.record({ at: instant, what }),
    proven: fc.record({ at: instant, of: instant, tookSeconds: number, tables: number, rows: number }),
    unproven: fc.record({ at: instant, of: instant, differs: fc.boolean(), what }),
  },
  { requiredKeys: [] },
);

test('AP-13: what a guest says of its dumps stays within the schema, in one line, whatever it says', () => {
  fc.assert(
    fc.property(found, each => {
      const record = ApplicationBackup.parse(backupRecord(each));
      expect(record.last?.at).toBe(each.last?.at.toISOString().replace('.000Z', 'Z'));
      for (const { what: words } of [record.failed, record.unproven].filter(part => part !== undefined))
        expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 200 },
  );
});
