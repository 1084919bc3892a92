import type { PatchRunPackage, PatchRunSpec, PatchRunStatus } from '../../api/patchrun.ts';
import type { Run, StepAttempt } from './attempts.ts';

export const OCCURRENCE = {
  window: 'nightly',
  date: '2026-12-02',
  start: '2026-12-02T02:00:00Z',
  cutoff: '2026-12-02T03:30:00Z',
  end: '2026-12-02T04:00:00Z',
};

export const at = (clock: string): Date => new Date(`2026-12-02T${clock}:00Z`);

/** A run of a window from 02:00 to 04:00, with its cutoff at 03:30. */
export function runSpec(terms: Partial<PatchRunSpec['terms']> = {}): PatchRunSpec {
  return {
    managedVM: { name: 'shop-db', uid: '11111111-aaaa' },
    packageManager: 'apt',
    policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: '22222222-bbbb', generation: 1 },
    occurrence: OCCURRENCE,
    terms: {
      ...{ updates: 'All', allow: [], deny: [], exclude: [], reboot: 'IfRequired', rollback: 'Never' },
      minimumAge: { Critical: '0s', Important: '0s', Other: '0s' },
      deadlines: { Critical: '72h', Important: '336h', Other: '720h' },
      ...terms,
    },
    parallel: 1,
    change: { name: 'patch-nightly-2026-12-02', uid: '33333333-cccc' },
    keep: '9480h',
    askedBy: 'ClusterPatchPolicy standard',
  };
}

export function step(
  name: StepAttempt['name'],
  verdict?: StepAttempt['verdict'],
  more: Partial<StepAttempt> = {},
): StepAttempt {
  const end = verdict && { verdict, ended: '2026-12-02T02:10:00Z' };
  return { name, attempt: 1, began: '2026-12-02T02:05:00Z', ...end, ...more };
}

export const openssl = (state: PatchRunPackage['state'] = 'Pending', reason?: string): PatchRunPackage => ({
  ...{ package: 'openssl', from: '3.5.0-1', to: '3.5.0-2', security: true, state },
  ...(reason !== undefined && { reason }),
});

export function runWith(
  steps: readonly StepAttempt[],
  status: Partial<PatchRunStatus> = {},
  terms: Partial<PatchRunSpec['terms']> = {},
): Run {
  return { spec: runSpec(terms), status: { phase: 'Planned', steps: [...steps], bootIdBefore: 'a', ...status } };
}
