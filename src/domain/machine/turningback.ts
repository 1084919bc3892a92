/** A VM that is turned back to the snapshot before a patch (GE-8): what its machine must know of it. */
import { isFinal, type PatchRun } from '../../api/patchrun.ts';

export type TurningBack = {
  /** The PatchRun that does it. */
  readonly run: string;
  /** Whether the machine must be off now. */
  readonly isOff: boolean;
  /** By disk, the uid of the claim that KubeVirt made from the snapshot: the run says so, which is consent to exactly that claim. */
  readonly claims: ReadonlyMap<string, string>;
};

/**
 * As the newest of the VM's runs that turns, or has turned, it back says. Once the machine was stopped for it, it stays so until KubeVirt is done or
 * the run has given up. What a rollback has made that came to nothing, nobody has consented to.
 */
export function turningBack(runs: readonly Pick<PatchRun, 'metadata' | 'spec' | 'status'>[]): TurningBack | undefined {
  const begun = runs.filter(({ status }) => status?.rollback?.instance !== undefined);
  const newest = begun.toSorted((a, b) => (a.spec.occurrence.start < b.spec.occurrence.start ? 1 : -1))[0];
  const { phase, steps = [], rollback } = newest?.status ?? {};
  if (newest === undefined || rollback === undefined) return undefined;
  const step = steps.findLast(({ name }) => name === 'rollback');
  const isOver = step?.verdict !== undefined || isFinal(phase);
  const gaveUp = isOver && step?.verdict !== 'Passed';
  return {
    run: newest.metadata.name,
    isOff: !isOver && rollback.restoredAt === undefined,
    claims: new Map(gaveUp ? [] : rollback.disks?.map(({ disk, uid }) => [disk, uid])),
  };
}
