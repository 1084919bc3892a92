import { type PatchRun, PatchRunSpec } from '../../api/patchrun.ts';

type Status = NonNullable<PatchRun['status']>;

/** A package that a run has read back at its new version. */
export const OPENSSL = { package: 'openssl', from: '1', to: '2', severity: 'Unknown', state: 'Installed' } as const;

/** A run of a canary in the window of 2026-11-24 that succeeded, with what a test changes about its status; undefined: it has none yet. */
export function patchRunOf(status: Partial<Status> | undefined, uid = 'a'): PatchRun {
  const bySeverity = { Critical: '0s', Important: '72h', Other: '168h' };
  const spec = PatchRunSpec.parse({
    managedVM: { name: 'shop-db', uid },
    packageManager: 'apt',
    policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: 'p', generation: 1 },
    occurrence: {
      ...{ window: 'nightly', date: '2026-11-24', start: '2026-11-24T01:00:00Z' },
      ...{ cutoff: '2026-11-24T02:30:00Z', end: '2026-11-24T03:00:00Z' },
    },
    ...{ ring: 'canary', ringOf: 'Provider' },
    terms: {
      ...{ updates: 'All', minimumAge: bySeverity, deadlines: bySeverity, allow: [], deny: [], exclude: [] },
      ...{ reboot: 'IfRequired', rollback: 'Propose' },
    },
    parallel: 1,
    change: { name: 'patch-nightly-2026-11-24', uid: 'c' },
    keep: '9480h',
    askedBy: 'ClusterPatchPolicy standard',
  });
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'PatchRun' },
    metadata: { name: `${uid}-nightly-2026-11-24`, namespace: 'proving' },
    spec,
    ...(status && { status: { phase: 'Succeeded', ended: '2026-11-24T02:00:00Z', ...status } }),
  };
}
