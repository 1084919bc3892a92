import type { LinuxPackageManager } from '../../api/operatingsystem.ts';

const INSTALL: Readonly<Record<LinuxPackageManager, string>> = {
  apt: `  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@" < /dev/null || {
    # Its lists may be too old to name what the mirror still has.
    apt-get -q -o DPkg::Lock::Timeout=300 update < /dev/null
    apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@" < /dev/null
  }`,
  dnf: '  dnf install -q -y "$@" < /dev/null',
  zypper: '  zypper --quiet --non-interactive install --no-recommends "$@" < /dev/null',
};

const UNINSTALL: Readonly<Record<LinuxPackageManager, string>> = {
  apt: '  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 purge "$@" < /dev/null',
  dnf: '  dnf remove -q -y "$@" < /dev/null',
  zypper: '  zypper --quiet --non-interactive remove "$@" < /dev/null',
};

const INSTALLED: Readonly<Record<LinuxPackageManager, string>> = {
  apt: `[ "$(dpkg-query -W -f '\${db:Status-Status}' "$1" 2> /dev/null)" = installed ]`,
  dnf: 'rpm -q "$1" > /dev/null 2>&1',
  zypper: 'rpm -q "$1" > /dev/null 2>&1',
};

/** `install_packages PACKAGE…`, `uninstall_packages PACKAGE…` and `installed PACKAGE` in the words of the guest's package manager. */
export function packageFunctions(packageManager: LinuxPackageManager): string {
  return [
    `install_packages() {\n${INSTALL[packageManager]}\n  changed "installed: $*"\n}`,
    `uninstall_packages() {\n${UNINSTALL[packageManager]}\n  changed "uninstalled: $*"\n}`,
    `installed() { ${INSTALLED[packageManager]}; }`,
  ].join('\n');
}
