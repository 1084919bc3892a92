import type { GuestStateStatus } from '../../api/gueststate.ts';
import { sealed } from '../../domain/contract/applicationplan.ts';
import { applicationOfSetting } from '../../domain/contract/applicationsetting.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';

/** Of what an application wants, and of the sensors, which know the ports of all: whether the guest was compared with the same plans before. What a new plan changes is no drift. */
export function seenByPlan(
  { applications = [] }: Pick<GuestStateStatus, 'applications'>,
  { desired }: { readonly desired: Pick<DesiredGuest, 'applications'> },
): (setting: string) => boolean {
  const before = new Set(applications.map(({ name, revision }) => `${name} ${revision}`));
  const same = new Map(
    desired.applications.map(plan => [plan.application, before.has(`${plan.application} ${sealed(plan).revision}`)]),
  );
  const allSame = before.size === same.size && [...same.values()].every(each => each);
  return setting => {
    if (setting === 'sensors') return allSame;
    const application = applicationOfSetting(setting);
    return application === undefined || same.get(application) === true;
  };
}
