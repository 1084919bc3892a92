/**
 * Minutes that do not count against the provider: powered off as ordered, windows and changes that were agreed, waiting for the customer (GE-4). Only
 * what is recorded when the day is closed, with who agreed to it: what is agreed later changes nothing any more.
 */
import { FINAL_PHASES } from '../../api/patchrun.ts';
import { cut } from '../contract/excerpt.ts';
import { at, listAt, textAt, timeAt } from '../contract/json.ts';
import type { Facts } from '../record/entry.ts';
import { factAt, lastFacts, minuteOf, partsOf, type Span, stretchesWhere } from './course.ts';
import type { Excuse, Stretch } from './format.ts';
import type { History } from './history.ts';
import { common } from './stretches.ts';

/** Histories of one kind. */
export type Histories = (kind: string) => readonly History[];

/** Of one system and day; what comes after them counts against the provider. */
const MOST_EXCUSES = 64;

type System = { readonly kind: string; readonly namespace: string; readonly name: string; readonly uid: string };

/** Phases of a PatchRun in which nothing has begun yet, or all is over. */
const AT_REST: ReadonlySet<string> = new Set(['Planned', ...FINAL_PHASES]);

/** Of a system; of an application also what was done to the VMs that it runs on. In the order in which a minute is said to be excused. */
export function excusesOf(systems: readonly System[], histories: Histories, span: Span): Excuse[] {
  const all = [powerOffs, windows, changes, waits].flatMap(of =>
    systems.flatMap(system => of(system, histories, span)),
  );
  return all.slice(0, MOST_EXCUSES).map(excuse => ({ ...excuse, approved: cut(excuse.approved, 200) }));
}

function powerOffs({ kind, name, uid }: System, histories: Histories, span: Span): Excuse[] {
  if (kind !== 'ManagedVM') return [];
  const history = histories(kind).find(({ object }) => object.uid === uid);
  if (history === undefined) return [];
  const off = stretchesWhere(partsOf(history, span), facts => facts['spec.powerState'] === 'Stopped');
  const ordered = history.told.findLast(({ entry }) => entry.after?.['spec.powerState'] === 'Stopped');
  const who = textAt(ordered?.entry, 'who', 'manager');
  const approved = who === undefined ? 'the order' : `the order, written by ${who}`;
  return off.map(([from, to]) => ({ because: 'PoweredOff', from, to, object: `ManagedVM ${name}`, approved }));
}

/** While a run was at work in its window: one that overruns it is excused until the window closed. */
function windows({ uid }: System, histories: Histories, span: Span): Excuse[] {
  return histories('PatchRun').flatMap(history => {
    const facts = lastFacts(history);
    if (textAt(facts['spec.managedVM'], 'uid') !== uid) return [];
    const atWork = stretchesWhere(partsOf(history, span), each => {
      const phase = each['status.phase'];
      return typeof phase === 'string' && !AT_REST.has(phase);
    });
    const window = between(timeAt(facts['spec.occurrence'], 'start'), timeAt(facts['spec.occurrence'], 'end'), span);
    const change = textAt(facts['spec.change'], 'name') ?? '';
    const { name, namespace = '' } = history.object;
    const approved = approvedBy(namespace, change, histories);
    return common(atWork, window).map(([from, to]) => ({
      ...{ because: 'Window' as const, from, to, object: `PatchRun ${name}`, approved },
    }));
  });
}

