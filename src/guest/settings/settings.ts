import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { systemParts } from '../../domain/machine/firstboot/systemfiles.ts';
import { settingsOfPlans } from '../application/stepsetting.ts';
import { accountSetting } from './accounts.ts';
import { agentSetting } from './agent.ts';
import { diskSetting } from './disk.ts';
import { exporterSetting } from './exporter.ts';
import { formerSetting } from './former.ts';
import { journalSetting } from './journal.ts';
import { listenersOf, sensorsSetting } from './sensors.ts';
import type { Setting } from './setting.ts';
import { soleRootSettings } from './soleroot.ts';
import { sudoSetting } from './sudo.ts';
import { systemSetting } from './system.ts';
import { timeSetting } from './time.ts';
import { updaterSetting } from './updater.ts';

/**
 * What shall be so in the guest, in the order in which it is looked at and put right: what lets people in before what keeps them out, so that an
 * order that renames a user never leaves a guest that nobody can enter. Throws RangeError for Windows, whose settings are not these.
 */
export function settingsOf(desired: DesiredGuest): readonly Setting[] {
  const known = rendered.get(desired);
  if (known !== undefined) return known;
  const settings = settingsFor(desired);
  rendered.set(desired, settings);
  return settings;
}

/** Who sends a script also reads its answer: both need the same. */
const rendered = new WeakMap<DesiredGuest, readonly Setting[]>();

function settingsFor(desired: DesiredGuest): readonly Setting[] {
  return [
    diskSetting,
    ...[desired.provider, ...desired.users].flatMap(account => [accountSetting(account), sudoSetting(account)]),
    ...desired.former.map(formerSetting),
    ...(desired.soleRoot ? soleRootSettings(desired.provider) : []),
    ...systemParts(desired.system ?? {}, desired.packageSources, linux(desired.packageManager)).map(systemSetting),
    ...servicesOf(desired),
    // Differs from guest to guest: kept for each of them it would be a cache without end.
    sensorsSetting(desired.exporter, listenersOf(desired)),
    ...settingsOfPlans(desired.applications),
  ];
}

/** What is the same in all guests of one system and level, so that its files are hashed once and not for each look. */
function servicesOf(desired: DesiredGuest): readonly Setting[] {
  const { packageManager, exporter, exporterRelease, ownUpdater } = desired;
  const which = `${packageManager} ${exporter} ${ownUpdater}`;
  const byRelease = services.get(exporterRelease) ?? new Map<string, readonly Setting[]>();
  const settings = byRelease.get(which) ?? servicesFor(desired, linux(packageManager));
  services.set(exporterRelease, byRelease.set(which, settings));
  return settings;
}

const services = new WeakMap<DesiredGuest['exporterRelease'], Map<string, readonly Setting[]>>();

function servicesFor(desired: DesiredGuest, packageManager: LinuxPackageManager): readonly Setting[] {
  return [
    agentSetting,
    timeSetting(packageManager),
    journalSetting,
    exporterSetting(desired, packageManager),
    updaterSetting(packageManager, desired.ownUpdater),
  ];
}

export function linux(packageManager: DesiredGuest['packageManager']): LinuxPackageManager {
  if (packageManager !== 'WindowsUpdate') return packageManager;
  throw new RangeError('the settings of a Windows guest are not rendered as sh');
}
