/** The part of CDI's DataVolume that those who stand in for CDI read and write, and what a DataVolume says in each of its states. */

import type { KubeObject } from '../client/client.ts';
import { type Condition, withCondition } from '../client/conditions.ts';
import { timestamp } from '../client/timestamp.ts';

type ClaimSpec = {
  readonly storageClassName?: string;
  readonly accessModes?: readonly string[];
  readonly volumeMode?: string;
  readonly resources?: { readonly requests?: { readonly storage?: string } };
};

export type NamedClaim = { readonly namespace?: string; readonly name: string };

export type DataVolumeSource = {
  readonly registry?: { readonly url?: string };
  readonly http?: { readonly url: string };
  readonly pvc?: NamedClaim;
  readonly blank?: object;
};

export type DataVolume = KubeObject & {
  readonly spec: {
    readonly source?: DataVolumeSource;
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

export const dataVolumesPath = '/apis/cdi.kubevirt.io/v1beta1/datavolumes';

/** What CDI says of the work on a disk: its phases begin with the one word, its messages with it too. */
export type Work = 'Import' | 'Clone';
export const exceededQuota = 'ErrExceededQuota';

type Before = DataVolumeStatus | undefined;
type Verdict = Readonly<Record<'Bound' | 'Ready' | 'Running', Omit<Condition, 'type'>>>;

const bound = (claim: string) => ({ status: 'True', reason: 'Bound', message: `PVC ${claim} Bound` }) as const;
const notReady = (reason: string) => ({ status: 'False', reason, message: '' }) as const;

/** Its claim exists and has no volume yet. */
export function pending(before: Before, claim: string): DataVolumeStatus {
  return judged(
    before,
    { phase: 'Pending', progress: 'N/A', claimName: claim },
    {
      Bound: { status: 'False', reason: 'Pending', message: `PVC ${claim} Pending` },
      Ready: notReady('Pending'),
      Running: notReady(''),
    },
  );
}

/** It has no claim, for a reason. */
export function unbound(before: Before, reason: string, message: string): DataVolumeStatus {
  return judged(
    before,
    { phase: 'Pending', progress: 'N/A' },
    { Bound: { status: 'False', reason, message }, Ready: notReady(reason), Running: notReady('') },
  );
}

/** Its source cannot be read yet. */
export function scheduled(before: Before, claim: string, work: Work, reason: string, message: string) {
  return judged(
    before,
    { phase: `${work}Scheduled`, progress: 'N/A', claimName: claim },
    { Bound: bound(claim), Ready: notReady(reason), Running: { status: 'False', reason, message } },
  );
}

export function transferring(before: Before, claim: string, work: Work, progress: string): DataVolumeStatus {
  return judged(before, keptCount(before, { phase: `${work}InProgress`, progress, claimName: claim }), {
    Bound: bound(claim),
    Ready: notReady('TransferRunning'),
    Running: { status: 'True', reason: 'Pod is running', message: '' },
  });
}

/** CDI's importer tries again and again; the phase says nothing of it, the condition does. */
export function failing(before: Before, claim: string, work: Work, message: string, restartCount: number) {
  return judged(
    before,
    { phase: `${work}InProgress`, progress: 'N/A', claimName: claim, restartCount },
    { Bound: bound(claim), Ready: notReady('Error'), Running: { status: 'False', reason: 'Error', message } },
  );
}

export function succeeded(before: Before, claim: string, work: Work): DataVolumeStatus {
  return judged(before, keptCount(before, { phase: 'Succeeded', progress: '100.0%', claimName: claim }), {
    Bound: bound(claim),
    Ready: { status: 'True', reason: '', message: '' },
    Running: { status: 'False', reason: 'Completed', message: `${work} Complete` },
  });
}

function keptCount(before: Before, status: DataVolumeStatus): DataVolumeStatus {
  return before?.restartCount === undefined ? status : { ...status, restartCount: before.restartCount };
}

/** The status with the three conditions CDI keeps on every DataVolume. */
function judged(before: Before, status: DataVolumeStatus, verdict: Verdict): DataVolumeStatus {
  const now = timestamp();
  const types = ['Bound', 'Ready', 'Running'] as const;
  const conditions = types.reduce<readonly Condition[]>(
    (all, type) => withCondition(all, { type, ...verdict[type] }, now),
    before?.conditions ?? [],
  );
  return { ...status, conditions };
}

/** Whether the two say the same. */
export function sameVerdict(before: Before, after: DataVolumeStatus): boolean {
  const words = (status: Before) => [
    status?.phase,
    status?.progress,
    status?.restartCount,
    status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message].join('|')).sort(),
  ];
  return JSON.stringify(words(before)) === JSON.stringify(words(after));
}
