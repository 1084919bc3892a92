import { isFinal, type PatchRun } from '../../api/patchrun.ts';

/** Whether something of a run may be going on in its guest, or with its machine. */
export function worksInGuest({ status }: Pick<PatchRun, 'status'>): boolean {
  return status !== undefined && status.phase !== 'Planned' && !isFinal(status.phase);
}
