import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { Setting } from './setting.ts';

/** Any of these may keep the clock; which one is the distribution's and the customer's to say. */
const KEEPERS = ['systemd-timesyncd', 'chrony', 'chronyd', 'ntpsec', 'ntp', 'ntpd', 'openntpd'].map(
  name => `${name}.service`,
);

const PACKAGE: Readonly<Record<LinuxPackageManager, readonly [name: string, unit: string]>> = {
  apt: ['systemd-timesyncd', 'systemd-timesyncd.service'],
  dnf: ['chrony', 'chronyd.service'],
  zypper: ['chrony', 'chronyd.service'],
};

/** How far the guest's clock may be from the worker's, in seconds: the way into a busy guest takes some of them. */
export const CLOCK_TOLERANCE = 60;

/** Something keeps the clock, and it is right. A wrong clock is not set by us: what works by it may not like to see it jump. */
export function timeSetting(packageManager: LinuxPackageManager): Setting {
  const [name, unit] = PACKAGE[packageManager];
  return {
    name: 'time',
    units: KEEPERS,
    look: 'look_time',
    heal: `heal_time ${name} ${unit}`,
  };
}

export const LOOK_TIME = `
look_time() {
  keeper=; present=
  for each in ${KEEPERS.join(' ')}; do
    if ! unit "$each"; then failed "systemd does not answer"; return; fi
    if [ "$loaded" != not-found ] && [ -n "$loaded" ]; then present="\${present:-$each is $active}"; fi
    if [ "$active" = active ]; then keeper=$each; fi
  done
  if [ -z "$keeper" ]; then differs "nothing keeps the clock\${present:+ ($present)}"; fi
  offset=$((clock - worker_clock))
  if [ "$offset" -lt -${CLOCK_TOLERANCE} ]; then failed "the clock is $((-offset)) seconds behind"
  elif [ "$offset" -gt ${CLOCK_TOLERANCE} ]; then failed "the clock is $offset seconds ahead"
  fi
}
`;

export const HEAL_TIME = `
# heal_time PACKAGE UNIT: what is installed already is started; only where nothing is, our choice.
heal_time() {
  for each in ${KEEPERS.join(' ')}; do
    if [ "$(state "$each" ActiveState)" = active ]; then return; fi
  done
  for each in ${KEEPERS.join(' ')}; do
    case "$(state "$each" LoadState)" in loaded|masked) start "$each"; return;; esac
  done
  install_packages "$1"
  start "$2"
}
`;
