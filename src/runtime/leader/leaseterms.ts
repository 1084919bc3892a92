/** The spec of a coordination.k8s.io/v1 Lease, as far as election looks at it. */
export type LeaseSpec = {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
};

/**
 * Steady ms from which on a lease may be taken that was just seen to have changed: another's is over when it has not changed for its duration
 * as we saw it, whatever its times say.
 */
export function freeFrom(spec: LeaseSpec, identity: string, seenAt: number): number {
  const holder = spec.holderIdentity ?? '';
  return holder === '' || holder === identity ? seenAt : seenAt + (spec.leaseDurationSeconds ?? 0) * 1000;
}

/** Whether nobody has taken or renewed it between the two. */
export function isSameHold(a: LeaseSpec, b: LeaseSpec): boolean {
  const [one, other] = [a, b].map(({ holderIdentity, renewTime, leaseTransitions, leaseDurationSeconds }) => [
    ...[holderIdentity, renewTime, leaseTransitions, leaseDurationSeconds],
  ]);
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Steady ms until which its holder may write: counted from when the renewal was asked for, not from when the answer came. */
export function writableUntil(sentAt: number, renewDeadlineMs: number): number {
  return sentAt + renewDeadlineMs;
}

/** The lease with ourselves as its holder, anew or again; `time` as metav1.MicroTime. */
export function heldBy(
  identity: string,
  old: LeaseSpec | undefined,
  { durationMs, time }: { readonly durationMs: number; readonly time: string },
): LeaseSpec {
  const renewal = old?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: renewal ? (old.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (old?.leaseTransitions ?? 0) + (renewal || old === undefined ? 0 : 1),
  };
}
