import type { ManagedVM } from '../../api/managedvm.ts';
import { backupPlan } from '../../domain/backupplan.ts';
import { renderDisks } from '../../domain/disks.ts';
import { renderFirstBoot } from '../../domain/firstboot/firstboot.ts';
import type { FirstBootKeys } from '../../domain/firstboot/keys.ts';
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
  const scrape = renderScrape({ ...input, monitoringLabels: settings.monitoringLabels });
  return {
    apply: [
      renderVirtualMachine({ ...input, runningSpec: guestRuns(vmi) ? vmi.spec : undefined }),
      ...disks.dataVolumes,
      ...disks.growth,
      renderFirstBoot({ ...input, keys, patchingServed: observed.patchPolicyServed }),
      ...scrape,
      ...(overrides ? [overrides] : []),
      ...(observed.installed.velero ? schedulesOf(managedVM, gathered, settings, now) : []),
    ],
    keep: gathered.policy === undefined && managedVM.spec.backupPolicyRef ? gathered.schedules : [],
  };
}

function schedulesOf(managedVM: ManagedVM, { policy }: Gathered, settings: Settings, now: Date): KubeObject[] {
  if (!policy || backupPlan(policy.spec, now).crons.length === 0) return [];
  return renderSchedules({ managedVM, policy, veleroNamespace: settings.veleroNamespace });
}
