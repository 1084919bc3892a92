import { describe, expect, test } from 'vitest';
import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { backupCompliant, type DumpFacts, restoreVerified } from './applicationbackup.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const plan = {
  ...{ engine: 'PostgreSQL' as const, everyHours: 24, proveEveryDays: 7, keep: 2 },
  ...{ dumpMinutes: 60, proofMinutes: 60 },
};
const last = { at: '2026-12-01T02:00:00Z', bytes: 20875, tookSeconds: 4, databases: 2, tables: 3, rows: 1000 };
const proven = { at: '2026-11-30T02:10:00Z', of: '2026-11-30T02:00:00Z', tookSeconds: 12, tables: 3, rows: 1000 };

function vm(verdict: string | undefined, policy: string | undefined = 'nightly'): ManagedVM {
  const [status = '', reason = ''] = verdict?.split('/') ?? [];
  return {
    metadata: { name: 'shop-db' },
    spec: { ...(policy !== undefined && { backupPolicyRef: { name: policy } }) },
    status: {
      conditions: verdict === undefined ? [] : [{ type: 'BackupCompliant', status, reason, message: 'It says why.' }],
    },
  } as unknown as ManagedVM;
}

const facts = (found: ApplicationBackup | undefined, change: Partial<DumpFacts> = {}): DumpFacts => ({
  ...{ plan, found, managedVM: vm('True/Compliant'), since: new Date('2026-11-01T00:00:00Z'), now: NOW, ...change },
});
const said = ({ status, reason }: { status: string; reason: string }) => `${status}/${reason}`;
const backed = (found?: ApplicationBackup, change: Partial<DumpFacts> = {}) => backupCompliant(facts(found, change));
const verified = (found?: ApplicationBackup, change: Partial<DumpFacts> = {}) => restoreVerified(facts(found, change));

describe('an application is backed up (AP-6)', () => {
  test('where its dump is young and the backups of its VM carry it away, until it is too old', () => {
    const verdict = backed({ last });
    expect(said(verdict)).toBe('True/Dumped');
    expect(verdict.message).toBe(
      'The newest good dump is as of 2026-12-01T02:00:00Z (3 tables with 1000 rows of 2 databases, 20875 bytes, in 4 s); a dump is due every 24 hours. Data are recovered as of that instant. It is carried away with the backups of ManagedVM shop-db by BackupPolicy nightly, which are compliant.',
    );
    expect(verdict.nextEdge).toEqual(new Date('2026-12-02T05:00:00Z'));
    const before = new Date('2026-12-02T04:59:59Z');
    expect(said(backed({ last }, { now: before }))).toBe('True/Dumped');
    expect(said(backed({ last }, { now: new Date('2026-12-02T05:00:00Z') }))).toBe('False/DumpTooOld');
  });

  test('of files, in words of files', () => {
    const files = { ...plan, engine: 'Files' as const, folders: ['/etc/nginx', '/var/www'] };
    const ofFiles = { tables: 31, rows: 1 };
    expect(backed({ last: { ...last, ...ofFiles } }, { plan: files }).message).toContain(
      '(31 files and folders with 1 byte of 2 folders, 20875 bytes, in 4 s)',
    );
    expect(verified({ last, proven: { ...proven, ...ofFiles } }, { plan: files }).message).toContain(
      '31 files and folders with 1 byte were found as dumped',
    );
  });

  test('not where a dump that is due failed; one that failed while the last is young is told', () => {
    const failed = { at: '2026-12-01T11:00:00Z', what: 'a dump may need 9 MiB' };
    const young = backed({ last, failed });
    expect(said(young)).toBe('True/Dumped');
    expect(young.message).toContain('The attempt at 2026-12-01T11:00:00Z failed: "a dump may need 9 MiB".');
    const old = { ...last, at: '2026-11-29T02:00:00Z' };
    expect(said(backed({ last: old, failed }))).toBe('False/DumpFailed');
    expect(said(backed({ failed }))).toBe('False/DumpFailed');
  });

  test('is not known before the first dump is due, three hours after it was installed', () => {
    expect(said(backed(undefined, { since: undefined }))).toBe('Unknown/FirstDumpDue');
    const early = backed(undefined, { since: new Date('2026-12-01T10:00:00Z') });
    expect([said(early), early.nextEdge]).toEqual(['Unknown/FirstDumpDue', new Date('2026-12-01T13:00:00Z')]);
    expect(said(backed(undefined, { since: new Date('2026-12-01T09:00:00Z') }))).toBe('False/DumpTooOld');
  });

  test.each([
    ['names no policy', vm('Unknown/NotIncluded', ''), 'False/NoBackupPolicy'],
    ['is not backed up', vm('False/RecoveryPointTooOld'), 'False/VMNotBackedUp'],
    ['is not known to be backed up', vm('Unknown/VolumesNotVerified'), 'Unknown/VMNotVerified'],
    ['was not looked at', vm(undefined), 'Unknown/VMNotVerified'],
  ])('not where the VM %s, however young the dump is', (_, managedVM, verdict) => {
    if (verdict === 'False/NoBackupPolicy') delete managedVM.spec.backupPolicyRef;
    expect(said(backed({ last }, { managedVM }))).toBe(verdict);
  });

  test('a dump that is too old is told before what is not known of the VM', () => {
    const old = { ...last, at: '2026-11-29T02:00:00Z' };
    expect(said(backed({ last: old }, { managedVM: vm(undefined) }))).toBe('False/DumpTooOld');
  });

  test('is not believed of an instant that is still to come', () => {
    expect(said(backed({ last: { ...last, at: '2026-12-01T12:04:00Z' } }))).toBe('True/Dumped');
    expect(said(backed({ last: { ...last, at: '2026-12-01T12:06:00Z' } }))).toBe('Unknown/InTheFuture');
    expect(said(verified({ proven: { ...proven, at: '2036-01-01T00:00:00Z' } }))).toBe('Unknown/InTheFuture');
  });

  test('is not promised by a Product that has none of it', () => {
    expect(said(backed({ last, proven }, { plan: undefined }))).toBe('Unknown/NotIncluded');
    expect(said(verified({ last, proven }, { plan: undefined }))).toBe('Unknown/NotIncluded');
  });
});

