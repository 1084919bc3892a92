import type { ManagedVM } from '../api/managedvm.ts';
import { nameTaken } from './applyproblems.ts';
import { virtualMachineName } from './child.ts';
import { type Finding, failed } from './finding.ts';
import type { Observed } from './observed.ts';
import { levelSuitsFamily } from './service-levels.ts';
import { machineUnreadable } from './unreadable.ts';

/**
 * Why an order cannot be carried out at all. While this says something, children are neither applied nor pruned:
 * nothing is created for a wrong order, and nothing that runs is taken away for one that has become wrong.
 */
export function orderProblem(managedVM: ManagedVM, observed: Observed): Finding | undefined {
  return (
    machineUnreadable(observed.unreadable) ??
    notInCatalogue(managedVM, observed) ??
    notOffered(managedVM, observed) ??
    nameConflict(managedVM, observed) ??
    diskConflict(observed)
  );
}

function notInCatalogue({ spec }: ManagedVM, { operatingSystem }: Observed): Finding | undefined {
  if (operatingSystem !== undefined) return undefined;
  return failed(
    'OperatingSystemNotFound',
    `OperatingSystem ${spec.operatingSystem} (spec.operatingSystem) is not in the catalogue.`,
  );
}

function notOffered({ spec }: ManagedVM, { operatingSystem }: Observed): Finding | undefined {
  if (operatingSystem === undefined) return undefined;
  const { family, serviceLevels } = operatingSystem.spec;
  const level = spec.serviceLevel;
  const suiting = serviceLevels.filter(offered => levelSuitsFamily(offered, family));
  if (suiting.includes(level)) return undefined;
  const why = levelSuitsFamily(level, family) ? '' : ` ${family} needs AdvancedMonitoringAndPatching or Admin (MO-7).`;
  return failed(
    'ServiceLevelNotOffered',
    `OperatingSystem ${spec.operatingSystem} is not offered at spec.serviceLevel ${level}, only at ${suiting.join(', ') || 'none'}.${why}`,
  );
}

function nameConflict(managedVM: ManagedVM, observed: Observed): Finding | undefined {
  const name = `VirtualMachine ${managedVM.metadata.namespace ?? ''}/${virtualMachineName(managedVM)}`;
  if (observed.claimedBy !== undefined) {
    return failed(
      'VirtualMachineNameClaimed',
      `${name} belongs to ManagedVM ${observed.claimedBy}, which wanted the name first.`,
    );
  }
  return observed.foreignVirtualMachine ? nameTaken(name) : undefined;
}

/** A VM must never start on the disk of another one. */
function diskConflict({ foreignDisk }: Observed): Finding | undefined {
  if (foreignDisk === undefined) return undefined;
  return failed(
    'ChildNameTaken',
    `DataVolume ${foreignDisk.dataVolume} holds a disk of ManagedVM ${foreignDisk.managedVM}; a disk of another name is needed here.`,
  );
}
