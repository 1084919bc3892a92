/** What is left of a Restore that is over, or goes: nothing of it stays in the staging namespace. */
import type { RestoreStatus } from '../../api/restore.ts';
import { type Fields, textAt } from '../contract/json.ts';
import { isClaimedBy } from './claim.ts';

export type TidyFacts = {
  /** Claims in the staging namespace that the engine has made for it. */
  readonly staged: readonly Fields[];
  readonly volume: (name: string) => Fields | undefined;
  readonly request: Fields | undefined;
};

export type TidyAct =
  | { readonly act: 'nothing' }
  | { readonly act: 'changeVolume'; readonly volume: Fields; readonly change: Readonly<Record<string, unknown>> }
  | { readonly act: 'release'; readonly claims: readonly Fields[] }
  | { readonly act: 'forget'; readonly request: Fields };

/** A copy that nobody was given goes with its claim, by the policy that its volume was made with. */
export function tidyAct({ disks = [] }: RestoreStatus, { staged, volume, request }: TidyFacts): TidyAct {
  for (const disk of disks) {
    const found = disk.volume === undefined || disk.staged === undefined ? undefined : volume(disk.volume);
    if (found === undefined || disk.staged === undefined || !isClaimedBy(found, disk.staged.uid)) continue;
    const policy = textAt(found, 'spec', 'persistentVolumeReclaimPolicy');
    if (disk.reclaimPolicy !== undefined && policy !== disk.reclaimPolicy)
      return {
        act: 'changeVolume',
        volume: found,
        change: { spec: { persistentVolumeReclaimPolicy: disk.reclaimPolicy } },
      };
  }
  const claims = staged.filter(claim => textAt(claim, 'metadata', 'deletionTimestamp') === undefined);
  if (claims.length > 0) return { act: 'release', claims };
  return request === undefined ? { act: 'nothing' } : { act: 'forget', request };
}
