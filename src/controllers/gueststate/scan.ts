import { withoutHeldFor } from '../../domain/patching/heldfor.ts';
import { isNews, recordedUpdates } from '../../domain/patching/seen.ts';
import type { PackageFamily } from '../../guest/packages/family.ts';
import { carryOut, type Progress } from '../../guest/run/carryout.ts';
import { newNonce } from '../../guest/run/nonce.ts';
import { openStep, readStep } from '../../guest/run/steprecords.ts';
import type { StepScripts } from '../../guest/run/stepscripts.ts';
import { giveBack, isHeldBy, renewLease, type VMLease } from '../../guest/run/vmlease.ts';
import type { Answer } from '../../guest/transport/session.ts';
import { type Draft, leaseTaken, stepWritten } from './draft.ts';

const PURPOSE = 'Scan';
const OURS = 'scan-';

/** The package manager of one guest, asked under the VM's lease. */
export type Scanning = {
  /** Holds the lease; another than who puts settings right, so that neither takes the other's work for its own. */
  readonly holder: string;
  readonly family: PackageFamily;
  /** Runs a script with all rights. Throws GuestFailure. */
  readonly script: (text: string) => Promise<Answer>;
  readonly scripts: StepScripts;
  readonly draft: Draft;
  /** Packages that an application has, not the system; absent: none. */
  readonly ofApplications?: ReadonlySet<string>;
  /** How long the lease has stood in the record as it does now, in milliseconds. */
  readonly leaseUnchangedMs: (lease: VMLease | undefined) => number;
  /** The least generation of this record's leases. */
  readonly first: number;
  readonly now: () => Date;
};

/** What came of it. `Waiting`: another works in the guest. `Incomplete`: it answered, and could not read all its sources. */
export type ScanResult = 'Working' | 'Waiting' | 'Complete' | 'Incomplete' | 'Failed';

/**
 * Asks the guest's package manager by one step, as far as it comes now. It changes nothing but lists of packages, so it needs no window; it takes
 * the VM's lease all the same, because a patch run that found the lists locked would fail. It writes the updates only where they are news.
 * Throws GuestFailure, ApiError.
 */
export async function scanned(scanning: Scanning): Promise<ScanResult> {
  const { draft, holder } = scanning;
  const open = openStep(draft.status.steps);
  if (open !== undefined && !open.id.startsWith(OURS))
    return isHeldBy(draft.status, holder) ? ended(scanning, 'Waiting') : 'Waiting';
  const lease = isHeldBy(draft.status, holder) ? draft.status.lease : await taken(scanning);
  if (lease === undefined) return 'Waiting';
  const id = open?.id ?? `${OURS}${lease.generation}`;
  const progress = await carriedOut(scanning, lease, id);
  switch (progress.state) {
    case 'Running':
    case 'Waiting':
      return renewed(scanning, lease);
    case 'Ended':
      return progress.verdict.kind === 'Finished' ? told(scanning, id) : ended(scanning, 'Failed');
    default:
      return ended(scanning, 'Failed');
  }
}

/** Gives the lease back where the guest cannot be asked any more. */
export async function abandoned({ draft, holder }: Pick<Scanning, 'draft' | 'holder'>): Promise<void> {
  if (!isHeldBy(draft.status, holder)) return;
  draft.status = giveBack(draft.status);
  await draft.write();
}

function taken({ draft, holder, leaseUnchangedMs, first, now }: Scanning): Promise<VMLease | undefined> {
  const when = { now: now(), unchangedMs: leaseUnchangedMs(draft.status.lease), first };
  return leaseTaken(draft, { holder, purpose: PURPOSE }, when);
}

function carriedOut({ draft, family, script, scripts, now }: Scanning, lease: VMLease, id: string): Promise<Progress> {
  const { steps = [] } = draft.status;
  const stored = steps.find(step => step.id === id);
  const step = { id, script: family.scanScript(), remembered: steps.map(each => each.id) };
  return carryOut(step, lease.generation, stored && readStep(stored), {
    ...{ script, nonce: newNonce, steps: scripts },
    write: record => stepWritten(draft, id, record, now()),
  });
}

async function renewed({ draft, leaseUnchangedMs, now }: Scanning, lease: VMLease): Promise<ScanResult> {
  const renewedLease = renewLease(lease, { now: now(), unchangedMs: leaseUnchangedMs(draft.status.lease) });
  if (renewedLease !== lease) {
    draft.status = { ...draft.status, lease: renewedLease };
    await draft.write();
  }
  return 'Working';
}

/** What the step has printed, written down where it is news. */
async function told(scanning: Scanning, id: string): Promise<ScanResult> {
  const { draft, family, script, scripts, ofApplications = new Set<string>(), now } = scanning;
  const nonce = newNonce();
  const output = scripts.readOutput(await script(scripts.output(id, nonce)), nonce);
  const scan = family.readScan(output ?? '', now());
  if (scan === undefined) return ended(scanning, 'Failed');
  const { updates: before } = draft.status;
  const updates = recordedUpdates(withoutHeldFor(ofApplications, scan), before);
  if (isNews(before, updates)) draft.status = { ...draft.status, updates };
  return ended(scanning, scan.complete ? 'Complete' : 'Incomplete');
}

async function ended<Result extends ScanResult>(scanning: Scanning, result: Result): Promise<Result> {
  await abandoned(scanning);
  return result;
}
