import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import { disksOf } from '../machine/diskstate.ts';
import { recordFirstBoot } from '../machine/firstboot/delivery.ts';
import { guestStatus } from './access.ts';
import { configured } from './configured.ts';
import type { OfGuest } from './facts.ts';
import { type Given, outdated } from './firstboot.ts';
import { reachable } from './reachable.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason } from './reasons.ts';
import { recordView } from './view.ts';

/** The inside of the guest is as ordered, and it is known who can log in (MO-8, MO-16). Said from what the guest worker has found. */
export const guest: ServicePromise<OfGuest, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess,
};

function assess({ managedVM, facts, outcomes, now }: Carried<OfGuest>): Said<ConditionType, Reason> {
  const observed = facts.machine;
  const disks = disksOf(managedVM, observed, now);
  const given = { managedVM, observed, firstBoot: recordFirstBoot({ managedVM, observed, outcomes, disks }) };
  const view = recordView(managedVM, facts);
  return {
    conditions: { GuestReachable: reachable(managedVM, view, facts.guest.record), Configured: configured(given, view) },
    findings: [],
    status: guestStatus(facts.guest.record),
    ...(view === undefined && unmade(given)),
  };
}

/** Changes that wait for somebody who makes them in the guest. */
function unmade(given: Given): { readonly whenReady?: string } {
  const { length } = outdated(given);
  return length === 0 ? {} : { whenReady: `${length} changed settings have not reached the guest: see Configured.` };
}
