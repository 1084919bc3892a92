import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { failed } from '../contract/finding.ts';
import type { DiskHold } from './diskhold.ts';
import type { MachineFacts } from './facts.ts';
import type { Finding } from './reasons.ts';

type Foreign = Extract<DiskHold, { standing: 'foreign' }>;

/** A message has room for so many; the others are asked for when these are taken. */
const MOST_AT_ONCE = 2;

/**
 * What is said of disks whose claim is there and was not made for this order: which they are, and the exact command that takes them. The
 * command names the UID, so it takes nothing else, and tests the disk's name, so it cannot hit another entry.
 */
export function consentWanted(managedVM: ManagedVM, foreign: ReadonlyMap<string, Foreign>): Finding | undefined {
  if (foreign.size === 0) return undefined;
  const shown = [...foreign].slice(0, MOST_AT_ONCE);
  const told = shown.map(([disk, hold]) => tell(disk, hold)).join(' ');
  const more =
    foreign.size > shown.length ? ` ${foreign.size - shown.length} more disks are asked for after that.` : '';
  return failed(
    'DiskNeedsConsent',
    `${told} Its data is neither used nor replaced before somebody consents: ${consentCommand(managedVM, new Map(shown))}${more}`,
  );
}

function tell(disk: string, { claim, memory }: Foreign): string {
  if (memory === undefined)
    return `PersistentVolumeClaim ${claim} exists and was not made for disk ${disk} of this order.`;
  const before = memory.claim === claim ? `uid ${memory.claimUID}` : memory.claim;
  return `PersistentVolumeClaim ${claim} stands in the place of disk ${disk}, which was ${before} (filled since ${memory.filledAt}).`;
}

/** A kubectl command line that consents to exactly these claims. */
export function consentCommand({ metadata, spec }: ManagedVM, foreign: ReadonlyMap<string, Foreign>): string {
  const patch = [...foreign].flatMap(([disk, { claim, uid }]) => {
    const path = `/spec/disks/${spec.disks.findIndex(({ name }) => name === disk)}`;
    return [
      { op: 'test', path: `${path}/name`, value: disk },
      { op: 'add', path: `${path}/adopt`, value: { claim, uid } },
    ];
  });
  return `kubectl -n ${metadata.namespace} patch managedvm ${metadata.name} --type json -p '${JSON.stringify(patch)}'`;
}

/** A sentence for each disk that became an existing claim in this pass, because the order consents to it. */
export function takenDisks(
  before: ManagedVM,
  after: Pick<ManagedVMStatus, 'disks'>,
  { holds, turningBack, exchange }: Pick<MachineFacts, 'holds' | 'turningBack' | 'exchange'>,
): readonly string[] {
  return (after.disks ?? []).flatMap(({ name, claim, claimUID }) => {
    const hold = holds.get(name);
    const was = before.status?.disks?.find(disk => disk.name === name)?.claimUID;
    if (claimUID === undefined || was === claimUID || hold?.standing !== 'ours' || !hold.taken) return [];
    const instead = was === undefined ? '' : `, in place of the claim with uid ${was}`;
    const turnedBack = turningBack?.claims.get(name) === claimUID;
    const restored = exchange?.disks.get(name)?.uid === claimUID;
    const consents = turnedBack
      ? `PatchRun ${turningBack.run} has turned it back to its snapshot`
      : restored
        ? `Restore ${exchange.restore} has restored it`
        : before.spec.disks.some(disk => disk.name === name && disk.adopt !== undefined)
          ? `spec.disks[${name}].adopt consents`
          : 'spec.adopt consents';
    return `Disk ${name} is PersistentVolumeClaim ${claim} (uid ${claimUID}) from now on, as ${consents}${instead}.`;
  });
}
