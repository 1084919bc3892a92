/** In which openings a VM is patched now: as its changes say, those of its policy and those that were ordered (GE-4, GE-6, MO-2). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { Urgent } from '../../api/patchurgent.ts';
import { shortHash } from '../contract/child.ts';
import { agreedWindow, isJudged } from '../contract/setout.ts';
import type { PatchTerms } from './terms.ts';
import { nextOccurrence, type Occurrence, occurrenceAt, occurrences, type Window } from './window.ts';
import { windowChangeName } from './windowchange.ts';

/** How long an ordered run may take. Milliseconds. */
const ORDERED_MS = 4 * 3_600_000;
/** What of it is left for a reboot, checks and a way back: nothing is installed in it. Milliseconds. */
const RESERVE_MS = 30 * 60_000;

export type Opened = {
  readonly change: { readonly name: string; readonly uid: string };
  readonly occurrence: Occurrence;
  /** Who asked for it. */
  readonly askedBy: string;
  /** Of an order: the one name that its run can have, whenever it is made. */
  readonly runName?: string | undefined;
  readonly urgent?: Urgent | undefined;
};

type Whose = { readonly name: string; readonly uid: string };

/**
 * The opening of a change, if a guest may be begun in it now: agreed to as it stands, from its beginning (postponed as it is) to its cutoff. A change of a policy counts
 * as long as the policy still opens then: whoever has moved the window has taken the opening away. An order opens when it is found, and for 4 h at
 * the most, so that a VM is not in maintenance for as long as the order waits.
 */
export function openedBy(change: ChangeRequest, managedVM: Whose, terms: PatchTerms, now: Date): Opened | undefined {
  const isOrder = isOrderOf(change, managedVM);
  const occurrence = isOrder ? ordered(change, now) : ofPolicy(change, terms);
  if (occurrence === undefined || now < occurrence.start || now >= occurrence.cutoff) return undefined;
  const { metadata, spec } = change;
  const { name, uid = '' } = metadata;
  const cited = { change: { name, uid }, occurrence };
  return isOrder
    ? { ...cited, askedBy: `ChangeRequest ${name}`, runName: orderedRunName(managedVM, uid), urgent: spec.urgent }
    : { ...cited, askedBy: `${terms.policy.kind} ${terms.policy.name}` };
}

/** By the change alone: whoever moves its window, and whenever it is made, an order has one run. */
function orderedRunName({ name }: Whose, changeUid: string): string {
  return `${name.slice(0, 43).replace(/[.-]+$/, '')}-ordered-${shortHash(changeUid, 10)}`;
}

/** When a change that is not open yet may open. */
export function opensAt(change: ChangeRequest, managedVM: Whose, terms: PatchTerms, now: Date): Date | undefined {
  if (!isOrderOf(change, managedVM) && !isOfPolicy(change, terms)) return undefined;
  const from = agreedWindow(change)?.notBefore;
  return from !== undefined && from > now ? from : undefined;
}

/** Openings of a policy as its changes say: one that is under way, and the first that begins after now. Postponed where they are; not those that were refused, or are over. */
export function openingsAsAgreed(
  changes: readonly ChangeRequest[],
  terms: PatchTerms,
  now: Date,
): { readonly open: Occurrence | undefined; readonly next: Occurrence | undefined } {
  const agreed = changes.flatMap(change => ofPolicy(change, terms) ?? []);
  const settled = new Set(changes.filter(isSettled).map(({ metadata }) => metadata.name));
  const isPlanned = (opening: Occurrence) => !settled.has(windowChangeName(terms.policy.uid, opening));
  const planned = [occurrenceAt(terms.windows, now)].flatMap(each => (each && isPlanned(each) ? [each] : []));
  let next = nextOccurrence(terms.windows, now);
  while (next !== undefined && !isPlanned(next)) next = nextOccurrence(terms.windows, next.start);
  const coming = [...agreed.filter(({ start }) => start > now), ...(next ? [next] : [])];
  return {
    open: agreed.find(({ start, end }) => start <= now && now < end) ?? planned[0],
    next: coming.sort((a, b) => a.start.getTime() - b.start.getTime())[0],
  };
}

/** Whether it says itself when it opens, or that it does not; before it was judged, its policy does. */
function isSettled(change: ChangeRequest): boolean {
  const { spec, status } = change;
  const hasWord = isJudged(change) && status?.conditions?.some(({ type }) => type === 'Agreed') === true;
  return spec.result !== undefined || hasWord;
}

/** Whole seconds, as it is written down. */
function ordered(change: ChangeRequest, now: Date): Occurrence | undefined {
  const agreed = agreedWindow(change);
  if (agreed?.notBefore === undefined || agreed.notAfter === undefined) return undefined;
  const start = new Date(Math.max(agreed.notBefore.getTime(), Math.floor(now.getTime() / 1000) * 1000));
  const end = new Date(Math.min(agreed.notAfter.getTime(), start.getTime() + ORDERED_MS));
  const date = start.toISOString().slice(0, 10);
  return { window: change.metadata.name, date, start, cutoff: new Date(end.getTime() - RESERVE_MS), end };
}

function ofPolicy(change: ChangeRequest, terms: PatchTerms): Occurrence | undefined {
  if (!isOfPolicy(change, terms)) return undefined;
  const { notBefore: planned } = change.spec.window ?? {};
  const agreed = agreedWindow(change);
  if (planned === undefined || agreed?.notBefore === undefined) return undefined;
  const opening = terms.windows
    .flatMap(window => [...startingAt(window, new Date(planned))])
    .find(each => windowChangeName(terms.policy.uid, each) === change.metadata.name);
  return opening && moved(opening, agreed.notBefore.getTime() - Date.parse(planned));
}

function* startingAt(window: Window, start: Date): Generator<Occurrence> {
  yield* occurrences(window, new Date(start.getTime() - 1), start);
}

/** A postponement moves it as a whole. */
function moved(opening: Occurrence, ms: number): Occurrence {
  const later = (instant: Date) => new Date(instant.getTime() + ms);
  return { ...opening, start: later(opening.start), cutoff: later(opening.cutoff), end: later(opening.end) };
}

function isOrderOf({ spec }: ChangeRequest, { uid }: Pick<Whose, 'uid'>): boolean {
  return spec.operation === 'PatchRun' && spec.target.kind === 'ManagedVM' && spec.target.uid === uid;
}

function isOfPolicy({ spec }: ChangeRequest, { policy }: PatchTerms): boolean {
  const { operation, target } = spec;
  return operation === 'PatchRun' && target.kind === policy.kind && target.uid === policy.uid;
}
