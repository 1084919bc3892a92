import type { ManagedVM } from '../../api/managedvm.ts';
import {
  DataVolume,
  PersistentVolumeClaim,
  PrometheusRule,
  Service,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../api/upstream.ts';
import { backupPlan } from '../../domain/backup/backupplan.ts';
import { renderSchedules } from '../../domain/backup/schedules.ts';
import type { Outcome } from '../../domain/contract/applyproblems.ts';
import { permits } from '../../domain/contract/permitted.ts';
import { hasLostDisk, mayStart } from '../../domain/machine/diskhold.ts';
import { renderDisks } from '../../domain/machine/disks.ts';
import { firstBootSecret, renderFirstBoot } from '../../domain/machine/firstboot/firstboot.ts';
import type { FirstBootKeys } from '../../domain/machine/firstboot/keys.ts';
import { renderVirtualMachine } from '../../domain/machine/virtualmachine.ts';
import { guestRuns } from '../../domain/machine/vmstate.ts';
import { renderOverrideRules } from '../../domain/monitoring/prometheusrules.ts';
import { renderScrape } from '../../domain/monitoring/scrape.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { DesiredChild, Reader } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';
import type { Gathered } from './gather.ts';

/** What a ManagedVM becomes, and which children stay untouched because what decides about them cannot be read. */
export type Desired = { readonly apply: readonly (KubeObject | DesiredChild)[]; readonly keep: readonly KubeObject[] };

/** Every child as it should be. Undefined without a catalogue entry: then nothing can be said, and all stays as it is. */
export function desiredChildren(
  managedVM: ManagedVM,
  gathered: Gathered,
  keys: FirstBootKeys | undefined,
  settings: Settings,
  now: Date,
): Desired | undefined {
  const { operatingSystem, observed, virtualMachine, liveDataVolumes, livePVCs } = gathered;
  if (!operatingSystem) return undefined;
  const { holds, virtualMachineInstance: vmi } = observed;
  const runningSpec = guestRuns(vmi) ? vmi.spec : undefined;
  const input = { managedVM, operatingSystem, liveDataVolumes, livePVCs, holds, virtualMachine, runningSpec };
  const disks = renderDisks(input);
  const overrides = renderOverrideRules(managedVM, settings);
  const schedules = schedulesOf(managedVM, gathered, settings, now);
  const scrape = renderScrape({ ...input, monitoringLabels: settings.monitoringLabels });
  return {
    apply: [
      // A machine that was never made is not made on disks that are lost or nobody's.
      ...(virtualMachine || mayStart(holds) ? [renderVirtualMachine(input)] : []),
      ...disks.dataVolumes,
      ...disks.growth,
      ...(keys ? [renderFirstBoot({ ...input, keys, patchingServed: observed.patchPolicyServed })] : []),
      ...scrape,
      ...(overrides ? [overrides] : []),
      ...(observed.installed.velero ? (schedules ?? []) : []),
    ],
    keep: [
      // What is in a disk is never thrown away because its entry has changed; only taking the entry out ends it.
      ...gathered.dataVolumes,
      // The last copy of what the guest knows.
      ...(keys ? [] : [firstBootSecret(managedVM)]),
      ...(schedules === undefined ? gathered.schedules : []),
    ],
  };
}

/**
 * The Schedules that the order wants. Undefined: what there is stays as it is, for a policy that has gone, or is beyond what can be carried
 * out, is a mistake, and a mistake must cost no backup. A storage location that is not permitted is none: nothing may be written there.
 */
function schedulesOf(
  managedVM: ManagedVM,
  { policy, observed }: Gathered,
  { veleroNamespace, backupBounds }: Settings,
  now: Date,
): KubeObject[] | undefined {
  if (managedVM.spec.backupPolicyRef === undefined) return [];
  if (policy === undefined || observed.permitted === undefined) return undefined;
  if (!permits(observed.permitted.storageLocations, policy.spec.storageLocation)) return [];
  if (backupPlan(policy.spec, backupBounds, now).crons.length === 0) return undefined;
  return renderSchedules({ managedVM, policy, veleroNamespace, paused: hasLostDisk(observed.holds) });
}

const SEEN_KINDS = [
  VirtualMachine,
  DataVolume,
  PersistentVolumeClaim,
  Service,
  ServiceMonitor,
  PrometheusRule,
  VeleroSchedule,
];

/** The children that are there, as applying them would have found them: what an order that is paused is judged by. */
export function standingChildren({ apply }: Desired, read: Reader): readonly Outcome[] {
  return apply.flatMap(child => {
    const { kind, metadata } = asObject(child);
    const ref = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    const served = SEEN_KINDS.find(each => each.kind === kind);
    const object = served && read.get(served, ref);
    return object === undefined ? [] : [{ child: ref, action: 'unchanged', object }];
  });
}

function asObject(child: KubeObject | DesiredChild): KubeObject {
  return 'apiVersion' in child ? (child as KubeObject) : (child as DesiredChild).object;
}
