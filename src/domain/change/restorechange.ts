/** The change by which a Restore is agreed to, and how it is told that it is over (GE-6, GE-13). */
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { Restore } from '../../api/restore.ts';
import { nameBetween } from '../contract/child.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, endedBySteward, type StewardChange } from '../contract/stewardchange.ts';
import { consentTo } from './orderedchange.ts';

/** The uid makes the name one that nobody could take beforehand, and another one for an order of the same name. */
export function restoreChangeName({ metadata: { name, uid = '' } }: Pick<Restore, 'metadata'>): string {
  return nameBetween('restore-', name, `-${uid.slice(0, 8)}`);
}

/** Undefined: it has not been chosen yet what is restored. `pricedBy`: the ServicePlan that prices restores for the VM, and so pre-approves this one. */
export function restoreChange(restore: Restore, pricedBy: string | undefined): StewardChange | undefined {
  const { metadata, spec, status } = restore;
  const { point, disks = [], managedVM } = status ?? {};
  if (point === undefined || managedVM === undefined) return undefined;
  const named = disks.map(({ disk }) => disk).join(', ');
  const {
    managedVMRef: vm = '',
    target: { newName },
  } = spec;
  return changeBySteward(restoreChangeName(restore), metadata.namespace, {
    title: cut(`Restore of ManagedVM ${vm}`, 120),
    operation: 'Restore',
    target: { kind: 'ManagedVM', name: vm, uid: managedVM },
    plan: [
      cut(`Steward restores from Backup ${point.name}, beside the disks that there are: ${named}.`, 500),
      ...(newName === undefined
        ? [
            'It shuts the guest down, gives the VM the restored disks, and starts it.',
            `What was written to them since ${point.time} is on the old disks only, which stay.`,
          ]
        : [`A ManagedVM ${newName} may take them by spec.disks[].adopt; the VM is not touched.`]),
    ],
    reason: cut(`Ordered by ${spec.requestedBy} as Restore ${metadata.name}: ${spec.reason}`, 500),
    ...(newName === undefined ? exchanges(point.time) : DOUBLES),
    ...consentTo({ service: 'Restore' }, pricedBy),
  });
}

function exchanges(time: string): Pick<ChangeRequestSpec, 'risk' | 'wayBack'> {
  return {
    risk: { rating: 'Medium', reasons: [`What runs in the guest is away meanwhile, and then as it was at ${time}.`] },
    wayBack: 'The old disks stay as they are: spec.disks[].adopt of the ManagedVM takes one back.',
  };
}

const DOUBLES: Pick<ChangeRequestSpec, 'risk' | 'wayBack'> = {
  risk: { rating: 'Low', reasons: ['The same data are there twice, and whoever orders the other VM can read them.'] },
  wayBack: 'The restored disks are deleted.',
};

/** What the change says of a Restore that has its verdict; undefined: it has a result. */
export function restoreResult(
  { metadata, status }: Restore,
  change: ChangeRequest,
  now: Date,
): ChangeRequestSpec['result'] | undefined {
  if (change.spec.result !== undefined) return undefined;
  const begun = status?.steps?.some(({ name }) => name === 'begun') === true;
  const outcome = status?.phase === 'Succeeded' ? 'Succeeded' : begun ? 'Failed' : 'Cancelled';
  return endedBySteward(outcome, `Restore ${metadata.name} is ${status?.phase}: its status tells how it went.`, now);
}
