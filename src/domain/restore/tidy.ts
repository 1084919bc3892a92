/** What is left of a Restore that is over, or goes: nothing of it stays in the staging namespace, and no volume that nobody will ever free. */
import type { Restore, RestoredDisk } from '../../api/restore.ts';
import { type Fields, textAt, timeAt } from '../contract/json.ts';
import { since } from './acts.ts';
import { ENGINE_MS } from './beside.ts';
import { givenBack, isBeside, isClaimedBy } from './claim.ts';
import type { Engine } from './engine.ts';

export type TidyFacts = {
  /** Claims in the staging namespace that bear the name of the engine's request. */
  readonly staged: readonly Fields[];
  readonly volume: (name: string) => Fields | undefined;
  /** Whether the claim that a volume is meant for is there, past every cache. */
  readonly hasClaim: (volume: Fields) => boolean;
  readonly request: Fields | undefined;
  /** Namespace that claims are staged in. */
  readonly staging: string;
};

export type TidyAct =
  | { readonly act: 'nothing' }
  /** Something goes that was asked to; or the engine is at work, and what it makes after its request has gone nobody would find. */
  | { readonly act: 'wait' }
  | { readonly act: 'removeMachine'; readonly machine: Fields }
  | { readonly act: 'changeVolume'; readonly volume: Fields; readonly change: Readonly<Record<string, unknown>> }
  | { readonly act: 'release'; readonly claims: readonly Fields[] }
  | { readonly act: 'forget'; readonly request: Fields };

/** A copy that nobody was given goes with its claim, by the policy that its volume was made with; one that was given has that policy again. */
export function tidyAct(
  restore: Pick<Restore, 'metadata' | 'status'>,
  facts: TidyFacts,
  engine: Pick<Engine, 'result'>,
  now: Date,
): TidyAct {
  const { staged, volume, request } = facts;
  for (const disk of restore.status?.disks ?? []) {
    const found = disk.volume === undefined ? undefined : volume(disk.volume);
    const change = found && changeOf(restore, disk, found, facts);
    if (found !== undefined && change !== undefined) return { act: 'changeVolume', volume: found, change };
  }
  const claims = madeFor(restore, request, staged).filter(claim => !isDeleted(claim));
  if (claims.length > 0) return { act: 'release', claims };
  return forgetAct(restore, request, engine, now);
}

/** The claims that the engine has made for an order. A label proves nothing: what was there before it was asked is somebody else's, also when the request has gone. */
export function madeFor(
  restore: Pick<Restore, 'status'>,
  request: Fields | undefined,
  claims: readonly Fields[],
): readonly Fields[] {
  const asked = askedAt(restore, request);
  return claims.filter(claim => {
    const made = timeAt(claim, 'metadata', 'creationTimestamp');
    return asked !== undefined && made !== undefined && made >= asked;
  });
}

/** The request goes last, and not while the engine works for it. */
export function forgetAct(
  restore: Pick<Restore, 'status'>,
  request: Fields | undefined,
  engine: Pick<Engine, 'result'>,
  now: Date,
): TidyAct {
  if (request === undefined) return { act: 'nothing' };
  const until = new Date((askedAt(restore, request) ?? now).getTime() + ENGINE_MS);
  return engine.result(request).state === 'UnderWay' && now < until ? { act: 'wait' } : { act: 'forget', request };
}

function askedAt({ status }: Pick<Restore, 'status'>, request: Fields | undefined): Date | undefined {
  return timeAt(request, 'metadata', 'creationTimestamp') ?? (status && since(status, 'begun'));
}

function changeOf(
  restore: Pick<Restore, 'metadata'>,
  { staged, reclaimPolicy }: RestoredDisk,
  volume: Fields,
  { hasClaim, staging }: TidyFacts,
): Readonly<Record<string, unknown>> | undefined {
  if (staged === undefined || reclaimPolicy === undefined) return undefined;
  // Between the volume, which names its claim first, and the claim: it would be kept for nobody.
  const isMeantForNone = textAt(volume, 'spec', 'claimRef', 'uid') === undefined && !hasClaim(volume);
  if (isMeantForNone) return givenBack(staging, staged);
  const isOurs = isClaimedBy(volume, staged.uid) || isBeside(volume, restore);
  const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy');
  return isOurs && policy !== reclaimPolicy ? { spec: { persistentVolumeReclaimPolicy: reclaimPolicy } } : undefined;
}

function isDeleted(claim: Fields): boolean {
  return textAt(claim, 'metadata', 'deletionTimestamp') !== undefined;
}
