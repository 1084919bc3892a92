/** Advance notice of windows, and what the status says of them (GE-4). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVMStatus } from '../../api/managedvm.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import type { WindowOccurrence } from '../../api/windowtimes.ts';
import { earliest, instant } from '../contract/condition.ts';
import { openingsAsAgreed } from './opened.ts';
import type { PatchTerms } from './terms.ts';
import type { Occurrence } from './window.ts';

const HOUR = 3_600_000;

type Patching = NonNullable<ManagedVMStatus['patching']>;
type Notice = NonNullable<Patching['announced']>;
type News = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

/** Verdicts that people must hear of, and by which reason an event tells them. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ['Failed', 'PatchFailed'],
  ['Unknown', 'PatchUnknown'],
  ['RolledBack', 'PatchRolledBack'],
]);

/** How long before a window it is announced, the last first. */
const NOTICES: readonly { readonly name: Notice; readonly before: number }[] = [
  { name: '24h', before: 24 * HOUR },
  { name: '72h', before: 72 * HOUR },
];

/** By which policy and when a ManagedVM is patched, postponed as it is (GE-4), and until when that is so. `told`: whether the window is announced at all. */
export function planned(
  terms: PatchTerms,
  changes: readonly ChangeRequest[],
  told: boolean,
  now: Date,
): { readonly patching: Patching; readonly nextEdge: Date | undefined } {
  const { policy, provenBy } = terms;
  const { next } = openingsAsAgreed(changes, terms, now);
  const announced =
    told && next ? NOTICES.find(({ before }) => next.start.getTime() - before <= now.getTime()) : undefined;
  return {
    patching: {
      policy: { kind: policy.kind, name: policy.name },
      provenBy: provenBy.name,
      ...(next && { nextWindow: occurrenceStatus(next) }),
      ...(announced && { announced: announced.name }),
    },
    nextEdge: next && earliest(...edgesOf(next).filter(edge => edge > now)),
  };
}

/** What an event tells once the status is written: that a window is near, once for each notice, whoever writes the status next. */
export function windowNews(before: ManagedVMStatus['patching'], after: ManagedVMStatus['patching']): readonly News[] {
  const { nextWindow: next, announced, policy } = after ?? {};
  if (next === undefined || announced === undefined || policy === undefined) return [];
  if (
    before?.announced === announced &&
    before.nextWindow?.start === next.start &&
    before.nextWindow.window === next.window
  )
    return [];
  const message = `Window ${next.window} opens on ${next.start} and closes on ${next.end}: what ${policy.kind} ${policy.name} has approved by then is installed, and nothing is begun after ${next.cutoff}.`;
  return [{ type: 'Normal', reason: 'MaintenanceAnnounced', message }];
}

/** What an event tells of the last run, once: that it has failed, what is proposed for it, or that the VM was rolled back. */
export function runNews(
  before: ManagedVMStatus['patching'],
  after: ManagedVMStatus['patching'],
  runs: readonly PatchRun[],
): readonly News[] {
  const { lastRun } = after ?? {};
  const reason = lastRun && FAILURES.get(lastRun.phase);
  if (lastRun === undefined || reason === undefined) return [];
  if (before?.lastRun?.name === lastRun.name && before.lastRun.phase === lastRun.phase) return [];
  const said = runs.find(({ metadata }) => metadata.name === lastRun.name)?.status?.message ?? 'It says no more.';
  return [{ type: 'Warning', reason, message: `PatchRun ${lastRun.name}: ${said}` }];
}

/** When an occurrence that was written down opens, installs nothing more, and closes. */
export function instantsOf({ start, cutoff, end }: Pick<WindowOccurrence, 'start' | 'cutoff' | 'end'>) {
  return { start: new Date(start), cutoff: new Date(cutoff), end: new Date(end) };
}

/** An occurrence as a status tells it. */
export function occurrenceStatus({ window, date, start, cutoff, end }: Occurrence): WindowOccurrence {
  return { window, date, start: instant(start), cutoff: instant(cutoff), end: instant(end) };
}

function edgesOf({ start }: Occurrence): readonly Date[] {
  return [start, ...NOTICES.map(({ before }) => new Date(start.getTime() - before))];
}
