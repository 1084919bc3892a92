import type { ManagedVM } from '../../../api/managedvm.ts';
import type { LinuxPackageManager } from '../../../api/operatingsystem.ts';
import { entitlements } from '../../contract/service-levels.ts';
import type { GuestFile } from './nodeexporter.ts';

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

/** Whether the service patches a guest, so that the guest's own updater must not (MO-3, MO-10). A level or a policy's name alone patches nothing. */
export function servicePatches({ spec }: ManagedVM, patchingServed: boolean): boolean {
  return patchingServed && entitlements(spec.serviceLevel).patching && spec.patchPolicyRef !== undefined;
}

/**
 * Files and commands that switch a Linux guest's own updater off, so that only the service patches it and nothing
 * restarts it out of turn (MO-3, MO-10).
 */
export function disableUpdater(packageManager: LinuxPackageManager): {
  files: readonly GuestFile[];
  commands: string[][];
} {
  const units = UPDATER_UNITS[packageManager].join(' ');
  return {
    files: UPDATER_FILES[packageManager],
    // Stopped before it is masked: a unit that is masked while it runs ends as failed.
    commands: [['sh', '-c', `systemctl stop ${units} || true; systemctl mask ${units}`]],
  };
}
