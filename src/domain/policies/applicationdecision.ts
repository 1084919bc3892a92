import type { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { Product, ProductSpec } from '../../api/product.ts';
import { changedAfterInstall } from '../application/firstinstall.ts';
import { type Due, dueNow } from '../application/holdback.ts';
import { readParameters } from '../application/parameters.ts';
import { type OrderFacts, refusalOf } from '../application/refusal.ts';
import { planOf } from '../application/render.ts';
import type { Verifiers } from '../application/verifiers.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { earliest, instant } from '../contract/condition.ts';
import { type Finding, failed } from '../contract/finding.ts';
import { nextOccurrence, type Occurrence, occurrenceAt, type Window } from '../patching/window.ts';
import { windowOf } from '../patching/windows.ts';

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
};

/** What shall be so in the guest now, or why nothing is changed there. */
export type Decision = {
  readonly refusal?: Finding | undefined;
  /** Absent: what the guest worker was told last stays as it is. */
  readonly plan?: ApplicationPlan;
  readonly pending: NonNullable<ManagedApplicationStatus['pending']>;
  /** When time alone changes it. */
  readonly nextEdge?: Date | undefined;
};

/** What an order comes to (AP-1, AP-10): refused with the reason, or a plan, of which whatever restarts something waits for a window (MO-4). */
export function decide(application: ManagedApplication, facts: DecisionFacts, now: Date): Decision {
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
  const planned = planOf({
    product: entry,
    application,
    parameters: read.parameters,
    ...(facts.verifiers !== undefined && { verifiers: facts.verifiers }),
  });
  if (planned.problems !== undefined)
    return { refusal: failed('ProductNotReady', planned.problems.join(' ')), pending: [] };
  const { open, next } = windowOfApplication(application, facts, now);
  const due = dueNow(planned.plan, facts.told, open !== undefined);
  return {
    plan: due.plan,
    pending: pendingOf(due, product, next),
    nextEdge: earliest(open?.end, due.waiting.length > 0 ? next?.start : undefined),
  };
}

type Span = Pick<Occurrence, 'start' | 'end'>;

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
  const spans = patchWindows.map(({ start, cutoff }) => ({ start: new Date(start), end: new Date(cutoff) }));
  return {
    open: spans.find(({ start, end }) => start <= now && now < end),
    next: spans.filter(({ start }) => start > now).toSorted((a, b) => a.start.getTime() - b.start.getTime())[0],
  };
}

function pendingOf({ waiting }: Due, { displayName }: ProductSpec, next: Span | undefined): Decision['pending'] {
  const when =
    next === undefined ? 'no window is known: name one in spec.windowRef' : `in the window at ${instant(next.start)}`;
  return waiting.map(({ name }) => ({
    what: `Step ${name} of ${displayName} changes as ordered, with a restart: ${when}.`,
    ...(next !== undefined && { notBefore: instant(next.start) }),
  }));
}
