/** What is left of a drill that is over, or goes: nothing of it stays in the sandbox, not even a volume whose class would retain it. */
import type { Restore } from '../../api/restore.ts';
import { type Fields, textAt } from '../contract/json.ts';
import { isClaimedBy } from './claim.ts';
import type { Engine } from './engine.ts';
import { forgetAct, madeFor, type TidyAct } from './tidy.ts';

export type DrillRemains = {
  readonly machine: Fields | undefined;
  readonly instance: Fields | undefined;
  /** Claims in the sandbox that bear the name of the engine's request. */
  readonly staged: readonly Fields[];
  readonly volume: (name: string) => Fields | undefined;
  readonly request: Fields | undefined;
};

/** First the guest, then its disks, then what was asked of the engine: whoever goes on sees by what is there how far it came. */
export function tidyDrillAct(
  drill: Pick<Restore, 'status'>,
  { machine, instance, volume, request, ...remains }: DrillRemains,
  engine: Pick<Engine, 'result'>,
  now: Date,
): TidyAct {
  const staged = madeFor(drill, request, remains.staged);
  if (machine !== undefined && !isGoing(machine)) return { act: 'removeMachine', machine };
  if (machine !== undefined || instance !== undefined) return { act: 'wait' };
  for (const claim of staged) {
    const found = volume(volumeOf(claim) ?? '');
    const isItsOwn = found !== undefined && isClaimedBy(found, textAt(claim, 'metadata', 'uid') ?? '');
    if (isItsOwn && textAt(found, 'spec', 'persistentVolumeReclaimPolicy') !== 'Delete')
      return { act: 'changeVolume', volume: found, change: { spec: { persistentVolumeReclaimPolicy: 'Delete' } } };
  }
  const claims = staged.filter(claim => !isGoing(claim));
  if (claims.length > 0) return { act: 'release', claims };
  if (staged.length > 0) return { act: 'wait' };
  return forgetAct(drill, request, engine, now);
}

export function volumeOf(claim: Fields): string | undefined {
  return textAt(claim, 'spec', 'volumeName');
}

function isGoing(object: Fields): boolean {
  return textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}
