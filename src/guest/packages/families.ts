import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { apt } from './apt.ts';
import { dnf } from './dnf.ts';
import type { PackageFamily } from './family.ts';
import { windowsUpdate } from './windowsupdate.ts';
import { zypper } from './zypper.ts';

type PackageManager = OperatingSystemSpec['packageManager'];

const FAMILIES: Readonly<Record<PackageManager, PackageFamily>> = { apt, dnf, zypper, WindowsUpdate: windowsUpdate };

/** How guests are patched by a package manager. */
export function familyOf(packageManager: PackageManager): PackageFamily {
  return FAMILIES[packageManager];
}