/** From when an agreed change might begin until it was over, or its window was. One without a window begins when Steward has claimed it. */
function changes(system: System, histories: Histories, span: Span): Excuse[] {
  return histories('ChangeRequest').flatMap(history => {
    const facts = lastFacts(history);
    const { name, namespace = '' } = history.object;
    if (!concerns(facts['spec.target'], namespace, system)) return [];
    if (!isTrue(facts, 'Agreed') || factAt(facts, 'spec.result', 'outcome') === 'Cancelled') return [];
    const window = facts['status.window'] ?? facts['spec.window'];
    const begin = timeAt(window, 'notBefore') ?? timeAt(facts['status.claim'], 'at');
    const ends = [timeAt(window, 'notAfter'), timeAt({ at: factAt(facts, 'spec.result', 'finishedAt') }, 'at')].filter(
      end => end !== undefined,
    );
    const end = ends.toSorted((a, b) => a.getTime() - b.getTime())[0];
    const approved = approvedBy(namespace, name, histories);
    return between(begin, end, span).map(([from, to]) => ({
      ...{ because: 'Change' as const, from, to, object: `ChangeRequest ${name}`, approved },
    }));
  });
}

function waits({ kind, namespace, name, uid }: System, histories: Histories, span: Span): Excuse[] {
  return histories('Incident').flatMap(history => {
    const subject = lastFacts(history)['spec.subject'];
    const named = textAt(subject, 'uid') ?? uid;
    if (textAt(subject, 'kind') !== kind || textAt(subject, 'name') !== name || named !== uid) return [];
    if (history.object.namespace !== namespace) return [];
    return partsOf(history, span).flatMap(({ from, to, facts }) => {
      if (facts['status.phase'] !== 'WaitingForCustomer') return [];
      const said = (what: string) => factAt(facts, 'spec.handling', 'waitingForCustomer', what);
      const approved = `${said('by') ?? 'nobody'}: ${said('reason') ?? 'no reason'}`;
      return [
        { because: 'WaitingForCustomer' as const, from, to, object: `Incident ${history.object.name}`, approved },
      ];
    });
  });
}

function concerns(target: unknown, namespace: string, system: System): boolean {
  if (namespace !== system.namespace || textAt(target, 'kind') !== system.kind) return false;
  const uid = textAt(target, 'uid');
  return uid === undefined ? textAt(target, 'name') === system.name : uid === system.uid;
}

/** Who agreed to a change: persons with their party, each with what a bridge stated; or the policy that pre-approves it. */
export function approvedBy(namespace: string, change: string, histories: Histories): string {
  const decided = histories('Approval').flatMap(history => {
    const facts = lastFacts(history);
    const counts =
      facts['spec.changeRef'] === change && facts['spec.decision'] === 'Approve' && isTrue(facts, 'Counted');
    if (history.object.namespace !== namespace || !counts) return [];
    const stated = textAt(facts['spec.stated'], 'name');
    const by = String(facts['spec.decidedBy'] ?? '');
    return [
      `${by} (${String(facts['spec.party'] ?? '')})${stated === undefined ? '' : `, as stated by him for ${stated}`}`,
    ];
  });
  if (decided.length > 0) return decided.toSorted().join(', ');
  const of = histories('ChangeRequest').find(({ object }) => object.namespace === namespace && object.name === change);
  const policy = of && at(lastFacts(of), 'spec.preApprovedBy');
  const [kind, name] = ['kind', 'name'].map(field => textAt(policy, field));
  return kind === undefined || name === undefined ? `ChangeRequest ${change}` : `pre-approved by ${kind} ${name}`;
}

function isTrue(facts: Facts, condition: string): boolean {
  return String(facts[`condition.${condition}`] ?? '').startsWith('True ');
}

function between(from: Date | undefined, to: Date | undefined, span: Span): Stretch[] {
  if (from === undefined || to === undefined) return [];
  const stretch: Stretch = [minuteOf(from, span), minuteUpTo(to, span)];
  return stretch[0] < stretch[1] ? [stretch] : [];
}

/** A minute that has begun belongs to what ends in it. */
function minuteUpTo(at: Date, { from, minutes }: Span): number {
  return Math.min(minutes, Math.max(0, Math.ceil((at.getTime() - from.getTime()) / 60_000)));
}

/** VMs that an application runs on, by their names. */
export function vmsOf(facts: Facts): readonly string[] {
  return listAt(facts['spec.managedVMs']).map(String);
}
