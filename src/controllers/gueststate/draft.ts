import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import { withStep } from '../../guest/run/steprecords.ts';
import { type Taker, takeLease, type VMLease } from '../../guest/run/vmlease.ts';
import { NotLeader } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';
import type { Shards } from './shards.ts';

/** A record that is being written step by step: each write is of the version that the one before made. */
export type Draft = {
  status: GuestStateStatus;
  /** Throws ApiError Conflict where somebody else has written meanwhile. */
  readonly write: () => Promise<void>;
};

/** Written only while the shard is ours: another may have taken it while the guest was asked. */
export function draftOf(
  { object, status }: Pick<ReconcileContext<KubeObject>, 'object' | 'status'>,
  before: GuestStateStatus,
  shards: Pick<Shards, 'holds'>,
): Draft {
  const draft: Draft = {
    status: before,
    write: async () => {
      if (!shards.holds(object.metadata.namespace ?? '')) throw new NotLeader();
      await status(draft.status);
    },
  };
  return draft;
}

/** The VM's lease, taken and written; undefined where another holds it. */
export async function leaseTaken(
  draft: Draft,
  taker: Taker,
  when: { readonly now: Date; readonly unchangedMs: number; readonly first: number },
): Promise<VMLease | undefined> {
  const leased = takeLease(draft.status, taker, when);
  if (leased === undefined) return undefined;
  draft.status = { ...draft.status, ...leased };
  await draft.write();
  return leased.lease;
}

/** Writes what is known of a step. */
export function stepWritten(draft: Draft, id: string, record: StepRecord, now: Date): Promise<void> {
  draft.status = { ...draft.status, steps: [...withStep(draft.status.steps ?? [], id, record, now)] };
  return draft.write();
}
