import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { RootAttested, SoleRoot } from '../../api/insideguest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { firstBootSecretName, virtualMachineName } from '../contract/child.ts';
import { unknown } from '../contract/finding.ts';
import { PROVIDER_USER } from '../machine/firstboot/users.ts';
import { attestedWords } from './attestedroot.ts';
import { KIND_WORDS } from './configured.ts';
import type { Rights } from './facts.ts';
import type { Verdict } from './reasons.ts';
import { type Customer, rootWays } from './rootways.ts';
import type { RecordView } from './view.ts';
import { counted, enumerated, named, quoted, shownInstant, since } from './words.ts';

export type RootFacts = {
  readonly managedVM: ManagedVM;
  readonly view: RecordView | undefined;
  readonly soleRoot: SoleRoot | undefined;
  readonly rights: Rights | undefined;
  /** What the provider attests of the root disk. */
  readonly attested: RootAttested | undefined;
  /** UID of what the guest boots from. */
  readonly rootDisk: string | undefined;
};

/** Whether the provider alone holds root in a guest where it shall (AP-9): by what the guest says, and by what RBAC lets the customer do beside it. */
export function rootHeld(facts: RootFacts): Verdict {
  const { managedVM, view, soleRoot } = facts;
  if (soleRoot === undefined)
    return unknown(
      'NotIncluded',
      'No managed application runs on this VM, so provider and customer share root in its guest (MO-8).',
    );
  if (view === undefined)
    return unknown(
      'NotLookedInto',
      'No guest worker looks into the guest, so who holds root there cannot be known: see GuestReachable.',
    );
  if (view.silent !== undefined) return view.silent;
  const { status, contact } = view;
  if (contact.outcome !== 'Reached')
    return unknown(
      'GuestNotReached',
      `Nobody gets into the guest${since(contact.since)}, so who holds root there cannot be known: see GuestReachable.`,
    );
  if (status.soleRoot !== true || status.compared !== managedVM.metadata.generation)
    return unknown(
      'Pending',
      `Since ${soleRoot.since} the provider alone is to hold root, ${reasonOf(soleRoot)}; the guest has not been compared with that yet.`,
    );
  const others = [...otherLogins(status), ...notTakenAway(status), ...foreign(status)];
  if (others.length > 0)
    return {
      status: 'False',
      reason: 'RootNotAlone',
      message: `The provider is not alone in the guest, as it is to be since ${soleRoot.since} ${reasonOf(soleRoot)}: ${enumerated(others)}.`,
    };
  return fromOutside(facts, soleRoot, status);
}

/** Reasons of verdicts that rest on what was read of RBAC. */
const OF_RIGHTS: ReadonlySet<string> = new Set(['RootAlone', 'RootAttested', 'RootReachable', 'FormerCustomerRoot']);

/** What RBAC lets the customer do from outside. A new leader has not read it yet, which is no news. */
function fromOutside(facts: RootFacts, soleRoot: SoleRoot, status: GuestStateStatus): Verdict {
  const { managedVM, rights, attested } = facts;
  const { namespace = '', name } = managedVM.metadata;
  const inGuest = `In the guest ${alone(soleRoot, status)}`;
  if (rights === undefined) {
    const before = managedVM.status?.conditions?.find(({ type }) => type === 'SoleRoot');
    const isAsBefore = before?.reason !== 'RootAttested' || attested !== undefined;
    if (before !== undefined && isAsBefore && OF_RIGHTS.has(before.reason)) return before as Verdict;
    return unknown('EvidenceIncomplete', `${inGuest} Who has which rights in namespace ${namespace} was not read yet.`);
  }
  if ('why' in rights)
    return unknown(
      'EvidenceIncomplete',
      `${inGuest} Who has which rights in namespace ${namespace} cannot be read: ${named(rights.why, 160)}.`,
    );
  const machine = { virtualMachine: virtualMachineName(managedVM), firstBootSecret: firstBootSecretName(managedVM) };
  const ways = rootWays(rights.grants, rights.customer, machine);
  if (ways.length === 0) return formerRoot(facts, rights.customer, soleRoot, status);
  const who = ways.map(way => `${named(way.who, 80)} may ${way.how.join(', ')}`);
  return {
    status: 'False',
    reason: 'RootReachable',
    message: `Since ${soleRoot.since} the provider alone is to hold root in the guest of ManagedVM ${name}, and from outside it can be come by (${ways.length} of the customer): ${enumerated(who)}.`,
  };
}

/** What was left by a former root, no look finds: True is said only where the customer never was one, or the provider answers for it. */
function formerRoot(
  { managedVM, attested, rootDisk }: RootFacts,
  customer: Customer,
  soleRoot: SoleRoot,
  status: GuestStateStatus,
): Verdict {
  const { at: booted, users = [] } = managedVM.status?.firstBoot ?? {};
  const hadAccounts = users.length > 0 || (status.accounts ?? []).length > 0;
  const inGuest = `In the guest ${alone(soleRoot, status)}`;
  const outside = `No rights in namespace ${managedVM.metadata.namespace ?? ''} let anybody of the customer (${counted(customer.namespaces.length, 'namespace')}, ${counted(customer.users.length, 'contact')}) open its console, change its machine, mount its disks or read its host key.`;
  if (booted !== undefined && (soleRoot.since <= booted || !hadAccounts))
    return {
      status: 'True',
      reason: 'RootAlone',
      message: `${inGuest} ${outside} No account of the customer's was ever set up in it.`,
    };
  if (attested !== undefined)
    return { status: 'True', reason: 'RootAttested', message: `${inGuest} ${attestedWords(attested)} ${outside}` };
  const disk = rootDisk === undefined ? 'its root disk' : `root disk ${rootDisk}`;
  return unknown(
    'FormerCustomerRoot',
    `${inGuest} ${outside} Until ${soleRoot.since} the customer may have been root there: what was left by then, and lets somebody in by other ways than accounts, keys and sudo, no look finds. It stays so until the VM is made anew, or the provider attests ${disk} by an approved ChangeRequest (spec.attests).`,
  );
}

function reasonOf({ applications }: SoleRoot): string {
  return `for ${counted(applications.length, 'managed application')} (${enumerated(applications)})`;
}

/** Whoever else can log in, or is root. */
function otherLogins({ access = [] }: GuestStateStatus): readonly string[] {
  return access
    .filter(({ name }) => name !== PROVIDER_USER)
    .filter(({ name, login, administrator }) => login || (administrator && name !== 'root'))
    .map(({ name, administrator }) => `account ${quoted(name)} ${administrator ? 'may become root' : 'can log in'}`);
}

/** Settings that take access away, and have not. */
function notTakenAway({ differences = [] }: GuestStateStatus): readonly string[] {
  const ours = new Set([`account:${PROVIDER_USER}`, `sudo:${PROVIDER_USER}`]);
  return differences
    .filter(({ setting }) => /^(sole-root|former):/.test(setting) || ours.has(setting))
    .map(({ setting, found, since: from }) => `${named(setting, 40)} (found ${quoted(found)}${since(from)})`);
}

function foreign({ foreign: found = [] }: GuestStateStatus): readonly string[] {
  return found.map(({ kind, name, since: from }) => `${KIND_WORDS[kind]} ${quoted(name)}, seen${since(from)}`);
}

function alone(soleRoot: SoleRoot, { lookedAt }: GuestStateStatus): string {
  const at = shownInstant(lookedAt);
  const found = at === undefined ? '' : `, as first found at ${at}`;
  return `only the account ${PROVIDER_USER} can log in or become root${found}, ${reasonOf(soleRoot)}.`;
}
