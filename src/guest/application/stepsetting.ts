import type { ApplicationPlan, PlanStep } from '../../domain/contract/applicationplan.ts';
import { settingName } from '../../domain/contract/applicationsetting.ts';
import type { Setting } from '../settings/setting.ts';
import { backupGone, backupThere } from './backup.ts';
import { commandThere, portGone, portThere } from './commandsteps.ts';
import { dataOpened, dataRestored, restoreStepOf, restoreUnasked } from './datarestore.ts';
import { dataRetired } from './dataretire.ts';
import { directoryThere, fileGone, fileThere, systemUserThere } from './filesteps.ts';
import { lineChanged, lineOpened, lineRetired } from './linechange.ts';
import { schemaThere, userThere } from './mariadb.ts';
import { packagesGone, packagesThere } from './packagesteps.ts';
import { applicationName, type Place, stepName } from './planwords.ts';
import { databaseThere, extensionThere, roleThere } from './postgresql.ts';
import { probesGone, probesThere, waitForThere } from './probes.ts';
import { unitGone, unitThere } from './unitsteps.ts';
import { heldNoMore, packagesUpdated, updateGone } from './updatesteps.ts';

type Scripts = Omit<Setting, 'name' | 'chain'>;

/** The name of the setting of an application's probes, which no step may have. */
const PROBES = 'probes';
/** The same of its dumps. */
const BACKUP = 'backup';

/** Nothing is to be seen or done. */
const NOTHING: Scripts = { look: ':', heal: ':' };

/**
 * The settings of the applications of one guest: first what goes, then what comes, so that one may take the place of another. Throws RangeError for
 * a plan that is none.
 */
export function settingsOfPlans(plans: readonly ApplicationPlan[]): readonly Setting[] {
  const present = plans.filter(plan => plan.present);
  const needed = new Set(present.flatMap(({ steps }) => steps.flatMap(claimsOf)));
  return [...plans.filter(plan => !plan.present), ...present].flatMap(plan => settingsOfPlan(plan, needed));
}

/**
 * A setting for each step, named `app:<application>:<step>`, one for the probes and one for the dumps. Where the application is to go they are the same, the last one
 * first; what is `needed` by another stays (`claimsOf`). Of one chain none is put right after one that could not be.
 */
export function settingsOfPlan(plan: ApplicationPlan, needed: ReadonlySet<string> = new Set()): readonly Setting[] {
  const application = applicationName(plan.application);
  const settingOf = (step: string, scripts: Scripts, chain = application): Setting => ({
    ...{ name: settingName(application, stepName(step)), chain },
    ...scripts,
  });
  const scriptsOf = (step: PlanStep): Scripts => {
    const place = { application, step: stepName(step.name) };
    if (!plan.present) return gone(without(step, needed), place);
    const scripts = there(step, place, plan);
    // Before anything else of it: no step may work on data that are half restored, and none let clients in to them.
    const isFirst = step === plan.steps[0] && plan.backup !== undefined && restoreStepOf(plan) === undefined;
    return isFirst ? { ...scripts, ...both(restoreUnasked(application), scripts) } : scripts;
  };
  const settings = [
    ...plan.steps.map(step => settingOf(step.name, scriptsOf(step), chainOf(step, application))),
    settingOf(PROBES, plan.present ? probesThere(application, plan.probes) : probesGone(application)),
    settingOf(
      BACKUP,
      plan.present && plan.backup ? backupThere(application, plan.backup, plan.probes) : backupGone(application),
    ),
  ];
  if (new Set(settings.map(({ name }) => name)).size < settings.length)
    throw new RangeError(`the plan of ${application} has two steps of one name, or one named ${PROBES} or ${BACKUP}`);
  return plan.present ? settings : settings.toReversed();
}

/** Nobody is kept out because another step could not be put right meanwhile: it is the probes that say whether it serves. */
function chainOf({ type }: PlanStep, application: string): string {
  return type === 'lineOpen' || type === 'dataOpen' ? `${application}-open` : application;
}

function there(step: PlanStep, place: Place, plan: ApplicationPlan): Scripts {
  switch (step.type) {
    case 'package':
      return step.update === undefined
        ? both(packagesThere(step), heldNoMore(place))
        : packagesUpdated({ ...step, update: step.update }, plan, place);
    case 'file':
      return fileThere(step, place);
    case 'directory':
      return directoryThere(step);
    case 'systemUser':
      return systemUserThere(step);
    case 'unit':
      return unitThere(step);
    case 'role':
      return step.engine === 'MariaDB' ? userThere(step) : roleThere(step);
    case 'database':
      return step.engine === 'MariaDB' ? schemaThere(step) : databaseThere(step);
    case 'extension':
      return step.engine === 'MariaDB' ? NO_EXTENSIONS : extensionThere(step);
    case 'command':
      return commandThere(step, place);
    case 'firewallPort':
      return portThere(step);
    case 'waitFor':
      return waitForThere(step);
    case 'lineCheck':
      return NOTHING;
    case 'lineChange':
      return lineChanged(step, plan, place);
    case 'lineOpen':
      return lineOpened(step, plan, place);
    case 'lineRetire':
      return lineRetired(step, place);
    case 'dataRestore':
      return dataRestored(step, plan, place);
    case 'dataOpen':
      return dataOpened(step, plan, place);
    case 'dataRetire':
      return dataRetired(step, place);
  }
}

/** What holds data stays, and so do the accounts and folders that the data are in: they are the customer's until they say otherwise. */
function gone(step: PlanStep | undefined, place: Place): Scripts {
  switch (step?.type) {
    case 'package':
      return both(step.update === undefined ? heldNoMore(place) : updateGone(place), packagesGone(step));
    case 'file':
      return fileGone(step, place);
    case 'unit':
      return unitGone(step);
    case 'firewallPort':
      return portGone(step);
    case 'dataRestore':
      return restoreUnasked(place.application);
    default:
      return NOTHING;
  }
}

const both = (first: Scripts, second: Scripts): Scripts => ({
  look: `${first.look}\n${second.look}`,
  heal: `${first.heal}\n${second.heal}`,
});

const NO_EXTENSIONS: Scripts = {
  look: 'failed "MariaDB has no extensions of a database"',
  heal: 'give_up "MariaDB has no extensions of a database"',
};

/** What a step has of the guest, which another application may have too. */
function claimsOf(step: PlanStep): readonly string[] {
  switch (step.type) {
    case 'package':
      return step.packages.map(name => `package ${name}`);
    case 'file':
      return [`file ${step.path}`];
    case 'unit':
      return [`unit ${step.unit}`];
    case 'firewallPort':
      return [`port ${step.port}`];
    default:
      return [];
  }
}

/** The step without what others need; undefined where nothing of it is left. */
function without(step: PlanStep, needed: ReadonlySet<string>): PlanStep | undefined {
  if (step.type !== 'package') return claimsOf(step).some(claim => needed.has(claim)) ? undefined : step;
  const packages = step.packages.filter(name => !needed.has(`package ${name}`));
  return packages.length === 0 ? undefined : { ...step, packages };
}
