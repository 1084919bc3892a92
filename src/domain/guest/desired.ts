import type { PackageSources } from '../../api/guestsources.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem, OperatingSystemSpec } from '../../api/operatingsystem.ts';
import type { SystemSettings } from '../../api/systemsettings.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { entitlements } from '../contract/service-levels.ts';
import { DEFAULT_DOWNLOADS, type Download, downloadsFor, type GuestDownloads } from '../machine/firstboot/exporters.ts';
import { customerUsers, type GuestUser, PROVIDER_USER } from '../machine/firstboot/users.ts';
import { windowsLogin } from '../machine/firstboot/windows.ts';
import { servicePatches } from '../machine/servicepatches.ts';

export type Account = GuestUser & {
  /** Fingerprints of keys that Steward gave it: those that are not ordered any more are Steward's to take out again. */
  readonly formerKeys: readonly string[];
};

/** How a guest shall be inside, by level, order and catalogue. */
export type DesiredGuest = {
  readonly packageManager: OperatingSystemSpec['packageManager'];
  readonly provider: Account;
  /** The customer's accounts (MO-8). */
  readonly users: readonly Account[];
  /** Accounts that Steward set up once and that are not ordered any more: they keep their home, and nothing else. */
  readonly former: readonly string[];
  /** The provider alone holds root (AP-9): nobody but it comes in, and what nobody ordered is taken away rather than told. */
  readonly soleRoot: boolean;
  /** The exporter of metrics runs where the level watches, and is gone otherwise (MO-5, MO-12). */
  readonly exporter: boolean;
  /** Services that the order names: where they listen, it is ordered (MO-12). */
  readonly services: readonly string[];
  /** What it is made of where the distribution has no package of it. */
  readonly exporterRelease: Download;
  /** What the guest agent is made of where no package manager brings it: in Windows. */
  readonly agentRelease?: Download;
  /** The guest's own updater is left as the distribution has it, or switched off (MO-3). */
  readonly ownUpdater: boolean;
  /** Whether the last lines of its log that matter are wanted, for an incident that is open (MO-12). */
  readonly lines: boolean;
  /** Proxy, certificates and time servers of its system (MO-1); absent: none. */
  readonly system?: SystemSettings;
  /** Files by which it reaches package mirrors; absent: its distribution's own. */
  readonly packageSources?: PackageSources;
  /** What shall be so in it for managed applications (AP-1). */
  readonly applications: readonly ApplicationPlan[];
};

type Input = {
  readonly managedVM: ManagedVM;
  readonly operatingSystem: OperatingSystem;
  /** The provider's public keys that the guest is to have, as in authorized_keys. */
  readonly providerKeys: readonly string[];
  /** Accounts that the record says Steward has set up. */
  readonly accounts: readonly string[];
  /** Whether Steward works in Windows guests. */
  readonly windows: boolean;
  /** Where guests fetch what their distribution does not bring; default: upstream. */
  readonly downloads?: GuestDownloads;
  /** Plans of the applications on it, as far as they could be read. */
  readonly applications?: readonly ApplicationPlan[];
};

export function desiredGuest(input: Input): DesiredGuest {
  const { managedVM, operatingSystem, providerKeys, accounts, windows } = input;
  const { family, packageManager, packageSources } = operatingSystem.spec;
  const { system } = managedVM.spec;
  const nameOf = family === 'Windows' ? windowsLogin : (name: string) => name;
  const users = customerUsers(managedVM).map(user => ({ ...user, name: nameOf(user.name) }));
  const given = new Map(managedVM.status?.firstBoot?.users.map(({ name, keys }) => [nameOf(name), keys]));
  const ordered = new Set(users.map(({ name }) => name));
  return {
    packageManager,
    provider: {
      ...{ name: PROVIDER_USER, sshKeys: providerKeys, administrator: true },
      formerKeys: managedVM.status?.keys?.former?.map(({ provider }) => provider) ?? [],
    },
    users: users.map(user => ({ ...user, formerKeys: given.get(user.name) ?? [] })),
    former: [...new Set([...accounts, ...given.keys(), ...orderedNames(managedVM).map(nameOf)])]
      .filter(name => !ordered.has(name) && name !== PROVIDER_USER)
      .sort(),
    soleRoot: managedVM.status?.soleRoot !== undefined,
    exporter: entitlements(managedVM.spec.serviceLevel).monitoring,
    services: managedVM.spec.services ?? [],
    ...releasesOf(family, downloadsFor(operatingSystem, input.downloads ?? DEFAULT_DOWNLOADS)),
    ...(system && { system }),
    ...(packageSources && { packageSources }),
    ownUpdater: !servicePatches(managedVM, family, windows),
    lines: managedVM.status?.incidents !== undefined,
    applications: input.applications ?? [],
  };
}

function releasesOf(family: OperatingSystemSpec['family'], downloads: GuestDownloads): Releases {
  return family === 'Windows'
    ? { exporterRelease: downloads.windowsExporter, agentRelease: downloads.windowsGuestAgent }
    : { exporterRelease: downloads.nodeExporter };
}

type Releases = Pick<DesiredGuest, 'exporterRelease' | 'agentRelease'>;

const orderedNames = ({ spec }: ManagedVM): readonly string[] => spec.access?.users?.map(({ name }) => name) ?? [];
