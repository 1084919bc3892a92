import type { FinalPhase, PatchRun } from '../../api/patchrun.ts';
import type { RingStatus } from '../../api/ringstatus.ts';
import { frozenBy } from './rings.ts';

/** A policy as it is now, as far as it stops guests that are not begun yet. */
export type Stops = {
  readonly kind: 'PatchPolicy' | 'ClusterPatchPolicy';
  readonly name: string;
  readonly suspend: boolean;
  readonly rings: readonly RingStatus[];
};

/** Whether nothing of the run has been begun: no step is noted, which comes before anything is sent to the guest. */
export function isUnbegun({ status }: Pick<PatchRun, 'status'>): boolean {
  return status === undefined || (status.phase === 'Planned' && (status.steps ?? []).length === 0);
}

/**
 * The verdict on a run that was made when its window opened, is not begun, and may not begin any more: a policy was suspended since, or a ring has had
 * more failures than it may (MO-11). What has begun goes on, and an emergency passes a halt (GE-6). `policies`: the provider's, then the customer's own, where there is one.
 */
export function withdrawn(
  run: Pick<PatchRun, 'spec' | 'status'>,
  policies: readonly Stops[],
): { readonly phase: FinalPhase; readonly message: string } | undefined {
  if (!isUnbegun(run)) return undefined;
  const suspended = policies.find(({ suspend }) => suspend);
  const rings = policies.flatMap(({ kind, rings: all }) => {
    const party = kind === 'ClusterPatchPolicy' ? ('Provider' as const) : ('Customer' as const);
    return all.map(ring => [{ name: ring.name, party }, ring] as const);
  });
  const { ring, ringOf, urgent } = run.spec;
  const own = ring === undefined || ringOf === undefined ? undefined : { name: ring, party: ringOf };
  const halted = urgent === undefined ? frozenBy(rings, own) : undefined;
  const why = suspended ? `${suspended.kind} ${suspended.name} is suspended.` : halted;
  return why === undefined ? undefined : { phase: 'Skipped', message: `Nothing was begun in the guest. ${why}` };
}
