import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import { PROBE_METRICS, PROBE_STALE_SECONDS } from '../../domain/application/probemetrics.ts';
import { type ApplicationPlan, updatingStep } from '../../domain/contract/applicationplan.ts';
import { shellWord } from '../shellword.ts';
import { dumpsOf, HEAL_BACKUPS, LOOK_BACKUPS } from './backup.ts';
import { HEAL_COMMANDS, LOOK_COMMANDS } from './commandsteps.ts';
import { HEAL_RESTORES, LOOK_RESTORES, restoreStepOf, tellRestore } from './datarestore.ts';
import { HEAL_KEPT, LOOK_KEPT } from './dataretire.ts';
import { HEAL_FILES, LOOK_FILES } from './filesteps.ts';
import { healLines, lineSteps, lookLines, tellLine } from './linechange.ts';
import { ASK_MARIADB } from './mariadb.ts';
import { TELL_MODULES } from './modules.ts';
import { healPackages, LOOK_PACKAGES, packageVersion } from './packagesteps.ts';
import { applicationName, packageName, stepName } from './planwords.ts';
import { ASK_POSTGRESQL } from './postgresql.ts';
import { HEAL_PROBES, LOOK_PROBES, metricsOf } from './probes.ts';
import { HEAL_SQL, LOOK_SQL } from './sqlengines.ts';
import { HEAL_UNITS, LOOK_UNITS } from './unitsteps.ts';
import { healUpdates, lookUpdates, tellUpdate } from './updatesteps.ts';

/** What looks at applications take besides the functions of all looks. */
export const lookApplications = (packageManager: LinuxPackageManager): string =>
  [
    packageVersion(packageManager),
    LOOK_PACKAGES,
    lookUpdates(packageManager),
    LOOK_FILES,
    LOOK_UNITS,
    LOOK_COMMANDS,
    ASK_POSTGRESQL,
    ASK_MARIADB,
    LOOK_SQL,
    lookLines(packageManager),
    LOOK_PROBES,
    LOOK_BACKUPS,
    LOOK_RESTORES,
    LOOK_KEPT,
    TELL_APPLICATION,
    TELL_MODULES,
  ].join('');

/** What puts applications right takes besides the functions of all heals. */
export const healApplications = (packageManager: LinuxPackageManager): string =>
  [
    packageVersion(packageManager),
    healPackages(packageManager),
    healUpdates(packageManager),
    HEAL_FILES,
    HEAL_UNITS,
    HEAL_COMMANDS,
    ASK_POSTGRESQL,
    ASK_MARIADB,
    HEAL_SQL,
    healLines(packageManager),
    HEAL_PROBES,
    HEAL_BACKUPS,
    HEAL_RESTORES,
    HEAL_KEPT,
    CHAINS,
  ].join('');

/** Commands that tell which version of each application is installed, and which of its probes failed when they were read last; then what became of updates. */
export const tellApplications = (plans: readonly ApplicationPlan[]): readonly string[] => [
  ...plans.map(({ application, versionOf, probes }) => {
    const names = shellWord(probes.map(({ name }) => stepName(name)).join(' '));
    return `tell_application ${applicationName(application)} ${packageName(versionOf)} ${metricsOf(application)} ${names}`;
  }),
  ...plans.flatMap(plan => {
    const step = updatingStep(plan);
    return step === undefined ? [] : [tellUpdate({ application: plan.application, step: step.name })];
  }),
  ...plans.flatMap(plan =>
    lineSteps(plan)
      .slice(0, 1)
      .map(step => tellLine(step, applicationName(plan.application))),
  ),
];

/** Commands that tell what the records of dumps and proofs say, and how far restores are. */
export const tellBackups = (plans: readonly ApplicationPlan[]): readonly string[] => [
  ...plans
    .filter(({ backup }) => backup !== undefined)
    .map(({ application }) => `tell_backup ${applicationName(application)} ${dumpsOf(application)}`),
  ...plans.flatMap(plan => {
    const step = restoreStepOf(plan);
    return step === undefined ? [] : [tellRestore(step, applicationName(plan.application))];
  }),
];

const TELL_APPLICATION = `
# tell_application APPLICATION PACKAGE METRICS PROBES: a word of those that versions are made of, or none; the probes that do not succeed now, or none.
tell_application() {
  version=
  package_version "$2" || :
  case "$version" in ''|*[!A-Za-z0-9.+~:_^-]*) version=-;; esac
  failing=$(limit 2 head -c 65536 -- "$R$3" < /dev/null 2> /dev/null | awk -v now="$clock" -v names="$4" '
    match($0, /probe="[a-z0-9-]+"/) {
      probe = substr($0, RSTART + 7, RLENGTH - 8)
      if ($0 ~ /^${PROBE_METRICS.success}[{]/) success[probe] = $NF
      if ($0 ~ /^${PROBE_METRICS.readAt}[{]/) read[probe] = $NF
    }
    END {
      count = split(names, name, " ")
      for (i = 1; i <= count; i++)
        if (success[name[i]] != "1" || read[name[i]] !~ /^[0-9]+$/ || now - read[name[i]] > ${PROBE_STALE_SECONDS}) failing = failing "," name[i]
      print failing == "" ? "-" : substr(failing, 2)
    }')
  line application "$1" "$(printf %.64s "$version")" "\${failing:--}"
}
`;

/** A step stands on those before it: where one could not be put right, those after it are not tried. */
const CHAINS = `
broken=

# heal_in CHAIN NAME FUNCTION
heal_in() {
  case " $broken " in *" $1 "*) echo "$2: not tried, for one before it failed"; wrong=1; return;; esac
  before=$wrong; wrong=0
  heal "$2" "$3"
  if [ "$wrong" -ne 0 ]; then broken="$broken $1"; else wrong=$before; fi
}
`;
