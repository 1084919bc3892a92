import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, type SharedReason, WAIT } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';
import { MACHINE_KINDS } from '../machine/reasons.ts';
import { CONTACT_REASONS } from './contactreasons.ts';

/** Without these kinds nothing can be said of the inside of a guest. */
const KINDS = [...MACHINE_KINDS, 'GuestState', 'Lease'] as const;
const SHARED = ['PoweredOff', 'NotProvisioned', 'NotRunning', 'KindNotReadable'] as const;
const includesMonitoring: ConditionMeaning['counts'] = ({ serviceLevel }) => entitlements(serviceLevel).monitoring;

/** What is said of the inside of a guest, as the guest worker has found it (MO-8, MO-16). */
export const CONDITIONS = {
  GuestReachable: {
    meaning:
      "The guest worker gets into the guest with the provider's key and finds it to be the one whose host key is on record. Shown at every level; counts where the level includes monitoring.",
    shares: SHARED,
    restsOn: KINDS,
    counts: includesMonitoring,
    alert: {
      ...{ alert: 'ManagedVMGuestNotReachable', for: '30m', severity: 'warning', levels: 'monitored' },
      summary: '{{ $labels.managed_vm }}: nobody gets into the guest',
      description: `The guest of ${SUBJECT} has not been reached for 30 minutes, so nothing in it is looked after; its condition GuestReachable says why.`,
    },
  },
  Configured: {
    meaning:
      'The guest is set up inside as ordered: users with keys and rights (MO-8), networks, exporter, updater. True only after a look into the running guest that found every setting of the present order kept; where nothing looks into the guest, what its first boot was given is no proof. Accounts, keys and sudo rules that nobody ordered are named (MO-16) and break nothing while root is shared.',
    shares: SHARED,
    restsOn: KINDS,
    counts: includesMonitoring,
    alert: {
      ...{ alert: 'ManagedVMNotConfigured', for: '1h', severity: 'warning', levels: 'monitored' },
      summary: '{{ $labels.managed_vm }}: the guest is not set up as ordered',
      description: `The guest of ${SUBJECT} has not been as ordered inside for an hour; its condition Configured says what differs, and since when.`,
    },
  },
  SoleRoot: {
    meaning:
      'Where a managed application runs on the VM, the provider alone holds root in its guest: nobody else can log in, and no account, key or sudo rule is left that nobody ordered (AP-9). NotIncluded elsewhere, where root is shared (MO-8). Shown, and counted for applications only. Never True so far: who may read the Secret with the host key, by which the guest is believed, is not looked at.',
    shares: [...SHARED, 'NotIncluded'],
    restsOn: KINDS,
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  ...CONTACT_REASONS,

  // What is as it should be.
  Reached: {
    on: ['GuestReachable'],
    meaning: 'The guest was reached and has proved itself with its host key.',
    action: NOTHING,
  },
  AsOrdered: {
    on: ['Configured'],
    meaning: 'The last look into the running guest found every setting of the present order kept.',
    action: NOTHING,
  },

  NotEnrolled: {
    on: ['GuestReachable'],
    meaning:
      'The guest is one that was taken over, and it does not let the provider in yet: it was not born of this order, so it has neither the account, the key nor the host key of it.',
    action:
      'Run the script of the first-boot Secret in the guest once, as root ([procedures](procedures.md#take-over-a-virtualmachine)).',
  },

  // What cannot be known.
  NotLookedInto: {
    on: ['GuestReachable', 'Configured', 'SoleRoot'],
    meaning:
      'No guest worker looks into this guest: there is no GuestState of this ManagedVM, or its system is Windows, and the worker is not told to work in that (guest.windows of the chart). What is ordered inside of a Linux guest is made by the worker.',
    action: 'Provider: run the guest worker (guest.replicas of the chart), so that guests are looked into.',
  },
  Pending: {
    on: ['GuestReachable', 'Configured', 'SoleRoot'],
    meaning: 'The guest that runs now, or the present order, has not been looked at yet.',
    action: WAIT,
  },
  WorkerLost: {
    on: ['GuestReachable', 'Configured', 'SoleRoot'],
    meaning:
      'The worker that has said what the guest is like no longer holds its Lease, and nobody has taken it over: what it said is old.',
    action: 'Provider: look at the guest worker ([runbook](runbooks/StewardGuestWorkerLost.md)).',
  },
  RecordUnreadable: {
    on: ['GuestReachable', 'Configured', 'SoleRoot'],
    meaning: 'The GuestState does not follow its schema, so nothing of it is believed.',
    action:
      'Provider: see who wrote it; a worker that is newer than Steward, or one that a guest has taken over ([gueststate](spec/gueststate.md)).',
  },
  GuestNotReached: {
    on: ['Configured', 'SoleRoot'],
    meaning: 'Nobody gets into the guest, so how it is set up cannot be known.',
    action: 'See GuestReachable.',
  },

  // The inside of the guest.
  NotProven: {
    on: ['Configured'],
    meaning:
      'The last look found every setting of the present order kept, in a Windows guest: what looks into those has been tried against documentation and a fake only, so it proves nothing. Or the system is not in the catalogue any more.',
    action: 'Log in to see. Nothing makes it True in this version ([ADR 0134](adr/0134-windows-guests.md)).',
  },
  SettingUp: {
    on: ['Configured'],
    meaning:
      'The guest has booted for the first time, and what is ordered inside of it is being made; within 15 minutes it is as ordered or said to differ.',
    action: WAIT,
  },
  SettingsDiffer: {
    on: ['Configured'],
    meaning: 'Settings in the guest are not as ordered, and could not be put right so far; the message names them.',
    action:
      'Wait for the next look; if it stays, look in the guest at what the message names: a full disk, a read-only file system, somebody who changes it back.',
  },
  KeyRotationPending: {
    on: ['Configured'],
    meaning:
      "The provider's key that is ordered does not open the guest yet, or a former one has not been found gone from it; status.keys has them all.",
    action:
      'Wait for the next look. If it stays: the guest must run and be reached (see GuestReachable; Windows guests are not, unless guest.windows says so); the message says what it waits for ([procedures](procedures.md#keys)).',
  },
  RootNotAlone: {
    on: ['SoleRoot'],
    meaning:
      'Others can log in to the guest or become root in it, or something that nobody ordered is left there; the message names them.',
    action:
      'Wait for the next look, which takes away what can be taken away; what stays, the message names: look in the guest at how sshd lets people in, at immutable files, at who changes it back.',
  },
  RootReachable: {
    on: ['SoleRoot'],
    meaning:
      'In the guest nobody but the provider can log in, but rights in the cluster let somebody of the customer become root in it from outside, or pose as it; the message says who, and how.',
    action:
      'Provider: take these rights away, e.g. bind steward-tenant-edit and steward-tenant-view in place of edit or admin, run Pods of the customer in another namespace, and let them read Secrets by name; who decides for the provider (approve on contracts) does not count.',
  },
  FormerCustomerRoot: {
    on: ['SoleRoot'],
    meaning:
      'The provider alone holds root now, in the guest and from outside, but the customer was root in it before: what was left then, no look finds.',
    action:
      'Order applications on a VM that never had accounts of the customer (no spec.access.users), make the VM anew and restore the data into it, or have the provider examine and attest its root disk ([guest](guest.md#attested-by-the-provider)).',
  },
  RootAttested: {
    on: ['SoleRoot'],
    meaning:
      'The provider alone holds root now, in the guest and from outside; the customer was root in it before, and the provider attests by an approved change that nothing he left on this root disk lets anybody in.',
    action: NOTHING,
  },
  RootAlone: {
    on: ['SoleRoot'],
    meaning:
      'In the guest only the provider can log in or become root, no rights in the cluster let anybody of the customer do so from outside, and no account of the customer was ever set up in it.',
    action: NOTHING,
  },
  EvidenceIncomplete: {
    on: ['SoleRoot'],
    meaning:
      'In the guest nobody but the provider can log in or become root, as far as a look shows; who could from outside, by rights in the cluster, was not read yet or cannot be read.',
    action: 'Wait a minute; where it stays, the message says what keeps Steward from listing roles and bindings.',
  },
  FirstBootPending: {
    on: ['Configured'],
    meaning: 'The guest has not started for the first time; what is ordered by then reaches it.',
    action: NOTHING,
  },
  FirstBootDelivered: {
    on: ['Configured'],
    meaning: 'The first boot was given all that is ordered; that the guest took it is not verified.',
    action: 'Log in to see; status.firstBoot has what was given.',
  },
  FirstBootOutdated: {
    on: ['Configured'],
    meaning:
      'The order has changed since the first boot in what nothing changes in a guest: networks of Windows, and of guests that a Steward before this version had booted; and where no guest worker looks into it, what first boot gave and is not ordered any more. In Windows, and without an interface on the Pod network, that is all of users, keys, rights and level.',
    action:
      'Make the changes that the message names in the guest by hand, removed users and keys first; Steward does not see that, and goes on saying so.',
    orderers: true,
  },
  FirstBootNotRecorded: {
    on: ['Configured'],
    meaning:
      'What the first boot was given is not known: an older Steward or another VM made the guest, its status was lost, or the order changed while it started.',
    action: 'Log in to see whether the guest has what is ordered.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Verdict = contract.Verdict<Reason>;
