import type { ManagedVM } from '../../api/managedvm.ts';
import type { Announcement } from './alert.ts';

/** What a condition means, to people (docs/conditions.md), to the sum of promises and to alerts. */
export type ConditionMeaning = {
  readonly meaning: string;
  /** Reasons that it carries although they stand elsewhere: among those that all share, or in the folder `machine`. */
  readonly shares?: readonly string[];
  /** Kinds without which it is not known. */
  readonly restsOn?: readonly string[];
  /** The orders for which it counts in SLACompliant (design 3); absent: it is shown and never counted. */
  readonly counts?: (spec: ManagedVM['spec']) => boolean;
  /** The alert that tells when a condition that counts has been False for a while; absent: the one for all others does (ManagedVMPromiseBroken). */
  readonly alert?: Announcement;
  /** Another alert that tells it, sooner or with more knowledge. */
  readonly toldBy?: string;
};

/** What a reason means, and what its reader does about it. */
export type ReasonMeaning = {
  /** Conditions of the same folder that carry it, and Ready. */
  readonly on: readonly string[];
  readonly meaning: string;
  readonly action: string;
  /** Only whoever wrote the order, or the policy that it names, can put it right: conditions and events tell him, and no alert calls the provider. */
  readonly orderers?: true;
  /** The provider can do nothing before the customer has decided or put his own order right: it is left out of the sum of promises (GE-4). */
  readonly cooperation?: true;
  /** Told at once by an alert of its own, whatever else holds: data or access is gone. */
  readonly alert?: Announcement;
  /** Another alert tells it, sooner or with more knowledge than that of its condition. */
  readonly toldBy?: string;
};

export const NOTHING = 'Nothing.';
export const WAIT = 'Wait; it goes on by itself.';

/** Reasons that conditions of several promises carry; which do, each condition says by `shares`. */
export const SHARED_REASONS = {
  // What is not promised, or not known.
  NotIncluded: {
    on: [],
    meaning: 'The service level does not include it and it was not ordered.',
    action: 'Order a level that includes it, or name a policy.',
  },
  PoweredOff: {
    on: [],
    meaning: 'The VM is powered off as ordered, so this cannot be known and does not count.',
    action: NOTHING,
  },
  WaitingForCustomer: {
    on: [],
    meaning:
      'Only the customer can bring it on: a change that would waits for his agreement, or he has postponed it; of updates, he also may have suspended his policy, denied them, withhold his windows, or reboot himself. The message says which.',
    action:
      'Customer: agree to the ChangeRequest or reject it; of updates, approve, open a window, or exclude what shall not be installed, with a reason and an end.',
    orderers: true,
    cooperation: true,
  },
  NotObserved: {
    on: [],
    meaning: 'Nobody has reported it yet.',
    action:
      'Wait; if it stays, see Ready; for Monitored the provider sets prometheus.url, so that Prometheus is asked.',
  },
  NotProvisioned: {
    on: [],
    meaning: 'The VM, or the rules that watch it, are not there yet.',
    action: 'See Ready and Provisioned.',
  },
  NotRunning: {
    on: [],
    meaning: 'No guest is running; the next start takes every setting.',
    action: 'See Ready and Available.',
  },

  // The order cannot be carried out.
  NamespaceNotObserved: {
    on: ['Ready'],
    meaning: 'What the namespace may use is not known, because Steward has not read its Namespace yet.',
    action: 'Wait; if it stays, the provider lets Steward list and watch Namespaces.',
  },
  ChildNameTaken: {
    on: ['Ready'],
    meaning: 'An object that Steward must create exists already and is not its own.',
    action: 'Rename or remove the object that the message names.',
    orderers: true,
  },

  // Something below Steward is missing.
  KindNotReadable: {
    on: ['Ready'],
    meaning:
      'The API server refuses to say what there is of a kind (403, 500), so this cannot be known, and nothing that needs it is done.',
    action: "Provider: give Steward's account the right that the message names, or repair what serves the kind.",
  },

  // Applying a child.
  ApplyRefused: {
    on: ['Ready'],
    meaning: 'The API server or a webhook refuses an object that Steward applies; the message is theirs.',
    action: 'Correct what the message names; tell the provider if it is nothing of yours.',
  },
  ApplyRetrying: {
    on: ['Ready'],
    meaning: 'The API server could not take an object just now.',
    action: WAIT,
  },
  ChildTerminating: {
    on: ['Ready'],
    meaning: 'Somebody deletes an object that Steward needs; it is created again as soon as it is gone.',
    action: 'Wait; if it stays, look at the finalizers on it.',
  },
  QuotaExceeded: {
    on: ['Ready'],
    meaning: "The namespace's ResourceQuota leaves no room.",
    action: 'Free what is not needed, order less, or have the quota raised.',
    orderers: true,
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type SharedReason = keyof typeof SHARED_REASONS;
