import type { ManagedVM } from '../../api/managedvm.ts';
import { dataVolumeName } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { quotaRefusal, saying } from '../contract/excerpt.ts';
import { failed, waiting } from '../contract/finding.ts';
import { at, listAt, textAt } from '../contract/json.ts';
import { consentWanted } from './diskconsent.ts';
import { growth } from './diskgrowth.ts';
import type { DiskHold } from './diskhold.ts';
import { hasSource, ROOT_DISK } from './disks.ts';
import type { Observed } from './observed.ts';
import type { DataVolume, VolumeClaim } from './observedstorage.ts';
import { conditionOf, type ForeignCondition } from './observedvm.ts';
import type { Finding } from './reasons.ts';

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
  /** Whether an existing claim was taken for it by spec.disks[].adopt. */
  readonly taken: boolean;
  /** UID of its claim and when it was first seen filled; from then on the disk is never made anew. */
  readonly memory: DiskMemory | undefined;
};

/** What status.disks remembers of a disk that was filled. */
type DiskMemory = { readonly claim: string; readonly claimUID: string; readonly filledAt: string };

export type DiskFacts = {
  readonly disk: string;
  readonly claimName: string;
  /** By what right the claim is the disk; undefined: it has not been asked. */
  readonly hold?: DiskHold | undefined;
  /** What was ordered, if a size was. */
  readonly size?: string | undefined;
  readonly before?: DiskMemory | undefined;
  readonly now?: Date | undefined;
  readonly dataVolume: DataVolume | undefined;
  readonly claim: VolumeClaim | undefined;
  /** Why what it is to be filled with cannot be had. */
  readonly source?: Finding | undefined;
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

/** How far CDI is with a DataVolume of that phase. */
export function stageOf(phase: string | undefined): Stage {
  return PHASES.get(phase ?? '') ?? 'new';
}

export function diskState(facts: DiskFacts): DiskState {
  const { disk, claimName, dataVolume, claim, hold, before } = facts;
  const stage = dataVolume === undefined ? undefined : stageOf(dataVolume.phase);
  const known = hold === undefined || hold.standing === 'new' || hold.standing === 'ours';
  const filled = known && isFilled(facts, stage);
  const finding =
    missing(facts) ??
    goingAway(facts) ??
    (filled ? growth(disk, claim, facts.size) : (refusal(facts) ?? progress(facts, stage)));
  const holds = filled && finding?.reason !== 'DiskLost' && finding?.reason !== 'DiskDeleting';
  const memory = holds ? remembered(facts) : before;
  return {
    disk,
    claim: memory?.claim ?? claim?.name ?? claimName,
    capacity: claim?.capacity,
    phase: phaseOf(finding, filled, stage),
    filled: holds,
    finding,
    taken: hold?.standing === 'ours' && hold.taken,
    memory,
  };
}

/** What was filled once is so as long as its claim is bound, whatever becomes of the DataVolume beside it; so is what a person took over. */
function isFilled({ dataVolume, claim, hold, before }: DiskFacts, stage: Stage | undefined): boolean {
  const bound = claim?.phase === 'Bound';
  const wasFilled = claim?.uid !== undefined && before?.claimUID === claim.uid;
  const taken = hold?.standing === 'ours' && hold.taken && stage !== 'filling';
  if (wasFilled || taken) return bound;
  return stage === 'filled' ? claim === undefined || bound : dataVolume === undefined && bound;
}

function remembered({ claim, before, now }: DiskFacts): DiskMemory | undefined {
  if (claim?.uid === undefined || now === undefined) return before;
  if (before?.claimUID === claim.uid) return before;
  return { claim: claim.name, claimUID: claim.uid, filledAt: instant(now) };
}

/** Why the disk cannot be had, where only a person can decide what becomes of it. Who must consent is told for all disks at once. */
function missing({ disk, hold, claim: live }: DiskFacts): Finding | undefined {
  if (hold?.standing === 'lost' && live?.phase !== 'Lost') {
    const { claim, claimUID, filledAt } = hold.memory;
    return failed(
      'DiskLost',
      `Disk ${disk} is lost: PersistentVolumeClaim ${claim} (uid ${claimUID}, filled since ${filledAt}) does not exist any more. Steward never makes it anew. Restore the claim from a backup and consent to it; or take the disk out of spec.disks and order it again, which makes an empty one.`,
    );
  }
  if (hold?.standing === 'held') {
    return failed(
      'ChildNameTaken',
      `PersistentVolumeClaim ${hold.claim} is a disk of ManagedVM ${hold.by}; disk ${disk} needs another name or claim here.`,
    );
  }
  if (hold?.standing === 'going') {
    return waiting(
      'ChildTerminating',
      `PersistentVolumeClaim ${hold.claim} is being deleted; disk ${disk} is made as soon as it is gone.`,
    );
  }
  if (hold?.standing === 'awaited') {
    return failed(
      'DiskMissing',
      `PersistentVolumeClaim ${hold.claim}, which spec.disks[${disk}].adopt names, does not exist. Nothing is made in its place; it is taken as soon as it is there.`,
    );
  }
  return undefined;
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
  }
  return sourceProblem(disk, dataVolume) ?? importError(disk, dataVolume);
}

