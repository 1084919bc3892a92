import { isDeepStrictEqual } from 'node:util';
import type { ManagedVM, ManagedVMStatus } from '../../../api/managedvm.ts';
import { dataVolumeName } from '../../contract/child.ts';
import { instant } from '../../contract/condition.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { entitlements } from '../../contract/service-levels.ts';
import { isAdopted } from '../adoption.ts';
import { ROOT_DISK } from '../disks.ts';
import type { DiskState } from '../diskstate.ts';
import type { Observed } from '../observed.ts';
import { isUnbooted } from '../rootplace.ts';
import { servicePatches } from '../servicepatches.ts';
import { fingerprintOfLine } from '../sshkeys.ts';
import { networkSettings, systemSettings } from './networksettings.ts';
import { customerUsers, firstBootUsers, type GuestUser, workerCanReach } from './users.ts';

/** What the guest's first boot was given (status.firstBoot); without `at` it has not taken place, and changes still reach it. */
export type FirstBoot = NonNullable<ManagedVMStatus['firstBoot']>;
/** The part of an order that reaches a guest at its first boot only. */
export type Delivery = Omit<FirstBoot, 'at' | 'disk'>;

type Facts = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly outcomes: readonly Outcome[];
  readonly disks: readonly DiskState[];
};

/** What a first boot would be given by the order as it stands: all that is inside of a Windows guest, and of Linux no more than the way in. */
export function deliveryOf(managedVM: ManagedVM, observed: Observed): Delivery {
  const ordered = orderOf(managedVM, observed);
  const family = observed.operatingSystem?.spec.family;
  if (family === 'Windows') return ordered;
  const users = firstBootUsers(managedVM, family).map(told);
  return { ...ordered, networksAtEachStart: true, users, exporter: false, ownUpdater: true };
}

/** What of the order is inside of the guest, whoever brings it there. */
export function orderOf(managedVM: ManagedVM, { operatingSystem }: Observed): Delivery {
  const settings = networkSettings(managedVM);
  const system = workerCanReach(managedVM, operatingSystem?.spec.family) ? undefined : systemSettings(managedVM);
  const { networks, serviceLevel } = managedVM.spec;
  const family = operatingSystem?.spec.family;
  return {
    users: customerUsers(managedVM).map(told),
    networks: networks.map(({ name }) => name),
    ...(settings !== undefined && { networkSettings: settings }),
    ...(system !== undefined && { systemSettings: system }),
    exporter: entitlements(serviceLevel).monitoring,
    // Whether a Windows guest is worked in the guest worker knows; until it is, its own updater stays on.
    ownUpdater: !servicePatches(managedVM, family, false),
  };
}

function told({ name, administrator, sshKeys }: GuestUser): User {
  return { name, administrator, keys: sshKeys.map(fingerprintOfLine).sort() };
}

/** The claims of the disks, by the disks' names. */
export type Claims = ReadonlyMap<string, { readonly uid?: string | undefined }>;

/** Whether the guest has booted for the first time, from the very claim that its root disk is: no content of the Secret reaches it any more. */
export function hasBooted({ status }: ManagedVM, claims: Claims): boolean {
  const { at, disk } = status?.firstBoot ?? {};
  return at !== undefined && disk !== undefined && disk === claims.get(ROOT_DISK)?.uid;
}

/**
 * The record of the first boot after a pass: none for a root disk that was taken over, for what is in it is an earlier guest's.
 * It is opened before a guest can have booted from the disk, follows the Secret while no guest
 * is there, and closes when the guest runs; where one of these steps was not seen, or the Secret changed while the guest started, there is
 * none, because nothing is known for certain.
 */
export function recordFirstBoot(facts: Facts): FirstBoot | undefined {
  const { managedVM, observed, outcomes } = facts;
  const before = stillTrue(facts);
  if (before?.at !== undefined) return before;
  if (isAdopted(managedVM, observed)) return undefined;
  if (managedVM.spec.disks.some(({ name, adopt }) => name === ROOT_DISK && adopt !== undefined)) return undefined;
  const secret = outcomes.find(({ child }) => child.kind === 'Secret')?.action ?? 'failed';
  if (secret === 'failed') return before;
  const delivery = deliveryOf(managedVM, observed);
  if (before === undefined && isBornNow(facts)) return delivery;
  const { virtualMachineInstance: vmi } = observed;
  if (vmi === undefined) return before !== undefined || isEmpty(facts) ? delivery : undefined;
  if (secret !== 'unchanged' || !isDeepStrictEqual(before, delivery)) return undefined;
  if (vmi.phase !== 'Running' || vmi.startedAt === undefined) return before;
  const disk = diskOf(facts);
  return { ...delivery, at: instant(vmi.startedAt), ...(disk !== undefined && { disk }) };
}

