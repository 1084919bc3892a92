/** A VirtualMachine that was not made for the order and is taken over as it runs (MO-1): whose it is, what stands against it, what is kept of it. */
import type { Adopted } from '../../api/adoption.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { LiveObject } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { failed } from '../contract/finding.ts';
import { listAt, textAt } from '../contract/json.ts';
import { claimOfVolume, volumeOf } from './diskhold.ts';
import { hotpluggedNames } from './hotplug.ts';
import type { Observed } from './observed.ts';
import type { VirtualMachine } from './observedvm.ts';
import type { Finding } from './reasons.ts';

/** Bound of the addresses that are kept. */
const MOST_INTERFACES = 8;

/** Whether the order consents to exactly this VirtualMachine: a name, or a label, is no consent. */
export function isConsentedTo({ spec }: ManagedVM, machine: LiveObject | undefined): boolean {
  return (
    spec.adopt !== undefined &&
    machine?.metadata.uid === spec.adopt.uid &&
    machine.metadata.deletionTimestamp === undefined
  );
}

/** Whether the machine is one that was taken over, or is taken over now; also before the status could say so. */
export function isAdopted(managedVM: ManagedVM, { consented }: Pick<Observed, 'consented'>): boolean {
  return consented || managedVM.status?.adopted !== undefined;
}

/** The claim that a disk is, where the machine brings it along: consent to the machine is consent to the disks that it has. */
export function claimBrought(disk: string, machine: unknown): string | undefined {
  return claimOfVolume(volumeOf(machine, disk));
}

/**
 * Why a VirtualMachine cannot be taken over as it is. Nothing of it is changed meanwhile. A disk that the order does not name would be taken
 * from the guest, and one under another name would be made anew and empty, so each claim of the machine must be in the order.
 */
export function adoptionProblem(managedVM: ManagedVM, observed: Observed): Finding | undefined {
  const { virtualMachine: vm } = observed;
  if (!observed.adopting || vm === undefined) return undefined;
  const name = `VirtualMachine ${vm.name}`;
  if (vm.controller !== undefined)
    return refused(`${name} belongs to ${cut(vm.controller, 200)}, which would change it back.`);
  const left = claimsLeftOut(managedVM, vm);
  if (left.length > 0) {
    const told = left.map(({ volume, claim }) => `volume ${volume} (PersistentVolumeClaim ${claim})`).join(', ');
    return refused(
      `${name} has ${cut(told, 400)}, which no disk of the order is: name a disk like the volume, or give it adopt: {claim: …}.`,
    );
  }
  const ordered = managedVM.spec.sizing?.instanceType;
  if (vm.instancetype === ordered && vm.instancetypeKind !== 'VirtualMachineInstancetype') return undefined;
  if (vm.instancetypeKind === 'VirtualMachineInstancetype')
    return refused(
      `${name} has the instance type ${vm.instancetype} of its namespace; an order names one of the cluster.`,
    );
  if (vm.instancetype === undefined) return undefined;
  return refused(
    `${name} has the instance type ${vm.instancetype}, and spec.sizing.instanceType says ${ordered ?? 'none'}: order what it has.`,
  );
}

function refused(why: string): Finding {
  return failed('AdoptionRefused', `${why} Nothing of it is changed until then.`);
}

function claimsLeftOut({ spec }: ManagedVM, vm: VirtualMachine) {
  const plugged = hotpluggedNames(vm.template);
  const ordered = new Set(spec.disks.map(({ name }) => name));
  const adopted = new Set(spec.disks.map(({ adopt }) => adopt?.claim));
  return listAt(vm.template, 'volumes').flatMap(volume => {
    const [name = '', claim] = [textAt(volume, 'name'), claimOfVolume(volume)];
    if (claim === undefined || plugged.has(name) || ordered.has(name) || adopted.has(claim)) return [];
    return [{ volume: cut(name, 63), claim: cut(claim, 253) }];
  });
}

/** How a person consents: the exact command, with the UID of the machine that is there now. */
export function consentToMachine({ metadata }: ManagedVM, uid: string): string {
  return `kubectl -n ${metadata.namespace} patch managedvm ${metadata.name} --type merge -p '{"spec":{"adopt":{"uid":"${uid}"}}}'`;
}

/** What is remembered of a machine that was taken over; it is written down once, and never follows the machine. */
export function adoptedRecord(managedVM: ManagedVM, observed: Observed, now: Date): Adopted | undefined {
  const before = managedVM.status?.adopted;
  if (before !== undefined) {
    const enrolledAt = before.enrolledAt ?? reachedSince(managedVM);
    return { ...before, ...(enrolledAt && { enrolledAt }) };
  }
  const { virtualMachine: vm } = observed;
  if (!observed.consented || observed.adopting || vm?.uid === undefined) return undefined;
  return { uid: cut(vm.uid, 64), at: instant(now), ...identityOf(vm) };
}

function reachedSince({ status }: ManagedVM): string | undefined {
  const reachable = status?.conditions?.find(({ type }) => type === 'GuestReachable');
  return reachable?.status === 'True' ? reachable.lastTransitionTime : undefined;
}

/** By what a guest knows itself and is known: what changes of it makes another machine of it. */
export function identityOf({
  template,
  preference,
}: Pick<VirtualMachine, 'template' | 'preference'>): Omit<Adopted, 'uid' | 'at'> {
  const [uuid, serial] = ['uuid', 'serial'].map(field => textAt(template, 'domain', 'firmware', field));
  const type = textAt(template, 'domain', 'machine', 'type');
  const interfaces = listAt(template, 'domain', 'devices', 'interfaces').flatMap(each => {
    const [name, macAddress] = [textAt(each, 'name'), textAt(each, 'macAddress')];
    return name === undefined || macAddress === undefined || name.length > 63
      ? []
      : [{ name, macAddress: cut(macAddress, 64) }];
  });
  return {
    ...(uuid !== undefined && { firmwareUUID: cut(uuid, 64) }),
    ...(serial !== undefined && { firmwareSerial: cut(serial, 256) }),
    ...(type !== undefined && { machineType: cut(type, 64) }),
    ...(preference !== undefined && { preference: cut(preference, 253) }),
    ...(interfaces.length > 0 && { interfaces: interfaces.slice(0, MOST_INTERFACES) }),
  };
}
