import type { InspectedBackup, ManagedVM } from '../../api/managedvm.ts';
import { dataVolumeName } from '../contract/child.ts';
import type { MachineFacts } from '../machine/facts.ts';
import { consistencyOf } from './consistency.ts';
import { startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';
import type { Volumes } from './volumeinfos.ts';

/** What is looked at of the machine. */
export type InspectedMachine = Pick<MachineFacts, 'holds' | 'virtualMachineInstance'>;

/** Looks for the disks of the VM in what a backup says of its volumes. */
export function inspect(
  managedVM: ManagedVM,
  machine: InspectedMachine,
  backup: VeleroBackup,
  volumes: Volumes,
): InspectedBackup {
  const { namespace = '' } = managedVM.metadata;
  const disks = managedVM.spec.disks.map(({ name }) => {
    const claim = machine.holds.get(name)?.claim ?? dataVolumeName(managedVM, name);
    return { name, data: volumes.get(`${namespace}/${claim}`) ?? ('Absent' as const) };
  });
  const consistency = consistencyOf(managedVM, machine.virtualMachineInstance, backup);
  const { name, uid = '' } = backup.metadata;
  return { name, uid, disks, ...(consistency && { consistency }) };
}

/** The disks that held data when a backup started. From then on a disk is never made anew, so it must be in it. */
export function requiredDisks({ spec, status }: ManagedVM, start: Date): readonly string[] {
  const filled = new Map(status?.disks?.map(({ name, filledAt }) => [name, filledAt]));
  return spec.disks.map(({ name }) => name).filter(name => new Date(filled.get(name) ?? Number.NaN) <= start);
}

/** Whether an inspection tells of every disk that it must tell of: one that the VM has taken over since may be in the backup or not. */
export function isWhole(managedVM: ManagedVM, { disks }: InspectedBackup, start: Date): boolean {
  const told = new Set(disks.map(({ name }) => name));
  return requiredDisks(managedVM, start).every(name => told.has(name));
}

/**
 * Why a backup cannot bring back the VM's disks, as the end of a sentence that begins with it; undefined: it can. A disk that was filled after
 * the backup started need not be in it; one that Velero has left out or lost is missing all the same. `offSite`: a snapshot beside the disk is none.
 */
export function diskDefect(
  managedVM: ManagedVM,
  backup: VeleroBackup,
  { disks }: InspectedBackup,
  offSite: boolean,
): string | undefined {
  const required = new Set(requiredDisks(managedVM, startOf(backup) ?? new Date()));
  const ordered = new Set(managedVM.spec.disks.map(({ name }) => name));
  const inspected = disks.filter(({ name }) => ordered.has(name));
  const lacks = offSite ? { ...LACKS, Held: 'it was not moved to the storage location' } : LACKS;
  const missing = inspected.filter(({ name, data }) => lacks[data] && (data !== 'Absent' || required.has(name)));
  if (missing.length > 0) {
    const each = missing.map(({ name, data }) => `${name} (${lacks[data]})`);
    return `is Completed and lacks ${missing.length} of ${inspected.length} disks: ${each.join(', ')}`;
  }
  const holdsNone = inspected.every(({ data }) => data === 'Absent');
  return holdsNone && ordered.size > 0 ? 'is Completed and holds no disk of the VM' : undefined;
}

const LACKS: Readonly<Record<InspectedBackup['disks'][number]['data'], string | undefined>> = {
  Moved: undefined,
  Held: undefined,
  Failed: 'Velero failed to save it',
  Skipped: 'Velero skipped it',
  Absent: 'it is not in the backup',
};