describe('a restore is verified (AP-13)', () => {
  test('where a dump was restored of late and had every row, until the next is overdue', () => {
    const verdict = verified({ last, proven });
    expect(said(verdict)).toBe('True/Restored');
    expect(verdict.message).toBe(
      'The dump as of 2026-11-30T02:00:00Z was restored into a second instance in 12 s at 2026-11-30T02:10:00Z, and 3 tables with 1000 rows were found as dumped; a proof is due every 7 days.',
    );
    expect(verdict.nextEdge).toEqual(new Date('2026-12-08T03:10:00Z'));
    expect(said(verified({ proven }, { now: new Date('2026-12-08T03:10:00Z') }))).toBe('False/ProofOverdue');
  });

  test.each([
    ['Differs', 'False/RestoreDiffers'],
    ['Failed', 'False/ProofFailed'],
  ] as const)('not where the newest proof %s, whatever worked before', (outcome, expected) => {
    const unproven = { at: '2026-12-01T02:10:00Z', of: '2026-12-01T02:00:00Z', outcome, what: 'table a has 9 rows' };
    const verdict = verified({ last, proven, unproven });
    expect(said(verdict)).toBe(expected);
    expect(verdict.message).toMatch(/"table a has 9 rows"[.] The last that did was at 2026-11-30T02:10:00Z[.]$/);
    expect(said(verified({ last, unproven }))).toBe(expected);
  });

  test('is not known before the first proof is due, however many dumps there are meanwhile', () => {
    expect(said(verified({ last }, { since: new Date('2026-12-01T00:00:00Z') }))).toBe('Unknown/FirstProofDue');
    expect(said(verified({ last }, { since: new Date('2026-11-30T10:00:00Z') }))).toBe('False/ProofOverdue');
    expect(said(verified({ last }, { since: undefined }))).toBe('Unknown/FirstProofDue');
  });
});
