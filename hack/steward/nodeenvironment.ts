/** What the chart gives Node: of processes that run here, outside of containers. */
import { bytes } from '../testbed/client/quantity.ts';
import { run } from '../testbed/process/command.ts';
import type { TestBed } from '../testbed/testbed.ts';
import { NAMESPACE } from './steward.ts';

export type Container = {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly limits: { readonly memory?: string } };
};
type PodTemplate = { readonly spec: { readonly containers: readonly [Container] } };
type Deployment = { readonly spec: { readonly template: PodTemplate } };

/** The container of the operator. */
export async function operatorContainer({ binaries, adminKubeconfig }: TestBed): Promise<Container> {
  const get = ['get', 'deployment', 'steward', `--namespace=${NAMESPACE}`, '--output=json'];
  const text = await run(binaries.kubectl, [`--kubeconfig=${adminKubeconfig}`, ...get]);
  return (JSON.parse(text) as Deployment).spec.template.spec.containers[0];
}

/** The container of the runner of patches, which the operator is told of. */
export async function runnerContainer(bed: TestBed): Promise<Container> {
  const told = settingIn(await operatorContainer(bed), 'STEWARD_PATCH_POD');
  return (JSON.parse(told) as PodTemplate).spec.containers[0];
}

/** A share of a container's memory limit is its heap; here is no container, so the share is worked out. */
export function nodeEnvironment(container: Container): Readonly<Record<string, string>> {
  const megabytes = Number(bytes(container.resources.limits.memory ?? '0') / 2n ** 20n);
  const options = settingIn(container, 'NODE_OPTIONS').replace(
    /--max-old-space-size-percentage=(\d+)/,
    (_, percent) => `--max-old-space-size=${Math.floor((megabytes * Number(percent)) / 100)}`,
  );
  return { NODE_OPTIONS: options, MALLOC_ARENA_MAX: settingIn(container, 'MALLOC_ARENA_MAX') };
}

function settingIn({ env }: Container, wanted: string): string {
  return env.find(({ name }) => name === wanted)?.value ?? '';
}
