import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { SoleRoot } from '../../api/insideguest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { firstBootSecretName } from '../contract/child.ts';
import { unknown } from '../contract/finding.ts';
import { PROVIDER_USER } from '../machine/firstboot/users.ts';
import { KIND_WORDS } from './configured.ts';
import type { Verdict } from './reasons.ts';
import type { RecordView } from './view.ts';
import { counted, enumerated, named, quoted, shownInstant, since } from './words.ts';

/** Whether the provider alone holds root in a guest where it shall (AP-9), as far as the guest says so, and by what that can be believed. */
export function rootHeld(managedVM: ManagedVM, view: RecordView | undefined, soleRoot: SoleRoot | undefined): Verdict {
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
  return unknown('EvidenceIncomplete', evidence(managedVM, soleRoot, status));
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

function evidence(managedVM: ManagedVM, soleRoot: SoleRoot, { lookedAt }: GuestStateStatus): string {
  const at = shownInstant(lookedAt);
  const found = at === undefined ? '' : `, as first found at ${at}`;
  const { at: booted } = managedVM.status?.firstBoot ?? {};
  const shared =
    booted !== undefined && soleRoot.since <= booted
      ? ''
      : ` Until ${soleRoot.since} the customer may have been root there: what was left by then, and lets somebody in by other ways than accounts, keys and sudo, no look finds.`;
  return `In the guest only the account ${PROVIDER_USER} can log in or become root${found}, ${reasonOf(soleRoot)}.${shared} That the guest says so is believed for its host key, which Secret ${firstBootSecretName(managedVM)} of this namespace holds too: who may read that is not looked at.`;
}
