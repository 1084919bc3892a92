/** An order of a new root disk: of the same system, or of a newer one (MO-2, GE-11). */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';
import type { ServiceRequestSpec } from '../../api/servicerequest.ts';
import { cut } from '../contract/excerpt.ts';
import { levelSuitsFamily } from '../contract/service-levels.ts';
import { systemNameOf } from '../contract/system.ts';
import { ROOT_DISK } from '../machine/disks.ts';
import { whyNot } from '../machine/newroot.ts';
import { RESCUED_SERIAL } from '../machine/rootplace.ts';
import { LONGEST_RESCUE_HOURS, orderedWindow } from './orderedwindow.ts';

/** A system of the catalogue by its name, if it is there and can be read. */
export type SystemOf = (name: string) => OperatingSystemSpec | undefined;

export type RootRefusal = { readonly reason: string; readonly message: string };

/** Why it is not done to this VM, and will not be. */
export function rootRefusal(
  spec: ServiceRequestSpec,
  managedVM: ManagedVM,
  systemOf: SystemOf,
  now: Date,
): RootRefusal | undefined {
  const why = whyNot(managedVM);
  if (why !== undefined) return { reason: 'RootCannotBeMadeAnew', message: why };
  if (spec.service === 'Rebuild') return undefined;
  const wrong = wrongSystem(spec.operatingSystem ?? '', managedVM, systemOf, now);
  if (wrong !== undefined) return wrong;
  return spec.service === 'Migration'
    ? notNewer(spec.operatingSystem ?? '', managedVM, systemOf)
    : notForRescue(spec, managedVM, systemOf, now);
}

/** A system of the same family that the vendor supports, at the level that is ordered (MO-7, GE-9). */
function wrongSystem(name: string, managedVM: ManagedVM, systemOf: SystemOf, now: Date): RootRefusal | undefined {
  const reason = 'SystemNotSuitable';
  const had = systemNameOf(managedVM);
  const [from, to] = [systemOf(had), systemOf(name)];
  if (to === undefined) return { reason, message: `OperatingSystem ${name} is not in the catalogue.` };
  if (from === undefined)
    return { reason, message: `OperatingSystem ${had}, which the guest has, is not in the catalogue.` };
  const level = managedVM.spec.serviceLevel;
  if (from.family !== to.family)
    return {
      reason,
      message: `OperatingSystem ${name} is ${to.family} and ${had} is ${from.family}: that is another VM.`,
    };
  if (!to.serviceLevels.includes(level) || !levelSuitsFamily(level, to.family))
    return { reason, message: `OperatingSystem ${name} is not offered at serviceLevel ${level} (MO-7).` };
  const after = to.lifeCycle.endOfSupport;
  const today = now.toISOString().slice(0, 10);
  if (after < today)
    return { reason, message: `The vendor's support for OperatingSystem ${name} ended with ${after} (GE-9).` };
  return undefined;
}

/** One that the vendor supports longer. */
function notNewer(name: string, managedVM: ManagedVM, systemOf: SystemOf): RootRefusal | undefined {
  const had = systemNameOf(managedVM);
  const [before, after] = [had, name].map(each => systemOf(each)?.lifeCycle.endOfSupport ?? '');
  if (before === undefined || after === undefined || after > before) return undefined;
  return {
    reason: 'SystemNotSuitable',
    message: `OperatingSystem ${name} is supported until ${after} and ${had} until ${before}: it is no newer one (GE-11).`,
  };
}

/** Two disks of one image name their file systems alike, so that the kernel of one may start the system of the other. */
function notForRescue(
  spec: ServiceRequestSpec,
  managedVM: ManagedVM,
  systemOf: SystemOf,
  now: Date,
): RootRefusal | undefined {
  const name = spec.operatingSystem ?? '';
  if (systemOf(name)?.family !== 'Linux')
    return {
      reason: 'SystemNotSuitable',
      message: 'A Windows guest is not rescued by a second system: order it as Custom, or restore it (AP-13).',
    };
  if (name === systemNameOf(managedVM))
    return {
      reason: 'SystemNotSuitable',
      message: `The guest has OperatingSystem ${name}: it is rescued from another, because two disks of one image cannot be told apart when they start.`,
    };
  const { notBefore, notAfter } = orderedWindow(spec, now);
  const hours = (Date.parse(notAfter) - Date.parse(notBefore)) / 3_600_000;
  if (hours <= LONGEST_RESCUE_HOURS) return undefined;
  return {
    reason: 'RescueTooLong',
    message: `A rescue is over after ${LONGEST_RESCUE_HOURS} hours, and this one would last ${Math.ceil(hours)}: set another spec.notAfter.`,
  };
}

type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'operation' | 'system' | 'risk' | 'wayBack'>;

export function rootWork({ service, target, operatingSystem }: ServiceRequestSpec, managedVM: ManagedVM): Work {
  const from = systemNameOf(managedVM);
  const to = operatingSystem ?? from;
  if (service === 'Rescue') return rescueWork(target, from, to);
  const isMigration = service === 'Migration';
  const root = managedVM.status?.disks?.find(({ name }) => name === ROOT_DISK)?.claim ?? ROOT_DISK;
  return {
    title: cut(`${isMigration ? `Migration to ${to}` : 'New root disk'} of ${target.kind} ${target.name}`, 120),
    operation: isMigration ? 'Migration' : 'Rebuild',
    system: { from, to },
    plan: [
      cut(
        `Steward makes a new root disk from the image of OperatingSystem ${to}, beside PersistentVolumeClaim ${root}; the guest runs on.`,
        500,
      ),
      'It shuts the guest down, gives the VM the new root disk, and starts it: disks other than root, addresses, MAC addresses, host keys and accounts of the order stay.',
      'Where no guest with an agent that answers runs on it within an hour, the VM takes its old root disk back.',
      'The customer tries it, and accepts it or has it taken back.',
    ],
    risk: {
      rating: isMigration ? 'High' : 'Medium',
      reasons: [
        'What is on the root disk alone (software, settings, mounts, data) is not on the new one.',
        'What runs in the guest is away for two starts and as long as that takes to set up again.',
      ],
    },
    wayBack: cut(
      `A rejection of the result gives the VM PersistentVolumeClaim ${root} back as it was at the exchange; it stays until somebody deletes it.`,
      1000,
    ),
  };
}

function rescueWork(target: ServiceRequestSpec['target'], from: string, to: string): Work {
  return {
    title: cut(`Rescue of ${target.kind} ${target.name}`, 120),
    operation: 'Rescue',
    system: { from, to },
    plan: [
      cut(
        `Steward makes a root disk from the image of OperatingSystem ${to}, shuts the guest down, and starts the VM from it, with all of its disks beside it.`,
        500,
      ),
      `Who has an account in spec.access gets into that system and mends the root disk of before there, which is /dev/disk/by-id/virtio-${RESCUED_SERIAL}.`,
      'At the end of the window, which may be brought forward, or as soon as an Approver rejects the change, the VM starts from its own root disk again.',
    ],
    risk: {
      rating: 'Medium',
      reasons: [
        'What runs in the guest is away meanwhile.',
        'Whoever gets in reads and writes all of its disks, past the rights of the system on them.',
      ],
    },
    wayBack: 'What is changed on the disks by hand is not undone. Without a change the VM starts as before.',
  };
}
