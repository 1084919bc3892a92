import type { ManagedVM } from '../../api/managedvm.ts';
import { virtualMachineName } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { failed, waiting } from '../contract/finding.ts';
import { INSTANCE_TYPES_ANNOTATION, METADATA_PREFIXES_ANNOTATION, permits, refusal } from '../contract/permitted.ts';
import { levelSuitsFamily } from '../contract/service-levels.ts';
import { systemNameOf } from '../contract/system.ts';
import { adoptionProblem, consentToMachine } from './adoption.ts';
import { nameTaken } from './childkinds.ts';
import { ROOT_DISK } from './disks.ts';
import { hardwareNotPermitted } from './hardware.ts';
import { operatingSystemName, supportEnds } from './lifecycle.ts';
import type { Observed } from './observed.ts';
import type { Finding } from './reasons.ts';
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
    tooLate(managedVM, observed) ??
    notPermitted(managedVM, observed) ??
    hardwareNotPermitted(managedVM, observed) ??
    nameNotPermitted(managedVM, observed) ??
    nameConflict(managedVM, observed) ??
    adoptionProblem(managedVM, observed)
  );
}

function notInCatalogue(managedVM: ManagedVM, { operatingSystem }: Observed): Finding | undefined {
  if (operatingSystem !== undefined) return undefined;
  const name = systemNameOf(managedVM);
  const by = name === managedVM.spec.operatingSystem ? 'spec.operatingSystem' : 'status.newRoot.operatingSystem';
  return failed('OperatingSystemNotFound', `OperatingSystem ${name} (${by}) is not in the catalogue.`);
}

function notOffered(managedVM: ManagedVM, { operatingSystem }: Observed): Finding | undefined {
  if (operatingSystem === undefined) return undefined;
  const { family, serviceLevels } = operatingSystem.spec;
  const level = managedVM.spec.serviceLevel;
  const suiting = serviceLevels.filter(offered => levelSuitsFamily(offered, family));
  if (suiting.includes(level)) return undefined;
  const why = levelSuitsFamily(level, family) ? '' : ` ${family} needs AdvancedMonitoringAndPatching or Admin (MO-7).`;
  return failed(
    'ServiceLevelNotOffered',
    `OperatingSystem ${systemNameOf(managedVM)} is not offered at spec.serviceLevel ${level}, only at ${suiting.join(', ') || 'none'}.${why}`,
  );
}

/** Instance types are the cluster's: some bind whole devices or CPUs, so the provider says who may have which. */
function notPermitted({ metadata, spec }: ManagedVM, { permitted }: Observed): Finding | undefined {
  const type = spec.sizing?.instanceType;
  const namespace = metadata.namespace ?? '';
  if (type === undefined) return undefined;
  if (permitted === undefined) return notObserved(namespace);
  const { instanceTypes } = permitted;
  if (permits(instanceTypes, type)) return undefined;
  const what = `Instance type ${type} (spec.sizing.instanceType)`;
  return failed('InstanceTypeNotPermitted', refusal(what, namespace, INSTANCE_TYPES_ANNOTATION, instanceTypes));
}

/** Labels and annotations reach the Pod, where tools of the whole cluster look for what to do with it: by prefix the provider says which may be given. */
function nameNotPermitted({ metadata, spec }: ManagedVM, { permitted }: Observed): Finding | undefined {
  const names = [...Object.keys(spec.labels ?? {}), ...Object.keys(spec.annotations ?? {})];
  const prefixed = names.filter(name => name.includes('/'));
  const namespace = metadata.namespace ?? '';
  if (prefixed.length === 0) return undefined;
  if (permitted === undefined) return notObserved(namespace);
  const { metadataPrefixes } = permitted;
  const refused = prefixed.find(name => !permits(metadataPrefixes, name.slice(0, name.indexOf('/'))));
  if (refused === undefined) return undefined;
  const what = `The name ${refused} (spec.labels, spec.annotations)`;
  return failed('NameNotPermitted', refusal(what, namespace, METADATA_PREFIXES_ANNOTATION, metadataPrefixes));
}

function notObserved(namespace: string): Finding {
  return waiting('NamespaceNotObserved', `What Namespace ${namespace} may use is not known: it has not been read yet.`);
}

/**
 * A system past its end takes no new orders (MO-1, GE-9). An order is new that came after the end, of which nothing was ever provisioned,
 * and which takes up no disk of an earlier guest; what runs is never taken away for it.
 */
function tooLate({ metadata, spec, status }: ManagedVM, observed: Observed): Finding | undefined {
  const { operatingSystem, virtualMachine } = observed;
  const until = operatingSystem && supportEnds(operatingSystem);
  const ordered = Date.parse(metadata.creationTimestamp ?? '');
  if (operatingSystem === undefined || until === undefined || !(ordered >= until.getTime())) return undefined;
  const takesUp = spec.disks.some(({ name, adopt }) => name === ROOT_DISK && adopt !== undefined);
  if (virtualMachine !== undefined || status?.virtualMachine !== undefined || takesUp) return undefined;
  const { endOfSupport } = operatingSystem.spec.lifeCycle;
  return failed(
    'SystemNoLongerOffered',
    `The vendor's support for ${operatingSystemName(operatingSystem)} (OperatingSystem ${spec.operatingSystem}) ended with ${endOfSupport}, and this order is of ${instant(new Date(ordered))}: it takes no new orders, so nothing is created (MO-1, GE-9).`,
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
  if (!observed.foreignVirtualMachine) return undefined;
  const { foreignUid } = observed;
  const taken = nameTaken(name);
  if (foreignUid === undefined) return taken;
  const consent = `To have it taken over as it runs: ${consentToMachine(managedVM, foreignUid)}`;
  return { ...taken, message: `${taken.message} ${consent}` };
}
