import { Gauge, type Registry } from 'prom-client';
import type { RingStatus } from '../api/ringstatus.ts';
import type { KubeObject } from '../runtime/api/object.ts';

const POLICY = ['kind', 'namespace', 'name', 'ring'] as const;

export type RingMetrics = {
  /** Exports how the rings of a policy stand (MO-11). */
  record(policy: KubeObject, rings: readonly RingStatus[]): void;
  forget(uid: string): void;
};

/** Gauges by which alert rules and people know how rings stand; names of rings are the policy's, of which there are at most eight. */
export function ringMetrics(registry: Registry): RingMetrics {
  const registers = [registry];
  const state = new Gauge({
    ...{ name: 'steward_patch_ring', help: 'State of a ring of a policy; always 1.', registers },
    labelNames: [...POLICY, 'state'],
  });
  const halted = new Gauge({
    ...{ name: 'steward_patch_ring_halted', help: '1 while a ring is halted, else 0.', registers },
    labelNames: POLICY,
  });
  const written = new Map<string, readonly (() => void)[]>();
  const forget = (uid: string): void => {
    for (const remove of written.get(uid) ?? []) remove();
    written.delete(uid);
  };
  return {
    forget,
    record: ({ kind = '', metadata: { namespace = '', name, uid = '' } }, rings) => {
      forget(uid);
      const removals = rings.map(ring => {
        const labels = { kind, namespace, name, ring: ring.name };
        const stated = { ...labels, state: ring.state };
        state.set(stated, 1);
        halted.set(labels, Number(ring.state === 'Halted'));
        return () => {
          state.remove(stated);
          halted.remove(labels);
        };
      });
      written.set(uid, removals);
    },
  };
}
