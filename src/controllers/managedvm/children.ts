import type { ManagedVM } from '../../api/managedvm.ts';
import { backupPlan } from '../../domain/backupplan.ts';
import { renderDisks } from '../../domain/disks.ts';
import { renderFirstBoot } from '../../domain/firstboot/firstboot.ts';
import type { FirstBootKeys } from '../../domain/firstboot/keys.ts';
import { permits } from '../../domain/permitted.ts';
import { renderOverrideRules } from '../../domain/prometheusrules.ts';
import { renderSchedules } from '../../domain/schedules.ts';
import { renderScrape } from '../../domain/scrape.ts';
import { renderVirtualMachine } from '../../domain/virtualmachine.ts';
import { guestRuns } from '../../domain/vmstate.ts';
import type { DesiredChild } from '../../runtime/controller.ts';
import type { KubeObject } from '../../runtime/object.ts';
import type { Settings } from '../settings.ts';
import type { Gathered } from './gather.ts';

/** What a ManagedVM becomes, and which children stay untouched because what decides about them cannot be read. */
export type Desired = { readonly apply: readonly (KubeObject | DesiredChild)[]; readonly keep: readonly KubeObject[] };

/** Every child as it should be. Undefined without a catalogue entry: then nothing can be said, and all stays as it is. */
export function desiredChildren(
  managedVM: ManagedVM,
  gathered: Gathered,
  keys: FirstBootKeys,
  settings: Settings,
  now: Date,
): Desired | undefined {
  const { operatingSystem, observed } = gathered;
  if (!operatingSystem) return undefined;
  const { virtualMachineInstance: vmi } = observed;
  const input = { managedVM, operatingSystem, liveDataVolumes: gathered.liveDataVolumes, livePVCs: gathered.livePVCs };
  const disks = renderDisks(input);
  const overrides = renderOverrideRules(managedVM, settings);
  const schedules = schedulesOf(managedVM, gathered, settings, now);
  const scrape = renderScrape({ ...input, monitoringLabels: settings.monitoringLabels });
  return {
    apply: [
      renderVirtualMachine({ ...input, runningSpec: guestRuns(vmi) ? vmi.spec : undefined }),
      ...disks.dataVolumes,
      ...disks.growth,
      renderFirstBoot({ ...input, keys, patchingServed: observed.patchPolicyServed }),
      ...scrape,
      ...(overrides ? [overrides] : []),
      ...(observed.installed.velero ? (schedules ?? []) : []),
    ],
    keep: schedules === undefined ? gathered.schedules : [],
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
  return renderSchedules({ managedVM, policy, veleroNamespace });
}
