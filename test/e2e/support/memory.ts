/** Memory of Pods, as the kernel accounts it. */
import { kubectl } from './guests.ts';

type Summary = {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string };
    readonly memory?: { readonly workingSetBytes?: number };
  }[];
};

/** Bytes in use by each Pod of a namespace, file caches that can go left out, as kubelet reads them from the Pod's control group. */
export async function memoryOfPods(namespace: string): Promise<readonly number[]> {
  const node = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  const { pods } = JSON.parse(await kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`)) as Summary;
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .map(({ memory }) => memory?.workingSetBytes ?? Number.NaN);
}
