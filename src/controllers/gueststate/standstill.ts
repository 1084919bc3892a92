/**
 * That a server of an application has stopped is trouble, and not a setting that somebody has changed: who starts it, and when, its level says (AP-3, AP-4), by its
 * ladder of remedies. Whatever sets it up, changes it or restores it starts it.
 */
import type { GuestStateStatus } from '../../api/gueststate.ts';
import { type ApplicationPlan, sealed } from '../../domain/contract/applicationplan.ts';
import { applicationOfSetting, settingName } from '../../domain/contract/applicationsetting.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';

type Recorded = NonNullable<GuestStateStatus['applications']>[number];

/** Whether all units of the plan were seen to run, now or before. */
export function hasRun(
  plan: ApplicationPlan,
  known: Pick<Recorded, 'revision' | 'ran'> | undefined,
  look: Pick<Look, 'settings'>,
): boolean {
  if (known?.ran === true && known.revision === sealed(plan).revision) return true;
  const kept = new Set(look.settings.filter(({ standing }) => standing === 'Kept').map(({ setting }) => setting));
  const units = plan.steps.filter(({ type }) => type === 'unit');
  return plan.present && units.every(({ name }) => kept.has(settingName(plan.application, name)));
}

/** What is to be put right: of an application that stands still nothing, for its other settings would start it too. */
export function toBePutRight(
  { applications = [] }: Pick<GuestStateStatus, 'applications'>,
  { look, desired }: { readonly look: Look; readonly desired: Pick<DesiredGuest, 'applications'> },
): readonly string[] {
  const left = new Set(
    desired.applications
      .filter(plan =>
        isLeft(
          plan,
          look,
          applications.find(({ name }) => name === plan.application),
        ),
      )
      .map(({ application }) => application),
  );
  return look.settings
    .filter(({ standing }) => standing === 'Differs' || standing === 'Stopped')
    .map(({ setting }) => setting)
    .filter(setting => !left.has(applicationOfSetting(setting) ?? ''));
}

function isLeft(plan: ApplicationPlan, { settings }: Look, known: Recorded | undefined): boolean {
  const isStopped = settings.some(
    ({ setting, standing }) => standing === 'Stopped' && applicationOfSetting(setting) === plan.application,
  );
  const isWorkedOn =
    known?.update?.outcome === 'Running' || plan.steps.some(({ type }) => /^(line|data)[A-Z]/.test(type));
  return isStopped && plan.present && known?.ran === true && known.revision === sealed(plan).revision && !isWorkedOn;
}
