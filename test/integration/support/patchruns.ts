/** PatchRuns as Steward's accounts write them: nobody else may (admission). */

import { pathOf } from '../../../hack/testbed/client/path.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import type { TestBed } from '../../../hack/testbed/testbed.ts';
import { type PatchRunSpec, patchRun } from '../../../src/api/patchrun.ts';
import { instant } from '../../../src/domain/contract/condition.ts';
import { runSpec } from '../../../src/domain/patching/run.fixtures.ts';
import type { Any, Api } from './api.ts';

type Place = { readonly bed: TestBed; readonly api: Api };
type Account = 'steward' | 'steward-patch';

/** A run of the VM in a window that is open, or whose cutoff was a minute ago. */
export function openRun(
  { metadata: { name, uid } }: Any,
  policyUid: string,
  terms: Partial<PatchRunSpec['terms']> = {},
  window: 'open' | 'cut off' = 'open',
): PatchRunSpec {
  const minutes = window === 'open' ? [-1, 60, 90] : [-90, -1, 30];
  const [start = '', cutoff = '', end = ''] = minutes.map(each => instant(new Date(Date.now() + each * 60_000)));
  return {
    ...runSpec({ reboot: 'Never', ...terms }),
    managedVM: { name, uid },
    policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: policyUid, generation: 1 },
    occurrence: { window: 'nightly', date: '2026-12-02', start, cutoff, end },
  };
}

/** Made by the operator's account. */
export async function makeRun({ bed }: Place, namespace: string, name: string, spec: PatchRunSpec): Promise<void> {
  const env = await as(bed, 'steward');
  const { group, version, kind } = patchRun;
  const input = JSON.stringify({ apiVersion: `${group}/${version}`, kind, metadata: { namespace, name }, spec });
  await run(bed.binaries.kubectl, ['create', '-f', '-'], { env, input });
}

/** What one of Steward's accounts says of a run, on what stands there. */
export async function sayOfRun(
  { bed, api }: Place,
  account: Account,
  namespace: string,
  name: string,
  status: object,
): Promise<void> {
  const env = await as(bed, account);
  const { status: before, ...object } = await api.get(patchRun, namespace, name);
  const input = JSON.stringify({ ...object, status: { ...before, ...status } });
  const path = `${pathOf(patchRun, namespace, name)}/status`;
  await run(bed.binaries.kubectl, ['replace', '--raw', path, '-f', '-'], { env, input });
}

async function as(bed: TestBed, account: Account): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, KUBECONFIG: await bed.kubeconfigFor('steward-system', account) };
}
