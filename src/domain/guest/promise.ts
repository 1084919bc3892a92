import type { GivenKeys } from '../../api/managedvm.ts';
import { applied } from '../contract/outcome.ts';
import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import { disksOf } from '../machine/diskstate.ts';
import { diskOf, recordFirstBoot } from '../machine/firstboot/delivery.ts';
import { givenKeys } from '../machine/guestkeys.ts';
import { guestStatus } from './access.ts';
import { attestationOf, rootAfter } from './attestedroot.ts';
import { configured } from './configured.ts';
import type { OfGuest, PlannedApplication } from './facts.ts';
import { type Given, outdated } from './firstboot.ts';
import { orderedRemedy } from './orderedremedy.ts';
import { reachable } from './reachable.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason } from './reasons.ts';
import { rootHeld } from './rootheld.ts';
import { hasJustGone, keySight, rotated } from './rotation.ts';
import { MOST_APPLICATIONS, soleRootFor } from './soleroot.ts';
import { type RecordView, recordView } from './view.ts';

/** Milliseconds until the pass that carries out what the status has just come to say: of a former key that is gone, of who holds root. */
const SOON_MS = 1_000;

/** The inside of the guest is as ordered, and it is known who can log in (MO-8, MO-16). Said from what the guest worker has found. */
export const guest: ServicePromise<OfGuest, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess,
};

function assess(carried: Carried<OfGuest>): Said<ConditionType, Reason> {
  const { managedVM, facts, outcomes, now } = carried;
  const observed = facts.machine;
  const disks = disksOf(managedVM, observed, now);
  const given = { managedVM, observed, firstBoot: recordFirstBoot({ managedVM, observed, outcomes, disks }) };
  const view = recordView(managedVM, facts);
  const keys = keysAfter(carried, view);
  const before = managedVM.status;
  const applications = facts.guest.applications?.toSorted(byName) ?? before?.applications ?? [];
  const names = facts.guest.applications?.map(({ name }) => name);
  const held = soleRootFor(names, before?.soleRoot, now);
  const rootDisk = diskOf({ observed, disks });
  const attested = attestationOf({ managedVM, soleRoot: held, rootDisk, changes: observed.changeRequests, now });
  const root = rootHeld({ managedVM, view, soleRoot: held, rights: facts.guest.rights, attested, rootDisk });
  const soleRoot = rootAfter(root, held, attested, now);
  const remedy = orderedRemedy(managedVM, observed.changeRequests, now);
  const changes = hasJustGone(before?.keys, keys) || (soleRoot === undefined) !== (before?.soleRoot === undefined);
  return {
    conditions: {
      GuestReachable: reachable(managedVM, view, facts.guest.record),
      Configured: configured(given, view, { keys, soleRoot, now }),
      SoleRoot: root,
    },
    findings: [],
    status: {
      ...guestStatus(facts.guest.record),
      ...(keys && { keys }),
      ...(soleRoot && { soleRoot }),
      ...(remedy && { remedy }),
      ...(applications.length > 0 && { applications: applications.slice(0, MOST_APPLICATIONS) }),
    },
    ...(changes && { nextEdge: new Date(now.getTime() + SOON_MS) }),
    ...(view === undefined && unmade(given)),
  };
}

function byName(a: PlannedApplication, b: PlannedApplication): number {
  return a.name < b.name ? -1 : 1;
}

/** While an order is paused, no key takes another's place. */
function keysAfter(
  { managedVM, facts, outcomes, now }: Carried<OfGuest>,
  view: RecordView | undefined,
): GivenKeys | undefined {
  const observed = facts.machine;
  const delivered = applied(outcomes, 'Secret');
  const given = givenKeys(managedVM, observed, delivered);
  if (given === undefined || managedVM.spec.paused !== undefined) return given;
  return rotated({ managedVM, observed, sight: keySight(view) }, given, { delivered, now });
}

/** Changes that wait for somebody who makes them in the guest. */
function unmade(given: Given): { readonly whenReady?: string } {
  const { length } = outdated(given);
  return length === 0 ? {} : { whenReady: `${length} changed settings have not reached the guest: see Configured.` };
}
