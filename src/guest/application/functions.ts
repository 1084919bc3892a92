import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { HEAL_COMMANDS, LOOK_COMMANDS } from './commandsteps.ts';
import { HEAL_FILES, LOOK_FILES } from './filesteps.ts';
import { healPackages, LOOK_PACKAGES, packageVersion } from './packagesteps.ts';
import { applicationName, packageName } from './planwords.ts';
import { ASK_POSTGRESQL, HEAL_POSTGRESQL, LOOK_POSTGRESQL } from './postgresql.ts';
import { HEAL_PROBES, LOOK_PROBES } from './probes.ts';
import { HEAL_UNITS, LOOK_UNITS } from './unitsteps.ts';

/** What looks at applications take besides the functions of all looks. */
export const lookApplications = (packageManager: LinuxPackageManager): string =>
  [
    packageVersion(packageManager),
    LOOK_PACKAGES,
    LOOK_FILES,
    LOOK_UNITS,
    LOOK_COMMANDS,
    ASK_POSTGRESQL,
    LOOK_POSTGRESQL,
    LOOK_PROBES,
    TELL_VERSION,
  ].join('');

/** What puts applications right takes besides the functions of all heals. */
export const healApplications = (packageManager: LinuxPackageManager): string =>
  [
    packageVersion(packageManager),
    healPackages(packageManager),
    HEAL_FILES,
    HEAL_UNITS,
    HEAL_COMMANDS,
    ASK_POSTGRESQL,
    HEAL_POSTGRESQL,
    HEAL_PROBES,
    CHAINS,
  ].join('');

/** Commands that tell which version of each application is installed. */
export const tellVersions = (plans: readonly ApplicationPlan[]): readonly string[] =>
  plans.map(({ application, versionOf }) => `tell_version ${applicationName(application)} ${packageName(versionOf)}`);

const TELL_VERSION = `
# tell_version APPLICATION PACKAGE: a word of those that versions are made of, or none.
tell_version() {
  version=
  package_version "$2" || :
  case "$version" in ''|*[!A-Za-z0-9.+~:_^-]*) version=-;; esac
  line application "$1" "$(printf %.64s "$version")"
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
