import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { GuestFile } from './setting.ts';

/** Units by which distributions install updates or restart by themselves; masking one that is not there does no harm. */
export const UPDATER_UNITS: Readonly<Record<LinuxPackageManager, readonly string[]>> = {
  apt: ['apt-daily.timer', 'apt-daily-upgrade.timer', 'unattended-upgrades.service'],
  dnf: [
    'dnf-automatic.timer',
    'dnf-automatic-download.timer',
    'dnf-automatic-install.timer',
    'dnf-automatic-notifyonly.timer',
    'dnf5-automatic.timer',
    'packagekit-offline-update.service',
  ],
  zypper: [
    'os-update.timer',
    'transactional-update.timer',
    'packagekit-background.timer',
    'packagekit-offline-update.service',
    'rebootmgr.service',
  ],
};

/** By which apt is told before it can start that it does nothing by itself. */
export const UPDATER_FILES: Readonly<Record<LinuxPackageManager, readonly GuestFile[]>> = {
  apt: [
    {
      path: '/etc/apt/apt.conf.d/99steward',
      content: [
        'APT::Periodic::Enable "0";',
        'APT::Periodic::Update-Package-Lists "0";',
        'APT::Periodic::Unattended-Upgrade "0";',
        'Unattended-Upgrade::Automatic-Reboot "false";',
        '',
      ].join('\n'),
      permissions: '0644',
    },
  ],
  dnf: [],
  zypper: [],
};
