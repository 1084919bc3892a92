import type { ManagedVM } from '../api/managedvm.ts';
import { ByteQuantity, bytesOf } from '../api/quantity.ts';
import { dataVolumeName } from './child.ts';
import { ROOT_DISK } from './disks.ts';
import { quotaRefusal, saying } from './excerpt.ts';
import { type Finding, failed, waiting } from './finding.ts';
import { at, listAt, textAt } from './json.ts';
import type { Observed } from './observed.ts';
import type { DataVolume, VolumeClaim } from './observedstorage.ts';
import { conditionOf } from './observedvm.ts';

/** How far one disk is. */
export type DiskState = {
  readonly disk: string;
  /** PersistentVolumeClaim that holds it. */
  readonly claim: string;
  readonly capacity: string | undefined;
  /** One word for status.disks. */
  readonly phase: string;
  /** Whether the disk holds what it must hold at the first start. */
  readonly filled: boolean;
  /** Why the disk is not as ordered, if it is not. */
  readonly finding: Finding | undefined;
};

export type DiskFacts = {
  readonly disk: string;
  readonly claimName: string;
  readonly dataVolume: DataVolume | undefined;
  readonly claim: VolumeClaim | undefined;
  /** Whether a guest runs, or shall run, that would make storage bind. */
  readonly shallRun: boolean;
};

type Stage = 'new' | 'pending' | 'filling' | 'firstConsumer' | 'filled' | 'paused' | 'failed';

/** Every phase of a DataVolume (CDI core/v1beta1 types.go, DataVolumePhase) as a customer understands it. */
const PHASES: ReadonlyMap<string, Stage> = new Map(
  Object.entries<Stage>({
    Pending: 'pending',
    PVCBound: 'filling',
    ImportScheduled: 'filling',
    ImportInProgress: 'filling',
    CloneScheduled: 'filling',
    CloneInProgress: 'filling',
    SnapshotForSmartCloneInProgress: 'filling',
    CloneFromSnapshotSourceInProgress: 'filling',
    SmartClonePVCInProgress: 'filling',
    CSICloneInProgress: 'filling',
    ExpansionInProgress: 'filling',
    NamespaceTransferInProgress: 'filling',
    PrepClaimInProgress: 'filling',
    RebindInProgress: 'filling',
    UploadScheduled: 'filling',
    UploadReady: 'filling',
    WaitForFirstConsumer: 'firstConsumer',
    PendingPopulation: 'firstConsumer',
    Succeeded: 'filled',
    Failed: 'failed',
    Paused: 'paused',
    Unknown: 'pending',
  }),
);

export function diskState(facts: DiskFacts): DiskState {
  const { disk, claimName, dataVolume, claim } = facts;
  const stage = dataVolume === undefined ? undefined : (PHASES.get(dataVolume.phase ?? '') ?? 'new');
  const bound = claim?.phase === 'Bound';
  const filled = stage === 'filled' ? claim === undefined || bound : dataVolume === undefined && bound;
  const finding = goingAway(facts) ?? refusal(facts) ?? (filled ? growth(facts) : progress(facts, stage));
  return {
    disk,
    claim: claim?.name ?? claimName,
    capacity: claim?.capacity,
    phase: phaseOf(finding, filled, stage),
    filled: filled && finding?.reason !== 'DiskLost' && finding?.reason !== 'DiskDeleting',
    finding,
  };
}

function phaseOf(finding: Finding | undefined, filled: boolean, stage: Stage | undefined): string {
  if (finding) return finding.reason;
  if (filled) return 'Filled';
  return stage === 'firstConsumer' ? 'WaitForFirstConsumer' : 'Pending';
}

function goingAway({ disk, dataVolume, claim }: DiskFacts): Finding | undefined {
  if (claim?.phase === 'Lost') {
    return failed(
      'DiskLost',
      `PersistentVolumeClaim ${claim.name} of disk ${disk} is Lost: the volume behind it is gone.`,
    );
  }
  if (claim?.deletedAt)
    return failed('DiskDeleting', `PersistentVolumeClaim ${claim.name} of disk ${disk} is being deleted.`);
  if (dataVolume?.deletedAt)
    return failed('DiskDeleting', `DataVolume ${dataVolume.name} of disk ${disk} is being deleted.`);
  return undefined;
}

