import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { BackupPlan } from '../contract/backupplan.ts';
import { instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { counted, quoted } from '../guest/words.ts';

/** What is known of the dumps of an application that was looked into. */
export type DumpFacts = {
  /** As the guest was told; undefined: none is dumped. */
  readonly plan: BackupPlan | undefined;
  readonly found: ApplicationBackup | undefined;
  readonly managedVM: ManagedVM | undefined;
  /** Since when its dumps are due; undefined: it is not installed yet. */
  readonly since: Date | undefined;
  readonly now: Date;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What a guest's clock may be ahead of ours. */
const AHEAD_MS = 5 * MINUTE_MS;
/** What a dump that is due may be late, besides its own time: its timer's turn and one more attempt. */
const DUMP_GRACE_MS = 2 * HOUR_MS;
/** The same of a proof. */
const PROOF_GRACE_MS = DAY_MS;

type Words = { readonly holder: string; readonly held: readonly [one: string, several: string]; readonly size: string };
const DATABASES: Words = { holder: 'database', held: ['table', 'tables'], size: 'row' };

/** What an engine counts: what it dumps one by one, what of it is compared, and how large that is. */
const COUNTED: Readonly<Record<BackupPlan['engine'], Words>> = {
  ...{ PostgreSQL: DATABASES, MariaDB: DATABASES, Valkey: DATABASES },
  Files: { holder: 'folder', held: ['file or folder', 'files and folders'], size: 'byte' },
};

function held(engine: BackupPlan['engine'], { tables, rows }: { readonly tables: number; readonly rows: number }) {
  const { held: names, size } = COUNTED[engine];
  return `${counted(tables, ...names)} with ${counted(rows, size)}`;
}

const NOT_INCLUDED = unknown(
  'NotIncluded',
  'The Product has no backup of its own: nothing is dumped, and only the disks of the VM are backed up, by the policy of the VM.',
);

/** A dump is young enough, and the backups of the VM carry it away (AP-6, AP-13). */
export function backupCompliant(facts: DumpFacts): Verdict {
  if (facts.plan === undefined) return NOT_INCLUDED;
  const carried = carriedAway(facts.managedVM);
  const dumped = youngDump(facts, facts.plan);
  const broken = [dumped, carried].find(({ status }) => status === 'False');
  const open = [dumped, carried].find(({ status }) => status === 'Unknown');
  const decides = broken ?? open ?? dumped;
  const nextEdge = dumped.nextEdge && { nextEdge: dumped.nextEdge };
  if (decides !== dumped) return { ...decides, ...nextEdge };
  return open === undefined && broken === undefined
    ? { ...dumped, message: `${dumped.message} ${carried.message}` }
    : dumped;
}

function youngDump({ found = {}, since, now }: DumpFacts, { engine, everyHours, dumpMinutes }: BackupPlan): Verdict {
  const { last, failed } = found;
  const within = everyHours * HOUR_MS + dumpMinutes * MINUTE_MS + DUMP_GRACE_MS;
  const wanted = `a dump is due every ${counted(everyHours, 'hour')}`;
  const why = failed === undefined ? '' : ` The attempt at ${failed.at} failed: ${quoted(failed.what, 256)}.`;
  if (last === undefined) {
    if (since === undefined) return unknown('FirstDumpDue', `There is no dump yet: it is not installed.${why}`);
    const until = new Date(since.getTime() + dumpMinutes * MINUTE_MS + DUMP_GRACE_MS);
    if (now >= until)
      return late(failed, `There is no dump, and the first was due by ${instant(until)}; ${wanted}.${why}`);
    return {
      ...unknown('FirstDumpDue', `There is no dump yet; the first is due by ${instant(until)}.${why}`),
      nextEdge: until,
    };
  }
  if (isAhead(last.at, now)) return ahead('dump', last.at);
  const until = new Date(Date.parse(last.at) + within);
  const size = `${held(engine, last)} of ${counted(last.databases, COUNTED[engine].holder)}, ${last.bytes} bytes, in ${last.tookSeconds} s`;
  const told = `The newest good dump is as of ${last.at} (${size}); ${wanted}. Data are recovered as of that instant.${why}`;
  return now >= until ? late(failed, told) : { status: 'True', reason: 'Dumped', message: told, nextEdge: until };
}

const late = (failed: unknown, message: string): Verdict => ({
  ...{ status: 'False', reason: failed === undefined ? 'DumpTooOld' : 'DumpFailed', message },
});

/** Whether what lies on the disks of the VM is backed up: said of the VM as a whole. */
function carriedAway(managedVM: ManagedVM | undefined): Verdict {
  const name = managedVM?.metadata.name ?? 'none';
  const { kind = 'BackupPolicy', name: policy } = managedVM?.spec.backupPolicyRef ?? {};
  if (policy === undefined)
    return {
      ...{ status: 'False', reason: 'NoBackupPolicy' },
      message: `ManagedVM ${name} names no backup policy in spec.backupPolicyRef, so that no backup carries its dumps away.`,
    };
  const said = managedVM?.status?.conditions?.find(({ type }) => type === 'BackupCompliant');
  const by = `the backups of ManagedVM ${name} by ${kind} ${policy}`;
  if (said?.status === 'True')
    return { status: 'True', reason: 'Compliant', message: `It is carried away with ${by}, which are compliant.` };
  if (said?.status === 'False')
    return {
      status: 'False',
      reason: 'VMNotBackedUp',
      message: `Dumps are to go with ${by}, and these are not compliant (${said.reason}): ${said.message}`,
    };
  return unknown(
    'VMNotVerified',
    `Dumps are to go with ${by}; nothing is known of these (${said?.reason ?? 'Pending'}).`,
  );
}

/** A dump was restored into a second instance of late, and held what was dumped (AP-13). */
export function restoreVerified({ plan, found = {}, since, now }: DumpFacts): Verdict {
  if (plan === undefined) return NOT_INCLUDED;
  const { proven, unproven } = found;
  const wanted = `a proof is due every ${counted(plan.proveEveryDays, 'day')}`;
  if (unproven !== undefined) {
    const message = `The proof at ${unproven.at} of the dump as of ${unproven.of} did not succeed: ${quoted(unproven.what, 256)}.${proven === undefined ? '' : ` The last that did was at ${proven.at}.`}`;
    return { status: 'False', reason: unproven.outcome === 'Differs' ? 'RestoreDiffers' : 'ProofFailed', message };
  }
  const grace = plan.proofMinutes * MINUTE_MS + PROOF_GRACE_MS;
  if (proven === undefined) {
    if (since === undefined) return unknown('FirstProofDue', 'No dump was restored yet: it is not installed.');
    const until = new Date(since.getTime() + plan.dumpMinutes * MINUTE_MS + grace);
    const message = `No dump was restored yet; the first proof ${now >= until ? 'was' : 'is'} due by ${instant(until)}.`;
    if (now >= until) return { status: 'False', reason: 'ProofOverdue', message };
    return { ...unknown('FirstProofDue', message), nextEdge: until };
  }
  if (isAhead(proven.at, now)) return ahead('proof', proven.at);
  const until = new Date(Date.parse(proven.at) + plan.proveEveryDays * DAY_MS + grace);
  const message = `The dump as of ${proven.of} was restored into a second instance in ${proven.tookSeconds} s at ${proven.at}, and ${held(plan.engine, proven)} were found as dumped; ${wanted}.`;
  if (now >= until) return { status: 'False', reason: 'ProofOverdue', message };
  return { status: 'True', reason: 'Restored', message, nextEdge: until };
}

const isAhead = (at: string, now: Date): boolean => Date.parse(at) > now.getTime() + AHEAD_MS;

/** Whatever the guest says of a time that is still to come, proves nothing. */
function ahead(what: string, at: string): Verdict {
  return unknown(
    'InTheFuture',
    `The guest says that its last ${what} is of ${at}, which is still to come: its clock, or its record, is wrong.`,
  );
}