/** Whether this very pass has made all that a first boot takes: however soon the guest is there, it was given what is ordered now. */
function isBornNow({ managedVM, outcomes, disks }: Facts): boolean {
  const root = disks.some(({ disk }) => disk === ROOT_DISK) ? dataVolumeName(managedVM, ROOT_DISK) : undefined;
  const made = (kind: string, name?: string) =>
    outcomes.some(({ action, child }) => action === 'created' && child.kind === kind && (child.name === name || !name));
  return made('VirtualMachine') && made('Secret') && (root === undefined || made('DataVolume', root));
}

/** A closed record tells of one disk: what another one holds is not known. */
function stillTrue(facts: Facts): FirstBoot | undefined {
  const record = facts.managedVM.status?.firstBoot;
  if (record?.disk === undefined) return record;
  const disk = diskOf(facts);
  return disk === undefined || record.disk === disk ? record : undefined;
}

/** UID of what the guest boots from: the claim of its root disk; where that is an image, each start is a first boot. */
export function diskOf({ observed, disks }: Pick<Facts, 'observed' | 'disks'>): string | undefined {
  const isImage = disks.every(({ disk }) => disk !== ROOT_DISK);
  return isImage ? (observed.virtualMachineInstance?.uid ?? 'none') : observed.claims.get(ROOT_DISK)?.uid;
}

/** Whether no guest can have booted from the root disk yet. */
function isEmpty({ managedVM, disks }: Facts): boolean {
  return !disks.some(({ disk, filled }) => disk === ROOT_DISK && filled) || isUnbooted(managedVM.status?.newRoot);
}

/** How the order differs from what the first boot was given, in words; networks apart. */
export type Changes = {
  /** Ordered, and not given. */
  readonly lacking: readonly string[];
  /** Given, and not ordered any more. */
  readonly withdrawn: readonly string[];
};

export function changesSince(given: Delivery, { users, exporter, ownUpdater }: Delivery): Changes {
  const before = new Map(given.users.map(user => [user.name, user]));
  const after = new Set(users.map(({ name }) => name));
  const removed = given.users.filter(({ name }) => !after.has(name)).map(({ name }) => `user ${name} removed`);
  const switched =
    ownUpdater === given.ownUpdater ? [] : [`the guest's own updater switched ${ownUpdater ? 'on' : 'off'}`];
  return {
    lacking: [
      ...users.flatMap(user => lackingOf(user, before.get(user.name))),
      ...(exporter && !given.exporter ? ['exporter of metrics added'] : []),
      ...(ownUpdater ? [] : switched),
    ],
    withdrawn: [
      ...users.flatMap(user => withdrawnOf(user, before.get(user.name))),
      ...removed,
      ...(given.exporter && !exporter ? ['exporter of metrics removed'] : []),
      ...(ownUpdater ? switched : []),
    ],
  };
}

/** What of networks and system only another first boot would bring. Windows brings up every interface by itself. */
export function changedForGood(
  order: Delivery,
  given: Delivery,
  family: 'Linux' | 'Windows' | undefined,
): readonly string[] {
  const isOtherwise = order.systemSettings !== given.systemSettings;
  return [
    ...networksChanged(order, given, family),
    ...(isOtherwise ? ['proxy, certificates or time servers changed'] : []),
  ];
}

function networksChanged(
  { networks, networkSettings: settings }: Delivery,
  given: Delivery,
  family: 'Linux' | 'Windows' | undefined,
): readonly string[] {
  if (given.networksAtEachStart === true) return [];
  const added = family === 'Windows' ? [] : networks.filter(name => !given.networks.includes(name));
  const isSetOtherwise = settings !== given.networkSettings;
  return [
    ...added.map(name => `network ${name} added`),
    ...(isSetOtherwise ? ['addresses, gateways, DNS, MTU or routes of networks changed'] : []),
  ];
}

type User = Delivery['users'][number];

function lackingOf({ name, administrator, keys }: User, before: User | undefined): readonly string[] {
  if (before === undefined) return [`user ${name} added`];
  const more = keys.filter(key => !before.keys.includes(key)).length;
  return [
    ...(more === 0 ? [] : [`${counted(more)} of ${name} added`]),
    ...(administrator && !before.administrator ? [`administrator rights of ${name} given`] : []),
  ];
}

function withdrawnOf({ name, administrator, keys }: User, before: User | undefined): readonly string[] {
  if (before === undefined) return [];
  const fewer = before.keys.filter(key => !keys.includes(key)).length;
  return [
    ...(fewer === 0 ? [] : [`${counted(fewer)} of ${name} removed`]),
    ...(before.administrator && !administrator ? [`administrator rights of ${name} withdrawn`] : []),
  ];
}

const counted = (keys: number): string => (keys === 1 ? '1 key' : `${keys} keys`);
