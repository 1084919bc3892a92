import type { ChangeRequest } from '../../api/changerequest.ts';
import type { Designated } from '../../api/designated.ts';
import type { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { Product, ProductSpec } from '../../api/product.ts';
import { designatedFor, isSettled, overdueFrom, type VersionFound } from '../application/designated.ts';
import { changedAfterInstall } from '../application/firstinstall.ts';
import { dueNow } from '../application/holdback.ts';
import { lineOf } from '../application/line.ts';
import { readParameters } from '../application/parameters.ts';
import { type OrderFacts, refusalOf } from '../application/refusal.ts';
import { planOf } from '../application/render.ts';
import { type Restoring, withRestoreSteps } from '../application/restoresteps.ts';
import type { Verifiers } from '../application/verifiers.ts';
import { type ApplicationPlan, isUpdating, type PlanStep } from '../contract/applicationplan.ts';
import { earliest, instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { type Finding, failed } from '../contract/finding.ts';
import { systemNameOf } from '../contract/system.ts';
import { applicationIn, type GuestRecord } from '../guest/record.ts';
import { nextOccurrence, type Occurrence, occurrenceAt, type Window } from '../patching/window.ts';
import { windowOf } from '../patching/windows.ts';
import { type Awaited, awaitedRing, type RingFacts } from './applicationrings.ts';
import { type EndDecision, endOfLife } from './endoflife.ts';
import { endPending } from './endoflifewords.ts';
import { keptData, type Restored, withRetired } from './keptdata.ts';
import { type LineDecision, type LineFacts, lineDecision } from './linedecision.ts';

export type DecisionFacts = OrderFacts & {
  readonly entry: Product | undefined;
  /** What the guest worker was told last; undefined: nothing yet, or it is not stored any more. */
  readonly told: ApplicationPlan | undefined;
  /** What the product knows of the password; 'lost': those that were given to it are not stored any more. */
  readonly verifiers: Verifiers | 'lost' | undefined;
  /** The MaintenanceWindow that spec.windowRef names; absent: none is named, or there is none of that name. */
  readonly window: { readonly name: string; readonly spec: MaintenanceWindowSpec } | undefined;
  /** When the VM is patched next and was last, by its status. */
  readonly patchWindows: readonly { readonly start: string; readonly cutoff: string }[];
  /** The ChangeRequest that status.lineChange names, if it is there. */
  readonly lineChangeRequest?: ChangeRequest | undefined;
  /** The ChangeRequest by which a change of the line was offered, if it is there. */
  readonly offerRequest?: ChangeRequest | undefined;
  /** What the guest worker has written of the guest. */
  readonly record?: GuestRecord | undefined;
  /** The restore of its data that the guest is to carry out; absent: none. */
  readonly restoring?: Restoring | undefined;
  /** The restore of that uid, where it was one of this application and has succeeded. Absent: none. */
  readonly restored?: ((uid: string) => Restored | undefined) | undefined;
  /** Who runs a designated version before it, asked only where one is to be installed: it takes all orders of the Product. Absent: nobody. */
  readonly rings?: (() => RingFacts | 'unknown' | undefined) | undefined;
};

/** What shall be so in the guest now, or why nothing is changed there. */
export type Decision = {
  readonly refusal?: Finding | undefined;
  /** Absent: what the guest worker was told last stays as it is. */
  readonly plan?: ApplicationPlan;
  /** Which version line it is for, and how far a change of that is; absent: as before. */
  readonly line?: LineDecision;
  /** How it stands with the end of support of its line, whatever is refused; absent: as before. */
  readonly end?: EndDecision;
  readonly pending: NonNullable<ManagedApplicationStatus['pending']>;
  /** When time alone changes it. */
  readonly nextEdge?: Date | undefined;
};

/** What an order comes to (AP-1, AP-10): refused with the reason, or a plan, of which whatever restarts something waits for a window (MO-4). */
export function decide(application: ManagedApplication, facts: DecisionFacts, now: Date): Decision {
  const { product, managedVM, operatingSystem, offerRequest, lineChangeRequest } = facts;
  // Of a catalogue entry that is out of order nothing is offered, and nothing that is on record is forgotten.
  const isReadable = product !== undefined && managedVM !== undefined && facts.productFaults.length === 0;
  if (!isReadable) return planned(application, facts, {}, now);
  const where = { product, system: systemNameOf(managedVM), operatingSystem };
  const end = endOfLife(application, { ...where, offer: offerRequest, change: lineChangeRequest }, now);
  const told = endPending(end, product.displayName);
  const decision = planned(application, facts, end, now);
  const nextEdge = earliest(decision.nextEdge, end.nextEdge);
  return { ...decision, end, pending: [...told, ...decision.pending], nextEdge };
}

/** What was begun comes to its end, whatever else was ordered or is refused meanwhile. */
function restored(application: ManagedApplication, { restoring, told, product }: DecisionFacts): Decision | undefined {
  if (restoring === undefined || told === undefined || product === undefined) return undefined;
  const plan = withRestoreSteps(told, restoring, product, lineOf(application));
  return plan && { plan, pending: [] };
}

function planned(application: ManagedApplication, facts: DecisionFacts, end: EndDecision, now: Date): Decision {
  const during = restored(application, facts);
  if (during !== undefined) return during;
  const refusal = refusalOf(application, facts, now);
  const { product, entry } = facts;
  if (refusal !== undefined || product === undefined || entry === undefined) return { refusal, pending: [] };
  if (facts.verifiers === 'lost')
    return {
      refusal: failed(
        'CredentialsLost',
        'The credentials that the application was set up with are not stored any more, and none are made in their place: bring the Secret back from a backup (docs/disaster.md).',
      ),
      pending: [],
    };
  const read = readParameters(product, application.spec.parameters);
  if (read.refusals !== undefined) return { refusal: failed('ParameterRefused', read.refusals.join(' ')), pending: [] };
  const fixed = changedAfterInstall(product, read.parameters, facts.told);
  if (fixed.length > 0) return { refusal: failed('ParameterRefused', fixed.join(' ')), pending: [] };
  const { open, next } = windowOfApplication(application, facts, now);
  const line = lineDecision(
    application,
    lineFactsOf(application, product, facts, { isOpen: open !== undefined, offer: end.offer }),
    now,
  );
  const isChanging = line.part?.act === 'Change';
  const designated = isChanging ? undefined : designatedOf(line.line, facts);
  const made = planOf({
    product: entry,
    application,
    parameters: read.parameters,
    ...{ designated, line: line.line, lineChange: line.part },
    ...(facts.verifiers !== undefined && { verifiers: facts.verifiers }),
  });
  if (made.problems !== undefined) return { refusal: failed('ProductNotReady', made.problems.join(' ')), pending: [] };
  const kept = keptOf(application, facts, now);
  const wanted = withRetired(made.plan, kept.retires);
  const found = foundOf(application, facts.record);
  const rings = designated && !isSettled(found, designated.version) ? facts.rings?.() : undefined;
  const awaited = designated && rings && awaitedRing(designated, rings, now);
  const due = line.isSwitch
    ? { plan: wanted, waiting: [] }
    : dueNow(wanted, facts.told, { open, now, found, isHeldByRing: awaited !== undefined });
  const waits = due.waiting.length > 0 || line.status?.phase === 'Agreed';
  return {
    ...{ plan: due.plan, line },
    pending: [
      ...linePending(line, product, next, end),
      ...due.waiting.map(step => pendingOf(step, product, next, { designated, found, awaited })),
      ...kept.pending,
    ],
    nextEdge: earliest(open?.end, waits ? next?.start : undefined, awaited?.until, kept.nextEdge),
  };
}

function keptOf({ metadata: { name } }: ManagedApplication, { record, restored }: DecisionFacts, now: Date) {
  return keptData(applicationIn(record, name)?.backup?.kept ?? [], uid => restored?.(uid), now);
}

type Span = Pick<Occurrence, 'start' | 'cutoff' | 'end'>;

/** The window that is open and the next one: those of the order, or else those in which the VM is patched. */
function windowOfApplication(
  { spec }: ManagedApplication,
  { window, patchWindows }: DecisionFacts,
  now: Date,
): { readonly open?: Span | undefined; readonly next?: Span | undefined } {
  if (spec.windowRef !== undefined) {
    const windows: readonly Window[] = window === undefined ? [] : [windowOf(window.name, window.spec)];
    return { open: occurrenceAt(windows, now), next: nextOccurrence(windows, now) };
  }
  const spans = patchWindows.map(({ start, cutoff }) => ({
    start: new Date(start),
    cutoff: new Date(cutoff),
    end: new Date(cutoff),
  }));
  return {
    open: spans.find(({ start, end }) => start <= now && now < end),
    next: spans.filter(({ start }) => start > now).toSorted((a, b) => a.start.getTime() - b.start.getTime())[0],
  };
}

type Updating = {
  readonly designated: Designated | undefined;
  readonly found: VersionFound;
  readonly awaited: Awaited | undefined;
};

function pendingOf(
  step: PlanStep,
  { displayName }: ProductSpec,
  next: Span | undefined,
  { designated, found, awaited }: Updating,
): Decision['pending'][number] {
  const when =
    next === undefined ? 'no window is known: name one in spec.windowRef' : `in the window at ${instant(next.start)}`;
  const notBefore = next && { notBefore: instant(next.start) };
  if (designated === undefined || !isUpdating(step) || isSettled(found, designated.version))
    return { what: `Step ${step.name} of ${displayName} changes as ordered, with a restart: ${when}.`, ...notBefore };
  const what = `${displayName} is updated from ${found.version ?? 'what is installed'} to ${designated.version}, which the provider has designated since ${designated.since}, with a restart, and nobody is let in meanwhile`;
  const overdue = `it is overdue from ${instant(overdueFrom(designated))} on`;
  return awaited === undefined
    ? { what: `${what}: ${when}; ${overdue}.`, ...notBefore }
    : { what: `${what}: in a window after ${awaited.why}; ${overdue}.` };
}

function lineFactsOf(
  { metadata: { name }, status }: ManagedApplication,
  product: ProductSpec,
  { managedVM, operatingSystem, lineChangeRequest: change, told, record }: DecisionFacts,
  given: Pick<LineFacts, 'isOpen' | 'offer'>,
): LineFacts {
  const looked = applicationIn(record, name);
  const found = looked?.revision === status?.plan?.revision ? looked?.line : undefined;
  return { product, system: systemNameOf(managedVM ?? {}), operatingSystem, change, told, found, ...given };
}

/** What nobody has agreed to yet is pending too (GE-11); of an offer that is not answered its end of support tells. */
function linePending(
  { status }: LineDecision,
  { displayName }: ProductSpec,
  next: Span | undefined,
  end: EndDecision,
): Decision['pending'] {
  if (status?.phase !== 'Checked' && status?.phase !== 'Agreed') return [];
  const isOffer = end.offer?.request.metadata.name === status.change?.name;
  if (status.phase === 'Checked' && isOffer && endPending(end, displayName).length > 0) return [];
  const what = `${displayName} is changed from line ${status.from} to ${status.to}, with nobody let in meanwhile. ${status.message}`;
  const from = status.phase === 'Agreed' && next !== undefined ? { notBefore: instant(next.start) } : {};
  return [{ what: cut(what, 1024), ...from }];
}

/** The version that the provider has designated for a line on the system of its VM; undefined: none. */
export function designatedOf(
  line: string,
  { product, managedVM, operatingSystem }: Pick<DecisionFacts, 'product' | 'managedVM' | 'operatingSystem'>,
): Designated | undefined {
  return product && designatedFor(product, line, systemNameOf(managedVM ?? {}), operatingSystem);
}

function foundOf({ metadata: { name } }: ManagedApplication, record: GuestRecord | undefined): VersionFound {
  const looked = applicationIn(record, name);
  return { version: looked?.version, update: looked?.update };
}
