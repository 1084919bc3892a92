import { PARTS } from '../backup/parts.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, SHARED_REASONS } from '../contract/reasons.ts';
import { PROMISES } from './promises.ts';

/** What is said of the order as a whole. */
const SUMMARIES = {
  Ready: {
    meaning:
      'Everything ordered that Steward provides around the guest is in place, as the order stands now. What must still be made inside the guest is told by Configured, what waits for a restart by RestartPending.',
  },
  Reconciling: {
    meaning: 'Abnormal when True: Steward or a system below it is at work; nobody needs to act.',
  },
  Stalled: {
    meaning:
      'Abnormal when True: nothing moves until somebody acts; it ends by itself when the cause is cured. A broken promise alone is not a stall.',
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;

const SUM = {
  SLACompliant: {
    meaning:
      'The sum of the promises that count at the level or were ordered on top of it: False if one is broken, Unknown if one cannot be known. What waits for the customer is left out (GE-4). Its message names those that count, those left out and how the others read; at Admin only Supported and Provisioned count, and backups where they were ordered.',
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;

const OWN_REASONS = {
  // What is as it should be.
  Settled: { on: ['Reconciling', 'Stalled'], meaning: 'There is nothing of this kind.', action: NOTHING },
  PromisesKept: { on: ['SLACompliant'], meaning: 'Every promise that counts is kept.', action: NOTHING },

  // What is not promised, or not known.
  ServicesCeased: {
    on: ['SLACompliant'],
    meaning:
      'Support of its operating system has ended, and the customer has refused a migration or not answered: all managed services for it are ceased, and no promise counts any more (GE-12).',
    action: 'Order a Migration to a supported release (GE-11), or a new ManagedVM.',
    orderers: true,
  },
  PromiseUnknown: {
    on: ['SLACompliant'],
    meaning: 'No promise is broken, but at least one cannot be known.',
    action: 'See the conditions that the message names.',
  },
  PromiseBroken: {
    on: ['SLACompliant'],
    meaning: 'At least one promise is broken.',
    action: 'See the conditions that the message names.',
  },

  // A person has said so.
  ReconciliationPaused: {
    on: ['Ready', 'Reconciling', 'Stalled'],
    meaning:
      'spec.paused is set: Steward writes nothing but the status, a deletion included. Promises are still reported.',
    action: 'Take spec.paused away when the work by hand is done.',
    orderers: true,
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

const DELETION_REASONS = {
  Deleting: {
    on: [],
    meaning: 'The ManagedVM is being deleted; nothing is promised any more.',
    action: 'Wait; status.waitingFor says for what.',
  },
  DeletionBlocked: {
    on: ['Ready'],
    meaning:
      'The deletion has waited for the same objects for more than 15 minutes. Steward never strips the finalizers of others.',
    action: 'Find out why the finalizer that status.waitingFor names is not removed.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

/** What a catalogue is made of. */
export type Catalogued = Readonly<
  Record<string, { readonly conditions: Meanings; readonly reasons: Readonly<Record<string, ReasonMeaning>> }>
>;
type Meanings = Readonly<Record<string, ConditionMeaning>>;

type Listed = (typeof PROMISES)[keyof typeof PROMISES];
type KeysOf<Part> = Part extends unknown ? keyof Part : never;
export type ConditionType = keyof typeof SUMMARIES | keyof typeof SUM | KeysOf<Listed['conditions']>;

/** The order in which people read what the promises say; what it does not name follows, promise by promise. */
const READ_FIRST = [
  'Supported',
  'Provisioned',
  'Available',
  'AgentConnected',
  'Monitored',
  'EventsMonitored',
  'GuestReachable',
  'Configured',
  'SoleRoot',
  'PatchCompliant',
  'BackupCompliant',
  ...PARTS,
  'RestartPending',
] as const satisfies readonly ConditionType[];

/** What the promises say, each in a condition of its own. */
export function promisedConditions(promises: Catalogued): Meanings {
  const told = Object.values(promises).flatMap(({ conditions }) => Object.entries(conditions));
  const place = ([type]: readonly [string, unknown]) => {
    const found = (READ_FIRST as readonly string[]).indexOf(type);
    return found === -1 ? READ_FIRST.length : found;
  };
  return Object.fromEntries(told.toSorted((a, b) => place(a) - place(b)));
}

/** Every condition of a ManagedVM, in the order in which people read them. */
export function conditionsOf(promises: Catalogued): Meanings {
  return { ...SUMMARIES, ...promisedConditions(promises), ...SUM };
}

/** Every reason that one of them may carry. Reconciling and Stalled, when True, carry the reason of Ready. */
export function reasonsOf(promises: Catalogued): Readonly<Record<string, ReasonMeaning>> {
  const theirs = Object.values(promises).map(({ reasons }) => Object.entries(reasons));
  const Deleting = { ...DELETION_REASONS.Deleting, on: Object.keys(conditionsOf(promises)) };
  return { ...OWN_REASONS, ...Object.fromEntries(theirs.flat()), ...SHARED_REASONS, ...DELETION_REASONS, Deleting };
}

/** Those that a condition may carry, in the order of the catalogue. */
export function reasonsOn(promises: Catalogued, type: string): readonly (readonly [string, ReasonMeaning])[] {
  const shared = new Set(Object.entries(conditionsOf(promises)).find(([other]) => other === type)?.[1].shares);
  return Object.entries(reasonsOf(promises)).filter(([reason, { on }]) => on.includes(type) || shared.has(reason));
}

/** The conditions that count in the sum, for some order. */
export function countedConditions(promises: Catalogued): Meanings {
  const all = Object.entries(promisedConditions(promises));
  return Object.fromEntries(all.filter(([, { counts }]) => counts !== undefined));
}

/**
 * Reasons that only whoever wrote the order, or the policy that it names, can put right: conditions and events tell him, and no alert
 * calls the provider (a typo is no incident).
 */
export function orderersReasons(promises: Catalogued): readonly string[] {
  const theirs = Object.entries(reasonsOf(promises)).filter(([, { orderers }]) => orderers);
  return theirs.map(([reason]) => reason).sort();
}

/** Reasons that wait for the customer's cooperation (GE-4). */
export function cooperationReasons(promises: Catalogued): ReadonlySet<string> {
  return new Set(
    Object.entries(reasonsOf(promises))
      .filter(([, { cooperation }]) => cooperation)
      .map(([reason]) => reason),
  );
}

export const CONDITIONS = conditionsOf(PROMISES);
export const REASONS = reasonsOf(PROMISES);