/** Whether what the disk is filled from is missing, or does not fit (CDI pkg/controller/datavolume, reasons of the clone controllers). */
function sourceProblem(disk: string, dataVolume: DataVolume): Finding | undefined {
  const told = obstacle(dataVolume);
  if (told === undefined) return undefined;
  if (SOURCE_MISSING.has(told.reason))
    return waiting('ImageSourceNotReady', `Disk ${disk} waits for its image (${told.reason})${saying(told.message)}`);
  if (/^Err(?!or$)/.test(told.reason) || told.reason === 'CloneValidationFailed')
    return failed('DiskRefused', `Disk ${disk} cannot be created (${told.reason})${saying(told.message)}`);
  return undefined;
}

const SOURCE_MISSING: ReadonlySet<string> = new Set(['CloneWithoutSource', 'ImportPVCNotReady', 'SourceInUse']);
/** Reasons that say no more than the phase does. */
const PLAIN: ReadonlySet<string> = new Set(['', 'Pending', 'NotFound', 'Bound', 'ContainerCreating', 'Completed']);

/** What CDI says of a DataVolume that does not come on, if it says more than that. */
function obstacle(dataVolume: DataVolume): ForeignCondition | undefined {
  const [bound, running] = [conditionOf(dataVolume, 'Bound'), conditionOf(dataVolume, 'Running')];
  return [bound, running].find(told => told !== undefined && told.status !== 'True' && !PLAIN.has(told.reason));
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
  { disk, dataVolume, claim, claimName, shallRun, source }: DiskFacts,
  stage: Stage | undefined,
): Finding | undefined {
  if (dataVolume === undefined) {
    if (claim === undefined && source !== undefined) return source;
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
  const told = obstacle(dataVolume);
  const why = told === undefined ? '.' : `: ${told.reason}${saying(told.message)}`;
  if (stage === 'filling')
    return waiting('Importing', `Disk ${disk} is being filled (DataVolume ${dataVolume.name})${why}`);
  return waiting('DiskPending', `Disk ${disk} waits for its volume (DataVolume ${dataVolume.name})${why}`);
}

/** Every disk of an order that outlives a power-off; a root disk that is a container image is none. */
export function disksOf(managedVM: ManagedVM, observed: Observed, now?: Date): readonly DiskState[] {
  const { spec, status } = managedVM;
  const { foreign, consent } = consentFor(managedVM, observed);
  return spec.disks
    .filter(({ name }) => name !== ROOT_DISK || hasSource(managedVM) || !isEphemeral(observed))
    .map(({ name, size }) => {
      const state = diskState({
        disk: name,
        claimName: dataVolumeName(managedVM, name),
        hold: observed.holds.get(name),
        size,
        before: memoryOf(status?.disks?.find(disk => disk.name === name)),
        now,
        dataVolume: observed.dataVolumes.get(name),
        claim: observed.claims.get(name),
        source: observed.sources.get(name)?.problem,
        shallRun: spec.powerState === 'Running',
      });
      return consent && foreign.has(name) ? { ...state, finding: consent, phase: consent.reason } : state;
    });
}

function consentFor(managedVM: ManagedVM, { holds }: Observed) {
  const foreign = new Map([...holds].flatMap(([name, hold]) => (hold.standing === 'foreign' ? [[name, hold]] : [])));
  return { foreign, consent: consentWanted(managedVM, foreign) };
}

function memoryOf(
  told: NonNullable<NonNullable<ManagedVM['status']>['disks']>[number] | undefined,
): DiskMemory | undefined {
  if (told?.claimUID === undefined || told.filledAt === undefined) return undefined;
  return { claim: told.claim, claimUID: told.claimUID, filledAt: told.filledAt };
}

/** What the machine has counts before what the catalogue offers: the entry may have changed since. */
function isEphemeral({ virtualMachine, operatingSystem, dataVolumes, holds }: Observed): boolean {
  if (dataVolumes.has(ROOT_DISK)) return false;
  const root = listAt(virtualMachine?.template, 'volumes').find(volume => textAt(volume, 'name') === ROOT_DISK);
  if (root !== undefined) return at(root, 'containerDisk') !== undefined;
  if ((holds.get(ROOT_DISK)?.standing ?? 'new') !== 'new') return false;
  return operatingSystem?.spec.image.containerDisk !== undefined;
}
