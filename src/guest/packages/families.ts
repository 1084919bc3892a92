import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import { apt } from './apt.ts';
import { dnf } from './dnf.ts';
import type { PackageFamily } from './family.ts';
import { zypper } from './zypper.ts';

const FAMILIES: Readonly<Record<LinuxPackageManager, PackageFamily>> = { apt, dnf, zypper };

/** Undefined where Steward does not patch by that package manager. */
export function familyOf(packageManager: LinuxPackageManager | 'WindowsUpdate'): PackageFamily | undefined {
  return packageManager === 'WindowsUpdate' ? undefined : FAMILIES[packageManager];
}
