import { RECEIVER_LEASE } from '../../domain/incident/reception.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { isAlreadyExists, isConflict } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import { formatMicroTime } from '../../runtime/api/time.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { createUncached, getUncached, replaceUncached } from '../../runtime/http/uncached.ts';
import { LEASE } from '../../runtime/leader/lease.ts';

/** Comparisons that may fail before it is told that nobody hears alerts. */
const PATIENCE = 3;

export type HeartbeatSettings = { readonly namespace: string; readonly identity: string; readonly intervalMs: number };

/** By it the operator knows that alerts are heard. Each replica renews it; who finds that another just has is content. Throws ApiError. */
export async function renewHeartbeat(
  transport: Pick<Transport, 'call'>,
  clock: Pick<Clock, 'now'>,
  { namespace, identity, intervalMs }: HeartbeatSettings,
): Promise<void> {
  const key = { namespace, name: RECEIVER_LEASE };
  const spec = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil((PATIENCE * intervalMs) / 1000),
    renewTime: formatMicroTime(clock.now()),
  };
  try {
    const found = await getUncached<KubeObject>(transport, LEASE, key);
    if (found === undefined)
      await createUncached(transport, LEASE, {
        apiVersion: apiVersionOf(LEASE),
        kind: LEASE.kind,
        metadata: key,
        spec,
      } as KubeObject);
    else await replaceUncached(transport, LEASE, { ...found, spec } as KubeObject);
  } catch (error) {
    if (!isAlreadyExists(error) && !isConflict(error)) throw error;
  }
}