/** CDI retries for ever and rarely says Failed: the error is in the conditions Bound and Running. */
function refusal({ disk, dataVolume }: DiskFacts): Finding | undefined {
  if (dataVolume === undefined || dataVolume.phase === 'Succeeded') return undefined;
  const bound = conditionOf(dataVolume, 'Bound');
  if (bound && bound.status !== 'True') {
    const quota =
      bound.reason === 'ErrExceededQuota'
        ? (quotaRefusal(bound.message) ?? bound.message)
        : quotaRefusal(bound.message);
    if (quota !== undefined) return failed('QuotaExceeded', `Disk ${disk} does not fit${saying(quota)}`);
    if (bound.reason === 'ClaimLost')
      return failed('DiskLost', `The claim of disk ${disk} is lost${saying(bound.message)}`);
    if (bound.reason.startsWith('Err'))
      return failed('DiskRefused', `Disk ${disk} cannot be created (${bound.reason})${saying(bound.message)}`);
  }
  return importError(disk, dataVolume);
}

function importError(disk: string, dataVolume: DataVolume): Finding | undefined {
  const running = conditionOf(dataVolume, 'Running');
  if (running?.status === 'False' && running.reason === 'Error') {
    return failed('ImportFailed', `The image of disk ${disk} cannot be imported${saying(running.message)}`);
  }
  if (running?.status === 'False' && running.reason === 'ImagePullFailed') {
    return failed(
      'ImportFailed',
      `The image of disk ${disk} cannot be pulled from its registry${saying(running.message)}`,
    );
  }
  if (dataVolume.phase !== 'Failed') return undefined;
  const words = running?.message || conditionOf(dataVolume, 'Ready')?.message || '';
  return failed('ImportFailed', `DataVolume ${dataVolume.name} of disk ${disk} has failed${saying(words)}`);
}

function progress(
  { disk, dataVolume, claim, claimName, shallRun }: DiskFacts,
  stage: Stage | undefined,
): Finding | undefined {
  if (dataVolume === undefined) {
    return claim === undefined
      ? waiting('DiskMissing', `Disk ${disk} (claim ${claimName}) does not exist yet.`)
      : waiting('DiskPending', `PersistentVolumeClaim ${claim.name} of disk ${disk} is ${claim.phase ?? 'new'}.`);
  }
  if (stage === 'firstConsumer') {
    const message = `Disk ${disk} is created when the VM starts for the first time (its storage waits for the first consumer).`;
    return shallRun ? waiting('WaitForFirstConsumer', message) : undefined;
  }
  if (stage === 'paused')
    return failed('ImportPaused', `The import of disk ${disk} is paused (DataVolume ${dataVolume.name}).`);
  if (stage === 'filling') return waiting('Importing', `Disk ${disk} is being filled (DataVolume ${dataVolume.name}).`);
  return waiting('DiskPending', `Disk ${disk} waits for its volume (DataVolume ${dataVolume.name}).`);
}

function growth({ disk, claim }: DiskFacts): Finding | undefined {
  const [capacity, requested] = [bytes(claim?.capacity), bytes(claim?.requested)];
  if (claim === undefined || capacity === undefined || requested === undefined || capacity >= requested)
    return undefined;
  return waiting(
    'DiskGrowing',
    `Disk ${disk} is growing from ${claim.capacity} to ${claim.requested} (claim ${claim.name}).`,
  );
}

function bytes(quantity: string | undefined): bigint | undefined {
  return quantity !== undefined && ByteQuantity.safeParse(quantity).success ? bytesOf(quantity) : undefined;
}

/** Every disk of an order that outlives a power-off; a root disk that is a container image is none. */
export function disksOf(managedVM: ManagedVM, observed: Observed): readonly DiskState[] {
  const { spec } = managedVM;
  return spec.disks
    .filter(({ name }) => name !== ROOT_DISK || !isEphemeral(observed))
    .map(({ name }) =>
      diskState({
        disk: name,
        claimName: dataVolumeName(managedVM, name),
        dataVolume: observed.dataVolumes.get(name),
        claim: observed.claims.get(name),
        shallRun: spec.powerState === 'Running',
      }),
    );
}

/** What the machine has counts before what the catalogue offers: the entry may have changed since. */
function isEphemeral({ virtualMachine, operatingSystem, dataVolumes }: Observed): boolean {
  if (dataVolumes.has(ROOT_DISK)) return false;
  const root = listAt(virtualMachine?.template, 'volumes').find(volume => textAt(volume, 'name') === ROOT_DISK);
  return root === undefined
    ? operatingSystem?.spec.image.containerDisk !== undefined
    : at(root, 'containerDisk') !== undefined;
}
