import type { ManagedVM } from '../../api/managedvm.ts';
import { unknown } from '../contract/finding.ts';
import { changedForGood, changesSince, type FirstBoot, orderOf } from '../machine/firstboot/delivery.ts';
import { hasSettings } from '../machine/firstboot/networksettings.ts';
import { workerCanReach } from '../machine/firstboot/users.ts';
import type { Observed } from '../machine/observed.ts';
import type { Verdict } from './reasons.ts';
import { counted, enumerated } from './words.ts';

export type Given = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly firstBoot: FirstBoot | undefined;
};

/** How the guest differs from the order, as far as that is known where nothing looks into it: nobody has changed it since its first boot. */
export function outdated({ managedVM, observed, firstBoot }: Given): readonly string[] {
  if (firstBoot?.at === undefined) return [];
  const family = observed.operatingSystem?.spec.family;
  const order = orderOf(managedVM, observed);
  const { lacking, withdrawn } = changesSince(firstBoot, order);
  const forWorker = workerCanReach(managedVM, family);
  return [...(forWorker ? [] : lacking), ...withdrawn, ...changedForGood(order, firstBoot, family)];
}

/** Whether the guest is set up as ordered, where nothing looks into it. Never True: what was handed to a first boot is no proof that the guest took it. */
export function asGiven(given: Given): Verdict {
  const { observed, firstBoot } = given;
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
  const changes = outdated(given);
  if (changes.length > 0) {
    const message = `The first boot at ${at} was given another order than the present one, and nothing has changed the inside of the guest since, as far as is known: ${enumerated(changes)}.`;
    return { status: 'False', reason: 'FirstBootOutdated', message };
  }
  const { lacking } = changesSince(firstBoot, orderOf(given.managedVM, observed));
  if (lacking.length > 0) {
    return unknown(
      'NotLookedInto',
      `The first boot at ${at} brings the way in, and the guest worker all else; but none looks into the guest, so whether it has that cannot be known: ${enumerated(lacking)}.`,
    );
  }
  return unknown(
    'FirstBootDelivered',
    `The first boot at ${at} was given all that is ordered (${counted(users.length, 'user')}); whether the guest took it is not verified, because nothing looks into the guest yet.`,
  );
}

/** What of the order only a first boot brings, where all else is looked after: networks. Undefined: nothing of it is known to be lacking. */
export function onlyAtFirstBoot({ managedVM, observed, firstBoot }: Given): Verdict | undefined {
  const { networks } = managedVM.spec;
  const family = observed.operatingSystem?.spec.family;
  if (firstBoot?.at === undefined) {
    const needsNone =
      networks.every(network => !hasSettings(network)) && (networks.length === 1 || family === 'Windows');
    if (needsNone) return undefined;
    return unknown(
      'FirstBootNotRecorded',
      `Every other setting is as ordered, but what the first boot of the guest was given is not known for certain, so whether its networks (${counted(networks.length, 'network')}) are set as ordered cannot be known.`,
    );
  }
  const changes = changedForGood(orderOf(managedVM, observed), firstBoot, family);
  if (changes.length === 0) return undefined;
  const message = `The first boot at ${firstBoot.at} was given another order than the present one, and nothing else sets this: ${enumerated(changes)}.`;
  return { status: 'False', reason: 'FirstBootOutdated', message };
}
