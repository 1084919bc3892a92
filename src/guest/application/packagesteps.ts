import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import { packageName, type Scripts, type StepOf } from './planwords.ts';

type Step = StepOf<'package'>;

export function packagesThere({ packages }: Pick<Step, 'packages'>): Scripts {
  const words = packages.map(packageName).join(' ');
  return { look: `look_packages ${words}`, heal: `heal_packages ${words}` };
}

/** Taken out and not purged: purging is what deletes data and configuration with Debian's packages, and both stay the customer's (AP-9). */
export function packagesGone({ packages }: Pick<Step, 'packages'>): Scripts {
  const words = packages.map(packageName).join(' ');
  return { look: `look_no_packages ${words}`, heal: `heal_no_packages ${words}` };
}

const QUERY: Readonly<Record<LinuxPackageManager, string>> = {
  apt: `dpkg-query -W -f '\${db:Status-Status} \${Version}\\n' "$1"`,
  dnf: `rpm -q --qf 'installed %{EVR}\\n' "$1"`,
  zypper: `rpm -q --qf 'installed %{EVR}\\n' "$1"`,
};

/** For look and heal: `package_version NAME` sets $version, empty where it is not installed; fails where the package manager does not answer. */
export function packageVersion(packageManager: LinuxPackageManager): string {
  return `
package_version() {
  code=0
  version=$(limit 10 ${QUERY[packageManager]} < /dev/null 2> /dev/null) || code=$?
  if [ "$code" -gt 1 ]; then return 1; fi
  version=$(printf '%s\\n' "$version" | awk '$1 == "installed" { print $2; exit }')
}
`;
}

export const LOOK_PACKAGES = `
look_packages() {
  for each in "$@"; do
    if ! package_version "$each"; then failed "the package manager does not answer"; return; fi
    if [ -z "$version" ]; then differs "$each is not installed"; fi
  done
}

look_no_packages() {
  for each in "$@"; do
    if ! package_version "$each"; then failed "the package manager does not answer"; return; fi
    if [ -n "$version" ]; then differs "$each is still installed"; fi
  done
}
`;

const REMOVE: Readonly<Record<LinuxPackageManager, string>> = {
  apt: 'DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::Get::AutomaticRemove=false remove "$@" < /dev/null',
  dnf: 'dnf remove -q -y --noautoremove "$@" < /dev/null',
  zypper: 'zypper --quiet --non-interactive remove "$@" < /dev/null',
};

/** What a cut has left half installed keeps apt from everything else. */
const REPAIR: Readonly<Record<LinuxPackageManager, string>> = {
  apt: `if [ -n "$(dpkg --audit < /dev/null 2>&1)" ] || [ -n "$(ls -A "$R/var/lib/dpkg/updates")" ]; then
    # What cannot be configured yet, for what it needs was still to come, apt brings to its end; it takes nothing out for that.
    DEBIAN_FRONTEND=noninteractive dpkg --configure -a < /dev/null || :
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 --fix-broken install < /dev/null
    changed "what dpkg had begun brought to its end"
  fi`,
  dnf: ':',
  zypper: ':',
};

/** After `packageFunctions`, which installs. */
export const healPackages = (packageManager: LinuxPackageManager): string => `
# A configuration that was written before its package came stays, and nobody else's services are started anew by the way.
DPKG_FORCE=confdef,confold; NEEDRESTART_SUSPEND=1; export DPKG_FORCE NEEDRESTART_SUSPEND

heal_packages() {
  missing_of "$@"
  if [ -z "$missing" ]; then return; fi
  ${REPAIR[packageManager]}
  install_packages $missing
  missing_of "$@"
  if [ -n "$missing" ]; then give_up "not installed, though the package manager ended well:$missing"; fi
}

missing_of() {
  missing=
  for each in "$@"; do
    package_version "$each" || give_up "the package manager does not answer"
    if [ -z "$version" ]; then missing="$missing $each"; fi
  done
}

heal_no_packages() {
  there=
  for each in "$@"; do
    package_version "$each" || give_up "the package manager does not answer"
    if [ -n "$version" ]; then there="$there $each"; fi
  done
  if [ -z "$there" ]; then return; fi
  ${REPAIR[packageManager]}
  remove_packages $there
}

remove_packages() {
  ${REMOVE[packageManager]}
  changed "taken out:$(printf ' %s' "$@")"
}
`;
