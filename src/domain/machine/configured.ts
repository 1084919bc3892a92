import type { ManagedVM } from '../../api/managedvm.ts';
import { unknown } from '../contract/finding.ts';
import { deliveryOf, type FirstBoot, undelivered } from './firstboot/delivery.ts';
import type { Observed } from './observed.ts';
import type { Verdict } from './reasons.ts';

/** Changes that the message names. */
const NAMED = 6;

type Facts = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly firstBoot: FirstBoot | undefined;
};

/** What of the order has not reached the guest: first boot is not repeated, and nothing changes a running guest yet. */
export function outdated({ managedVM, observed, firstBoot }: Facts): readonly string[] {
  if (firstBoot?.at === undefined) return [];
  return undelivered(deliveryOf(managedVM, observed), firstBoot, observed.operatingSystem?.spec.family);
}

/**
 * Whether the guest is set up inside as ordered: users and their keys and rights (MO-8), networks, exporter, updater. Never True: what was
 * handed to a first boot is no proof that the guest took it, and nothing looks into the guest yet.
 */
export function configured(facts: Facts): Verdict {
  const { observed, firstBoot } = facts;
  if (observed.virtualMachine === undefined) return unknown('NotProvisioned', 'The VirtualMachine does not exist.');
  if (firstBoot === undefined) {
    return unknown(
      'FirstBootNotRecorded',
      'What the first boot of the guest was given is not known for certain, so whether the guest has the users, keys and networks that are ordered cannot be known.',
    );
  }
  const { at, users } = firstBoot;
  if (at === undefined) {
    return unknown(
      'FirstBootPending',
      'The guest has not started yet; its first boot is given what is ordered by then.',
    );
  }
  const changes = outdated(facts);
  if (changes.length === 0) {
    const count = users.length === 1 ? '1 user' : `${users.length} users`;
    return unknown(
      'FirstBootDelivered',
      `The first boot at ${at} was given all that is ordered (${count}); whether the guest took it is not verified, because nothing looks into the guest yet.`,
    );
  }
  const shown = changes.slice(0, NAMED).join(', ');
  const more = changes.length > NAMED ? `, and ${changes.length - NAMED} more` : '';
  const message = `The first boot at ${at} was given another order than the present one, and Steward does not change the inside of a guest yet: ${shown}${more}.`;
  return { status: 'False', reason: 'FirstBootOutdated', message };
}
