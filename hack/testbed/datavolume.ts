/** The part of CDI's DataVolume that the played CDI reads and writes. */

import type { KubeObject } from './client.ts';
import { timestamp } from './clock.ts';
import { type Condition, withCondition } from './conditions.ts';

type ClaimSpec = {
  readonly storageClassName?: string;
  readonly accessModes?: readonly string[];
  readonly volumeMode?: string;
  readonly resources?: { readonly requests?: { readonly storage?: string } };
};

export type DataVolume = KubeObject & {
  readonly spec: {
    readonly source?: Readonly<Record<string, unknown>>;
    readonly sourceRef?: { readonly kind: string; readonly name: string; readonly namespace?: string };
    /** CDI fills in access and volume mode, from the StorageProfile. */
    readonly storage?: ClaimSpec;
    /** Taken as it is. */
    readonly pvc?: ClaimSpec;
  };
  readonly status?: DataVolumeStatus;
};

export type DataVolumeStatus = {
  readonly phase?: string;
  readonly progress?: string;
  readonly claimName?: string;
  readonly restartCount?: number;
  readonly conditions?: readonly Condition[];
};

type Verdict = Readonly<Record<'Bound' | 'Ready' | 'Running', Omit<Condition, 'type'>>>;

/** The status with the three conditions CDI keeps on every DataVolume. */
export function judged(
  before: DataVolumeStatus | undefined,
  status: DataVolumeStatus,
  verdict: Verdict,
): DataVolumeStatus {
  const now = timestamp();
  const types = ['Bound', 'Ready', 'Running'] as const;
  const conditions = types.reduce<readonly Condition[]>(
    (all, type) => withCondition(all, { type, ...verdict[type] }, now),
    before?.conditions ?? [],
  );
  return { ...status, conditions };
}

/** Whether the two say the same. */
export function sameVerdict(before: DataVolumeStatus | undefined, after: DataVolumeStatus): boolean {
  const words = (status: DataVolumeStatus | undefined) => [
    status?.phase,
    status?.progress,
    status?.restartCount,
    status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message].join('|')).sort(),
  ];
  return JSON.stringify(words(before)) === JSON.stringify(words(after));
}
